"""Daily usage comes in (TRF-01): a file, a carrier's page of rows, a report of the master station.

All end in the same job: a file in the blob store, taken in one transaction that also ends the job.

1. Rows are cleaned and copied into temporary tables: ``arrivals`` (good), ``refusals`` (with reason).
2. Loads are merged one after the other from here on.
3. Cards are looked up (``finding``).
4. The safety stop (``gate``) holds the load for a person, or
5. the figures are merged (``merging``).

A large file of a new day goes a shorter way to the same end (``new_day``).
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from kernel.chassis.data.blobs import BlobNotFoundError, BlobStore, blob_store
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import Limits, Rows, open_rows
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.process import crashpoints
from kernel.contracts.envelope import BlobRef
from kernel.contracts.files import FileChoice
from kernel.contracts.traffic.loads import ImportUsage, LoadAccepted, PushUsage, ReportUsage
from kernel.contracts.words_people import CARRIER_NAMES
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from services.traffic import failing, finding, gate, merging, new_day, rows
from services.traffic.settings import UsageSettings
from services.traffic.tables import loads

LOAD_JOB = "usage_load"

_REFUSED = """
INSERT INTO job_rows (job_id, row_no, key, code, params)
SELECT :job_id, row_no, min(key), min(code), (array_agg(params))[1]::json FROM refusals GROUP BY row_no
"""
_CLOSE = """
UPDATE loads SET state = :state, rows = :rows, taken = :taken, replaced = :replaced, repeated = :repeated,
    unknown = :unknown, refused = :refused, first_day = :first_day, last_day = :last_day,
    reasons = CAST(:reasons AS jsonb), preview = CAST(:preview AS jsonb), ended_at = :now
WHERE id = :id
"""


def _own_carrier(carrier: str, by: Actor) -> None:
    """A carrier's key speaks for its own carrier only. Raises carrier_not_yours."""
    own = {permission for permission in by.permissions if permission.startswith("carrier:")}
    if own and f"carrier:{carrier}" not in own:
        raise DomainError("carrier_not_yours", carrier=carrier)


def carrier_name(code: str | None) -> str:
    """As a job's title says it; figures without a carrier come from the master station."""
    if code is None:
        return "主站"
    return CARRIER_NAMES[code].zh if code in CARRIER_NAMES else code


def start(tx: Tx, load_id: int, job_id: UUID, title: str, by: Actor) -> UUID:
    """Enqueues the job that takes a load in."""
    return jobs.enqueue(tx, LOAD_JOB, title, {"load_id": load_id}, by, job_id=job_id)


def accept(tx: Tx, by: Actor, now: datetime, file: BlobRef, choice: FileChoice | None, **note: Any) -> LoadAccepted:
    """Notes a load of ``file`` and starts its job."""
    job_id = uuid4()
    note["as_of"] = min(note["as_of"] or now, now)
    load_id = tx.execute(
        loads.insert()
        .values(
            **note,
            state="waiting",
            unit=by.unit,
            file=file.model_dump(mode="json"),
            choice=None if choice is None else choice.model_dump(mode="json"),
            asked_by=by.id,
            asked_by_name=by.name,
            asked_at=now,
            job_id=job_id,
        )
        .returning(loads.c.id)
    ).scalar_one()
    start(tx, load_id, job_id, f"流量数据 {carrier_name(note['carrier'])} {load_id}", by)
    return LoadAccepted(load_id=load_id, job_id=job_id)


def import_usage(tx: Tx, request: ImportUsage, *, by: Actor, now: datetime) -> LoadAccepted:
    """Accepts an uploaded file; a job takes it in. Raises carrier_not_yours."""
    if request.carrier is not None:
        _own_carrier(request.carrier, by)
    note = request.model_dump(include={"carrier", "measured_in", "as_of", "whole", "source"})
    return accept(tx, by, now, request.file, request.choice, **note)


def push_usage(tx: Tx, request: PushUsage, *, by: Actor, now: datetime, blobs: BlobStore | None = None) -> LoadAccepted:
    """Accepts a page of a carrier's figures; it is kept as a file like any other load. Raises carrier_not_yours."""
    _own_carrier(request.carrier, by)
    note = request.model_dump(include={"carrier", "measured_in", "as_of", "whole"})
    return accept(tx, by, now, _kept(request.rows, "push", blobs), None, source="carrier", **note)


