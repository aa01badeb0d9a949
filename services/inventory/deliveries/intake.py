"""One delivery file becomes cards, in one transaction (INV-01).

1. The rows are judged batch by batch and copied into temporary tables: ``arrivals`` (good), ``refusals`` (with reason).
2. Imports of one carrier go one after the other from here on.
3. The note finds its delivery, or founds it; a note that contradicts the known one is refused.
4. Set-wise: the same card in another spelling, repeats within the file, cards known from this delivery (nothing to do)
   or from another (refused); IMSIs and MSISDNs that other cards have.
5. The new cards come into being (movement.receive_cards): cards, run log, ledger, outbox.
6. Refused rows, counts, the data gate.

Guarantee: whatever the file, the same file again changes nothing, and a corrected one adds what is new. Nothing is
committed here.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import Batch
from kernel.contracts.envelope import BlobRef
from kernel.contracts.inventory.deliveries import DeliveryNote
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from services.inventory.carrier_rules import iccid_rule
from services.inventory.catalogues import named_carrier
from services.inventory.deliveries.check import Judge, Refusal
from services.inventory.deliveries.gate import examine
from services.inventory.deliveries.sameness import same_cards, taken_numbers
from services.inventory.movement import Reference, receive_cards

Source = Literal["pull", "push", "upload"]
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Arrival:
    """What arrives: the note, who owns the cards at first, how they came and the file as it came."""

    note: DeliveryNote
    owner_unit: str
    source: Source
    file: BlobRef


@dataclass
class Intake:
    """What became of a file. ``repeated``: rows that the delivery had already; they are no refusals. ``known_since``:

    the business day on which the delivery came, where the file brought nothing new. ``about``: params of warnings.
    """

    delivery_id: int = 0
    batch_no: str = ""
    state: str = ""
    known_since: date | None = None
    rows: int = 0
    received: int = 0
    repeated: int = 0
    refused: int = 0
    discrepancies: int = 0
    warnings: Counter[str] = field(default_factory=Counter)
    about: dict[str, dict[str, Any]] = field(default_factory=dict)


_STAGING = """
CREATE TEMPORARY TABLE arrivals (row_no int NOT NULL, iccid text COLLATE "C" NOT NULL, imsi text, msisdn text)
ON COMMIT DROP;
CREATE TEMPORARY TABLE refusals (row_no int NOT NULL, iccid text NOT NULL, code text NOT NULL, params jsonb NOT NULL)
ON COMMIT DROP
"""

# Sorting and hashing a million rows in memory; waiting for another import of the same carrier is no failure.
_TUNE = "SELECT set_config('work_mem', '64MB', true), set_config('lock_timeout', '0', true)"

_KNOWN = """
WITH gone AS (
    DELETE FROM arrivals USING cards
    WHERE cards.iccid = arrivals.iccid
    RETURNING row_no, arrivals.iccid, delivery_id, cards.imsi, cards.msisdn,
        coalesce(arrivals.imsi <> cards.imsi, false) AS other_imsi,
        coalesce(arrivals.msisdn <> cards.msisdn, false) AS other_msisdn
), judged AS (
    INSERT INTO refusals
    SELECT row_no, iccid, 'card_known', jsonb_build_object('value', iccid, 'batch_no', batch_no)
    FROM gone JOIN deliveries ON deliveries.id = delivery_id
    WHERE delivery_id <> :delivery_id
    UNION ALL
    SELECT row_no, iccid, 'card_numbers_differ', jsonb_build_object('value', iccid,
        'field', CASE WHEN other_imsi THEN 'IMSI' ELSE 'MSISDN' END,
        'known', CASE WHEN other_imsi THEN imsi ELSE msisdn END)
    FROM gone WHERE delivery_id = :delivery_id AND (other_imsi OR other_msisdn)
)
SELECT count(*) FROM gone WHERE delivery_id = :delivery_id AND NOT (other_imsi OR other_msisdn)
"""

_FOUND = """
INSERT INTO deliveries (carrier, batch_no, application_month, card_spec, owner_unit, state, source, expected_count,
                        file, received_at)
VALUES (:carrier, :batch_no, :application_month, :card_spec, :owner_unit, 'receiving', :source, :expected_count,
        CAST(:file AS jsonb), :now)
ON CONFLICT (carrier, batch_no) DO NOTHING
"""

_DELIVERY = "SELECT * FROM deliveries WHERE carrier = :carrier AND batch_no = :batch_no FOR UPDATE"

# A push brings a delivery in pieces, so its refusals add up; a file tells the whole story, so the last one stands.
_FORGET_REFUSED = "DELETE FROM refused_rows WHERE delivery_id = :delivery_id"
_KEEP_REFUSED = """
INSERT INTO refused_rows (delivery_id, row_no, iccid, code, params)
SELECT :delivery_id, row_no + :offset, iccid, code, params FROM refusals
WHERE NOT EXISTS (SELECT FROM refused_rows AS known WHERE known.delivery_id = :delivery_id
                  AND known.iccid = refusals.iccid AND known.code = refusals.code)
   OR :offset = 0
