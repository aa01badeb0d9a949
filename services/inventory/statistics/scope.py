"""Whose statistic it is."""

from typing import Any

from kernel.chassis.lists.columns import Column, unit_columns
from kernel.model.actor import Actor
from kernel.model.unit import check_unit


def scope(by: Actor, unit: str | None) -> str:
    """The unit that is asked for, else the actor's own. Raises unit_malformed, unit_out_of_scope."""
    if unit is None:
        return by.unit
    check_unit(unit)
    by.require_within(unit)
    return unit


def _own_or_below(line: Any) -> str:
    return "本级" if line.exact else "含下级"


UNIT_COLUMNS = (*unit_columns("unit", "供电单位"), Column("scope", "范围", made=_own_or_below, width=10))
"""Whose line of a statistic it is, and whether it counts what the unit itself owns or its whole subtree."""
