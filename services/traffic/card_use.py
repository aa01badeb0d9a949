"""A card's last use and cost, and the month's sums of a unit (TER-09, GTW-05)."""

from datetime import date
from decimal import Decimal
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.traffic.card_use import CardsUse, CardUse, GetCardsUse, GetUsageOverview, UsageOverview
from kernel.model.actor import Actor
from kernel.model.unit import Level
from services.traffic import months

MONTHS_BACK = 12
_CARDS = """
SELECT id, iccid, terminal_asset_no FROM cards
WHERE iccid = ANY(:iccids) AND starts_with(owner_unit, :unit) ORDER BY iccid
"""
_LAST_USE = """
SELECT card_id, max(day) FILTER (WHERE carrier_bytes > 0 OR terminal_bytes > 0) AS last_use
FROM ({days}) AS days WHERE card_id = ANY(:ids) GROUP BY card_id
"""
_SUMS = """
SELECT card_id, coalesce(sum(carrier_month), sum(terminal_month))::bigint AS bytes
FROM ({sums}) AS sums WHERE card_id = ANY(:ids) GROUP BY card_id
"""
_COST = """
SELECT DISTINCT ON (iccid) iccid, about, sum(fen) AS fen FROM cost_entries
WHERE iccid = ANY(:iccids) AND about >= :since GROUP BY iccid, about ORDER BY iccid, about DESC
"""
_MONTH = """
SELECT month, coalesce(sum(cards) FILTER (WHERE source = 'carrier'), 0) AS cards,
       coalesce(sum(bytes) FILTER (WHERE source = 'carrier'), 0) AS carrier_bytes,
       coalesce(sum(bytes) FILTER (WHERE source = 'terminal'), 0) AS terminal_bytes
FROM usage_histogram WHERE month = (SELECT max(month) FROM usage_histogram) AND starts_with(unit, :unit) GROUP BY month
"""
_RATED = """
SELECT rated.month, sum(fen) AS fen
FROM (SELECT max(month) AS month FROM cost_months WHERE province = :province AND state <> 'open') AS rated
LEFT JOIN cost_sums ON about = rated.month AND starts_with(unit, :unit)
GROUP BY rated.month HAVING rated.month IS NOT NULL
"""


def get_cards_use(tx: Tx, request: GetCardsUse, *, by: Actor) -> CardsUse:
    """Cards that are not in the caller's units are left out."""
    cards = list(tx.execute(_CARDS, {"iccids": list(request.iccids), "unit": by.unit}).all())
    last_use: dict[int, date] = {}
    sums: dict[int, tuple[str, int]] = {}
    looked_at = months.all_of(tx)[:MONTHS_BACK]
    for month in looked_at:
        wanted = [card.id for card in cards if card.id not in last_use]
        if not wanted:
            break
        _look(tx, month, wanted, last_use, sums)
    since = min((month.month for month in looked_at), default=date.min)
    iccids = [card.iccid for card in cards]
    cost = {row.iccid: row for row in tx.execute(_COST, {"iccids": iccids, "since": since}).all()}
    return CardsUse(
        items=[_card_use(card, last_use.get(card.id), sums.get(card.id), cost.get(card.iccid)) for card in cards]
    )


def last_uses(tx: Tx, ids: list[int], *, since: int = 0) -> dict[int, date]:
    """Of cards: the last day with traffic by either source, in the twelve months with figures before the newest
    ``since``."""
    found: dict[int, date] = {}
    for month in months.all_of(tx)[since : since + MONTHS_BACK]:
        wanted = [card for card in ids if card not in found]
        if wanted:
            _look(tx, month, wanted, found, {})
    return found


def _look(
    tx: Tx, month: months.MonthOfUsage, wanted: list[int], last_use: dict[int, date], sums: dict[int, tuple[str, int]]
) -> None:
    params = {**month.params, "ids": wanted}
    for row in tx.execute(_LAST_USE.format(days=month.days), params).all():
        if row.last_use is not None:
            last_use[row.card_id] = row.last_use
    for row in tx.execute(_SUMS.format(sums=month.sums), params).all():
        if row.bytes is not None:
            sums.setdefault(row.card_id, (month.month.strftime("%Y-%m"), row.bytes))


def _card_use(card: Any, last_use: date | None, month: tuple[str, int] | None, cost: Any) -> CardUse:
    return CardUse(
        iccid=card.iccid,
        terminal=card.terminal_asset_no,
        last_use=last_use,
        month=month[0] if month else None,
        month_bytes=month[1] if month else None,
        cost_month=cost.about.strftime("%Y-%m") if cost else None,
        cost=Decimal(int(cost.fen)) / 100 if cost else None,
    )


def get_usage_overview(tx: Tx, request: GetUsageOverview, *, by: Actor) -> UsageOverview:
    """Of the newest month with figures, and of the newest that was rated."""
    used = tx.execute(_MONTH, {"unit": by.unit}).one_or_none()
    rated = tx.execute(_RATED, {"unit": by.unit, "province": by.unit[: Level.PROVINCE]}).one_or_none()
    return UsageOverview(
        month=used.month.strftime("%Y-%m") if used else None,
        cards=int(used.cards) if used else 0,
        carrier_bytes=int(used.carrier_bytes) if used else 0,
        terminal_bytes=int(used.terminal_bytes) if used else 0,
        cost_month=rated.month.strftime("%Y-%m") if rated else None,
        cost=Decimal(int(rated.fen or 0)) / 100 if rated else None,
    )
