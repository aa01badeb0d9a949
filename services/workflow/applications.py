"""开卡申请-区县: a county writes what cards it needs while the window is open (ACT-01)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import contains, equals, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.workflow.activation import (
    LIST_APPLICATIONS,
    ApplicationAnswer,
    ApplicationView,
    ChangeApplication,
    CreateApplication,
    DeleteApplication,
    Deleted,
    GetApplication,
    ListApplications,
)
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import Level
from services.workflow import catalogue, window
from services.workflow.lifecycles import APPLICATION_STEP, ApplicationState, message
from services.workflow.listing import CATALOGUES, KIND, PERSON, STATES_OF_APPLICATIONS, UNIT
from services.workflow.steps import require_level
from services.workflow.tables import applications, city_lines, forms, hand_overs

_A, _L, _F = applications.c, city_lines.c, forms.c
_PROVINCE_FORM = forms.alias("province_form")


_STATE = case(
    (hand_overs.c.month.isnot(None), ApplicationState.SUBMITTED_TO_CITY.value), else_=ApplicationState.DRAFTED.value
)
"""A line is handed over with its month: nothing of it changes, so that the hand-over writes the sums only."""


def of_line() -> ColumnElement[bool]:
    """A county's line and the city line that it was summed into."""
    return and_(
        _L.month == _A.month,
        _L.unit == func.left(_A.unit, int(Level.CITY)),
        _L.carrier == _A.carrier,
        _L.card_spec == _A.card_spec,
    )


def _rows() -> Select[Any]:
    """Lines with the forms that they went into."""
    return (
        select(
            applications,
            _STATE.label("state"),
            _L.id.label("city_line_id"),
            _F.number.label("city_form"),
            _PROVINCE_FORM.c.number.label("province_form"),
        )
        .outerjoin(hand_overs, hand_overs.c.month == _A.month)
        .outerjoin(city_lines, of_line())
        .outerjoin(forms, _F.id == _L.form_id)
        .outerjoin(_PROVINCE_FORM, _PROVINCE_FORM.c.id == _F.province_form_id)
    )


def _find(tx: Tx, id_: int, by: Actor) -> Row[Any]:
    row = tx.execute(_rows().where(_A.id == id_, scope(_A.unit, None, by))).one_or_none()
    if row is None:
        raise DomainError("application_not_found", id=id_)
    return row


def _mine(by: Actor) -> bool:
    return len(by.unit) == Level.COUNTY and APPLICATION_STEP.permission in by.permissions


def _view(row: Row[Any], by: Actor, writable_month: str | None) -> ApplicationView:
    """``writable_month``: for which lines can be written now; None: the window is closed."""
    able = row.state == ApplicationState.DRAFTED and row.month == writable_month and row.unit == by.unit and _mine(by)
    return ApplicationView(
        **{name: row._mapping[name] for name in ApplicationView.model_fields if name != "can"},
        can=["change", "delete"] if able else [],
    )


def _writable_month(tx: Tx, now: datetime) -> str | None:
    month = window.month_open(tx, now)
    return None if window.closed(tx, window.load(tx), month, now) else month


def create(
    tx: Tx, request: CreateApplication, *, by: Actor, now: datetime
) -> ApplicationAnswer:
    """新增. Raises level_refused, window_closed, applications_handed_over, application_month_refused,
    catalogue_unknown."""
    require_level(by, APPLICATION_STEP)
    month = request.month or window.month_open(tx, now)
    window.require_open(tx, month, now)
    catalogue.require(tx, carrier=request.carrier, card_spec=request.card_spec)
    id_ = tx.execute(
        applications.insert()
        .values(
            unit=by.unit,
            month=month,
            carrier=request.carrier,
            card_spec=request.card_spec,
            quantity=request.quantity,
            applicant=request.applicant or catalogue.printable_name(by.name),
            phone=request.phone,
            created_by=by.id,
            created_by_name=by.name,
            created_at=now,
            changed_at=now,
        )
        .returning(_A.id)
    ).scalar_one()
    return ApplicationAnswer(message=message("created"), application=_view(_find(tx, id_, by), by, month))


def _claim(tx: Tx, id_: int, version: int, *, by: Actor, now: datetime) -> Row[Any]:
    """The line, locked, of this version, in state 新建, while the window is open."""
    require_level(by, APPLICATION_STEP)
    rules = window.load(tx, "share")
    tx.execute("SELECT id FROM applications WHERE id = :id FOR UPDATE", {"id": id_})
    row = _find(tx, id_, by)
    if row.state != ApplicationState.DRAFTED:
        raise DomainError("applications_handed_over", month=row.month)
    if refused := window.closed(tx, rules, row.month, now):
        raise refused
    if row.version != version:
        raise DomainError("version_stale")
    return row


def change(
    tx: Tx, request: ChangeApplication, *, by: Actor, now: datetime
) -> ApplicationAnswer:
    """修改 of quantity, applicant, phone. Raises as ``create``, and version_stale, application_not_found."""
    row = _claim(tx, request.id, request.version, by=by, now=now)
    values = request.model_dump(exclude={"id", "version"}, exclude_none=True)
    if not values:
        raise DomainError("form_unchanged")
    tx.execute(applications.update().where(_A.id == row.id).values(**values, version=row.version + 1, changed_at=now))
    return ApplicationAnswer(
        message=message("changed"), application=_view(_find(tx, row.id, by), by, row.month)
    )


def delete(tx: Tx, request: DeleteApplication, *, by: Actor, now: datetime) -> Deleted:
    """删除. Raises as ``change``."""
    row = _claim(tx, request.id, request.version, by=by, now=now)
    tx.execute(applications.delete().where(_A.id == row.id))
    return Deleted(message=message("deleted"))


def get(tx: Tx, request: GetApplication, *, by: Actor, now: datetime) -> ApplicationView:
    """One line. Raises application_not_found."""
    return _view(_find(tx, request.id, by), by, _writable_month(tx, now))


def _matching(asked: Asked[ListApplications]) -> Select[Any]:
    request = asked.request
    same = {
        "month": _A.month,
        "carrier": _A.carrier,
        "card_spec": _A.card_spec,
        "state": _STATE,
        "city_line_id": _L.id,
        "city_form": _F.number,
        "province_form": _PROVINCE_FORM.c.number,
    }
    return _rows().where(
        scope(_A.unit, request.unit, asked.by), *equals(request, same), *contains(_A.applicant, request.applicant)
    )


def _items(asked: Asked[ListApplications], rows: Sequence[Row[Any]]) -> list[ApplicationView]:
    writable = _writable_month(asked.tx, asked.now)
    return [_view(row, asked.by, writable) for row in rows]


APPLICATIONS = SelectList(
    method=LIST_APPLICATIONS,
    title="开卡申请",
    resource="activation/applications",
    matching=_matching,
    items=_items,
    key=_A.id,
    sorts={"id": _A.id, "month": _A.month, "unit": _A.unit, "quantity": _A.quantity},
    newest_first=True,
    sums=("quantity",),
    words=CATALOGUES,
    columns=(
        *UNIT,
        *KIND,
        number("quantity", "SIM卡数量", total=True),
        *PERSON,
        Column("state", "状态", words=STATES_OF_APPLICATIONS, width=12),
        Column("created_at", "创建时间"),
        Column("city_form", "市级申请单"),
        Column("province_form", "省级申请单"),
    ),
)
list_applications = APPLICATIONS.answer
"""County lines of the actor's subtree, newest first."""
