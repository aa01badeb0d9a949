"""销卡明细: 待报废 cards are chosen, stand on one open list only, and come off it again (TER-01, TER-04, TER-06)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, func, or_, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, unit_columns
from kernel.chassis.lists.conditions import begins, equals, on_days, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.inventory.acts import RefusedCard
from kernel.contracts.said import say, word
from kernel.contracts.words_workflow import FORM_STATES
from kernel.contracts.workflow.termination import (
    LIST_PENDING_SCRAP,
    LIST_TERMINATION_LIST,
    AddToList,
    ListAnswer,
    ListedCard,
    ListPendingScrap,
    ListTerminationList,
    PendingScrapCard,
)
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.iccid import shape_error
from kernel.model.unit import Level, prefix_end
from services.workflow import catalogue, window
from services.workflow.forms import next_termination_number
from services.workflow.lifecycles import (
    CHANGEABLE,
    LIFECYCLES,
    STEPS,
    FormAction,
    FormKind,
    FormState,
    Step,
    message,
)
from services.workflow.listing import CARD, CARD_STATES, CATALOGUES, FOLLOWING, STATES_OF_FORMS
from services.workflow.spelling import by_card
from services.workflow.steps import KINDS_BY_LEVEL, LEVEL_NAMES
from services.workflow.tables import cards, form_cards, forms

A = FormAction
_K, _C, _F = cards.c, form_cards.c, forms.c
Refusal = tuple[str, dict[str, Any]]


def own_kind(by: Actor) -> tuple[FormKind, Step]:
    """The kind of termination form that the actor's unit makes. Raises level_refused, permission_denied."""
    kind = KINDS_BY_LEVEL.get(Level(len(by.unit))) if by.unit else None
    if kind is None:
        raise DomainError("level_refused", level="、".join(LEVEL_NAMES[at] for at in KINDS_BY_LEVEL), unit=by.unit)
    step = STEPS[kind][A.GENERATE]
    by.require(step.permission)
    return kind, step


def _may_list(by: Actor) -> bool:
    try:
        own_kind(by)
    except DomainError:
        return False
    return True


def _pending(asked: Asked[ListPendingScrap]) -> Select[Any]:
    request, by = asked.request, asked.by
    query = (
        select(cards, _C.id.label("place"), _F.number.label("on_form"))
        .outerjoin(form_cards, and_(_C.iccid == _K.iccid, _C.open))
        .outerjoin(forms, _F.id == _C.form_id)
        .where(
            _K.state == "pending_scrap",
            scope(_K.owner_unit, request.unit, by),
            *equals(request, {"carrier": _K.carrier, "card_spec": _K.card_spec}),
            *begins(_K.iccid, request.iccid),
            *on_days(_K.changed_at, request.changed_from, request.changed_to),
        )
    )
    if request.unit_exact:
        query = query.where(_K.owner_unit == (request.unit or by.unit))
    return query if request.include_listed else query.where(_C.id.is_(None))


def _pending_items(asked: Asked[ListPendingScrap], rows: Sequence[Row[Any]]) -> list[PendingScrapCard]:
    able = _may_list(asked.by)
    return [
        PendingScrapCard(
            **{n: row._mapping[n] for n in PendingScrapCard.model_fields if n in row._mapping},
            listed=row.place is not None,
            can=["add_to_list"] if able and row.place is None and row.owner_unit == asked.by.unit else [],
        )
        for row in rows
    ]


PENDING_SCRAP = SelectList(
    method=LIST_PENDING_SCRAP,
    title="待报废卡",
    resource="termination/pending-scrap",
    matching=_pending,
    items=_pending_items,
    key=_K.iccid,
    sorts={"iccid": _K.iccid, "changed_at": _K.changed_at},
    words=CATALOGUES,
    columns=(
        *CARD,
        *unit_columns("owner_unit", "资产单位"),
        Column("state", "卡片状态", words=CARD_STATES, width=10),
        Column("reason", "报废原因", width=30),
        Column("changed_at", "最近一次操作时间"),
    ),
)
list_pending_scrap = PENDING_SCRAP.answer
"""待报废 cards of the actor's subtree."""


