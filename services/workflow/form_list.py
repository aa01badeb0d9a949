"""Reading forms: lists, one form with its lines, its complete history (ACT-04, ACT-10, TER-03, WFL-01)."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import contains, equals, scope
from kernel.chassis.lists.paging import KeyColumn
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.said import word
from kernel.contracts.words import chinese
from kernel.contracts.words_workflow import ATTEMPT_STATES, FORM_ACTIONS, FORM_KINDS, FORM_STATES
from kernel.contracts.workflow.forms import (
    LIST_FORMS,
    CityFigures,
    Decision,
    FormDetail,
    FormLine,
    FormView,
    GetForm,
    GetHistory,
    History,
    ListForms,
    SituationFigures,
)
from kernel.model.actor import Actor
from kernel.model.unit import prefix_end
from services.workflow import cards, window
from services.workflow.forms import find, rows, view
from services.workflow.lifecycles import (
    LIFECYCLES,
    OPENINGS,
    FormKind,
)
from services.workflow.listing import CATALOGUES, PERSON, STATES_OF_FORMS, UNIT
from services.workflow.signed_forms import attempt_view
from services.workflow.steps import states_of_work, waiting_states
from services.workflow.tables import city_lines, decisions, forms, signed_forms

_F, _L = forms.c, city_lines.c


def waits_for(by: Actor) -> ColumnElement[bool]:
    """Forms with which this actor can do something next."""
    return or_(
        *[and_(_F.kind == kind, _F.state.in_(waiting_states(FormKind(kind), by))) for kind in sorted(LIFECYCLES)]
    )


def overdue(days: int, now: datetime) -> ColumnElement[bool]:
    """Forms that have waited for a person, whoever it is, for more than ``days`` days."""
    waiting = [and_(_F.kind == kind, _F.state.in_(states_of_work(FormKind(kind)))) for kind in sorted(LIFECYCLES)]
    return and_(_F.state_since < now - timedelta(days=days), or_(*waiting))


def _conditions(asked: Asked[ListForms]) -> list[ColumnElement[bool]]:
    request, by = asked.request, asked.by
    conditions = [
        scope(_F.unit, request.unit, by),
        *equals(request, {"month": _F.month}),
        *contains(_F.number, request.number),
        *contains(_F.applicant, request.applicant),
    ]
    if request.kind is not None:
        conditions.append(_F.kind.in_(request.kind))
    if request.state is not None:
        conditions.append(_F.state.in_(request.state))
    if request.drafted_from is not None:
        conditions.append(_F.drafted_on >= request.drafted_from)
    if request.drafted_to is not None:
        conditions.append(_F.drafted_on <= request.drafted_to)
    if request.carrier is not None:
        conditions.append(_F.kinds.cast(JSONB).contains([{"carrier": request.carrier}]))
    if request.mine:
        conditions.append(waits_for(by))
    if request.overdue:
        conditions.append(overdue(window.load(asked.tx).overdue_days, asked.now))
    return conditions


def _kinds(form: FormView) -> list[str]:
    return [f"{kind.carrier} {kind.card_spec} {kind.quantity}" for kind in form.kinds]


_ATTEMPTS, _KINDS = chinese(ATTEMPT_STATES), chinese(FORM_KINDS)

FORMS = SelectList(
    method=LIST_FORMS,
    title="申请单",
    resource="forms",
    matching=lambda asked: rows().where(*_conditions(asked)),
    # What the rows show besides need not be looked up for counting.
    counted=lambda asked: select(_F.id, _F.quantity).where(*_conditions(asked)),
    items=lambda asked, found: [view(row, asked.by) for row in found],
    key=_F.id,
    sorts={
        "drafted_on": KeyColumn(_F.drafted_on, nullable=bool(_F.drafted_on.nullable)),
        "number": _F.number,
        "state_since": _F.state_since,
        "unit": _F.unit,
    },
    newest_first=True,
    sums=("quantity",),
    words=CATALOGUES,
    columns=(
        Column("number", "申请单号"),
        Column("kind", "申请单类别", words=_KINDS, width=18),
        *UNIT,
        Column("month", "月份", width=10),
        Column("drafted_on", "日期", width=12),
        Column("state", "状态", words=STATES_OF_FORMS, width=14),
        number("quantity", "数量", total=True),
        Column("kinds", "各规格数量", made=_kinds, words="kinds", width=40),
        number("devices", "设备数量", of="figures.devices", total=True),
        number("cards_now", "目前卡数量", of="figures.cards_now", total=True),
        number("not_activated", "未激活数量", of="figures.not_activated", total=True),
        number("cards_waiting", "待转销卡中", total=True),
        number("cards_refused", "不能销卡", total=True),
        *PERSON,
        Column("last_attempt", "回传单校验", words=_ATTEMPTS, width=14),
        Column("reviewer", "审核人", width=12),
        Column("reviewed_at", "审核时间"),
        Column("last_opinion", "审核说明", width=30),
        Column("state_since", "状态时间"),
        Column("issue_problem", "未能出单的原因", width=30),
    ),
)
list_forms = FORMS.answer
"""Forms of the actor's subtree, newest first."""


