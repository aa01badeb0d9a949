"""Sums of the double-entry book: how many cards stand where, now or at the end of a past day, without counting cards.

Guarantee: the sums are exact. Each is the closing of some day plus the ledger's rows since, read in one statement, so
no closing and no act can come in between. Without any closing it is the whole ledger.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.unit import prefix_end
from services.inventory.tables import STATES

KINDS = ("carrier", "card_spec", "application_month")
NEVER_STOCKED_IN = ("received", "unqualified")
"""States before stocking in: there ``stocked_in_at`` is null, and in no other."""

OPENED = tuple(state for state in STATES if state not in NEVER_STOCKED_IN)
DAY = timedelta(days=1)
RECENT = timedelta(days=400)
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
    ``opened``: days of stocking in; with a condition, cards never stocked in do not count. ``recent``: from this day
    on days are few enough to be added up; it changes no sum, only how it is found.
    """

    unit: str
    exact: bool = False
    states: tuple[str, ...] | None = None
    carrier: str | None = None
    card_spec: str | None = None
    application_month: str | None = None
    opened: Days = Days()
    since: Mapping[str, Days] = field(default_factory=dict)
    recent: date | None = None


def conditions(stock: Stock) -> tuple[str, dict[str, Any]]:
    """``stock`` as SQL over the dimensions' columns, and its parameters."""
    parts, params = unit_condition(stock.unit, stock.exact)
    if stock.states is not None and len(stock.states) < len(STATES):
        parts += " AND state = ANY(:states)"
        params["states"] = list(stock.states)
    for column in KINDS:
        if (value := getattr(stock, column)) is not None:
            # PostgreSQL's texts hold no NUL, so nothing can be equal to one that does.
            parts += f" AND {column} = :{column}" if "\x00" not in value else " AND false"
            params[column] = value.replace("\x00", "")
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
    bands: Sequence[date] = (),
) -> list[Row[Any]]:
    """Rows of the ``by`` dimensions and ``cards``, zero sums left out. ``as_of``: at the end of that business day.

    ``rollup``: a unit; each row then begins with ``unit``: that unit for what it owns itself, else its child above
    the owner. ``bands``: rising days that part ``since`` into bands; the row's ``since`` is then the number of these
    days that are not after it.
    """
    needed = list(by) + ([] if rollup is None else ["owner_unit"])
    if unknown := set(needed) - DIMENSIONS:
        raise ValueError(f"no dimensions: {sorted(unknown)}")
    entries, params = _entries(stock, needed, as_of)
    shown = list(by)
    if bands:
        shown[shown.index("since")] = "width_bucket(since, CAST(:bands AS date[])) AS since"
        params["bands"] = list(bands)
    if rollup is not None:
        shown.insert(0, "left(owner_unit, :child_length) AS unit")
        params["child_length"] = len(rollup) + 2
    statement = f"SELECT {', '.join([*shown, 'sum(cards)::bigint AS cards'])} FROM ({entries}) AS entry"
    if shown:
        statement += f" GROUP BY {', '.join(str(number + 1) for number in range(len(shown)))}"
    return list(tx.execute(f"{statement} HAVING sum(cards) <> 0", params).all())


def total(tx: Tx, stock: Stock) -> int:
    """How many cards these are now."""
    rows = sums(tx, stock, ())
    return int(rows[0].cards) if rows else 0


CLOSED = "(SELECT max(day) FROM closings)"
AGED = "(SELECT day FROM ages LIMIT 1)"


def _entries(stock: Stock, needed: Sequence[str], as_of: date | None) -> tuple[str, dict[str, Any]]:
    """SQL of the rows to add up, from the source that has the fewest; and its parameters."""
    where, params = conditions(stock)
    head = ", ".join([*dict.fromkeys(needed), ""])
    aged, opened = "since" in needed or any(stock.since.values()), "opened_on" in needed or bool(stock.opened)
    if as_of is not None:
        params["as_of"] = as_of
        if aged:
            return f"SELECT {head}delta AS cards FROM ledger WHERE {where} AND day <= :as_of", params
        closed = "(SELECT max(day) FROM closings WHERE day <= :as_of)"
        return _closing(head, _level(stock, needed), closed, where, " AND day <= :as_of"), params
    if aged and opened:
        return f"SELECT {head}delta AS cards FROM ledger WHERE {where}", params
    if (aged or opened) and _is_most(stock, needed):
        return _all_but_recent(stock, needed, head, where, params)
    if aged:
        recent = f"SELECT {head}delta FROM ledger WHERE day > coalesce({AGED}, '-infinity') AND {where}"
        return f"SELECT {head}cards FROM ages WHERE {where} UNION ALL {recent}", params
    return _closing(head, _level(stock, needed), CLOSED, where), params


def _closing(head: str, level: int, closed: str, where: str, until: str = "") -> str:
    return (
        f"SELECT {head}cards FROM closings WHERE day = {closed} AND level = {level} AND {where} UNION ALL "
        f"SELECT {head}delta FROM ledger WHERE day > coalesce({closed}, '-infinity'){until} AND {where}"
    )


def _level(stock: Stock, needed: Sequence[str]) -> int:
    """The coarsest closing that has the dimensions."""
    used = {*needed, *(column for column in KINDS if getattr(stock, column) is not None)}
    if used & {"application_month", "opened_on"} or stock.opened:
        return 3
    return 2 if used & {"carrier", "card_spec"} else 1


def _is_most(stock: Stock, needed: Sequence[str]) -> bool:
    """True when days are bounded only at their end, and that end is recent: then what lies behind it is little."""
    days = [*stock.since.values()] if any(stock.since.values()) else [stock.opened]
    return (
        stock.recent is not None
        and not {"since", "opened_on"} & {*needed}
        and all(one.first is None and one.last is not None and one.last >= stock.recent for one in days)
    )


def _all_but_recent(
    stock: Stock, needed: Sequence[str], head: str, where: str, params: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Everything at the closing, less what entered its state (was opened) after the days asked for."""
    everything = replace(stock, opened=Days(), since={}, states=stock.states or OPENED)
    if any(stock.since.values()):
        later = {state: Days(days.last + DAY) for state, days in stock.since.items() if days.last is not None}
        source, beyond = "ages WHERE", replace(stock, since=later)
    else:
        everything = replace(everything, states=tuple(set(everything.states or ()) & {*OPENED}))
        assert stock.opened.last is not None  # noqa: S101  _is_most said so
        source, beyond = (
            f"closings WHERE day = {CLOSED} AND level = 3 AND",
            replace(stock, opened=Days(stock.opened.last + DAY)),
        )
    base, base_params = conditions(everything)
    recent, recent_params = conditions(beyond)
    for name in recent_params.keys() - base_params.keys():
        recent = re.sub(rf":{name}\b", f":beyond_{name}", recent)
        params[f"beyond_{name}"] = recent_params[name]
    for name in base_params:
        if base_params[name] != params.get(name):
            base = re.sub(rf":{name}\b", f":all_{name}", base)
            params[f"all_{name}"] = base_params[name]
    level = _level(everything, needed)
    return (
        f"SELECT {head}cards FROM closings WHERE day = {CLOSED} AND level = {level} AND {base}"
        f" UNION ALL SELECT {head}-cards FROM {source} {recent}"
        f" UNION ALL SELECT {head}delta FROM ledger WHERE day > coalesce({CLOSED}, '-infinity') AND {where}",
        params,
    )
