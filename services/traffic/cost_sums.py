"""What units cost, kept beside the entries that it is the sum of (TRF-05).

Counted anew for the month and the bill that a rating has written to, in its transaction.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from kernel.chassis.data.unit_of_work import Tx

_OF_ENTRIES = """
SELECT posted_in, about, unit, carrier, count(*) AS entries, sum(fen) AS fen,
       coalesce(sum(used) FILTER (WHERE corrects IS NULL), 0) AS used, count(*) FILTER (WHERE corrects IS NULL) AS cards
FROM cost_entries WHERE about = :month AND {of} GROUP BY posted_in, about, unit, carrier
"""
_WRITTEN = "posted_in = :posted_in AND unit >= :province AND unit < :end"
_FORGET = f"DELETE FROM cost_sums WHERE about = :month AND {_WRITTEN}"
_COUNT = f"""
INSERT INTO cost_sums (posted_in, about, unit, carrier, entries, fen, used, cards) {_OF_ENTRIES.format(of=_WRITTEN)}
"""
_DIFFERENT = f"""
SELECT unit, said.fen AS said, found.fen AS found
FROM (SELECT * FROM cost_sums WHERE about = :month) AS said
FULL JOIN ({_OF_ENTRIES.format(of="true")}) AS found USING (posted_in, about, unit, carrier)
WHERE (said.entries, said.fen, said.used, said.cards) IS DISTINCT FROM
      (found.entries, found.fen, found.used, found.cards) AND starts_with(unit, :unit)
ORDER BY unit, posted_in, carrier LIMIT :most
"""


def count(tx: Tx, asked: dict[str, Any]) -> None:
    """``asked``: month, posted_in, province and its end."""
    tx.execute(_FORGET, asked)
    tx.execute(_COUNT, asked)


def differences(tx: Tx, month: date, unit: str, most: int) -> Iterator[Any]:
    """Units whose sums say other than the entries about the month: unit, and fen ``said`` and ``found``."""
    yield from tx.execute(_DIFFERENT, {"month": month, "unit": unit, "most": most})
