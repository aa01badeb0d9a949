"""开卡申请-市: a city corrects the summary of its counties and makes its form of it (ACT-03, ACT-07)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row, Select, func, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import contains, equals, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.workflow.activation import (
    LIST_CITY_LINES,
    ChangeCityLine,
    CityLineAnswer,
    CityLineView,
    GenerateCityForm,
    GetCityLine,
    LineSplit,
    ListCityLines,
)
from kernel.contracts.workflow.forms import FormAnswer
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date, check_month
from kernel.model.unit import Level
from services.workflow import catalogue
from services.workflow.applications import of_line
from services.workflow.forms import UNSUBMITTED, answer, create, expect, rows, take
from services.workflow.lifecycles import (
    PREFIXES,
    STEPS,
    ApplicationState,
    FormAction,
    FormKind,
    FormState,
    message,
)
from services.workflow.listing import CATALOGUES, KIND, LINE_STATES, PERSON, UNIT
from services.workflow.steps import refusal, require_level
from services.workflow.tables import applications, city_lines, forms

K, A = FormKind, FormAction
_L, _F = city_lines.c, forms.c
_PROVINCE_FORM = forms.alias("province_form")
_STEP = STEPS[K.CITY_OPENING][A.GENERATE]
_BEFORE = ApplicationState.SUBMITTED_TO_CITY
"""State of a line that stands on no form yet."""
_WRITABLE = (_BEFORE, FormState.SENT_BACK_BY_PROVINCE)

_STATE = func.coalesce(_F.state, _BEFORE.value)


def _rows() -> Select[Any]:
    counties = select(func.count()).select_from(applications).where(of_line()).correlate(city_lines).scalar_subquery()
    return (
        select(
            city_lines,
            _STATE.label("state"),
            counties.label("county_lines"),
            _F.number.label("form"),
            _PROVINCE_FORM.c.number.label("province_form"),
        )
        .outerjoin(forms, _F.id == _L.form_id)
        .outerjoin(_PROVINCE_FORM, _PROVINCE_FORM.c.id == _F.province_form_id)
    )


def _find(tx: Tx, id_: int, by: Actor) -> Row[Any]:
    row = tx.execute(_rows().where(_L.id == id_, scope(_L.unit, None, by))).one_or_none()
    if row is None:
        raise DomainError("city_line_not_found", id=id_)
    return row


def _mine(by: Actor) -> bool:
    return len(by.unit) == Level.CITY and _STEP.permission in by.permissions


def _view(row: Row[Any], by: Actor) -> CityLineView:
    able = row.state in _WRITABLE and _mine(by) and row.unit == by.unit
    return CityLineView(
        **{name: row._mapping[name] for name in CityLineView.model_fields if name != "can"},
        can=["change"] if able else [],
    )


def get(tx: Tx, request: GetCityLine, *, by: Actor) -> CityLineView:
    """One summary line. Raises city_line_not_found."""
    return _view(_find(tx, request.id, by), by)


_SUMS = ("original_quantity", "quantity", "replacement", "new_quantity")


def _matching(asked: Asked[ListCityLines]) -> Select[Any]:
    request = asked.request
    same = {
        "month": _L.month,
        "carrier": _L.carrier,
        "card_spec": _L.card_spec,
        "state": _STATE,
        "form": _F.number,
        "province_form": _PROVINCE_FORM.c.number,
    }
    return _rows().where(
        scope(_L.unit, request.unit, asked.by), *equals(request, same), *contains(_L.applicant, request.applicant)
    )


def _more(asked: Asked[ListCityLines], sums: Mapping[str, int]) -> dict[str, Any]:
    month = asked.request.month
    return {**sums, "can": _month_can(asked.tx, month, asked.by) if month else []}


CITY_LINES = SelectList(
    method=LIST_CITY_LINES,
    title="市级汇总",
    resource="activation/city-lines",
    matching=_matching,
    items=lambda asked, found: [_view(row, asked.by) for row in found],
    key=_L.id,
    sorts={"unit": _L.unit, "month": _L.month, "quantity": _L.quantity},
    sums=_SUMS,
    more=_more,
    words=CATALOGUES,
    columns=(
        *UNIT,
        *KIND,
        number("original_quantity", "区县申请数量", total=True),
        number("quantity", "SIM卡数量", total=True),
        number("replacement", "旧卡更换数量", total=True),
        number("new_quantity", "新增卡数量", total=True),
        *PERSON,
        Column("state", "状态", words=LINE_STATES, width=14),
        Column("form", "申请单号"),
    ),
)
list_city_lines = CITY_LINES.answer
"""Summary lines of the actor's subtree, by unit."""


def _form_of(tx: Tx, unit: str, month: str) -> Row[Any] | None:
    return tx.execute(rows().where(_F.unit == unit, _F.month == month, _F.kind == K.CITY_OPENING.value)).one_or_none()


def _month_can(tx: Tx, month: str, by: Actor) -> list[str]:
    if not _mine(by):
        return []
    form = _form_of(tx, by.unit, month)
    if form is not None:
        return [A.GENERATE_AGAIN.value] if refusal(form, A.GENERATE_AGAIN, by) is None else []
    lines = tx.execute(select(func.count()).where(_L.unit == by.unit, _L.month == month)).scalar_one()
    return ["generate_form"] if lines else []


