"""Boxes (INV-11): a batch is packed into runs of its cards, and a scanned label tells what it names.

A box is first and last number of a run of one delivery's cards; cards of another delivery between them are none of its.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.conditions import within
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.inventory.acts import ALLOCATE_CARDS, ISSUE_CARDS
from kernel.contracts.inventory.boxes import (
    LIST_BOXES,
    LIST_LABEL_CARDS,
    BoxView,
    LabelView,
    ListBoxes,
    ListLabelCards,
    PackDelivery,
    Packed,
    ReadLabel,
    Standing,
)
from kernel.contracts.inventory.finding import ActCard
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.label_code import LabelKind, label_code, read_label
from services.inventory.bulk import SCOPE, SHOWN, scope_params
from services.inventory.deliveries import batch_list as batches
from services.inventory.tables import boxes, cards, label_system

_PACK = """
WITH placed AS (
    SELECT iccid, row_number() OVER (ORDER BY iccid) - 1 AS place FROM cards WHERE delivery_id = :delivery_id
), packed AS (
    SELECT place / :size + 1 AS box_no, min(iccid) AS first, max(iccid) AS last, count(*) AS found
    FROM placed GROUP BY 1
), made AS (
    INSERT INTO boxes (delivery_id, box_no, first_iccid, last_iccid, card_count, packed_at, packed_by)
    SELECT :delivery_id, box_no, first, last, found, :now, :by FROM packed ORDER BY box_no RETURNING card_count
)
SELECT count(*) AS boxes, coalesce(sum(card_count), 0) AS cards FROM made
"""
_VOID = "UPDATE boxes SET void_at = :now WHERE delivery_id = :delivery_id AND void_at IS NULL"
_STILL = "SELECT count(*) FROM boxes WHERE delivery_id = :delivery_id AND void_at IS NULL"

_NAMED = """
SELECT delivery.id AS delivery_id, batch_no, carrier, card_spec, application_month, box_no, void_at,
       coalesce(first_iccid, (SELECT min(iccid) FROM cards WHERE cards.delivery_id = delivery.id)) AS first_iccid,
       coalesce(last_iccid, (SELECT max(iccid) FROM cards WHERE cards.delivery_id = delivery.id)) AS last_iccid,
       (SELECT count(*) FROM boxes WHERE boxes.delivery_id = delivery.id AND void_at IS NULL) AS boxes
