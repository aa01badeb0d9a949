"""Terminals by their stations' reports, in changes and in full lists (BND-02).

Of two reports about one terminal the later holds, whatever the order of their arrival. A full list is taken part by
part like changes; when its last part is there, terminals of the station that it lacks are removed, unless there are so
many that a person has to look at it first.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.readings import MAX_SLOTS, RefusedReading
from kernel.contracts.binding.terminals import (
    MAX_ROWS,
    SHRINK_LIMIT_PERCENT,
    DecideTerminalList,
    FullList,
    ReportTerminals,
    TerminalListDecided,
    TerminalsTaken,
    TerminalState,
)
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import check_unit
from services.binding import exceptions, intake
from services.binding.deciding import decide
from services.binding.intake import RowRefusedError
from services.binding.readings import columns
from services.binding.telling import tell
from services.binding.turn import lock


@dataclass(frozen=True, slots=True)
class Terminal:
    """One terminal as reported. ``removed_at``: the report's time when it is removed."""

    asset_no: str
    unit: str
    kind: str
    state: str
    slots: int
    reported_at: datetime
    removed_at: datetime | None


_PUT = """
INSERT INTO terminals AS t (asset_no, unit, kind, state, slots, reported_at, removed_at, station)
SELECT sent.*, :station FROM unnest(
    CAST(:asset_no AS text[]), CAST(:unit AS text[]), CAST(:kind AS text[]), CAST(:state AS text[]),
    CAST(:slots AS smallint[]), CAST(:reported_at AS timestamptz[]), CAST(:removed_at AS timestamptz[])
) AS sent
ORDER BY 1
ON CONFLICT (asset_no) DO UPDATE SET
    unit = CASE WHEN t.corrected_from = excluded.unit THEN t.unit ELSE excluded.unit END,
    corrected_from = CASE WHEN t.corrected_from = excluded.unit THEN t.corrected_from END,
    kind = excluded.kind, state = excluded.state, slots = excluded.slots,
    reported_at = excluded.reported_at, station = excluded.station,
    -- A terminal that is reported as removed again was removed when that was first said.
    removed_at = CASE WHEN excluded.removed_at IS NOT NULL THEN coalesce(t.removed_at, excluded.removed_at) END
WHERE (excluded.reported_at, excluded.station, excluded.state, excluded.unit, excluded.kind, excluded.slots)
    > (t.reported_at, t.station, t.state, coalesce(t.corrected_from, t.unit), t.kind, t.slots)
RETURNING asset_no
"""

_ELSEWHERE = """
SELECT asset_no FROM terminals
WHERE asset_no = ANY(CAST(:terminals AS text[])) AND state <> 'removed' AND NOT starts_with(unit, :unit)
"""

_CARDS_OF = """
SELECT DISTINCT iccid FROM bindings
WHERE asset_no = ANY(CAST(:terminals AS text[])) AND (bound_to IS NULL OR quarantine IS NOT NULL OR ended_at IS NULL)
"""

_LIST = """
INSERT INTO terminal_lists (station, list_id, as_of, parts, state, received_at, unit)
VALUES (:station, :list_id, :as_of, :parts, 'receiving', :now, :unit)
ON CONFLICT (station, list_id) DO UPDATE SET parts = terminal_lists.parts
RETURNING state, parts, as_of, missing
"""
_PART = """
INSERT INTO terminal_list_parts (station, list_id, part) VALUES (:station, :list_id, :part) ON CONFLICT DO NOTHING
"""
_MEMBERS = """
INSERT INTO terminal_list_members (station, list_id, asset_no)
SELECT :station, :list_id, asset_no FROM unnest(CAST(:asset_no AS text[])) AS asset_no ON CONFLICT DO NOTHING
"""
_ARRIVED = "SELECT count(*) FROM terminal_list_parts WHERE station = :station AND list_id = :list_id"
_MISSING = """
SELECT t.asset_no FROM terminals AS t
WHERE t.station = :station AND t.state <> 'removed' AND t.reported_at < :as_of AND NOT EXISTS (
    SELECT 1 FROM terminal_list_members AS m
    WHERE m.station = :station AND m.list_id = :list_id AND m.asset_no = t.asset_no
)
"""
_KNOWN = "SELECT count(*) FROM terminals WHERE station = :station AND state <> 'removed'"
_REMOVE = """
UPDATE terminals SET state = 'removed', removed_at = :as_of, reported_at = :as_of
WHERE asset_no = ANY(CAST(:terminals AS text[]))
"""
_END_LIST = """
UPDATE terminal_lists SET state = :state, missing = :missing, decided_at = :decided_at, decided_by = :decided_by,
    decided_by_name = :decided_by_name, reason = :reason
WHERE station = :station AND list_id = :list_id
"""