def change(tx: Tx, request: ChangeCityLine, *, by: Actor, now: datetime) -> CityLineAnswer:
    """修改 of quantity, applicant, phone; the original stays. A changed quantity forgets its split.

    Raises level_refused, city_line_not_found, city_line_fixed, version_stale, form_unchanged.
    """
    require_level(by, _STEP)
    values = request.model_dump(exclude={"id", "version"}, exclude_none=True)
    if not values:
        raise DomainError("form_unchanged")
    line = _find(tx, request.id, by)
    _lock_month(tx, line.unit, line.month)
    line = _find(tx, request.id, by)
    if line.state not in _WRITABLE:
        raise DomainError("city_line_fixed", state=line.state)
    if line.version != request.version:
        raise DomainError("version_stale")
    if "quantity" in values:
        values |= {"replacement": None, "new_quantity": None}
    tx.execute(city_lines.update().where(_L.id == line.id).values(**values, version=line.version + 1, changed_at=now))
    return CityLineAnswer(message=message("changed"), line=_view(_find(tx, line.id, by), by))


def _lock_month(tx: Tx, unit: str, month: str) -> None:
    """Form before lines, as everywhere; lines in the order of their ids."""
    params = {"unit": unit, "month": month}
    tx.execute(
        "SELECT id FROM forms WHERE unit = :unit AND month = :month AND kind = 'city_opening' FOR UPDATE", params
    )
    tx.execute("SELECT id FROM city_lines WHERE unit = :unit AND month = :month ORDER BY id FOR UPDATE", params)


def generate(tx: Tx, request: GenerateCityForm, *, by: Actor, now: datetime) -> FormAnswer:
    """生成申请单 of the city's lines of a month; again, under the same number, after 省级退回.

    Raises level_refused, city_lines_missing, demand_not_total, city_form_exists, form_moved_meanwhile.
    """
    require_level(by, _STEP)
    month = check_month(request.month)
    _lock_month(tx, by.unit, month)
    form = _form_of(tx, by.unit, month)
    if form is not None:
        expect(tx, form, request.version)
        if refused := refusal(form, A.GENERATE_AGAIN, by):
            if refused.code == "form_state_refused":
                refused = DomainError(
                    "city_form_exists",
                    month=month,
                    number=form.number,
                    state=form.state,
                )
            raise refused
    kinds = _split(tx, by.unit, month, request.lines)
    values: dict[str, Any] = {
        "applicant": request.applicant or catalogue.printable_name(by.name),
        "phone": request.phone,
        "quantity": sum(kind["quantity"] for kind in kinds),
        "kinds": kinds,
    }
    if form is None:
        number = f"{PREFIXES[K.CITY_OPENING]}-{month.replace('-', '')}-{by.unit}"
        form = create(
            tx,
            K.CITY_OPENING,
            unit=by.unit,
            by=by,
            now=now,
            number=number,
            month=month,
            drafted_on=business_date(now),
            **values,
        )
        tx.execute(city_lines.update().where(_L.unit == by.unit, _L.month == month).values(form_id=form.id))
        return answer(tx, number, A.GENERATE, by=by)
    revision = form.revision + 1 if form.submitted_revision == form.revision else form.revision
    take(tx, form, A.GENERATE_AGAIN, by=by, now=now, revision=revision, **UNSUBMITTED, **values)
    return answer(tx, form.number, A.GENERATE_AGAIN, by=by)


_SPLIT = """
WITH said AS (
    SELECT * FROM jsonb_to_recordset(CAST(:splits AS jsonb))
             AS split (line_id bigint, replacement bigint, new_quantity bigint)
)
UPDATE city_lines
SET replacement = coalesce(said.replacement, 0), new_quantity = coalesce(said.new_quantity, lines.quantity)
FROM city_lines AS lines LEFT JOIN said ON said.line_id = lines.id
WHERE city_lines.id = lines.id AND lines.unit = :unit AND lines.month = :month
RETURNING lines.id, lines.carrier, lines.card_spec, lines.quantity, city_lines.replacement, city_lines.new_quantity
"""


def _split(tx: Tx, unit: str, month: str, splits: list[LineSplit]) -> list[dict[str, Any]]:
    """Writes each line's replacement and new quantity, and answers the kinds of the form in their order."""
    said = orjson.dumps([split.model_dump() for split in splits]).decode()
    lines = tx.execute(_SPLIT, {"splits": said, "unit": unit, "month": month}).all()
    if not lines:
        raise DomainError("city_lines_missing", month=month)
    known = {line.id for line in lines}
    for split in splits:
        if split.line_id not in known:
            raise DomainError("city_line_not_found", id=split.line_id)
    for line in lines:
        if line.replacement + line.new_quantity != line.quantity:
            raise DomainError("demand_not_total", line_id=line.id, **_kind(line))
    return [_kind(line) for line in sorted(lines, key=lambda line: (line.carrier, line.card_spec))]


def _kind(line: Row[Any]) -> dict[str, Any]:
    return {name: line._mapping[name] for name in ("carrier", "card_spec", "quantity", "replacement", "new_quantity")}
