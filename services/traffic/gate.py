"""The safety stop: is a load so unlike what is known that a person must look at it first? (TRF-01)

Compared with the newest month before the load's first day that has figures: how many cards, and the mean per card and
day of the cards that both know. A factor near 1024 says that the unit of volume is wrong.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from services.traffic import months
from services.traffic.merging import month_begin
from services.traffic.settings import UsageSettings

_UNIT_STEP = 512
_SHOWN = 20
_BEFORE = "SELECT max(month) FROM usage_histogram WHERE source = :source AND month < :month"
_CARDS_BEFORE = """
SELECT coalesce(sum(cards), 0) FROM usage_histogram
WHERE source = :source AND month = :before AND (CAST(:carrier AS text) IS NULL OR carrier = :carrier)
  AND starts_with(unit, :unit)
"""
_CARDS_NOW = "SELECT count(DISTINCT card_id) FROM figures WHERE load_id = :load_id"
_COMMON = """
SELECT card_id, avg(figures.bytes) AS mean, max(known.{source}_month)::numeric / :days AS known
FROM figures JOIN (
    SELECT card_id, sum({source}_month) AS {source}_month FROM ({sums}) AS sums GROUP BY card_id
) AS known USING (card_id)
WHERE load_id = :load_id AND known.{source}_month IS NOT NULL
GROUP BY card_id
"""
_DAYS = """
SELECT day, cards, bytes, known_cards, known_bytes FROM (
    SELECT day, count(*) AS cards, sum(bytes) AS bytes FROM figures WHERE load_id = :load_id GROUP BY day
) AS told LEFT JOIN (
    SELECT day, count(days.{source}_bytes) AS known_cards, sum(days.{source}_bytes) AS known_bytes
    FROM usage_days AS days JOIN figures USING (day, card_id) WHERE figures.load_id = :load_id GROUP BY day
) AS known USING (day) ORDER BY day
"""
Reason = tuple[str, dict[str, Any]]


def examine(tx: Tx, load: Any, settings: UsageSettings) -> tuple[list[Reason], dict[str, Any]]:
    """Why the load has to be held, nothing when it may pass; and what a person should see of it."""
    days = tx.execute(_DAYS.format(source=load.source), {"load_id": load.id}).all()
    if not days:
        return [], {}
    asked = {"source": load.source, "carrier": load.carrier, "unit": load.unit, "load_id": load.id}
    month = month_begin(days[0].day)
    before: date | None = tx.execute(_BEFORE, {**asked, "month": month}).scalar_one()
    reasons: list[Reason] = []
    preview: dict[str, Any] = {
        "days": [
            {
                "day": row.day.isoformat(),
                "cards": row.cards,
                "bytes": int(row.bytes),
                "known_cards": row.known_cards,
                "known_bytes": None if row.known_bytes is None else int(row.known_bytes),
            }
            for row in days
        ]
    }
    if before is not None and load.whole:
        cards_before = int(tx.execute(_CARDS_BEFORE, {**asked, "before": before}).scalar_one())
        cards = int(tx.execute(_CARDS_NOW, asked).scalar_one())
        preview["cards"], preview["cards_before"] = cards, cards_before
        if cards * 100 < cards_before * settings.least_percent:
            params = {"cards": cards, "before": cards_before, "percent": settings.least_percent}
            reasons.append(("usage_rows_few", params))
    reference = before or (month if months.find(tx, month).newest else None)
    if reference is not None:
        reasons += _compare(tx, load, reference, settings, preview)
    return reasons, preview


def _compare(tx: Tx, load: Any, reference: date, settings: UsageSettings, preview: dict[str, Any]) -> list[Reason]:
    known_month = months.find(tx, reference)
    if known_month.newest is None:
        return []
    common = _COMMON.format(source=load.source, sums=known_month.sums)
    days = (known_month.newest - reference + timedelta(days=1)).days
    params = {**known_month.params, "load_id": load.id, "days": days}
    row: Any = tx.execute(f"SELECT count(*), sum(mean), sum(known) FROM ({common}) AS both_know", params).one()
    cards, mean, known = row
    preview |= {"reference": reference.strftime("%Y-%m"), "compared_cards": cards}
    if cards < settings.compared_cards or not known:
        return []
    ratio = Decimal(mean) / Decimal(known)
    preview["ratio"] = f"{ratio:.4g}"
    jump = max(ratio, 1 / ratio) if ratio else Decimal("Infinity")
    if jump < settings.jump_factor:
        return []
    largest = tx.execute(
        f"SELECT iccid, mean, known FROM ({common}) AS both_know JOIN cards ON cards.id = card_id"
        f" ORDER BY abs(mean - known) DESC, iccid LIMIT {_SHOWN}",
        params,
    )
    preview["largest"] = [{"iccid": row.iccid, "now": int(row.mean), "known": int(row.known)} for row in largest]
    code = "usage_units_mixed" if ratio and jump >= _UNIT_STEP else "usage_total_jumps"
    return [(code, {"ratio": f"{ratio:.4g}"})]
