"""Reading forms: lists, one form with its lines, its complete history (ACT-04, ACT-10, TER-03, WFL-01)."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.workflow.forms import (
    CityFigures,
    Decision,
    FormDetail,
    FormLine,
    FormPage,
    GetForm,
    GetHistory,
    History,
    ListForms,
    SituationFigures,
)
from kernel.model.actor import Actor
from kernel.model.unit import prefix_end
from services.workflow import cards
from services.workflow.forms import find, rows, view
from services.workflow.lifecycles import (
    ACTION_NAMES,
    LIFECYCLES,
    OPENINGS,
    STATE_NAMES,
    FormAction,
    FormKind,
    FormState,
)
from services.workflow.listing import contains, equals, listed, scope, totals
from services.workflow.signed_forms import attempt_view
from services.workflow.steps import waiting_states
from services.workflow.tables import city_lines, decisions, forms, signed_forms

_F, _L = forms.c, city_lines.c


def waits_for(by: Actor) -> ColumnElement[bool]:
    """Forms with which this actor can do something next."""
    return or_(
        *[and_(_F.kind == kind, _F.state.in_(waiting_states(FormKind(kind), by))) for kind in sorted(LIFECYCLES)]
    )


def _matching(request: ListForms, by: Actor) -> list[ColumnElement[bool]]:
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
    return conditions


def list_forms(tx: Tx, request: ListForms, *, by: Actor, now: datetime) -> FormPage:
    """Forms of the actor's subtree, newest first. Raises sort_unknown, cursor_invalid, unit_out_of_scope."""
    query = rows().where(*_matching(request, by))
    sorts = {"drafted_on": _F.drafted_on, "number": _F.number, "state_since": _F.state_since, "unit": _F.unit}
    found = listed(tx, query, request, by=by, sorts=sorts, key=_F.id, descending=True)
    total, quantity = totals(tx, select(_F.id, _F.quantity).where(*_matching(request, by)), "quantity")
    return FormPage(
        items=[view(row, by) for row in found.rows],
        total=total,
        quantity=quantity,
        next_cursor=found.next_cursor,
        previous_cursor=found.previous_cursor,
    )


def get_form(tx: Tx, request: GetForm, *, by: Actor, now: datetime) -> FormDetail:
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


def get_history(tx: Tx, request: GetHistory, *, by: Actor, now: datetime) -> History:
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
            "action_name": ACTION_NAMES[FormAction(row.action)],
            "to_state_name": STATE_NAMES[FormState(row.to_state)],
        }
    )
