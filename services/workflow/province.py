"""开卡申请-省: the approved cities' lines become the province's form (ACT-08 to ACT-11)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.conditions import contains
from kernel.contracts.workflow.activation import GenerateProvinceForm, GetProvinceSummary, ProvinceSummary
from kernel.contracts.workflow.forms import FormAnswer, KindQuantity
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date, check_month
from kernel.model.unit import prefix_end
from services.workflow import cards, catalogue
from services.workflow.forms import answer, create, rows, running_number, take
from services.workflow.lifecycles import PREFIXES, STEPS, FormAction, FormKind, FormState
from services.workflow.steps import refusal, require_level
from services.workflow.tables import city_lines, forms

K, A = FormKind, FormAction
_STEP = STEPS[K.PROVINCE_OPENING][A.GENERATE]
_F, _L = forms.c, city_lines.c

# A city with lines that are on no form yet is as missing as one whose form is on its way.
_CITIES = """
SELECT city_lines.unit, bool_and(coalesce(forms.state = 'city_approved', false)) AS approved
FROM city_lines LEFT JOIN forms ON forms.id = city_lines.form_id
WHERE city_lines.month = :month AND city_lines.unit >= :first AND city_lines.unit < :last
  AND forms.province_form_id IS NULL
GROUP BY city_lines.unit ORDER BY city_lines.unit
"""


def _cities(tx: Tx, month: str, by: Actor) -> tuple[list[str], list[str]]:
    """Cities that are approved and stand on no province form yet, and those that are missing."""
    found = tx.execute(_CITIES, {"month": month, "first": by.unit, "last": prefix_end(by.unit)}).all()
    return [row.unit for row in found if row.approved], [row.unit for row in found if not row.approved]


def _kinds(lines: list[Row[Any]]) -> list[dict[str, Any]]:
    summed: dict[tuple[str, str], dict[str, Any]] = {}
    for line in lines:
        kind = summed.setdefault(
            (line.carrier, line.card_spec),
            {"carrier": line.carrier, "card_spec": line.card_spec, "quantity": 0, "replacement": 0, "new_quantity": 0},
        )
        for name in ("quantity", "replacement", "new_quantity"):
            kind[name] += line._mapping[name]
    return [summed[key] for key in sorted(summed)]


def get_summary(tx: Tx, request: GetProvinceSummary, *, by: Actor) -> ProvinceSummary:
    """省级汇总 of the approved lines that wait for a form, and which cities are missing. Raises month_malformed."""
    month = check_month(request.month)
    approved, missing = _cities(tx, month, by)
    query = (
        select(city_lines)
        .join(forms, _F.id == _L.form_id)
        .where(_L.month == month, _L.unit.in_(approved), _F.state == FormState.CITY_APPROVED.value)
        .where(*contains(_F.applicant, request.applicant))
    )
    for name in ("carrier", "card_spec"):
        if (value := getattr(request, name)) is not None:
            query = query.where(_L[name] == value)
    kinds = _kinds(list(tx.execute(query)))
    able = bool(approved) and len(by.unit) == _STEP.level and _STEP.permission in by.permissions
    return ProvinceSummary(
        month=month,
        items=[KindQuantity.model_validate(kind) for kind in kinds],
        quantity=sum(kind["quantity"] for kind in kinds),
        approved=approved,
        missing=missing,
        can=["generate_form"] if able else [],
    )


def generate(tx: Tx, request: GenerateProvinceForm, *, by: Actor, now: datetime) -> FormAnswer:
    """生成申请单 of all approved cities; their forms become 省级汇总 with it, and cannot be sent back any more.

    Raises level_refused, province_lines_missing, province_cities_missing, own_form.
    """
    require_level(by, _STEP)
    month = check_month(request.month)
    tx.execute(
        "SELECT id FROM forms WHERE kind = 'city_opening' AND month = :month AND unit >= :first AND unit < :last"
        " ORDER BY id FOR UPDATE",
        {"month": month, "first": by.unit, "last": prefix_end(by.unit)},
    )
    approved, missing = _cities(tx, month, by)
    if not approved:
        raise DomainError("province_lines_missing", month=month)
    if missing and not request.confirm_missing:
        raise DomainError("province_cities_missing", cities=missing, month=month)
    members = tx.execute(
        rows().where(_F.kind == K.CITY_OPENING.value, _F.month == month, _F.unit.in_(approved)).order_by(_F.id)
    ).all()
    lines = list(tx.execute(select(city_lines).where(_L.form_id.in_([form.id for form in members]))))
    kinds = _kinds(lines)
    number = f"{PREFIXES[K.PROVINCE_OPENING]}-{month.replace('-', '')}-{by.unit}"
    known = cards.figures(tx, by.unit, prefix_end(by.unit))
    form = create(
        tx,
        K.PROVINCE_OPENING,
        unit=by.unit,
        by=by,
        now=now,
        number=f"{number}-{running_number(tx, number):02d}",
        month=month,
        drafted_on=business_date(now),
        applicant=request.applicant or catalogue.printable_name(by.name),
        phone=request.phone,
        quantity=sum(kind["quantity"] for kind in kinds),
        kinds=kinds,
        figures=[{"unit": city, **known.get(city, cards.NO_FIGURES)} for city in approved],
    )
    for member in members:
        if refused := refusal(member, A.SUMMARISE, by):
            raise refused
        take(tx, member, A.SUMMARISE, by=by, now=now, remark=form.number, province_form_id=form.id)
    return answer(tx, form.number, A.GENERATE, by=by)