_ASKED = """
SELECT asked.iccid, cards.owner_unit, cards.state, cards.msisdn, place.number
FROM unnest(CAST(:iccids AS text[])) AS asked (iccid)
LEFT JOIN cards ON cards.iccid = asked.iccid AND cards.owner_unit >= :first AND cards.owner_unit < :last
LEFT JOIN (
    SELECT form_cards.iccid, coalesce(forms.number, '新建') AS number
    FROM form_cards LEFT JOIN forms ON forms.id = form_cards.form_id
    WHERE form_cards.open
) AS place ON place.iccid = asked.iccid
"""
# Of two clerks who add a card at once, the second finds it listed.
_ADD = """
INSERT INTO form_cards (unit, iccid, added_at, added_by)
SELECT :unit, iccid, :at, :by FROM unnest(CAST(:iccids AS text[])) AS chosen (iccid) ORDER BY iccid
ON CONFLICT (iccid) WHERE open DO NOTHING RETURNING iccid
"""


def add_to_list(tx: Tx, request: AddToList, *, by: Actor, now: datetime) -> ListAnswer:
    """添加至销卡明细, state 新建; per card. Raises level_refused."""
    own_kind(by)
    sent = by_card(tx, request.iccids)
    found = {row.iccid: row for row in tx.execute(_ASKED, {"iccids": list(sent), **_subtree(by)})}
    refusals: dict[str, Refusal] = {}
    for iccid, raw in sent.items():
        if refused := _cannot_list(found[iccid], raw, by):
            refusals[iccid] = refused
    able = [iccid for iccid in sent if iccid not in refusals]
    added = set(tx.execute(_ADD, {"unit": by.unit, "at": now, "by": by.name, "iccids": able}).scalars() if able else ())
    for iccid in able:
        if iccid not in added:
            refusals[iccid] = "card_listed_already", {"where": "新建"}
    return bulk_answer("listed", len(added), sent, refusals)


def _subtree(by: Actor) -> dict[str, str]:
    return {"first": by.unit, "last": prefix_end(by.unit)}


def _cannot_list(card: Row[Any], raw: str, by: Actor) -> Refusal | None:
    if code := shape_error(raw):
        return code, {"value": raw, "length": len(card.iccid)}
    if card.owner_unit is None:
        return "card_unknown", {}
    if card.owner_unit != by.unit:
        return "card_not_own", {"owner_unit": card.owner_unit}
    if card.number is not None:
        return "card_listed_already", {"where": card.number}
    if card.state != "pending_scrap":
        return "card_not_pending_scrap", {"state": card.state}
    return catalogue.card_refusal(card.iccid, card.msisdn)


def bulk_answer(said: str, done: int, sent: dict[str, str], refusals: dict[str, Refusal]) -> ListAnswer:
    """What was done and what not, in the order sent. ``sent``: normalised ICCID > as sent."""
    refused = [
        RefusedCard(iccid=raw, code=refusals[iccid][0], message=say(*refusals[iccid]))
        for iccid, raw in sent.items()
        if iccid in refusals
    ]
    return ListAnswer(
        message=message(said if done else "nothing"),
        done=done,
        refused_count=len(refused),
        refused=refused,
    )


def _listed_rows() -> Select[Any]:
    return (
        select(
            form_cards,
            _K.msisdn,
            _K.carrier,
            _K.card_spec,
            _K.owner_unit,
            _K.reason,
            _F.number,
            func.coalesce(_F.state, FormState.DRAFTED.value).label("state"),
            _F.kind,
        )
        .join(cards, _K.iccid == _C.iccid)
        .outerjoin(forms, _F.id == _C.form_id)
        .where(_C.open, or_(_C.form_id.is_(None), _F.state.in_([str(state) for state in CHANGEABLE])))
    )


