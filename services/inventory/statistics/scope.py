"""Whose statistic it is."""

from kernel.model.actor import Actor
from kernel.model.unit import check_unit


def scope(by: Actor, unit: str | None) -> str:
    """The unit that is asked for, else the actor's own. Raises unit_malformed, unit_out_of_scope."""
    if unit is None:
        return by.unit
    check_unit(unit)
    by.require_within(unit)
    return unit
