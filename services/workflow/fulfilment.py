"""What became of an order: applied, ordered, delivered and stocked in, per month x carrier x spec x unit (ACT-12).

What arrived is counted from inventory's own facts: cards of the application month that the unit and those below it
have now, whatever became of them since. A card allocated to a city counts for that city and for the province.
"""

from datetime import datetime

from sqlalchemy import BigInteger, String, Text, column, select, text

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.workflow.activation import FulfilmentPage, FulfilmentRow, ListFulfilment
from kernel.model.actor import Actor
from kernel.model.unit import Level
from services.workflow.listing import equals, listed, scope, totals

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


def list_fulfilment(tx: Tx, request: ListFulfilment, *, by: Actor, now: datetime) -> FulfilmentPage:
    """Months with an application or an order, newest first. Raises sort_unknown, unit_out_of_scope."""
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
    query = select(rows).where(
        scope(c.unit, request.unit, by),
        *equals(request, {"month": c.month, "carrier": c.carrier, "card_spec": c.card_spec}),
    )
    found = listed(tx, query, request, by=by, sorts={"month": c.month, "unit": c.unit}, key=c.key, descending=True)
    total, *sums = totals(tx, query, *_SUMS)
    return FulfilmentPage(
        items=[FulfilmentRow.model_validate(dict(row._mapping)) for row in found.rows],
        total=total,
        sums=dict(zip(_SUMS, sums, strict=True)),
        next_cursor=found.next_cursor,
        previous_cursor=found.previous_cursor,
    )
