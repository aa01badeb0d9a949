"""The conditions of a list of cards, said once: list, total, export and drill-down use the same (INV-05, INV-09).

What the books know of a card (unit, state, carrier, spec, month, days) stands in ``CardQuery.stock``; the rest is
only in the card itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.inventory.cards import CardFilter
from kernel.model.actor import Actor
from kernel.model.iccid import LENGTHS, normalise, spellings
from kernel.model.msisdn import searched_msisdn
from kernel.model.period import business_date, check_month, days
from kernel.model.unit import check_unit, prefix_end
from services.inventory.books import NEVER_STOCKED_IN, OPENED, RECENT, Days, Stock, unit_condition
from services.inventory.tables import STATES


@dataclass(frozen=True)
class CardQuery:
    """A CardFilter made definite. ``stock.states`` is never None; empty: no card can match.

    ``iccid``, ``msisdn``, ``imsi``: how the number begins. ``only_of_its_kind``: no other delivery has the carrier,
    spec and month of the one asked for.
    """

    stock: Stock
    iccid: str | None = None
    iccids: tuple[str, ...] | None = None
    msisdn: str | None = None
    imsi: str | None = None
    terminal_asset_no: str | None = None
    delivery_id: int | None = None
    issued_to_unit: str | None = None
    only_of_its_kind: bool = False

    @property
    def in_books(self) -> bool:
        """True when the books know all of it, so that they know the total too."""
        if self.few or self.numbered or self.iccid or self.issued_to_unit:
            return False
        return self.delivery_id is None or self.only_of_its_kind

    @property
    def few(self) -> bool:
        """True when the cards are named one by one, or by the terminal they are in."""
        return self.iccids is not None or self.terminal_asset_no is not None or len(self.iccid or "") >= LENGTHS[0]

    @property
    def numbered(self) -> bool:
        """True when the cards are asked for by MSISDN or IMSI."""
        return self.msisdn is not None or self.imsi is not None

    @property
    def any_state(self) -> bool:
        """True when the state need not be looked at: all may be, or all that a card with such days can have."""
        possible = OPENED if self.stock.opened else STATES
        return self.stock.states is not None and len(self.stock.states) == len(possible)


def load_limits(tx: Tx) -> dict[str, int]:
    """Abnormal limits in force: state > days (INV-09)."""
    return {row.state: row.days for row in tx.execute("SELECT state, days FROM abnormal_limits ORDER BY state")}


def resolve(tx: Tx, request: CardFilter, *, by: Actor, now: datetime) -> CardQuery:
    """``request`` with defaults, the actor's scope, today's date and the abnormal limits filled in.

    Raises unit_malformed, unit_out_of_scope, month_malformed.
    """
    unit = by.unit
    if request.owner_unit is not None:
        unit = check_unit(request.owner_unit, "owner_unit")
        by.require_within(unit, "owner_unit")
    if request.issued_to_unit is not None:
        check_unit(request.issued_to_unit, "issued_to_unit")
    if request.application_month is not None:
        check_month(request.application_month, "application_month")
    states = tuple(STATES) if request.state is None else tuple(sorted(set(request.state)))
    since: dict[str, Days] = {}
    if request.abnormal or request.state_days_min is not None or request.state_days_max is not None:
        limits = load_limits(tx) if request.abnormal else None
        since = state_days(states, business_date(now), request.state_days_min, request.state_days_max, limits)
        states = tuple(since)
    opened = Days(request.stocked_in_from, request.stocked_in_to)
    if opened:
        states = tuple(state for state in states if state not in NEVER_STOCKED_IN)
    stock = Stock(
        unit,
        exact=request.unit_exact,
        states=states,
        carrier=request.carrier,
        card_spec=request.card_spec,
        application_month=request.application_month,
        opened=opened,
        since=since,
        recent=business_date(now) - RECENT,
    )
    iccid, iccids = _numbers(request)
    query = CardQuery(
        stock,
        iccid=iccid,
        iccids=iccids,
        msisdn=(searched_msisdn(request.msisdn) or request.msisdn) if request.msisdn else None,
        imsi=request.imsi or None,
        terminal_asset_no=(request.terminal_asset_no or "").replace("\x00", "\x01") or None,
        delivery_id=request.delivery_id,
        issued_to_unit=request.issued_to_unit,
    )
    return query if query.delivery_id is None else _with_delivery(tx, query, query.delivery_id)


def _numbers(request: CardFilter) -> tuple[str | None, tuple[str, ...] | None]:
    """How the ICCID begins, and the ICCIDs that are listed. A whole number also finds the card as kept without its
    check digit (INV-12)."""
    iccid = normalise(request.iccid) if request.iccid else None
    if request.iccids is None and iccid is not None and len(iccid) == LENGTHS[-1]:
        return None, tuple(spellings(iccid))
    if request.iccids is None:
        return iccid, None
    forms = (form for listed in request.iccids for form in spellings(normalise(listed)))
    return iccid, tuple(dict.fromkeys(forms))


def _with_delivery(tx: Tx, query: CardQuery, delivery_id: int) -> CardQuery:
    """A delivery's cards share its carrier, spec and month, and those the books know."""
    row = tx.execute(_KIND, {"id": delivery_id}).one_or_none()
    stock = query.stock
    if row is None or any(
        asked not in (None, has)
        for asked, has in zip((stock.carrier, stock.card_spec, stock.application_month), row[:3], strict=True)
    ):
        return replace(query, stock=replace(stock, states=()))
    stock = replace(stock, carrier=row.carrier, card_spec=row.card_spec, application_month=row.application_month)
    return replace(query, stock=stock, only_of_its_kind=row.alike == 1)


