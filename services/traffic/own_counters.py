"""Terminals' own counters become a sum of the month; what is not clear waits for a person (TRF-03, TRF-04).

Readings count in the order of their days: one of a day that is counted already changes nothing, for the readings
around it have told what was used.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.traffic.counters import (
    DECIDE_COUNTER,
    LIST_COUNTER_DOUBTS,
    CounterDoubt,
    CounterRow,
    CountersTaken,
    DecideCounter,
    DecidedCounter,
    ListCounterDoubts,
    RefusedCounter,
    ReportCounters,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_traffic import COUNTER_DECISIONS
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.iccid import normalise
from kernel.model.period import business_date
from services.traffic.counter_tables import counter_doubts
from services.traffic.counters import LIMIT, Judged, judge
from services.traffic.merging import month_begin
from services.traffic.tables import cards

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.own_counters', 0))"
_LAST = """
SELECT cards.iccid, cards.id, last.day, last.counter FROM cards
LEFT JOIN LATERAL (
    SELECT day, counter FROM own_counters WHERE card_id = cards.id ORDER BY month DESC LIMIT 1
) AS last ON true
WHERE iccid = ANY(:iccids) AND starts_with(owner_unit, :unit)
"""
_KNOWN = """
SELECT wanted.card_id, sum(coalesce(terminal_bytes, carrier_bytes))::bigint AS used
FROM unnest(CAST(:ids AS bigint[]), CAST(:since AS date[]), CAST(:until AS date[])) AS wanted (card_id, since, until)
JOIN usage_days AS days ON days.card_id = wanted.card_id AND days.day > wanted.since AND days.day <= wanted.until
WHERE days.day BETWEEN :first AND :last GROUP BY wanted.card_id
"""
_COUNT = """
INSERT INTO own_counters AS own (card_id, month, day, counter, bytes)
SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:months AS date[]), CAST(:days AS date[]),
                     CAST(:counters AS bigint[]), CAST(:bytes AS bigint[])) AS told ORDER BY 1
ON CONFLICT (card_id, month) DO UPDATE
SET day = excluded.day, counter = excluded.counter, bytes = own.bytes + excluded.bytes
"""
_DOUBT = """
INSERT INTO counter_doubts (card_id, day, before, counter, wrapped, reset, known)
SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:days AS date[]), CAST(:befores AS bigint[]),
                     CAST(:counters AS bigint[]), CAST(:wrapped AS bigint[]), CAST(:counters AS bigint[]),
                     CAST(:known AS bigint[])) AS told ORDER BY 1
