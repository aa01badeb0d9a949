"""Sums of the double-entry book: how many cards stand where, now or at the end of a past day, without counting cards.

Guarantee: the sums are exact. Each is the closing of some day plus the ledger's rows since, read in one statement, so
no closing and no act can come in between. Without any closing it is the whole ledger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row

from kernel.chassis.unit_of_work import Tx
from kernel.model.unit import prefix_end

DIMENSIONS = frozenset({"state", "owner_unit", "carrier", "card_spec", "application_month", "opened_on", "since"})


@dataclass(frozen=True)
class Days:
    """Both ends included; None: open."""

    first: date | None = None
    last: date | None = None

    def __bool__(self) -> bool:
        return self.first is not None or self.last is not None


@dataclass(frozen=True)
class Stock:
    """Which cards are counted. ``unit``: its subtree, or with ``exact`` only what it owns itself.

    ``states`` None: any. ``since``: state > days on which the card entered it, for states with such a condition.
    ``opened``: days of stocking in; with a condition, cards never stocked in do not count.
    """

    unit: str
    exact: bool = False
    states: tuple[str, ...] | None = None
    carrier: str | None = None
    card_spec: str | None = None
    application_month: str | None = None
    opened: Days = Days()
    since: Mapping[str, Days] = field(default_factory=dict)


def conditions(stock: Stock) -> tuple[str, dict[str, Any]]:
    """``stock`` as SQL over the dimensions' columns, and its parameters."""
    parts, params = unit_condition(stock.unit, stock.exact)
    if stock.states is not None:
        parts += " AND state = ANY(:states)"
        params["states"] = list(stock.states)
    for column in ("carrier", "card_spec", "application_month"):
        if (value := getattr(stock, column)) is not None:
            parts += f" AND {column} = :{column}"
            params[column] = value
    parts += _between("opened_on", stock.opened, "opened", params)
    bounded = {state: days for state, days in stock.since.items() if days}
    if bounded:
        choices = [
            f"(state = '{state}'{_between('since', days, f'since_{state}', params)})" for state, days in bounded.items()
        ]
        if unbounded := [f"'{state}'" for state in (stock.states or ()) if state not in bounded]:
            choices.append(f"state IN ({', '.join(unbounded)})")
        parts += f" AND ({' OR '.join(choices)})"
    return parts, params


def unit_condition(unit: str, exact: bool, column: str = "owner_unit") -> tuple[str, dict[str, Any]]:
    """The unit itself or its subtree, as SQL over ``column``."""
    if exact:
        return f"{column} = :unit", {"unit": unit}
    return f"{column} >= :unit AND {column} < :unit_end", {"unit": unit, "unit_end": prefix_end(unit)}


def _between(column: str, days: Days, name: str, params: dict[str, Any]) -> str:
    said = ""
    if days.first is not None:
        said += f" AND {column} >= :{name}_first"
        params[f"{name}_first"] = days.first
    if days.last is not None:
        said += f" AND {column} <= :{name}_last"
        params[f"{name}_last"] = days.last
    return said


def sums(
    tx: Tx,
    stock: Stock,
    by: Sequence[str],
    *,
    as_of: date | None = None,
    rollup: str | None = None,
    bands: Mapping[str, tuple[str, Days]] | None = None,
) -> list[Row[Any]]:
    """Rows of the ``by`` dimensions and ``cards``, zero sums left out. ``as_of``: at the end of that business day.

    ``rollup``: a unit; each row then begins with ``unit``: that unit for what it owns itself, else its child above
    the owner. ``bands``: further columns, each the part of ``cards`` whose dimension lies in those days.
    """
    where, params = conditions(stock)
    dims = list(by)
    needed = dims + ([] if rollup is None else ["owner_unit"]) + [column for column, _ in (bands or {}).values()]
    if unknown := set(needed) - DIMENSIONS:
        raise ValueError(f"no dimensions: {sorted(unknown)}")
    shown = list(dims)
    if rollup is not None:
        shown.insert(0, "left(owner_unit, :child_length) AS unit")
        params["child_length"] = len(rollup) + 2
    grouped = ", ".join(str(number + 1) for number in range(len(shown)))
    parts = [
        f"coalesce(sum(cards) FILTER (WHERE true{_between(column, days, name, params)}), 0)::bigint AS {name}"
        for name, (column, days) in (bands or {}).items()
    ]
    head = ", ".join([*shown, "sum(cards)::bigint AS cards", *parts])
    if as_of is not None:
        params["as_of"] = as_of
    statement = f"SELECT {head} FROM ({_entries(stock, needed, where, as_of)}) AS entry"
    if grouped:
        statement += f" GROUP BY {grouped}"
    return list(tx.execute(f"{statement} HAVING sum(cards) <> 0", params).all())


def total(tx: Tx, stock: Stock) -> int:
    """How many cards these are now."""
    rows = sums(tx, stock, ())
    return int(rows[0].cards) if rows else 0


def _entries(stock: Stock, needed: Sequence[str], where: str, as_of: date | None) -> str:
    """SQL of the rows to add up. The cheapest source that has the columns: a closing, the ages, or all the ledger."""
    columns = ", ".join(dict.fromkeys(needed))
    comma = f"{columns}, " if columns else ""
    aged = "since" in needed or any(stock.since.values())
    opened = "opened_on" in needed or bool(stock.opened)
    until = " AND day <= :as_of" if as_of is not None else ""
    if aged and (opened or as_of is not None):
        return f"SELECT {comma}delta AS cards FROM ledger WHERE {where}{until}"
    if aged:
        closed, closing = "(SELECT day FROM ages LIMIT 1)", "ages WHERE"
    else:
        closed = f"(SELECT max(day) FROM closings{' WHERE day <= :as_of' if as_of is not None else ''})"
        closing = f"closings WHERE day = {closed} AND"
    return (
        f"SELECT {comma}cards FROM {closing} {where} UNION ALL "
        f"SELECT {comma}delta FROM ledger WHERE day > coalesce({closed}, '-infinity'){until} AND {where}"
    )
