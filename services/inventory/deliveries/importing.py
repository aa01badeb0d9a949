"""Deliveries come in (INV-01): uploaded as a file, pushed by the carrier, pulled from its interface.

All three end in the same job: a file in the blob store, taken in by ``intake`` in one transaction that also ends
the job. A job that is cancelled or killed leaves nothing behind; taken again, it finds everything as it was.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import select

from kernel.carriers.settings import endpoint_of, endpoints
from kernel.chassis.data.blobs import BlobNotFoundError, BlobStore, blob_store
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import Limits, Rows, open_rows
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobContext
from kernel.contracts.envelope import BlobRef
from kernel.contracts.files import FileChoice
from kernel.contracts.inventory.deliveries import (
    DeliveryNote,
    ImportDelivery,
    JobAccepted,
    PullDeliveries,
    PushDelivery,
)
from kernel.contracts.said import in_both
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import check_month
from kernel.model.unit import Level, check_unit, level
from services.inventory.carrier_rules import iccid_rule
from services.inventory.catalogues import carrier_name
from services.inventory.deliveries.columns import DELIVERY
from services.inventory.deliveries.intake import Arrival, Intake, Source, check_note, take_in
from services.inventory.deliveries.settings import ImportSettings
from services.inventory.tables import card_specs, deliveries

IMPORT_JOB = "delivery_import"
PULL_JOB = "delivery_pull"
_HEAD = ("ICCID", "IMSI", "MSISDN")
_ROWS_PER_CHUNK = 5000


def check(tx: Tx, note: DeliveryNote, owner_unit: str, by: Actor) -> None:
    """Raises what is wrong with a note before any work is done for it."""
    check_month(note.application_month, "application_month")
    iccid_rule(tx, note.carrier)
    known = tx.execute(select(card_specs.c.code).where(card_specs.c.code == note.card_spec)).scalar_one_or_none()
    if known is None:
        raise DomainError("card_spec_unknown", card_spec=note.card_spec)
    if level(check_unit(owner_unit, "owner_unit")) not in (Level.PROVINCE, Level.CITY):
        raise DomainError("delivery_unit_level", field="owner_unit", unit=owner_unit)
    by.require_within(owner_unit, "owner_unit")


def known_delivery(tx: Tx, note: DeliveryNote) -> Any:
    """The row of the delivery that ``note`` speaks of, or None."""
    return tx.execute(
        select(deliveries).where(deliveries.c.carrier == note.carrier, deliveries.c.batch_no == note.batch_no)
    ).one_or_none()


def _enqueue(tx: Tx, arrival: Arrival, by: Actor, choice: FileChoice | None = None) -> JobAccepted:
    if (known := known_delivery(tx, arrival.note)) is not None:
        check_note(known, arrival)
    title = f"接收批次 {carrier_name(tx, arrival.note.carrier)} {arrival.note.batch_no}"
    request = {
        "note": arrival.note.model_dump(mode="json", include=set(DeliveryNote.model_fields)),
        "owner_unit": arrival.owner_unit,
        "source": arrival.source,
        "file": arrival.file.model_dump(mode="json"),
        "choice": None if choice is None else choice.model_dump(mode="json"),
    }
    return JobAccepted(job_id=jobs.enqueue(tx, IMPORT_JOB, title, request, by))


def import_delivery(tx: Tx, request: ImportDelivery, *, by: Actor) -> JobAccepted:
    """Accepts an uploaded file; a job takes it in.

    A batch that is known keeps its owner when the upload names none. Raises DomainError carrier_unknown,
    card_spec_unknown, month_malformed, unit_malformed, unit_out_of_scope, delivery_unit_level, delivery_note_changed.
    Idempotent on carrier and batch number: cards that the batch has already are left as they are.
    """
    known = known_delivery(tx, request)
    owner_unit = request.owner_unit or (known.owner_unit if known else by.unit)
    check(tx, request, owner_unit, by)
    return _enqueue(tx, Arrival(request, owner_unit, "upload", request.file), by, request.choice)


def push_delivery(
    tx: Tx, request: PushDelivery, *, by: Actor, blobs: BlobStore | None = None
) -> JobAccepted:
    """Accepts what a carrier pushes with its own key; a large delivery may come in several pushes of one batch number.

    The cards are kept as a file like any other delivery's. Raises carrier_not_yours besides import_delivery's errors.
    """
    if f"carrier:{request.carrier}" not in by.permissions:
        raise DomainError("carrier_not_yours", carrier=request.carrier)
    check(tx, request, by.unit, by)
    rows = ((card.iccid, card.imsi, card.msisdn) for card in request.cards)
    file = (blobs or blob_store()).put_stream(
        as_csv(rows), name=f"{request.carrier}-{request.batch_no}-push.csv", media_type="text/csv"
    )
    return _enqueue(tx, Arrival(request, by.unit, "push", file), by)


def pull_deliveries(tx: Tx, request: PullDeliveries, *, by: Actor) -> JobAccepted:
    """Fetches now what the carrier has newly delivered. Raises carrier_unknown, carrier_not_connected.

    While a pull of the carrier waits or runs, that one is answered.
    """
    iccid_rule(tx, request.carrier)
    endpoint = endpoint_of(request.carrier)
    by.require_within(endpoint.unit, "carrier")
    return JobAccepted(job_id=_pull(tx, request.carrier, by))


def pull_all(tx: Tx, *, by: Actor) -> int:
    """The timer's act: a pull of every connected carrier that has none waiting or running. Answers how many began."""
    idle = [endpoint.carrier for endpoint in endpoints() if _open_pull(tx, endpoint.carrier) is None]
    for carrier in idle:
        _pull(tx, carrier, by)
    return len(idle)