def report_usage(
    tx: Tx, request: ReportUsage, *, by: Actor, now: datetime, blobs: BlobStore | None = None
) -> LoadAccepted:
    """Accepts what the master station computed per card and day."""
    note = request.model_dump(include={"measured_in", "as_of"})
    file = _kept(request.rows, "station", blobs)
    return accept(tx, by, now, file, None, source="terminal", carrier=None, whole=False, **note)


def _kept(page: list[Any], name: str, blobs: BlobStore | None) -> BlobRef:
    return (blobs or blob_store()).put_stream(rows.as_csv(page), name=f"usage-{name}.csv", media_type="text/csv")


def run_load(job: JobContext) -> dict[str, Any]:
    """Job: takes one load in. Run twice, it finds the load ended and changes nothing; a failed one can be tried again.

    A load that is refused as a whole no longer waits, and says why.
    """
    try:
        return _run(job)
    except DomainError as error:
        with job.unit_of_work() as tx:
            failing.leave(tx, job.request["load_id"], job.now(), error)
            tx.commit()
        raise


def _run(job: JobContext) -> dict[str, Any]:
    with job.unit_of_work() as tx:
        load = tx.execute(select(loads).where(loads.c.id == job.request["load_id"]).with_for_update()).one()
        if load.state != "waiting" and not failing.failed(load):
            result = {"load_id": load.id, "state": load.state}
            job.complete(tx, result)
            return result
        result = take_in(tx, load, job.blobs, now=job.now(), progress=job.progress)
        tx.execute(_REFUSED, {"job_id": job.job_id})
        crashpoints.hit("usage.before_commit")
        job.complete(tx, result, done=result["rows"])
    return result


def take_in(tx: Tx, load: Any, blobs: BlobStore, *, now: datetime, progress: Any) -> dict[str, Any]:
    """Steps 1 to 5; the caller commits. Raises what reading the file raises."""
    settings = UsageSettings()
    reach = rows.Reach.of(business_date(now), settings.days_back, load.measured_in)
    file = BlobRef.model_validate(load.file)
    opened = partial(_opened, blobs, file, FileChoice.model_validate(load.choice or {}), settings, load.measured_in)
    its = rows.File(opened, reach, progress)
    outcome = new_day.take(tx, load, its, settings) if file.size >= settings.straight_from_bytes else None
    outcome = outcome or _take_staged(tx, load, its, settings)
    days = [it.day for it in outcome.told]
    told = {
        "rows": outcome.rows,
        "taken": outcome.merged.taken if outcome.merged else 0,
        "replaced": outcome.merged.replaced if outcome.merged else 0,
        "repeated": outcome.repeated,
        "unknown": outcome.counts["unknown"],
        "refused": outcome.counts["refused"],
        "state": "taken" if outcome.merged else "held",
    }
    if outcome.merged:
        told["repeated"] += sum(it.cards for it in outcome.told) - outcome.merged.taken
    period = {
        "first_day": min([*days, *filter(None, [outcome.counts["first_day"]])], default=None),
        "last_day": max([*days, *filter(None, [outcome.counts["last_day"]])], default=None),
    }
    seen = {"reasons": json.dumps(outcome.reasons), "preview": json.dumps(outcome.preview)}
    tx.execute(_CLOSE, {"id": load.id, "now": now, **told, **period, **seen})
    return {"load_id": load.id, **told, "notes": [] if outcome.merged else gate.notes(outcome.reasons)}


@contextmanager
def _opened(
    blobs: BlobStore, file: BlobRef, choice: FileChoice, settings: UsageSettings, measured_in: str
) -> Iterator[Rows]:
    try:
        stream = blobs.open(file)
    except BlobNotFoundError as error:
        raise DomainError("file_not_readable", reason="gone") from error
    limits = Limits(rows=settings.max_rows)
    with stream, open_rows(stream, rows.USAGE, name=file.name, choice=choice, limits=limits) as batches:
        rows.check_unit(batches.head, measured_in)
        yield batches


def _take_staged(tx: Tx, load: Any, file: rows.File, settings: UsageSettings) -> merging.Outcome:
    read, arrived = rows.stage(tx, file)
    asked = finding.asked_of(load)
    told, repeated = finding.look_up(tx, asked, arrived)
    reasons, preview = gate.examine(tx, load, told, settings)
    counts, merged = finding.counts(tx), None
    if not reasons or load.decided_by is not None:
        come_along = finding.keep_unknown(tx, asked)
        merged = merging.merge(tx, merging.Load(load.id, load.source, None if come_along else told))
    return merging.Outcome(read, told, repeated, counts, reasons, preview, merged)
