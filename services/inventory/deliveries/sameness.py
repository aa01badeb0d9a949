"""One physical card is one card (INV-12): what a delivery's rows have in common with each other and with the books.

All of it set-wise, on the temporary tables ``arrivals`` and ``refusals`` of an intake, while no other import of the
carrier can come between.
"""

from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from services.inventory.deliveries.check import Judge

Finding = tuple[str, dict[str, Any]]

_ANY_SHORT = "SELECT EXISTS (SELECT FROM cards WHERE length(iccid) = 19)"
# Where the books have the card with 19 or with 20 digits, the row takes that spelling, so that one look finds it.
_AS_SHORT = """
UPDATE arrivals SET iccid = cards.iccid FROM cards
WHERE length(cards.iccid) = 19 AND length(arrivals.iccid) = 20 AND cards.iccid = left(arrivals.iccid, 19)
"""
_AS_LONG = """
UPDATE arrivals SET iccid = cards.iccid FROM cards
WHERE length(arrivals.iccid) = 19 AND length(cards.iccid) = 20
  AND cards.iccid >= arrivals.iccid COLLATE "C" AND cards.iccid < (arrivals.iccid || '~') COLLATE "C"
"""

_REPEATS = """
WITH twice AS (
    SELECT left(iccid, 19) AS key, min(row_no) AS first_row FROM arrivals GROUP BY 1 HAVING count(*) > 1
), gone AS (
    DELETE FROM arrivals USING twice
    WHERE left(arrivals.iccid, 19) = twice.key AND row_no > first_row
    RETURNING row_no, arrivals.iccid, first_row
)
INSERT INTO refusals
SELECT row_no, iccid, 'iccid_twice', jsonb_build_object('value', iccid, 'first_row', first_row) FROM gone
"""

_TAKEN_BY_CARDS = """
SELECT count(DISTINCT arrivals.iccid) AS found, min(arrivals.iccid) AS iccid,
       (array_agg(cards.iccid ORDER BY arrivals.iccid))[1] AS other,
       (array_agg(arrivals.{column} ORDER BY arrivals.iccid))[1] AS value
FROM arrivals JOIN cards ON cards.{column} = arrivals.{column} COLLATE "C"
WHERE cards.state <> 'terminated' AND cards.iccid <> arrivals.iccid
"""
_TAKEN_IN_FILE = """
SELECT sum(rows) AS found, min(first) AS iccid, (array_agg(other ORDER BY first))[1] AS other,
       (array_agg(value ORDER BY first))[1] AS value
FROM (SELECT {column} AS value, count(*) AS rows, min(iccid) AS first, max(iccid) AS other
      FROM arrivals WHERE {column} IS NOT NULL GROUP BY {column} HAVING count(*) > 1) AS shared
"""


def same_cards(tx: Tx, judge: Judge) -> None:
    """Puts rows into the spelling that the books have, and refuses all rows of a card but its first."""
    changed = 0
    if tx.execute(_ANY_SHORT).scalar_one():
        changed += tx.execute(_AS_SHORT).rowcount
    if judge.short:
        changed += tx.execute(_AS_LONG).rowcount
    if changed or judge.short or judge.may_repeat("iccid"):
        tx.execute(_REPEATS)


def taken_numbers(tx: Tx, judge: Judge) -> list[Finding]:
    """IMSIs and MSISDNs of new cards that another living card has, in the books or in the same file: one finding per
    column, with its first example. To be told, not refused: a replaced card hands its number on."""
    found: list[Finding] = []
    for column in ("imsi", "msisdn"):
        ways = [_TAKEN_BY_CARDS, *([_TAKEN_IN_FILE] if judge.may_repeat(column) else [])]
        for way in ways:
            row = tx.execute(way.format(column=column)).one()
            if row.found:
                params = {"field": column.upper(), "count": int(row.found)}
                params |= {"iccid": row.iccid, "other": row.other, "value": row.value}
                found.append(("delivery_numbers_taken", params))
    return found