def _open_pull(tx: Tx, carrier: str) -> Any:
    return tx.execute(
        "SELECT id FROM jobs WHERE kind = :kind AND state IN ('queued', 'running') AND request ->> 'carrier' = :carrier"
        " ORDER BY created_at LIMIT 1",
        {"kind": PULL_JOB, "carrier": carrier},
    ).scalar_one_or_none()


def _pull(tx: Tx, carrier: str, by: Actor) -> Any:
    if (waiting := _open_pull(tx, carrier)) is not None:
        return waiting
    return jobs.enqueue(tx, PULL_JOB, f"拉取 {carrier_name(tx, carrier)} 批次", {"carrier": carrier}, by)


def as_csv(rows: Iterable[tuple[str | None, str | None, str | None]]) -> Iterator[bytes]:
    """Cards as the chunks of a CSV that open_blob reads back; what would break a line becomes a space."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_HEAD)
    for count, row in enumerate(rows, 1):
        writer.writerow([" ".join((value or "").splitlines()) for value in row])
        if count % _ROWS_PER_CHUNK == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def _notes(intake: Intake) -> Iterator[dict[str, str]]:
    """What a person should know of a delivery that was taken in, in both languages."""
    told: list[tuple[str, dict[str, Any]]] = []
    if intake.known_since is not None:
        told.append(("delivery_known_since", {"day": intake.known_since.isoformat(), "batch_no": intake.batch_no}))
    told += [(code, {**intake.about.get(code, {}), "count": count}) for code, count in intake.warnings.items()]
    yield from (in_both(code, params) for code, params in told)


def result_of(intake: Intake) -> dict[str, Any]:
    """What a job answers of one delivery."""
    return {
        "delivery_id": intake.delivery_id,
        "batch_no": intake.batch_no,
        "state": intake.state,
        "rows": intake.rows,
        "received": intake.received,
        "already_known": intake.repeated,
        "refused": intake.refused,
        "discrepancies": intake.discrepancies,
        "warnings": dict(intake.warnings),
        "known_since": None if intake.known_since is None else intake.known_since.isoformat(),
        "notes": list(_notes(intake)),
    }


@contextmanager
def open_blob(blobs: BlobStore, file: BlobRef, choice: FileChoice | None = None) -> Iterator[Rows]:
    """The rows of a delivery's file in the store, within the limits set."""
    settings = ImportSettings()
    limits = Limits(settings.import_max_rows, settings.import_max_unpacked_mib << 20, settings.import_max_ratio)
    try:
        stream = blobs.open(file)
    except BlobNotFoundError as error:
        raise DomainError("file_not_readable", reason="gone") from error
    with stream, open_rows(stream, DELIVERY, name=file.name, choice=choice, limits=limits) as rows:
        yield rows


_KEEP_JOB_ROWS = """
INSERT INTO job_rows (job_id, row_no, key, code, params)
SELECT :job_id, row_no, min(iccid), min(code), (array_agg(params))[1]::json FROM refusals GROUP BY row_no
"""


def run_import(job: JobContext) -> dict[str, Any]:
    """Job: takes one file in. Tried again, it finds its cards and takes in what was refused and is good by now."""
    arrival = Arrival(
        DeliveryNote.model_validate(job.request["note"]),
        job.request["owner_unit"],
        source_of(job.request["source"]),
        BlobRef.model_validate(job.request["file"]),
    )
    with job.unit_of_work() as tx:
        choice = FileChoice.model_validate(job.request.get("choice") or {})
        with open_blob(job.blobs, arrival.file, choice) as rows:
            intake = take_in(tx, rows, arrival, by=job.actor, now=job.now(), progress=job.progress)
            intake.warnings.update(rows.notes.counts)
            intake.about = rows.notes.params
        tx.execute(_KEEP_JOB_ROWS, {"job_id": job.job_id})
        result = result_of(intake)
        job.complete(tx, result, done=intake.rows)
    return result


def source_of(value: str) -> Source:
    """The word as the type knows it; ValueError for any other."""
    for source in ("pull", "push", "upload"):
        if value == source:
            return source  # type: ignore[return-value]
    raise ValueError(value)