def report_terminals(tx: Tx, request: ReportTerminals, *, by: Actor, now: datetime) -> TerminalsTaken:
    """Takes changes, or a part of a full list. Raises batch_too_large, terminal_list_differs, report_in_the_future.

    A report from the future would outweigh every true one until then. Rows of units outside the station's own, and
    of terminals that stand there, are refused one by one.
    """
    if len(request.rows) > MAX_ROWS:
        raise DomainError("batch_too_large", rows=len(request.rows), limit=MAX_ROWS)
    if request.as_of > now + intake.CLOCK_TOLERANCE:
        raise DomainError("report_in_the_future", field="as_of")
    lock(tx)
    rows, refused = _clean(tx, request, by, now)
    changed = _put(tx, rows, station=by.id, now=now)
    taken = TerminalsTaken(taken=len(rows), changed=changed, refused=refused)
    if request.full is None:
        return taken
    state, missing = _take_part(tx, request.full, _named(request.rows), as_of=request.as_of, by=by, now=now)
    return taken.model_copy(update={"list_state": state, "missing": missing})


def decide_list(tx: Tx, request: DecideTerminalList, *, by: Actor, now: datetime) -> TerminalListDecided:
    """Applies or discards a held full list. Raises DomainError terminal_list_not_held, unit_out_of_scope."""
    lock(tx)
    key = {"station": request.station, "list_id": request.list_id}
    query = "SELECT state, as_of FROM terminal_lists WHERE station = :station AND list_id = :list_id FOR UPDATE"
    found = tx.execute(query, key).one_or_none()
    if found is None or found.state != "held":
        raise DomainError("terminal_list_not_held", list_id=request.list_id)
    missing = _missing(tx, key, found.as_of)
    for unit in _units(tx, missing):
        by.require_within(unit)
    applied = request.decision == "apply"
    if applied:
        _remove(tx, missing, as_of=found.as_of, station=request.station, now=now)
    state = "applied" if applied else "discarded"
    _end(tx, key, state, len(missing), by=by, reason=request.reason, now=now)
    return TerminalListDecided(list_state="applied" if applied else "discarded", removed=len(missing) if applied else 0)


def _clean(tx: Tx, request: ReportTerminals, by: Actor, now: datetime) -> tuple[list[Terminal], list[RefusedReading]]:
    """Rows that can be taken, the latest of each terminal; and the refused ones."""
    latest: dict[str, Terminal] = {}
    row_of: dict[str, int] = {}
    refused = []
    for number, row in enumerate(request.rows, 1):
        try:
            terminal = _row(row, request.as_of, by)
            if terminal.reported_at > now + intake.CLOCK_TOLERANCE:
                raise RowRefusedError("reported_at", "report_in_the_future")
        except RowRefusedError as refusal:
            name = str(row.get("terminal"))[:64] if isinstance(row, Mapping) else None
            refused.append(intake.refused(number, name, refusal))
            continue
        known = latest.get(terminal.asset_no)
        if known is None or terminal.reported_at >= known.reported_at:
            latest[terminal.asset_no], row_of[terminal.asset_no] = terminal, number
    for name in sorted(_elsewhere(tx, latest, by)):
        del latest[name]
        refused.append(intake.refused(row_of[name], name, RowRefusedError("terminal", "terminal_elsewhere")))
    return [latest[name] for name in sorted(latest)], refused


def _named(rows: Sequence[Any]) -> list[str]:
    """The terminals that a part of a full list names. A refused row names its terminal, too: it is there."""
    names = set()
    for row in rows:
        with suppress(RowRefusedError):
            names.add(intake.asset_no(row.get("terminal") if isinstance(row, Mapping) else None))
    return sorted(names)


def _elsewhere(tx: Tx, terminals: Iterable[str], by: Actor) -> set[str]:
    """Those that stand outside the station's unit. Whoever has one says that it is removed before another takes it."""
    return set(tx.execute(_ELSEWHERE, {"terminals": list(terminals), "unit": by.unit}).scalars())


