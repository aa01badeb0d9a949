"""Daily usage comes in (TRF-01): a file, a carrier's page of rows, a report of the master station.

All end in the same job: a file in the blob store, taken in one transaction that also ends the job.

1. Rows are cleaned and copied into temporary tables: ``arrivals`` (good), ``refusals`` (with reason).
2. Loads are merged one after the other from here on.
3. Cards are looked up within the unit of whoever sent it; figures of unknown ones are kept, those that are known by now
   come along.
4. The safety stop (``gate``) holds the load for a person, or
5. the figures are merged (``merging``).
"""

import json
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select

from kernel.chassis.data.blobs import BlobNotFoundError, BlobStore, blob_store
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import Limits, open_rows
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.process import crashpoints
from kernel.contracts.envelope import BlobRef
from kernel.contracts.files import FileChoice
from kernel.contracts.traffic.loads import ImportUsage, LoadAccepted, PushUsage, ReportUsage
from kernel.contracts.words_people import CARRIER_NAMES
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.iccid import KEY
from kernel.model.period import business_date
from services.traffic import gate, merging, rows
from services.traffic.settings import UsageSettings
from services.traffic.tables import loads

LOAD_JOB = "usage_load"

_KNOWN = """
INSERT INTO figures
SELECT cards.id, day, bytes, :load_id, :as_of, owner_unit, carrier, row_no FROM arrivals JOIN cards USING (iccid)
WHERE starts_with(owner_unit, :unit)
"""
_STRANGERS = """
CREATE TEMPORARY TABLE strangers ON COMMIT DROP AS
SELECT * FROM arrivals
WHERE NOT EXISTS (SELECT FROM cards WHERE cards.iccid = arrivals.iccid AND starts_with(owner_unit, :unit))
"""
_SPELLED_OTHERWISE = f"""
WITH found AS (
    SELECT row_no, day, bytes, cards.id, owner_unit, carrier FROM strangers JOIN cards
        ON left(cards.iccid, {KEY}) = left(strangers.iccid, {KEY})
       AND cards.iccid >= left(strangers.iccid, {KEY}) AND cards.iccid < left(strangers.iccid, {KEY}) || '~'
       AND {KEY} IN (length(cards.iccid), length(strangers.iccid))
    WHERE starts_with(owner_unit, :unit)
), only_one AS (
    SELECT * FROM found WHERE row_no IN (SELECT row_no FROM found GROUP BY row_no HAVING count(*) = 1)
), gone AS (
    DELETE FROM strangers USING only_one WHERE strangers.row_no = only_one.row_no
)
INSERT INTO figures SELECT id, day, bytes, :load_id, :as_of, owner_unit, carrier, row_no FROM only_one
"""
"""With and without its check digit a number is one card (INV-12)."""
_OTHER_CARRIER = """
WITH gone AS (
    DELETE FROM figures WHERE carrier <> :carrier RETURNING row_no
)
INSERT INTO refusals SELECT row_no, iccid, 'usage_other_carrier', '{}' FROM gone JOIN arrivals USING (row_no)
"""
_ANY_KEPT = "SELECT EXISTS (SELECT FROM unknown_usage WHERE source = :source)"
_KNOWN_BY_NOW = """
WITH gone AS (
    DELETE FROM unknown_usage AS kept USING cards, loads
    WHERE kept.iccid = cards.iccid AND kept.source = :source AND starts_with(cards.owner_unit, kept.unit)
      AND loads.id = kept.load_id AND (loads.carrier IS NULL OR loads.carrier = cards.carrier)
    RETURNING cards.id, kept.day, kept.bytes, kept.load_id, loads.as_of, cards.owner_unit, cards.carrier
)
INSERT INTO figures SELECT * FROM gone
"""
_UNKNOWN = """
INSERT INTO unknown_usage AS kept (iccid, day, source, unit, bytes, load_id)
SELECT iccid, day, :source, :unit, bytes, :load_id FROM strangers ORDER BY iccid, day
ON CONFLICT (iccid, day, source) DO UPDATE
SET bytes = excluded.bytes, load_id = excluded.load_id,
    unit = CASE WHEN length(kept.unit) < length(excluded.unit) THEN kept.unit ELSE excluded.unit END
WHERE (CAST(:as_of AS timestamptz), excluded.bytes)
    > ((SELECT as_of FROM loads WHERE loads.id = kept.load_id), kept.bytes)
"""
_REFUSED = """
INSERT INTO job_rows (job_id, row_no, key, code, params)
SELECT :job_id, row_no, min(key), min(code), (array_agg(params))[1]::json FROM refusals GROUP BY row_no
"""
_DAYS = """
SELECT least(min(day), CAST(:first AS date)) AS first_day, greatest(max(day), CAST(:last AS date)) AS last_day
FROM strangers
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
    """Job: takes one load in. Tried again, or run twice, it finds the load ended and changes nothing."""
    with job.unit_of_work() as tx:
        load = tx.execute(select(loads).where(loads.c.id == job.request["load_id"]).with_for_update()).one()
        if load.state != "waiting":
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
    try:
        stream = blobs.open(file)
    except BlobNotFoundError as error:
        raise DomainError("file_not_readable", reason="gone") from error
    choice = FileChoice.model_validate(load.choice or {})
    limits = Limits(rows=settings.max_rows)
    with stream, open_rows(stream, rows.USAGE, name=file.name, choice=choice, limits=limits) as batches:
        read, arrived = rows.stage(tx, batches, reach, progress)
    asked = {"load_id": load.id, "unit": load.unit, "carrier": load.carrier, "source": load.source, "as_of": load.as_of}
    figures, repeated = _look_up(tx, asked, arrived)
    reasons, preview = gate.examine(tx, load, figures, settings)
    known, days = sum(it.cards for it in figures), [it.day for it in figures]
    told = {"id": load.id, "rows": read, "now": now, "repeated": repeated}
    told |= tx.execute(_DAYS, {"first": min(days, default=None), "last": max(days, default=None)}).mappings().one()
    unknown = tx.execute("SELECT count(*) FROM strangers").scalar_one()
    refused = tx.execute("SELECT count(DISTINCT row_no) FROM refusals").scalar_one()
    told |= {"unknown": unknown, "refused": refused, "taken": 0, "replaced": 0, "state": "held"}
    if not reasons or load.decided_by is not None:
        come_along = tx.execute(_ANY_KEPT, asked).scalar_one() and tx.execute(_KNOWN_BY_NOW, asked).rowcount
        if unknown:
            tx.execute(_UNKNOWN, asked)
        merged = merging.merge(tx, merging.Load(load.id, load.source, None if come_along else figures))
        told |= {"state": "taken", "taken": merged.taken, "replaced": merged.replaced}
        told["repeated"] += known - merged.taken
    told |= {"reasons": json.dumps(reasons), "preview": json.dumps(preview)}
    tx.execute(_CLOSE, told)
    counts = ("rows", "taken", "replaced", "repeated", "unknown", "refused", "state")
    return {"load_id": load.id, **{name: told[name] for name in counts}}


def _look_up(tx: Tx, asked: dict[str, Any], arrived: int) -> tuple[list[merging.Told], int]:
    """Rows become ``figures`` of cards and ``strangers``, each card and day once: what the figures say, and how many
    rows were mere repetitions.

    Holds the lock of loads from here on.
    """
    for statement in merging.STAGING.split(";"):
        tx.execute(statement)
    merging.lock(tx)
    found = tx.execute(_KNOWN, asked).rowcount
    tx.execute(_STRANGERS if found < arrived else f"{_STRANGERS} LIMIT 0", asked)
    if found < arrived:
        tx.execute("ANALYZE strangers")
        tx.execute(_SPELLED_OTHERWISE, asked)
    tx.execute("ANALYZE figures")
    told, repeated = merging.told(tx), 0
    if asked["carrier"] is not None and any(it.carrier != asked["carrier"] for it in told):
        tx.execute(_OTHER_CARRIER, asked)
        told = [it for it in told if it.carrier == asked["carrier"]]
    if merging.several(tx):
        repeated = tx.execute(rows.CONTRADICTIONS).scalar_one()
        told = merging.told(tx)
    if found < arrived:
        repeated += tx.execute(rows.CONTRADICTIONS_OF_STRANGERS).scalar_one()
    return told, int(repeated)