ON CONFLICT DO NOTHING
"""
_ADD = """
UPDATE own_counters SET bytes = bytes + :used WHERE card_id = :card_id AND month = :month RETURNING bytes
"""
_MONTHS = "SELECT card_id, month, bytes FROM own_counters WHERE card_id = ANY(:ids) AND month = ANY(:months)"


@dataclass(frozen=True)
class Reading:
    """A reading beside the last one of its card."""

    card_id: int
    day: date
    counter: int | None
    last_day: date | None
    before: int | None
    known: int | None = None

    @property
    def judged(self) -> Judged:
        days = 0 if self.last_day is None else (self.day - self.last_day).days
        return judge(self.before, self.counter, days, self.known)


def report_counters(tx: Tx, request: ReportCounters, *, by: Actor, now: datetime) -> CountersTaken:
    """Takes the good rows; a card is named once, is in the books, and its day is not to come."""
    tx.execute(_LOCK)
    told: dict[str, CounterRow] = {}
    refused = []
    for row in request.rows:
        iccid = normalise(row.iccid)
        if row.day > business_date(now):
            refused.append(RefusedCounter(iccid=row.iccid, code="counter_day_to_come"))
        elif told.setdefault(iccid, row) is not row:
            refused.append(RefusedCounter(iccid=row.iccid, code="counter_twice"))
    found = {row.iccid: row for row in tx.execute(_LAST, {"iccids": list(told), "unit": by.unit})}
    refused += [RefusedCounter(iccid=told[it].iccid, code="card_not_found") for it in told if it not in found]
    readings, late = [], 0
    for iccid, last in found.items():
        if last.day is not None and told[iccid].day <= last.day:
            late += 1
        else:
            readings.append(Reading(last.id, told[iccid].day, told[iccid].counter, last.day, last.counter))
    judged = [(reading, reading.judged) for reading in _with_known(tx, readings)]
    _keep(tx, judged)
    outcomes = Counter(str(one.outcome) for _, one in judged)
    return CountersTaken(outcomes=dict(outcomes), late=late, refused=refused)


def _with_known(tx: Tx, readings: Sequence[Reading]) -> list[Reading]:
    """Readings that went down, with what another source says of the days between."""
    down = [it for it in readings if it.before is not None and it.counter is not None and it.counter < it.before]
    if not down:
        return list(readings)
    since = [it.last_day or it.day for it in down]
    asked = {
        "ids": [it.card_id for it in down],
        "since": since,
        "until": [it.day for it in down],
        "first": min(since),
        "last": max(it.day for it in down),
    }
    known = {row.card_id: row.used for row in tx.execute(_KNOWN, asked)}
    return [Reading(**{**it.__dict__, "known": known.get(it.card_id)}) for it in readings]


def _keep(tx: Tx, judged: Iterable[tuple[Reading, Judged]]) -> None:
    moved = [(it, one) for it, one in judged if one.outcome not in {"missing", "saturated"}]
    if moved:
        counted = {
            "ids": [it.card_id for it, _ in moved],
            "months": [month_begin(it.day) for it, _ in moved],
            "days": [it.day for it, _ in moved],
            "counters": [it.counter for it, _ in moved],
            "bytes": [one.used or 0 for _, one in moved],
        }
        tx.execute(_COUNT, counted)
    held = [it for it, one in moved if one.outcome == "ambiguous"]
    if held:
        doubts = {
            "ids": [it.card_id for it in held],
            "days": [it.day for it in held],
            "befores": [it.before for it in held],
            "counters": [it.counter for it in held],
            "wrapped": [LIMIT - (it.before or 0) + (it.counter or 0) for it in held],
            "known": [it.known for it in held],
        }
        tx.execute(_DOUBT, doubts)


def decide_counter(tx: Tx, request: DecideCounter, *, by: Actor, now: datetime) -> DecidedCounter:
    """Raises counter_doubt_not_found, counter_doubt_decided."""
    query = select(*counter_doubts.c, cards.c.iccid, cards.c.owner_unit).join(
        cards, cards.c.id == counter_doubts.c.card_id
    )
    row = tx.execute(query.where(counter_doubts.c.id == request.doubt_id).with_for_update()).one_or_none()
    if row is None or not row.owner_unit.startswith(by.unit):
        raise DomainError("counter_doubt_not_found", id=request.doubt_id)
    if row.decided is not None:
        raise DomainError("counter_doubt_decided", id=request.doubt_id)
    tx.execute(
        counter_doubts.update()
        .where(counter_doubts.c.id == row.id)
        .values(decided=request.decision, decided_by_name=by.name, decided_at=now)
    )
    month = month_begin(row.day)
    used = row.wrapped if request.decision == "wrapped" else row.reset
    own = tx.execute(_ADD, {"used": used, "card_id": row.card_id, "month": month}).scalar_one()
    return DecidedCounter(iccid=row.iccid, month=month.strftime("%Y-%m"), own_month=own, at=now)


def own_months(tx: Tx, keys: Iterable[tuple[int, date]]) -> dict[tuple[int, date], int]:
    """(card, month) > bytes that its terminal counted itself."""
    wanted = list(keys)
    asked = {"ids": [card for card, _ in wanted], "months": [month for _, month in wanted]}
    return {(row.card_id, row.month): row.bytes for row in tx.execute(_MONTHS, asked)}


def _matching(asked: Asked[ListCounterDoubts]) -> Select[Any]:
    request, decided = asked.request, counter_doubts.c.decided
    conditions = [scope(cards.c.owner_unit, request.unit, asked.by), *begins(cards.c.iccid, request.iccid)]
    if request.decided is not None:
        conditions.append(decided.is_not(None) if request.decided else decided.is_(None))
    return (
        select(*counter_doubts.c, cards.c.iccid, cards.c.owner_unit.label("unit"))
        .join(cards, cards.c.id == counter_doubts.c.card_id)
        .where(*conditions)
    )


def _doubts(asked: Asked[ListCounterDoubts], rows: Sequence[Row[Any]]) -> list[CounterDoubt]:
    may = DECIDE_COUNTER.allows(asked.by.permissions)
    shown = [name for name in CounterDoubt.model_fields if name != "can"]
    return [
        CounterDoubt(
            **{name: row._mapping[name] for name in shown}, can=["decide"] if may and row.decided is None else []
        )
        for row in rows
    ]


COUNTER_DOUBTS = SelectList(
    method=LIST_COUNTER_DOUBTS,
    title="终端计数疑点",
    resource="counter-doubts",
    matching=_matching,
    items=_doubts,
    key=counter_doubts.c.id,
    newest_first=True,
    columns=(
        Column("iccid", "ICCID", kind="code"),
        *unit_columns("unit", "单位"),
        Column("day", "日期"),
        number("before", "上次读数"),
        number("counter", "本次读数"),
        number("wrapped", "按翻转计（字节）"),
        number("reset", "按清零计（字节）"),
        number("known", "其他来源（字节）"),
        Column("decided", "判定", words=chinese(COUNTER_DECISIONS)),
        Column("decided_by_name", "判定人"),
    ),
)
list_counter_doubts = COUNTER_DOUBTS.answer
