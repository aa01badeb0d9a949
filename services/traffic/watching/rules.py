"""Rules look at the newest figures and warn of each card once per period (TRF-07).

* plan_percent: the month to date against what the card's tariff includes.
* silent_days: figures on the newest days, and not one of them with use. No figure is not silence.
* jump: the newest day against the card's own four weeks before, by median and median deviation, which one wild day
  does not move; less than a megabyte is no jump.
"""

from datetime import date, datetime, timedelta
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.traffic.events import SLICE, CardUsed, UsageWarned
from services.traffic import months
from services.traffic.merging import month_begin

PAST_DAYS, LEAST_DAYS = 28, 7
LEAST_JUMP = 1 << 20
_MAD_TO_SPREAD = 1.4826
"""Of a normal spread the deviation is so many median deviations."""

_CARDS = """
FROM cards WHERE starts_with(cards.owner_unit, :unit) AND (CAST(:carrier AS text) IS NULL OR cards.carrier = :carrier)
  AND (CAST(:card_spec AS text) IS NULL OR cards.card_spec = :card_spec)
"""
_PLAN = f"""
SELECT chosen.id, chosen.iccid, chosen.owner_unit, sum(carrier_month)::bigint AS value,
       ceil(tariffs.included::numeric * :threshold / 100)::bigint AS limit_value
FROM (SELECT cards.* {_CARDS}) AS chosen
JOIN ({{sums}}) AS sums ON sums.card_id = chosen.id
JOIN tariffs ON starts_with(chosen.owner_unit, tariffs.province) AND tariffs.carrier = chosen.carrier
    AND tariffs.card_spec = chosen.card_spec AND valid_from <= :month AND (valid_to IS NULL OR valid_to > :month)
WHERE tariffs.included > 0
GROUP BY chosen.id, chosen.iccid, chosen.owner_unit, tariffs.included
HAVING sum(carrier_month) >= ceil(tariffs.included::numeric * :threshold / 100)
"""
_SILENT = f"""
SELECT chosen.id, chosen.iccid, chosen.owner_unit, CAST(:threshold AS bigint) AS value,
       CAST(:threshold AS bigint) AS limit_value
FROM (SELECT cards.* {_CARDS} AND cards.state = 'running') AS chosen
JOIN usage_days AS days ON days.card_id = chosen.id AND days.day > :last - CAST(:threshold AS int) AND days.day <= :last
GROUP BY chosen.id, chosen.iccid, chosen.owner_unit
HAVING max(greatest(carrier_bytes, terminal_bytes)) = 0
   AND count(DISTINCT day) FILTER (WHERE carrier_bytes IS NOT NULL OR terminal_bytes IS NOT NULL) = :threshold
"""
_JUMP = f"""
WITH today AS (
    SELECT chosen.id, chosen.iccid, chosen.owner_unit, carrier_bytes
    FROM (SELECT cards.* {_CARDS}) AS chosen
    JOIN usage_days AS days ON days.card_id = chosen.id AND days.day = :last
    WHERE carrier_bytes >= {LEAST_JUMP}
), past AS (
    SELECT card_id, days.carrier_bytes FROM usage_days AS days JOIN today ON today.id = card_id
    WHERE day >= :first AND day < :last AND days.carrier_bytes IS NOT NULL
), middle AS (
    SELECT card_id, percentile_cont(0.5) WITHIN GROUP (ORDER BY carrier_bytes) AS median, count(*) AS days
    FROM past GROUP BY card_id
), spread AS (
    SELECT card_id, median,
           greatest(percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(carrier_bytes - median)) * {_MAD_TO_SPREAD},
                    median * 0.1, 65536) AS spread
    FROM past JOIN middle USING (card_id) WHERE days >= {LEAST_DAYS} GROUP BY card_id, median
)
SELECT today.id, iccid, owner_unit, carrier_bytes AS value, ceil(median + :threshold * spread)::bigint AS limit_value
FROM today JOIN spread ON spread.card_id = today.id
WHERE carrier_bytes > median + :threshold * spread
"""
_KEEP = """
INSERT INTO usage_warnings (rule_id, card_id, period, iccid, unit, value, limit_value, at)
SELECT :rule, id, :period, iccid, owner_unit, value, limit_value, :now FROM ({found}) AS found ORDER BY iccid
ON CONFLICT DO NOTHING RETURNING iccid, unit, value, limit_value
"""
_NEWEST = "SELECT max(day) FROM usage_day_counts WHERE source = 'carrier' AND day <= :today"
_ENABLED = "SELECT * FROM usage_rules WHERE enabled ORDER BY id"


def watch(tx: Tx, *, now: datetime, today: date) -> int:
    """All rules over the newest figures; how many warnings are new. Publishes usage_warned."""
    newest: date | None = tx.execute(_NEWEST, {"today": today}).scalar_one()
    if newest is None:
        return 0
    return sum(_apply(tx, rule, newest, now) for rule in tx.execute(_ENABLED).all())


def _apply(tx: Tx, rule: Any, newest: date, now: datetime) -> int:
    month = months.find(tx, month_begin(newest))
    asked = {
        "unit": rule.unit,
        "carrier": rule.carrier,
        "card_spec": rule.card_spec,
        "threshold": rule.threshold,
        "last": newest,
        "first": newest - timedelta(days=PAST_DAYS),
        "rule": rule.id,
        "period": newest.isoformat() if rule.kind == "jump" else newest.strftime("%Y-%m"),
        "now": now,
        **month.params,
    }
    found = {"plan_percent": _PLAN.format(sums=month.sums), "silent_days": _SILENT, "jump": _JUMP}[rule.kind]
    new = tx.execute(_KEEP.format(found=found), asked).all()
    for start in range(0, len(new), SLICE):
        tx.publish(_event(rule, str(asked["period"]), new[start : start + SLICE], now))
    return len(new)


def _event(rule: Any, period: str, rows: Any, now: datetime) -> UsageWarned:
    cards = [CardUsed.model_validate(dict(row._mapping)) for row in rows]
    return UsageWarned(
        rule_id=rule.id, name=rule.name, kind=rule.kind, unit=rule.unit, period=period, cards=cards, at=now
    )
