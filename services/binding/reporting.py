"""A station's batch: cleaned, stored, decided, told (BND-01, BND-03)."""

from collections.abc import Iterable
from datetime import datetime

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.readings import MAX_ROWS, ReadingsTaken, ReportReadings
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.binding import breaches, exceptions, imeis, intake, measures, on_demand
from services.binding.deciding import decide
from services.binding.partitions import ensure_days
from services.binding.readings import News, without_repeats
from services.binding.storing import store
from services.binding.telling import tell
from services.binding.timeline import Place
from services.binding.turn import lock

KEEPS_UP = 0.05
"""Seconds; a batch that waits less for the decision before it meets no queue."""
MAX_PAUSE_MS = 10_000


def report_readings(tx: Tx, request: ReportReadings, *, by: Actor, now: datetime) -> ReadingsTaken:
    """Takes a batch of readings; the same batch again, or parts of it, change nothing.

    Raises DomainError batch_too_large. Steps: clean each row; store what is new; decide about the slots that news
    touched; keep exceptions, modules and breaches of locks; tell the facts.
    """
    if len(request.rows) > MAX_ROWS:
        raise DomainError("batch_too_large", rows=len(request.rows), limit=MAX_ROWS)
    cleaned = intake.clean(tx, request.rows, now=now)
    rows = without_repeats(cleaned.rows)
    if not rows:
        tx.once_committed(lambda: measures.count({}, 0, cleaned.refused))
        return ReadingsTaken(taken=0, repeated=len(cleaned.rows), changed=0, refused=cleaned.refused)
    waited = lock(tx)
    ensure_days(tx, {row.day for row in rows})
    stored = store(tx, rows, by=by, now=now)
    if stored.elsewhere:
        cleaned.refuse(stored.elsewhere)
    decided = decide(tx, _since(stored.news), now=now)
    fresh = {(each.day, each.asset_no, each.slot, each.read_at) for each in stored.news if not each.replaced}
    faults = [row for row in stored.rows if row.outcome in exceptions.FAULTS and row.key in fresh]
    exceptions.note_faults(tx, faults)
    exceptions.recount(tx, stored.recount)
    exceptions.note_unknown_terminals(tx, [each for each in stored.news if each.unknown])
    imeis.follow(tx, stored.news, now=now)
    if stored.locks:
        breaches.note_breaches(tx, stored.rows)
    on_demand.answered(tx, _answers(cleaned), station=by.id, now=now)
    tell(tx, decided, station=by.id, now=now)
    taken = stored.new + stored.replaced
    tx.once_committed(lambda: measures.count(stored.outcomes, len(cleaned.rows) - taken, cleaned.refused))
    return ReadingsTaken(
        taken=taken,
        repeated=len(cleaned.rows) - taken,
        changed=len(decided.moved),
        refused=cleaned.refused,
        pause_ms=pause_after(waited),
    )


def pause_after(waited: float) -> int:
    """How long the sender should wait before its next batch, in ms: as long as this one waited for others.

    So many senders together keep at most half of the calls waiting that a process can work on, and pages get through.
    """
    return 0 if waited < KEEPS_UP else min(int(waited * 1000), MAX_PAUSE_MS)


def _answers(cleaned: intake.Cleaned) -> list[on_demand.Answer]:
    """The readings that answer a request, the first of each request."""
    answers: dict[int, on_demand.Answer] = {}
    for row, request in zip(cleaned.rows, cleaned.requests, strict=True):
        if request is not None:
            answer = on_demand.Answer(
                request, row.asset_no, row.slot, row.outcome.value, row.iccid, row.fault, row.read_at
            )
            answers.setdefault(request, answer)
    return list(answers.values())


def _since(news: Iterable[News]) -> dict[Place, datetime]:
    """Each slot that has to be decided about, with its earliest news."""
    since: dict[Place, datetime] = {}
    for each in news:
        if each.decides:
            place = Place(each.asset_no, each.slot)
            since[place] = min(since.get(place, each.read_at), each.read_at)
    return since
