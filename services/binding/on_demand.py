"""召测 on demand: requests wait here, stations fetch them, readings answer them (BND-04)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.on_demand import (
    AskReads,
    CancelReads,
    GetReads,
    ReadAnswer,
    Reads,
    ReadsAsked,
    RefusedTerminal,
    TakeReadRequests,
    WantedRead,
    WantedReads,
)
from kernel.contracts.said import say
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import is_within
from services.binding import intake
from services.binding.readings import columns

LEASE = timedelta(seconds=60)
AWAY_AFTER = timedelta(minutes=2)

_KNOWN = "SELECT asset_no, unit, state, station FROM terminals WHERE asset_no = ANY(CAST(:terminals AS text[]))"
_ASK = """
INSERT INTO read_askings (asked_by, asked_by_name, unit, asked_at, until)
VALUES (:by, :by_name, :unit, :now, :until) RETURNING id
"""
_ADD = """
INSERT INTO read_requests (asking_id, asset_no, slot, unit, station, until)
SELECT :asking, asset_no, 1, unit, station, :until FROM unnest(
    CAST(:asset_no AS text[]), CAST(:unit AS text[]), CAST(:station AS text[])
) AS wanted (asset_no, unit, station)
"""
_TAKE = """
WITH free AS (
    SELECT id FROM read_requests
    WHERE station = :station AND answered_at IS NULL AND until > :now AND (sent_until IS NULL OR sent_until < :now)
    ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
)
UPDATE read_requests AS r SET sent_until = :lease FROM free WHERE r.id = free.id
RETURNING r.id, r.asset_no, r.slot, r.until
"""
SEEN = """
INSERT INTO stations AS s (name, seen_at) VALUES (:station, :now)
ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at WHERE s.seen_at < excluded.seen_at
"""
"""A station is there."""
# An answer counts for the terminal and slot that was asked for, and once. What was read before anybody asked is none,
# save that a terminal's clock may be off by the tolerance; with a bad clock the station's word counts.
_ANSWER = """
UPDATE read_requests AS r
SET answered_at = :now, outcome = a.outcome, iccid = a.iccid, fault = a.fault, read_at = a.read_at
FROM unnest(
    CAST(:request_id AS bigint[]), CAST(:asset_no AS text[]), CAST(:slot AS smallint[]), CAST(:outcome AS text[]),
    CAST(:iccid AS text[]), CAST(:fault AS text[]), CAST(:read_at AS timestamptz[])
) AS a (request_id, asset_no, slot, outcome, iccid, fault, read_at)
WHERE r.id = a.request_id AND r.asset_no = a.asset_no AND r.slot = a.slot AND r.station = :station
  AND r.answered_at IS NULL AND (a.outcome = 'clock_off' OR a.read_at >= (
      SELECT asked_at - CAST(:tolerance AS interval) FROM read_askings WHERE id = r.asking_id
  ))
"""
_ANSWERS = """
SELECT r.*, b.iccid AS bound_iccid FROM read_requests AS r
LEFT JOIN bindings AS b ON b.asset_no = r.asset_no AND b.slot = r.slot AND b.bound_from IS NOT NULL
                       AND b.bound_to IS NULL