_KIND = """
SELECT carrier, card_spec, application_month,
       (SELECT count(*) FROM deliveries AS other WHERE (other.carrier, other.card_spec, other.application_month)
           = (delivery.carrier, delivery.card_spec, delivery.application_month)) AS alike
FROM deliveries AS delivery WHERE id = :id
"""


def state_days(
    states: tuple[str, ...], today: date, least: int | None, most: int | None, limits: Mapping[str, int] | None
) -> dict[str, Days]:
    """State > days on which cards may have entered it, to be in it ``least`` to ``most`` days today.

    ``limits``: besides, longer than its limit; states without one fall away.
    """
    found = {}
    for state in states:
        bounds = [least] if least is not None else []
        if limits is not None:
            if state not in limits:
                continue
            bounds.append(limits[state] + 1)
        found[state] = entered(today, max(bounds) if bounds else None, most)
    return found


def entered(today: date, least: int | None, most: int | None) -> Days:
    """Days on which a card entered a state that it has been in for ``least`` to ``most`` days today."""
    return Days(None if most is None else _before(today, most), None if least is None else _before(today, least))


def _before(today: date, count: int) -> date:
    return today - timedelta(days=min(count, (today - date.min).days))


def text_range(prefix: str) -> tuple[str, str]:
    """[first, end) of all ASCII texts that begin with ``prefix``, in the "C" order. Nothing begins with other texts."""
    if not prefix.isascii() or not prefix.isprintable():
        return "1", "0"
    return prefix, prefix_end(prefix)


def place_conditions(query: CardQuery) -> tuple[str, dict[str, Any]]:
    """Unit and state as SQL over ``cards``."""
    where, params = unit_condition(query.stock.unit, query.stock.exact, "cards.owner_unit")
    if not query.any_state:
        where += " AND cards.state = ANY(CAST(:states AS text[]))"
        params["states"] = list(query.stock.states or ())
    return where, params


def other_conditions(query: CardQuery) -> tuple[str, dict[str, Any]]:
    """Everything but unit, state and days, as SQL over ``cards`` that begins with AND, or nothing."""
    where, params = "", dict[str, Any]()
    for column in ("carrier", "card_spec", "application_month"):
        if (value := getattr(query.stock, column)) is not None:
            where += f" AND cards.{column} = :{column}"
            params[column] = value
    for column in ("delivery_id", "issued_to_unit", "terminal_asset_no"):
        if (value := getattr(query, column)) is not None:
            where += f" AND cards.{column} = :{column}"
            params[column] = value
    for column in ("iccid", "msisdn", "imsi"):
        if (value := getattr(query, column)) is not None:
            where += f" AND cards.{column} >= :{column} AND cards.{column} < :{column}_end"
            params[column], params[f"{column}_end"] = text_range(value)
    if query.iccids is not None:
        where += " AND cards.iccid = ANY(CAST(:iccids AS text[]))"
        params["iccids"] = [iccid for iccid in query.iccids if "\x00" not in iccid]
    return where, params


def day_conditions(query: CardQuery) -> tuple[str, dict[str, Any]]:
    """The days of stocking in and of entering the state, as SQL over ``cards`` that begins with AND, or nothing."""
    params: dict[str, Any] = {}
    where = _moments("stocked_in_at", query.stock.opened, "opened", params)
    if any(query.stock.since.values()):
        choices = [
            f"(cards.state = '{state}'{_moments('state_since', allowed, f'since_{state}', params)})"
            for state, allowed in query.stock.since.items()
        ]
        where += f" AND ({' OR '.join(choices)})"
    return where, params


def card_conditions(query: CardQuery) -> tuple[str, dict[str, Any]]:
    """All of it as SQL over ``cards``: what a plain query or an export puts behind WHERE."""
    place, place_params = place_conditions(query)
    other, other_params = other_conditions(query)
    days, day_params = day_conditions(query)
    return place + other + days, place_params | other_params | day_params


def moments(allowed: Days) -> tuple[datetime | None, datetime | None]:
    """The half-open period of business days."""
    period = days(allowed.first, allowed.last)
    return period.start, period.end


def _moments(column: str, allowed: Days, name: str, params: dict[str, Any]) -> str:
    start, end = moments(allowed)
    said = ""
    if start is not None:
        said += f" AND cards.{column} >= :{name}_start"
        params[f"{name}_start"] = start
    if end is not None:
        said += f" AND cards.{column} < :{name}_end"
        params[f"{name}_end"] = end
    return said
