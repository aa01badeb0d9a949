"""Readings on their way into the table: one row per terminal, slot and read time (BND-01)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any, NamedTuple

from pydantic_core import to_json

from kernel.chassis.process import green
from kernel.contracts.binding.readings import Outcome


class Row(NamedTuple):
    """One reading, cleaned (``intake``). ``day``: business day of the read time; of the station's for a bad clock.

    A tuple: 5,000 of them are made for every batch, which took six times as long with a frozen dataclass.
    """

    day: date
    asset_no: str
    slot: int
    read_at: datetime
    outcome: Outcome
    iccid: str | None
    fault: str | None
    imei: str | None
    received_at: datetime | None

    @property
    def key(self) -> tuple[date, str, int, datetime]:
        return (self.day, self.asset_no, self.slot, self.read_at)

    @property
    def rank(self) -> tuple[bool, str, str, str]:
        """Of two rows with the same key the one with the lower rank stays."""
        return (self.outcome is not Outcome.READ, self.iccid or "", self.fault or "", self.imei or "")


@dataclass(frozen=True, slots=True)
class News:
    """A stored reading that is no mere confirmation of what is bound there, or whose terminal nobody has reported.

    ``decides``: the slot has to be decided about because of it. ``replaced``: it took the place of another row.
    ``module``: it does not merely confirm which card was read last in which module of the slot.
    """

    day: date
    asset_no: str
    slot: int
    read_at: datetime
    outcome: Outcome
    replaced: bool = False
    decides: bool = True
    unknown: bool = False
    module: bool = True


# Each column is one text, taken apart by the server: psycopg writes an array of texts value by value in Python, which
# took as long as all else that a batch costs us. Only ``fault`` is free text; it may hold what divides the others.
SENT = """
sent (day, asset_no, slot, read_at, outcome, iccid, fault, imei, received_at) AS (
    SELECT * FROM unnest(
        CAST(string_to_array(:day, ',', '') AS date[]), string_to_array(:asset_no, ',', ''),
        CAST(string_to_array(:slot, ',', '') AS smallint[]), CAST(string_to_array(:read_at, ',', '') AS timestamptz[]),
        string_to_array(:outcome, ',', ''), string_to_array(:iccid, ',', ''), CAST(:fault AS text[]),
        string_to_array(:imei, ',', ''), CAST(string_to_array(:received_at, ',', 'null') AS timestamptz[])
    )
)
"""


def as_sent(rows: Iterable[Row]) -> dict[str, Any]:
    """Rows as ``SENT`` takes them. Between two columns others get their turn: each takes about a millisecond."""
    by_name = dict(zip(Row._fields, zip(*rows, strict=True), strict=False)) or dict.fromkeys(Row._fields, ())
    sent = {}
    for name, values in by_name.items():
        sent[name] = _WRITTEN[name](values)
        green.breathe()
    return sent


def _moments(values: Sequence[Any]) -> str:
    """ISO times or days with commas between; null for None. By pydantic's writer: ``isoformat`` takes ten times as
    long."""
    return to_json(values).decode()[1:-1].replace('"', "")


def _texts(values: Sequence[str | None]) -> str:
    return ",".join([value or "" for value in values])


_WRITTEN: dict[str, Callable[[Sequence[Any]], Any]] = {
    "day": _moments, "asset_no": _texts, "slot": lambda slots: ",".join(map(str, slots)), "read_at": _moments,
    "outcome": _texts, "iccid": _texts, "fault": list, "imei": _texts, "received_at": _moments,
}  # fmt: skip


def columns(rows: Iterable[Any], row_type: type[Any]) -> dict[str, list[Any]]:
    """Rows of one dataclass as arrays by field name, for ``unnest``."""
    rows = list(rows)
    return {each.name: [getattr(row, each.name) for row in rows] for each in fields(row_type)}


def without_repeats(rows: Iterable[Row]) -> list[Row]:
    """One row per key, the one with the lowest rank; sorted by key, so that neighbours in the table come together."""
    best: dict[tuple[date, str, int, datetime], Row] = {}
    for row in green.breathing(rows):
        known = best.get(row.key)
        if known is None or row.rank < known.rank:
            best[row.key] = row
    return [best[key] for key in sorted(best)]