WHERE r.asking_id = :id ORDER BY r.id
"""
_CANCEL = """
UPDATE read_requests SET answered_at = :now, outcome = 'cancelled' WHERE asking_id = :id AND answered_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A reading that answers a request."""

    request_id: int
    asset_no: str
    slot: int
    outcome: str
    iccid: str | None
    fault: str | None
    read_at: datetime


def ask(tx: Tx, request: AskReads, *, by: Actor, now: datetime) -> ReadsAsked:
    """Keeps a request per terminal; those that cannot be read are refused one by one."""
    names: list[str] = []
    refused: list[RefusedTerminal] = []
    for name in request.terminals:
        try:
            names.append(intake.asset_no(name))
        except intake.RowRefusedError as refusal:
            refused.append(_refused(name, refusal.code))
    names = list(dict.fromkeys(names))
    known = {row.asset_no: row for row in tx.execute(_KNOWN, {"terminals": names})}
    wanted = []
    for name in names:
        code = _refusal(known.get(name), by)
        if code is None:
            wanted.append(known[name])
        else:
            refused.append(_refused(name, code))
    until = now + timedelta(minutes=request.minutes)
    who = {"by": by.id, "by_name": by.name, "unit": by.unit, "now": now, "until": until}
    asking = tx.execute(_ASK, who).scalar_one()
    arrays = {name: [getattr(row, name) for row in wanted] for name in ("asset_no", "unit", "station")}
    tx.execute(_ADD, {**arrays, "asking": asking, "until": until})
    seen = _seen(tx, sorted({row.station for row in wanted}))
    return ReadsAsked(
        read_id=asking, asked=len(wanted), refused=refused, station_seen_at=seen, station_away=_away(seen, now)
    )


def get(tx: Tx, request: GetReads, *, by: Actor, now: datetime) -> Reads:
    """An asking with its answers so far. Raises DomainError reads_not_found."""
    asking = tx.execute("SELECT * FROM read_askings WHERE id = :id", {"id": request.read_id}).one_or_none()
    if asking is None or not is_within(asking.unit, by.unit):
        raise DomainError("reads_not_found", id=request.read_id)
    rows = tx.execute(_ANSWERS, {"id": request.read_id}).all()
    answers = [
        ReadAnswer(
            request_id=row.id, terminal=row.asset_no, slot=row.slot, unit=row.unit, state=_state(row, now),
            iccid=row.iccid, bound_iccid=row.bound_iccid, fault=row.fault, read_at=row.read_at,
            answered_at=row.answered_at,
        )
        for row in rows
    ]  # fmt: skip
    seen = _seen(tx, sorted({row.station for row in rows}))
    return Reads(
        read_id=asking.id, asked_by_name=asking.asked_by_name, asked_at=asking.asked_at, until=asking.until,
        total=len(answers), open=sum(answer.state in ("waiting", "sent") for answer in answers),
        station_seen_at=seen, station_away=_away(seen, now), answers=answers,
    )  # fmt: skip


def cancel(tx: Tx, request: CancelReads, *, by: Actor, now: datetime) -> Reads:
    """Takes back what was not answered yet; a station that has a request already may still answer by a reading."""
    get(tx, GetReads(read_id=request.read_id), by=by, now=now)
    tx.execute(_CANCEL, {"id": request.read_id, "now": now})
    return get(tx, GetReads(read_id=request.read_id), by=by, now=now)


def take(tx: Tx, request: TakeReadRequests, *, by: Actor, now: datetime) -> WantedReads:
    """Gives a station its requests, each to one caller at a time."""
    heard_of(tx, by.id, now=now)
    rows = tx.execute(_TAKE, {"station": by.id, "now": now, "lease": now + LEASE, "limit": request.limit})
    wanted = [WantedRead(request_id=row.id, terminal=row.asset_no, slot=row.slot, until=row.until) for row in rows]
    return WantedReads(requests=sorted(wanted, key=lambda each: each.request_id))


def heard_of(tx: Tx, station: str, *, now: datetime) -> None:
    """Notes that a station is there."""
    tx.execute(SEEN, {"station": station, "now": now})


def answered(tx: Tx, answers: Sequence[Answer], *, station: str, now: datetime) -> None:
    """Closes the requests that these readings answer; an answer from another station, a second one, or one that was
    read before the request, does nothing."""
    if answers:
        tx.execute(
            _ANSWER, {**columns(answers, Answer), "station": station, "now": now, "tolerance": intake.CLOCK_TOLERANCE}
        )


def _refusal(row: Any, by: Actor) -> str | None:
    if row is None or not is_within(row.unit, by.unit):
        return "terminal_not_found"
    return "terminal_removed" if row.state == "removed" else None


def _refused(terminal: str, code: str) -> RefusedTerminal:
    return RefusedTerminal(terminal=terminal, code=code, message=say(code, {"terminal": terminal}))


def _state(row: Any, now: datetime) -> Any:
    if row.outcome is not None:
        return {"read": "read", "clock_off": "read", "cancelled": "cancelled"}.get(row.outcome, "failed")
    if row.until <= now:
        return "expired"
    return "sent" if row.sent_until is not None and row.sent_until > now else "waiting"


def _seen(tx: Tx, stations: Sequence[str]) -> datetime | None:
    query = "SELECT min(seen_at) FROM stations WHERE name = ANY(CAST(:stations AS text[]))"
    seen: datetime | None = tx.execute(query, {"stations": list(stations)}).scalar_one()
    return seen


def _away(seen: datetime | None, now: datetime) -> bool:
    return seen is None or seen < now - AWAY_AFTER