"""

_COUNTS = """
UPDATE deliveries SET
    received_count = received_count + :received,
    refused_count = (SELECT count(*) FROM refused_rows WHERE delivery_id = deliveries.id),
    expected_count = coalesce(expected_count, :expected_count),
    file = CASE WHEN :received > 0 OR :whole THEN CAST(:file AS jsonb) ELSE file END
WHERE id = :delivery_id
"""


def _stage(
    tx: Tx, batches: Iterable[Batch], *, judge: Judge, intake: Intake, progress: Progress
) -> None:
    """Step 1."""
    for statement in _STAGING.split(";"):
        tx.execute(statement)
    with tx.raw.cursor() as cursor:
        for batch in batches:
            judged = judge.judge(batch)
            intake.rows += len(batch)
            intake.warnings.update(judged.warnings)
            with cursor.copy("COPY arrivals (row_no, iccid, imsi, msisdn) FROM STDIN") as copy:
                copy.write("".join(judged.good))
            if judged.refused:
                _stage_refusals(cursor, judged.refused)
            progress(intake.rows)
        cursor.execute("ANALYZE arrivals")


def _stage_refusals(cursor: Any, refused: list[Refusal]) -> None:
    with cursor.copy("COPY refusals (row_no, iccid, code, params) FROM STDIN") as copy:
        for refusal in refused:
            copy.write_row((refusal.row_no, refusal.iccid, refusal.code, json.dumps(refusal.params)))


def check_note(known: Any, arrival: Arrival) -> None:
    """Raises DomainError delivery_note_changed when the delivery ``known`` was announced differently."""
    note = arrival.note
    announced = {
        "application_month": note.application_month,
        "card_spec": note.card_spec,
        "expected_count": note.expected_count,
        "owner_unit": arrival.owner_unit,
    }
    for name, value in announced.items():
        before = getattr(known, name)
        if name == "expected_count" and (before is None or value is None):
            continue
        if before != value:
            raise DomainError("delivery_note_changed", batch_no=note.batch_no, field=name, known=before)


def _delivery(tx: Tx, arrival: Arrival, now: datetime) -> Any:
    """Steps 2 and 3: the delivery's row, locked."""
    note = arrival.note
    tx.execute(_TUNE)
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))", {"key": f"delivery:{note.carrier}"})
    tx.execute(
        _FOUND,
        {
            **note.model_dump(include=set(DeliveryNote.model_fields)),
            "owner_unit": arrival.owner_unit,
            "source": arrival.source,
            "file": arrival.file.model_dump_json(),
            "now": now,
        },
    )
    known = tx.execute(_DELIVERY, {"carrier": note.carrier, "batch_no": note.batch_no}).one()
    check_note(known, arrival)
    return known


def _report(tx: Tx, delivery: Any, arrival: Arrival, intake: Intake) -> None:
    """Step 6 but for the gate."""
    whole = arrival.source != "push"
    found = tx.execute("SELECT count(*) FROM refusals").scalar_one()
    intake.refused = found
    offset = 0
    if whole:
        tx.execute(_FORGET_REFUSED, {"delivery_id": delivery.id})
    else:
        offset = tx.execute(
            "SELECT coalesce(max(row_no), 0) FROM refused_rows WHERE delivery_id = :id", {"id": delivery.id}
        ).scalar_one()
    tx.execute(_KEEP_REFUSED, {"delivery_id": delivery.id, "offset": offset})
    tx.execute(
        _COUNTS,
        {
            "delivery_id": delivery.id,
            "received": intake.received,
            "expected_count": arrival.note.expected_count,
            "file": arrival.file.model_dump_json(),
            "whole": whole,
        },
    )


def take_in(
    tx: Tx, batches: Iterable[Batch], arrival: Arrival, *, by: Actor, now: datetime, progress: Progress
) -> Intake:
    """Takes a file's rows in as this module says; the caller commits. ``progress`` hears the rows read so far.

    Raises DomainError carrier_unknown, delivery_note_changed, and whatever reading ``batches`` raises.
    """
    intake = Intake(batch_no=arrival.note.batch_no)
    rule = iccid_rule(tx, arrival.note.carrier)
    judge = Judge(rule, named_carrier(tx, arrival.note.carrier))
    _stage(tx, batches, judge=judge, intake=intake, progress=progress)
    delivery = _delivery(tx, arrival, now)
    intake.delivery_id = delivery.id
    same_cards(tx, judge)
    intake.repeated = tx.execute(_KNOWN, {"delivery_id": delivery.id}).scalar_one()
    taken = taken_numbers(tx, judge)
    reference = Reference("delivery", str(delivery.id))
    intake.received = receive_cards(tx, delivery, by=by, now=now, reference=reference).count
    if intake.repeated and not intake.received:
        intake.known_since = business_date(delivery.received_at)
    _report(tx, delivery, arrival, intake)
    gate = examine(tx, delivery.id, rule, taken=taken, changed=intake.received > 0)
    intake.state, intake.discrepancies = gate.state, gate.discrepancies
    return intake