def _row(row: Any, as_of: datetime, by: Actor) -> Terminal:
    if not isinstance(row, Mapping):
        raise RowRefusedError("row", "row_not_an_object")
    asset_no = intake.asset_no(row.get("terminal"))
    state = row.get("state")
    if state not in tuple(TerminalState):
        raise RowRefusedError("state", "terminal_state_unknown")
    slots = row.get("slots", 1)
    if type(slots) is not int or not 1 <= slots <= MAX_SLOTS:
        raise RowRefusedError("slots", "slot_out_of_range")
    kind = row.get("kind")
    if not isinstance(kind, str) or not kind.strip() or len(kind) > 64 or not kind.isprintable():
        raise RowRefusedError("kind", "terminal_kind_missing")
    at = intake.moment(row.get("reported_at"), "reported_at") or as_of
    return Terminal(
        asset_no, _unit(row.get("unit"), by), kind.strip(), state, slots, at, at if state == "removed" else None
    )


def _unit(value: object, by: Actor) -> str:
    try:
        unit = check_unit(str(value))
        by.require_within(unit)
    except DomainError as error:
        raise RowRefusedError("unit", error.code) from None
    return unit


def _put(tx: Tx, rows: Sequence[Terminal], *, station: str, now: datetime) -> int:
    """Takes over what is newer; cards of terminals that came or went are decided again. How many were news."""
    if not rows:
        return 0
    changed = [row.asset_no for row in tx.execute(_PUT, {**columns(rows, Terminal), "station": station})]
    if changed:
        exceptions.terminals_known(tx, changed, now=now)
        _decide_again(tx, changed, station=station, now=now)
    return len(changed)


def _decide_again(tx: Tx, terminals: Sequence[str], *, station: str, now: datetime) -> None:
    cards = [row.iccid for row in tx.execute(_CARDS_OF, {"terminals": list(terminals)})]
    if cards:
        tell(tx, decide(tx, {}, cards, now=now), station=station, now=now)


def _take_part(
    tx: Tx, full: FullList, named: Sequence[str], *, as_of: datetime, by: Actor, now: datetime
) -> tuple[str, int]:
    """Notes the part; with the last one decides what becomes of the list. Its state, and how many it lacks."""
    key = {"station": by.id, "list_id": full.list_id}
    found = tx.execute(_LIST, {**key, "as_of": as_of, "parts": full.parts, "now": now, "unit": by.unit}).one()
    if found.parts != full.parts or found.as_of != as_of or full.part > full.parts:
        raise DomainError("terminal_list_differs", list_id=full.list_id, parts=found.parts)
    if found.state != "receiving":
        return found.state, found.missing
    tx.execute(_PART, {**key, "part": full.part})
    tx.execute(_MEMBERS, {**key, "asset_no": named})
    if tx.execute(_ARRIVED, key).scalar_one() < full.parts:
        return "receiving", 0
    missing = _missing(tx, key, as_of)
    known = tx.execute(_KNOWN, {"station": by.id}).scalar_one()
    held = len(missing) * 100 > known * SHRINK_LIMIT_PERCENT
    if not held:
        _remove(tx, missing, as_of=as_of, station=by.id, now=now)
    state = "held" if held else "applied"
    _end(tx, key, state, len(missing), by=None if held else by, reason=None, now=now)
    return state, len(missing)


def _missing(tx: Tx, key: Mapping[str, str], as_of: datetime) -> list[str]:
    return [row.asset_no for row in tx.execute(_MISSING, {**key, "as_of": as_of})]


def _units(tx: Tx, terminals: Sequence[str]) -> list[str]:
    query = "SELECT DISTINCT unit FROM terminals WHERE asset_no = ANY(CAST(:terminals AS text[]))"
    return [row.unit for row in tx.execute(query, {"terminals": list(terminals)})]


def _remove(tx: Tx, terminals: Sequence[str], *, as_of: datetime, station: str, now: datetime) -> None:
    if terminals:
        tx.execute(_REMOVE, {"terminals": list(terminals), "as_of": as_of})
        _decide_again(tx, terminals, station=station, now=now)


def _end(
    tx: Tx, key: Mapping[str, str], state: str, missing: int, *, by: Actor | None, reason: str | None, now: datetime
) -> None:
    """Writes what became of a list; who decided it, unless it waits for a person."""
    decided = {
        "decided_at": now if by else None,
        "decided_by": by.id if by else None,
        "decided_by_name": by.name if by else None,
    }
    tx.execute(_END_LIST, {**key, **decided, "state": state, "missing": missing, "reason": reason})