def get_form(tx: Tx, request: GetForm, *, by: Actor) -> FormDetail:
    """One form with its lines (ACT-12) and, of a province form, its cities then and now. Raises form_not_found."""
    form = find(tx, request.number, by)
    lines = _lines(tx, form) if form.kind in OPENINGS else []
    return FormDetail(
        form=view(form, by),
        lines=[FormLine(city_line_id=line.id, **_line(line)) for line in lines],
        cities=_cities(tx, form, lines),
        digest=form.digest,
        issued_at=form.issued_at,
        pages=form.pages,
    )


def _lines(tx: Tx, form: Row[Any]) -> list[Row[Any]]:
    members = select(_F.id).where(_F.province_form_id == form.id)
    query = select(city_lines).where(or_(_L.form_id == form.id, _L.form_id.in_(members)))
    return list(tx.execute(query.order_by(_L.unit, _L.carrier, _L.card_spec)))


def _line(line: Row[Any]) -> dict[str, Any]:
    shown = line._mapping
    split = {name: shown[name] or 0 for name in ("replacement", "new_quantity")}
    return {**split, **{n: shown[n] for n in ("unit", "carrier", "card_spec", "original_quantity", "quantity")}}


def _cities(tx: Tx, form: Row[Any], lines: list[Row[Any]]) -> list[CityFigures]:
    if form.figures is None:
        return []
    today = cards.figures(tx, form.unit, prefix_end(form.unit))
    return [
        CityFigures(
            unit=city["unit"],
            printed=SituationFigures.model_validate(city),
            now=SituationFigures(**today.get(city["unit"], cards.NO_FIGURES)),
            demand=sum(line.quantity for line in lines if line.unit == city["unit"]),
        )
        for city in form.figures
    ]


def get_history(tx: Tx, request: GetHistory, *, by: Actor) -> History:
    """Every decision and every upload of a form, oldest first: what is printed (WFL-01). Raises form_not_found."""
    form = find(tx, request.number, by)
    taken = tx.execute(select(decisions).where(decisions.c.form_id == form.id).order_by(decisions.c.step))
    tried = tx.execute(select(signed_forms).where(signed_forms.c.form_id == form.id).order_by(signed_forms.c.id))
    return History(
        form=view(form, by),
        decisions=[_decision(row) for row in taken],
        attempts=[attempt_view(row, form.number) for row in tried],
    )


def _decision(row: Row[Any]) -> Decision:
    return Decision.model_validate(
        {
            **row._mapping,
            "action_name": word(FORM_ACTIONS, row.action),
            "to_state_name": word(FORM_STATES, row.to_state),
        }
    )
