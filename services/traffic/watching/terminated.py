"""Terminated cards that are used or cost something afterwards: told of once per card and month (TER-08).

Use counts from the day after the card became terminated; so does cost, from the month after that.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.traffic.events import SLICE, StillUsed, TerminatedCardsUsed
from kernel.model.unit import Level
from services.traffic import months
from services.traffic.merging import month_begin

_FOUND = """
WITH gone AS (
    SELECT id, iccid, owner_unit, (changed_at AT TIME ZONE 'Asia/Shanghai')::date AS since
    FROM cards WHERE state = 'terminated'
), used AS (
    SELECT gone.id, sum(days.carrier_bytes)::bigint AS bytes
    FROM gone JOIN ({days}) AS days ON days.card_id = gone.id AND days.day > gone.since
    GROUP BY gone.id
), cost AS (
    SELECT gone.id, sum(fen)::bigint AS fen
    FROM gone JOIN cost_entries ON cost_entries.iccid = gone.iccid AND about = :month
    WHERE date_trunc('month', gone.since) < :month
    GROUP BY gone.id
), told AS (
    INSERT INTO told_terminated (card_id, month, bytes, fen, at)
    SELECT id, :month, coalesce(used.bytes, 0), coalesce(cost.fen, 0), :now
    FROM gone LEFT JOIN used USING (id) LEFT JOIN cost USING (id)
    WHERE used.bytes > 0 OR cost.fen > 0
    ON CONFLICT DO NOTHING
    RETURNING card_id, bytes, fen
)
SELECT cards.iccid, cards.owner_unit AS unit, told.bytes, told.fen
FROM told JOIN cards ON cards.id = told.card_id ORDER BY unit, cards.iccid
"""
_MB = Decimal(1 << 20)


def tell(tx: Tx, *, now: datetime, today: date) -> int:
    """Of this month and the one before; how many cards are new. Publishes terminated_cards_used."""
    this = month_begin(today)
    before = month_begin(this - timedelta(days=1))
    return sum(_tell_month(tx, month, now) for month in (before, this))


def _tell_month(tx: Tx, month: date, now: datetime) -> int:
    found = months.find(tx, month)
    asked = {**found.params, "month": month, "now": now}
    rows = tx.execute(_FOUND.format(days=found.days), asked).all()
    for province, of in groupby(rows, key=lambda row: row.unit[: Level.PROVINCE]):
        cards = list(of)
        for start in range(0, len(cards), SLICE):
            tx.publish(_event(province, month, cards[start : start + SLICE], now))
    return len(rows)


def _event(province: str, month: date, rows: Any, now: datetime) -> TerminatedCardsUsed:
    cards = [
        StillUsed(
            iccid=row.iccid,
            unit=row.unit,
            traffic_mb=(Decimal(int(row.bytes)) / _MB).quantize(Decimal("0.001")),
            cost=Decimal(int(row.fen)) / 100,
        )
        for row in rows
    ]
    return TerminatedCardsUsed(province=province, month=month.strftime("%Y-%m"), cards=cards, at=now)