FROM deliveries AS delivery LEFT JOIN boxes AS box ON box.delivery_id = delivery.id AND box.id = :box_id
WHERE {which}
"""
_OF_KIND: dict[LabelKind, str] = {
    "batch": _NAMED.format(which="delivery.id = :delivery_id"),
    "box": _NAMED.format(which="box.id = :box_id"),
}
_STANDING = f"""
SELECT state, owner_unit, count(*) AS found FROM cards
WHERE delivery_id = :delivery_id AND iccid BETWEEN :first AND :last AND {SCOPE}
GROUP BY state, owner_unit ORDER BY state, owner_unit
"""


@dataclass(frozen=True)
class Named:
    """The batch or box that a code names, whoever asks."""

    kind: LabelKind
    code: str
    delivery_id: int
    batch_no: str
    carrier: str
    card_spec: str
    application_month: str
    box_no: int | None
    boxes: int
    first_iccid: str
    last_iccid: str


def own_system(tx: Tx) -> int:
    """The number of this installation in its labels."""
    return int(tx.execute(select(label_system.c.number)).scalar_one())


def pack(tx: Tx, request: PackDelivery, *, by: Actor, now: datetime) -> Packed:
    """装箱. Raises delivery_not_found, delivery_packed unless ``again``, delivery_without_cards."""
    batch = batches.find(tx, request.delivery_id, by, lock=True)
    still = tx.execute(_STILL, {"delivery_id": batch.id}).scalar_one()
    if still and not request.again:
        raise DomainError("delivery_packed", batch_no=batch.batch_no, boxes=still)
    tx.execute(_VOID, {"delivery_id": batch.id, "now": now})
    params = {"delivery_id": batch.id, "size": request.size, "now": now, "by": by.name}
    made = tx.execute(_PACK, params).one()
    if not made.boxes:
        raise DomainError("delivery_without_cards", batch_no=batch.batch_no)
    return Packed(done=made.cards, boxes=made.boxes)


def named_by(tx: Tx, code: str) -> Named:
    """What a code names. Raises label_* and, for a box that was packed anew, box_void."""
    kind, number = read_label(code, system := own_system(tx))
    params = {"delivery_id": number if kind == "batch" else None, "box_id": number if kind == "box" else None}
    row = tx.execute(_OF_KIND[kind], params).one_or_none()
    if row is None or row.first_iccid is None:
        raise DomainError("label_unknown", value=code.strip()[:SHOWN])
    if kind == "box" and row.void_at is not None:
        raise DomainError("box_void", batch_no=row.batch_no, box_no=row.box_no)
    shown = {name: value for name, value in row._mapping.items() if name != "void_at"}
    if kind == "batch":
        shown["box_no"] = None
    return Named(kind=kind, code=label_code(system, kind, number), **shown)


def read(tx: Tx, request: ReadLabel, *, by: Actor) -> LabelView:
    """A label as it stands now. Raises what `of_code` raises."""
    return of_code(tx, request.code, by=by)


def of_code(tx: Tx, code: str, *, by: Actor) -> LabelView:
    """The label of any text that was scanned or typed, be it empty or long.

    Raises what named_by raises; label_unknown too where no card of it is the actor's.
    """
    named = named_by(tx, code)
    standing = _standing(tx, named, by)
    if not standing:
        raise DomainError("label_unknown", value=code.strip()[:SHOWN])
    in_stock = sum(it.count for it in standing if it.state == "in_stock")
    may = {"issue": ISSUE_CARDS.allows(by.permissions), "allocate": ALLOCATE_CARDS.allows(by.permissions)}
    return LabelView(
        **vars(named),
        card_count=sum(it.count for it in standing),
        in_stock=in_stock,
        standing=standing,
        can=[word for word, allowed in may.items() if in_stock and allowed],
    )


def _standing(tx: Tx, named: Named, by: Actor) -> list[Standing]:
    ends = {"delivery_id": named.delivery_id, "first": named.first_iccid, "last": named.last_iccid}
    rows = tx.execute(_STANDING, {**ends, **scope_params(by)})
    return [Standing(state=row.state, owner_unit=row.owner_unit, count=row.found) for row in rows]


def _boxes_of(asked: Asked[ListBoxes]) -> Select[Any]:
    batches.find(asked.tx, asked.request.delivery_id, asked.by)
    return select(boxes).where(boxes.c.delivery_id == asked.request.delivery_id, boxes.c.void_at.is_(None))


def _shown(asked: Asked[ListBoxes], rows: Any) -> list[BoxView]:
    system = own_system(asked.tx)
    return [BoxView(code=label_code(system, "box", row.id), **row._mapping) for row in rows]


BOXES = SelectList(method=LIST_BOXES, title="箱", matching=_boxes_of, items=_shown, key=boxes.c.box_no)
list_boxes = BOXES.answer
"""Boxes of one batch. Raises delivery_not_found."""


def _cards_of(asked: Asked[ListLabelCards]) -> Select[Any]:
    named = named_by(asked.tx, asked.request.code)
    return select(*(cards.c[name] for name in ActCard.model_fields)).where(
        cards.c.delivery_id == named.delivery_id,
        cards.c.iccid >= named.first_iccid,
        cards.c.iccid <= named.last_iccid,
        within(cards.c.owner_unit, asked.by.unit),
    )


LABEL_CARDS = SelectList(
    method=LIST_LABEL_CARDS,
    title="箱内的卡",
    matching=_cards_of,
    items=lambda asked, rows: [ActCard.model_validate(dict(row._mapping)) for row in rows],
    key=cards.c.iccid,
)
list_label_cards = LABEL_CARDS.answer
"""Cards of one label in the actor's units. Raises what named_by raises."""
