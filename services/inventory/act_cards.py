"""What one 分卡 or 领用 was, and the cards that it moved: where its quantity opens (INV-03, INV-04)."""

from typing import Any

from sqlalchemy import ColumnElement, Select, any_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.conditions import within
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.inventory.finding import LIST_ACT_CARDS, Act, ActCard, GetAct, ListActCards
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.inventory.tables import allocations, cards, changes, requisitions, run_log


def get_act(tx: Tx, request: GetAct, *, by: Actor) -> Act:
    """An act that gave to, or took from, the actor's subtree. Raises act_not_found, also for one elsewhere."""
    row = tx.execute(_act(request.kind, request.act_id, by)).one_or_none()
    if row is None:
        raise DomainError("act_not_found", kind=request.kind, id=request.act_id)
    return Act(kind=request.kind, **row._mapping)


def _act(kind: str, act_id: int, by: Actor) -> Select[Any]:
    shown: tuple[ColumnElement[Any], ...]
    if kind == "allocation":
        of = allocations.c
        mine = or_(within(of.to_unit, by.unit), within(of.from_unit, by.unit))
        shown = (of.allocated_at.label("at"), of.to_unit.label("unit"), of.start_iccid, of.end_iccid)
    else:
        of = requisitions.c
        mine = within(of.unit, by.unit)
        shown = (of.issued_at.label("at"), of.unit, of.recipient, of.phone)
    return select(of.id, *shown, of.card_count, of.recorded_by).where(of.id == act_id, mine)


def _moved(tx: Tx, request: ListActCards) -> ColumnElement[bool]:
    """Cards of the act. A large act has several changes; they are few, and each finds its cards by the block index."""
    made = select(changes.c.id).where(
        changes.c.reference_kind == request.kind, changes.c.reference_id == str(request.act_id)
    )
    ids = bindparam("made", list(tx.execute(made).scalars()), type_=ARRAY(BigInteger))
    return cards.c.id.in_(select(run_log.c.card_id).where(run_log.c.change_id == any_(ids)))


def _matching(asked: Asked[ListActCards]) -> Select[Any]:
    get_act(asked.tx, GetAct(kind=asked.request.kind, act_id=asked.request.act_id), by=asked.by)
    shown = [cards.c[name] for name in ActCard.model_fields]
    return select(*shown).where(_moved(asked.tx, asked.request), within(cards.c.owner_unit, asked.by.unit))


ACT_CARDS = SelectList(
    method=LIST_ACT_CARDS,
    title="分卡、领用的卡",
    matching=_matching,
    items=lambda asked, rows: [ActCard.model_validate(dict(row._mapping)) for row in rows],
    key=cards.c.iccid,
)
list_act_cards = ACT_CARDS.answer
"""Cards of one act. Raises act_not_found."""
