"""What a number range lacks: counted and named, so that a dropped first or last card is seen (INV-03, INV-04)."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.inventory.acts import MissingNumbers
from kernel.model.actor import Actor
from kernel.model.number_range import COMMON_PREFIX, NumberRange
from services.inventory.bulk import FIRST, SCOPE, scope_params
from services.inventory.carrier_rules import rule_from
from services.inventory.tables import carriers

IN_RANGE = (
    "cards.iccid >= :low AND cards.iccid < :high AND (length(cards.iccid) = 19 OR cards.iccid BETWEEN :first AND :last)"
    " AND (CAST(:of_delivery AS bigint) IS NULL OR cards.delivery_id = :of_delivery)"
)
"""Cards of a number range, of all deliveries or of one; parameters: ``range_params``."""

_GAPS = f"""
WITH have AS (
    SELECT DISTINCT substr(iccid, {COMMON_PREFIX + 1}, :digits)::bigint AS n FROM cards
    WHERE {IN_RANGE} AND {SCOPE} AND iccid ~ '^[0-9]+$'
    UNION SELECT CAST(:before AS bigint) UNION SELECT CAST(:behind AS bigint)
), neighbours AS (
    SELECT n, lead(n) OVER (ORDER BY n) AS next FROM have
)
SELECT n + 1 AS first, next - 1 AS last FROM neighbours WHERE next > n + 1 ORDER BY n LIMIT {FIRST}
"""


@dataclass(frozen=True)
class Gaps:
    """``span``: numbers in the range; None: letters make it uncountable. ``missing``: of those, how many are no card
    that the actor may see; ``first``: the first ten runs of them."""

    span: int | None = None
    missing: int | None = None
    first: list[MissingNumbers] = field(default_factory=list)


def range_params(numbers: NumberRange, delivery_id: int | None = None) -> dict[str, Any]:
    """Parameters of IN_RANGE."""
    ends = {"low": numbers.low, "high": numbers.high, "first": numbers.first, "last": numbers.last}
    return {**ends, "of_delivery": delivery_id}


def require_check_digits(tx: Tx, numbers: NumberRange) -> None:
    """DomainError range_end_check_digit by the rule of the carrier that the numbers belong to."""
    for rule in map(rule_from, tx.execute(select(carriers.c.iccid_rule)).scalars()):
        if numbers.start.startswith(rule.prefixes):
            numbers.require_check_digits(rule)


def gaps(
    tx: Tx, numbers: NumberRange, found: int, longest: int, *, by: Actor, delivery_id: int | None = None
) -> Gaps:
    """What the range lacks, ``found`` cards of it being known, the longest of them with so many digits."""
    counted, span = numbers.counted_of(longest), numbers.span(longest)
    if counted is None or span is None:
        return Gaps()
    missing = max(0, span - found)
    if not missing:
        return Gaps(span, 0)
    first, last = numbers.bounds(counted)
    params = {"digits": counted - COMMON_PREFIX, "before": first - 1, "behind": last + 1}
    rows = tx.execute(_GAPS, {**params, **range_params(numbers, delivery_id), **scope_params(by)}).all()
    named = [
        MissingNumbers(
            start=numbers.number(row.first, counted),
            end=numbers.number(row.last, counted),
            count=row.last - row.first + 1,
        )
        for row in rows
    ]
    return Gaps(span, missing, named)
