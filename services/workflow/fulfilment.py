"""What became of an order: applied, ordered, delivered and stocked in, per month x carrier x spec x unit (ACT-12).

What arrived is counted from inventory's own facts: cards of the application month that the unit and those below it
have now, whatever became of them since. A card allocated to a city counts for that city and for the province.
"""

from typing import Any

from sqlalchemy import BigInteger, Select, String, Text, column, literal_column, select, text

from kernel.chassis.lists.columns import number
from kernel.chassis.lists.conditions import between, equals, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.workflow.activation import LIST_FULFILMENT, FulfilmentRow, ListFulfilment
from kernel.model.unit import Level
from services.workflow.listing import CATALOGUES, KIND, UNIT

_ORDERED = "province_form.state = 'submitted_to_internet_department'"
_BY_CITIES = f"""
    SELECT left(city_lines.unit, :level), city_lines.month, carrier, card_spec, 0, sum(city_lines.quantity), 0, 0
    FROM city_lines JOIN forms ON forms.id = city_lines.form_id
    JOIN forms AS province_form ON province_form.id = forms.province_form_id WHERE {_ORDERED} GROUP BY 1, 2, 3, 4
"""
# What a city has ordered is not divided among its counties; a county's order is what it applied for.
_BY_COUNTIES = f"""
    SELECT applications.unit, applications.month, carrier, card_spec, 0, sum(applications.quantity), 0, 0
    FROM applications JOIN forms ON forms.kind = 'city_opening' AND forms.month = applications.month
                                AND forms.unit = left(applications.unit, {int(Level.CITY)})
    JOIN forms AS province_form ON province_form.id = forms.province_form_id WHERE {_ORDERED} GROUP BY 1, 2, 3, 4
"""
# A unit's row adds up everything below it; the level says how much of the unit's code counts.
_ROWS = """
WITH asked AS (
    SELECT left(unit, :level) AS unit, month, carrier, card_spec, sum(applications.quantity) AS applied, 0 AS ordered,
           0 AS delivered, 0 AS stocked_in
    FROM applications JOIN hand_overs USING (month) GROUP BY 1, 2, 3, 4
    UNION ALL {ordered}
    UNION ALL
    SELECT left(owner_unit, :level), application_month, carrier, card_spec, 0, 0, sum(cards),
           coalesce(sum(cards) FILTER (WHERE state NOT IN ('received', 'unqualified')), 0)
    FROM card_counts WHERE length(owner_unit) >= :level GROUP BY 1, 2, 3, 4
), summed AS (
    SELECT month, carrier, card_spec, unit, sum(applied) AS applied, sum(ordered) AS ordered,
           sum(delivered) AS delivered, sum(stocked_in) AS stocked_in
    FROM asked GROUP BY 1, 2, 3, 4
)
SELECT concat_ws('/', month, carrier, card_spec, unit) AS key, month, carrier, card_spec, unit, applied, ordered,
       delivered, stocked_in, greatest(ordered - delivered, 0) AS open
FROM summed WHERE applied > 0 OR ordered > 0
"""
_LEVELS = {"province": Level.PROVINCE, "city": Level.CITY, "county": Level.COUNTY}
SUMS = ("applied", "ordered", "delivered", "stocked_in", "open")


def matching(asked: Asked[ListFulfilment]) -> Select[Any]:
    """Lines of the actor's units under the conditions of the request."""
    request = asked.request
    level = _level(asked)
    ordered = _BY_COUNTIES if level == Level.COUNTY else _BY_CITIES
    rows = (
        text(_ROWS.format(ordered=ordered))
        .bindparams(level=int(level))
        .columns(
            column("key", String),
            *[column(name, Text) for name in ("month", "carrier", "card_spec", "unit")],
            *[column(name, BigInteger) for name in SUMS],
        )
        .subquery("rows")
    )
    c = rows.c
    return select(rows).where(
        scope(c.unit, request.unit, asked.by),
        *equals(request, {"month": c.month, "carrier": c.carrier, "card_spec": c.card_spec}),
        *between(c.month, request.month_from, None),
        *([c.open > 0] if request.open else []),
    )


def _level(asked: Asked[ListFulfilment]) -> Level:
    if asked.request.level is not None:
        return _LEVELS[asked.request.level]
    return Level.COUNTY if len(asked.by.unit) >= Level.COUNTY else Level.CITY


_KEY, _MONTH, _UNIT = (literal_column(f"rows.{name}", Text) for name in ("key", "month", "unit"))

FULFILMENT = SelectList(
    method=LIST_FULFILMENT,
    title="开卡订单跟踪",
    resource="activation/fulfilment",
    matching=matching,
    items=lambda asked, rows: [FulfilmentRow.model_validate(dict(row._mapping)) for row in rows],
    key=_KEY,
    sorts={"month": _MONTH, "unit": _UNIT},
    newest_first=True,
    sums=SUMS,
    more=lambda asked, sums: {"sums": dict(sums)},
    words=CATALOGUES,
    columns=(
        *KIND,
        *UNIT,
        number("applied", "申请数量", total=True),
        number("ordered", "订单数量", total=True),
        number("delivered", "到货数量", total=True),
        number("stocked_in", "入库数量", total=True),
        number("open", "未到数量", total=True),
    ),
)
list_fulfilment = FULFILMENT.answer
"""Months with an application or an order, newest first."""
