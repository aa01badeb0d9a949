"""What became of an order: applied, ordered, delivered and stocked in, per month x carrier x spec x unit (ACT-12).

What arrived is counted from inventory's own facts: cards of the application month that the unit and those below it
have now, whatever became of them since. A card allocated to a city counts for that city and for the province.
"""

from typing import Any

from sqlalchemy import BigInteger, Select, String, Text, column, literal_column, select, text

from kernel.chassis.lists.columns import number
from kernel.chassis.lists.conditions import equals, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.workflow.activation import LIST_FULFILMENT, FulfilmentRow, ListFulfilment
from kernel.model.unit import Level
from services.workflow.listing import CATALOGUES, KIND, UNIT

# A unit's row adds up everything below it; the level says how much of the unit's code counts.
_ROWS = """
WITH asked AS (
    SELECT left(unit, :level) AS unit, month, carrier, card_spec, sum(applications.quantity) AS applied, 0 AS ordered,
           0 AS delivered, 0 AS stocked_in
    FROM applications JOIN hand_overs USING (month) GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT left(city_lines.unit, :level), city_lines.month, carrier, card_spec, 0, sum(city_lines.quantity), 0, 0
    FROM city_lines JOIN forms ON forms.id = city_lines.form_id
    JOIN forms AS province_form ON province_form.id = forms.province_form_id
    WHERE province_form.state = 'submitted_to_internet_department' GROUP BY 1, 2, 3, 4
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
_SUMS = ("applied", "ordered", "delivered", "stocked_in", "open")


def _matching(asked: Asked[ListFulfilment]) -> Select[Any]:
    request = asked.request
    level = Level.PROVINCE if request.level == "province" else Level.CITY
    rows = (
        text(_ROWS)
        .bindparams(level=int(level))
        .columns(
            column("key", String),
            *[column(name, Text) for name in ("month", "carrier", "card_spec", "unit")],
            *[column(name, BigInteger) for name in _SUMS],
        )
        .subquery("rows")
    )
    c = rows.c
    return select(rows).where(
        scope(c.unit, request.unit, asked.by),
        *equals(request, {"month": c.month, "carrier": c.carrier, "card_spec": c.card_spec}),
    )


_KEY, _MONTH, _UNIT = (literal_column(f"rows.{name}", Text) for name in ("key", "month", "unit"))

FULFILMENT = SelectList(
    method=LIST_FULFILMENT,
    title="开卡订单跟踪",
    resource="activation/fulfilment",
    matching=_matching,
    items=lambda asked, rows: [FulfilmentRow.model_validate(dict(row._mapping)) for row in rows],
    key=_KEY,
    sorts={"month": _MONTH, "unit": _UNIT},
    newest_first=True,
    sums=_SUMS,
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