def removable(row: Row[Any]) -> Refusal | None:
    """Why a card cannot be taken off where it stands: the open list and a form sent back let it go, a drafted form
    only what cannot follow."""
    if row.form_id is None:
        return None
    actions = {A.REMOVE_CARDS, A.DROP_REFUSED_CARDS} & set(_actions(row))
    if A.REMOVE_CARDS in actions or (actions and row.follow == "refused"):
        return None
    return ("card_follows_form", {"number": row.number}) if actions else ("card_not_listed", {})


def _actions(row: Row[Any]) -> list[FormAction]:
    return [FormAction(action) for action in LIFECYCLES[row.kind].actions_from(row.state)]


def _on_list(asked: Asked[ListTerminationList]) -> Select[Any]:
    request, by = asked.request, asked.by
    query = _listed_rows().where(
        scope(_C.unit, request.unit, by),
        *equals(request, {"carrier": _K.carrier, "number": _F.number}),
        *begins(_C.iccid, request.iccid),
    )
    return query.where(_C.unit == (request.unit or by.unit)) if request.unit_exact else query


def _listed_items(asked: Asked[ListTerminationList], rows: Sequence[Row[Any]]) -> list[ListedCard]:
    able, own = _may_list(asked.by), asked.by.unit
    return [_listed(row, able and row.unit == own) for row in rows]


def _open_list(asked: Asked[ListTerminationList], _: Mapping[str, int]) -> dict[str, Any]:
    """How many cards wait for a form, and whether they are enough for one."""
    minimum = window.load(asked.tx).minimum_cards
    own = select(func.count()).where(_C.open, _C.form_id.is_(None), _C.unit == asked.by.unit)
    waiting = int(asked.tx.execute(own).scalar_one())
    if not _may_list(asked.by):
        return {"open_cards": waiting, "minimum": minimum}
    # Offered with too few cards as well: who tries it is told how many it takes.
    return {
        "open_cards": waiting, "minimum": minimum, "can": ["generate_form"],
        "next_number": next_termination_number(asked.tx, own_kind(asked.by)[0], asked.by.unit, asked.now),
    }  # fmt: skip


TERMINATION_LIST = SelectList(
    method=LIST_TERMINATION_LIST,
    title="销卡明细",
    resource="termination/list",
    matching=_on_list,
    items=_listed_items,
    key=_C.id,
    sorts={"iccid": _C.iccid, "added_at": _C.added_at},
    more=_open_list,
    words=CATALOGUES,
    columns=(
        *CARD,
        Column("state", "状态", words=STATES_OF_FORMS, width=12),
        Column("reason", "报废原因", width=30),
        Column("number", "批次号"),
        Column("follow", "转销卡中", words=FOLLOWING, width=12),
        Column("refusal", "不能销卡的原因", width=30),
        Column("added_by", "添加人", width=12),
        Column("added_at", "添加时间"),
    ),
)
list_termination_list = TERMINATION_LIST.answer
"""销卡明细: state 新建 and the forms that can still be changed."""


def _listed(row: Row[Any], able: bool) -> ListedCard:
    shown = {name: row._mapping[name] for name in ListedCard.model_fields if name in row._mapping}
    return ListedCard.model_validate(
        {
            **shown,
            "reason": catalogue.printable_reason(row.reason),
            "state_name": word(FORM_STATES, row.state),
            "refusal": refusal_text(row),
            "can": _row_can(row) if able else [],
        }
    )


def _row_can(row: Row[Any]) -> list[str]:
    may = ["remove"] if removable(row) is None else []
    again = row.number is not None and FormAction.GENERATE_AGAIN in LIFECYCLES[row.kind].actions_from(row.state)
    return [*may, "generate_again"] if again else may


def refusal_text(row: Row[Any]) -> str | None:
    """Why a card cannot follow, or why the carrier refused it."""
    if row.answer == "refused":
        return say("carrier_refused_card", {"reason": row.answer_reason or "-"})
    if row.follow == "refused" and row.refusal_code:
        return say(row.refusal_code, {"state": row.refusal_state})
    return None
