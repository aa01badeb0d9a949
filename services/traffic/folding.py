"""A past month's days become one row per card and unit, and days again when a correction comes (TRF-08).

A folded row holds which days have a figure as bits (day 1: bit 0), the figures in the order of the days, and the loads
they came from as a set that many cards share. Nothing is lost: unfolded, the month's figures, sums and data times are
what they were.
"""

from datetime import date, datetime, timedelta

from kernel.chassis.data.partitions import Partitioned, make
from kernel.chassis.data.unit_of_work import Tx
from kernel.model.period import business_date
from services.traffic.settings import UsageSettings

MONTHS = Partitioned("usage_months", "month", every="month", keep=None, ahead=0, back=0)
_DAY = Partitioned("usage_days", "day", every="day", keep=None, ahead=0, back=0)

_IS_FOLDED = "SELECT newest_day FROM folded_months WHERE month = :month"
_OF_MONTH = "day >= :month AND day < CAST(:month AS date) + interval '1 month'"


def _gathered(source: str) -> str:
    has = f"FILTER (WHERE {source}_load IS NOT NULL)"
    return f"""
bit_or(1 << (extract(day FROM day)::int - 1)) {has} AS {source}_on,
array_agg({source}_bytes ORDER BY day) {has} AS {source}_days,
array_agg({source}_load ORDER BY day) {has} AS {source}_of"""


_GATHER = f"""
CREATE TEMPORARY TABLE folding ON COMMIT DROP AS
SELECT card_id, unit, min(carrier) AS carrier, {_gathered("carrier")}, {_gathered("terminal")}
FROM usage_days WHERE {_OF_MONTH} AND (carrier_load IS NOT NULL OR terminal_load IS NOT NULL)
GROUP BY card_id, unit
"""
_SETS = """
INSERT INTO load_sets (loads)
SELECT DISTINCT loads FROM (
    SELECT carrier_of AS loads FROM folding UNION SELECT terminal_of FROM folding
) AS found WHERE loads IS NOT NULL ON CONFLICT DO NOTHING
"""
_FOLD = """
INSERT INTO usage_months (month, card_id, unit, carrier, present, carrier_month, terminal_month, carrier_on,
                          terminal_on, carrier_days, terminal_days, carrier_loads, terminal_loads)
SELECT :month, card_id, unit, coalesce(sums.carrier, folding.carrier), present, carrier_month, terminal_month,
       carrier_on, terminal_on, carrier_days, terminal_days, of_carrier.id, of_terminal.id
FROM (
    SELECT card_id, unit, carrier, true AS present, carrier_month, terminal_month FROM usage_days WHERE day = :newest
    UNION ALL
    SELECT card_id, unit, carrier, false, carrier_month, terminal_month FROM moved_usage WHERE month = :month
) AS sums
LEFT JOIN folding USING (card_id, unit)
LEFT JOIN load_sets AS of_carrier ON of_carrier.loads = carrier_of
LEFT JOIN load_sets AS of_terminal ON of_terminal.loads = terminal_of
ORDER BY unit, card_id
"""
_FOLDED = "INSERT INTO folded_months (month, newest_day, folded_at) VALUES (:month, :newest, :now)"


def figure_of(source: str, day: str) -> str:
    """SQL: a folded row's figure of the day of the month; NULL where there is none."""
    return _nth(source, f"{source}_days", day)


def load_of(source: str, day: str) -> str:
    """SQL: the load that it came from; ``load_sets`` is joined as ``of_SOURCE``."""
    return _nth(source, f"of_{source}.loads", day)


def _nth(source: str, array: str, day: str) -> str:
    before = f"bit_count(({source}_on & ((1 << ({day} - 1)) - 1))::bit(32))::int"
    return f"CASE WHEN ({source}_on >> ({day} - 1)) & 1 = 1 THEN {array}[{before} + 1] END"


_JOINED = """
FROM usage_months AS folded
LEFT JOIN load_sets AS of_carrier ON of_carrier.id = folded.carrier_loads
LEFT JOIN load_sets AS of_terminal ON of_terminal.id = folded.terminal_loads
"""
_DAYS_OF_FOLDED = f"""
SELECT month + (number - 1) AS day, card_id, unit, carrier,
       {figure_of("carrier", "number")} AS carrier_bytes, {figure_of("terminal", "number")} AS terminal_bytes,
       {load_of("carrier", "number")} AS carrier_load, {load_of("terminal", "number")} AS terminal_load
{_JOINED}
CROSS JOIN {{numbers}} AS number
WHERE ((coalesce(carrier_on, 0) | coalesce(terminal_on, 0)) >> (number - 1)) & 1 = 1
"""
DAYS_OF_FOLDED = _DAYS_OF_FOLDED.format(numbers="generate_series(1, 31)")
"""Of all folded months; whoever reads it adds conditions on ``month``, which choose the part."""
DAY_OF_FOLDED = _DAYS_OF_FOLDED.format(numbers="(SELECT CAST(:number AS integer) AS number)") + " AND month = :month"
"""Of one day."""

_SPREAD = f"""
INSERT INTO usage_days (day, card_id, unit, carrier, carrier_bytes, terminal_bytes, carrier_load, terminal_load)
{DAYS_OF_FOLDED} AND month = :month ORDER BY 1, 2
"""
_CARRY = """
INSERT INTO usage_days AS days (day, card_id, unit, carrier, carrier_month, terminal_month)
SELECT :newest, card_id, unit, carrier, carrier_month, terminal_month FROM usage_months
WHERE month = :month AND present
ON CONFLICT (day, card_id) DO UPDATE
SET carrier_month = excluded.carrier_month, terminal_month = excluded.terminal_month
"""
_LEFT = """
INSERT INTO moved_usage (month, card_id, unit, carrier, carrier_month, terminal_month)
SELECT month, card_id, unit, carrier, carrier_month, terminal_month FROM usage_months
WHERE month = :month AND NOT present
"""
_TRY = """
SELECT set_config('work_mem', '64MB', true) IS NOT NULL
       AND pg_try_advisory_xact_lock(hashtextextended(current_schema() || '.usage', 0))
"""


def folded_day(tx: Tx, month: date) -> date | None:
    """The newest day of a folded month; None for a month that is not."""
    found: date | None = tx.execute(_IS_FOLDED, {"month": month}).scalar_one_or_none()
    return found


def fold(tx: Tx, month: date, newest: date, now: datetime) -> None:
    """The month's days become rows of ``usage_months``, and their parts go. The caller holds the lock of loads."""
    asked = {"month": month, "newest": newest, "now": now}
    tx.execute("DROP TABLE IF EXISTS folding")
    tx.execute(_GATHER, asked)
    tx.execute("ANALYZE folding")
    make(tx.connection, MONTHS, month)
    for statement in (_SETS, _FOLD, _FOLDED, "DELETE FROM moved_usage WHERE month = :month"):
        tx.execute(statement, asked)
    tx.execute(f"ANALYZE {MONTHS.name(month)}")
    for name in sorted(name for day, name in day_parts(tx).items() if day.replace(day=1) == month):
        tx.execute(f"DROP TABLE {name}")


def unfold(tx: Tx, month: date) -> None:
    """A folded month's days stand in tables of their own again."""
    newest = folded_day(tx, month)
    if newest is None:
        return
    asked = {"month": month, "newest": newest}
    for place in range((newest - month).days + 1):
        make(tx.connection, _DAY, month + timedelta(days=place))
    for statement in (_SPREAD, _CARRY, _LEFT, "DELETE FROM folded_months WHERE month = :month"):
        tx.execute(statement, asked)
    tx.execute(f"DROP TABLE {MONTHS.name(month)}")


def locked(tx: Tx) -> bool:
    """Takes the lock of loads for this transaction; False when somebody has it."""
    return bool(tx.execute(_TRY).scalar_one())


def fold_all(tx: Tx, now: datetime) -> list[date]:
    """Folds every month whose figures do not change any more, as a rule; the months."""
    folded = []
    while (month := fold_next(tx, now)) is not None:
        folded.append(month)
    return folded


def fold_next(tx: Tx, now: datetime) -> date | None:
    """Folds the oldest such month; None when there is none, or loads run."""
    before = (business_date(now) - timedelta(days=UsageSettings().fold_after_days)).replace(day=1)
    if not locked(tx):
        return None
    newest: date | None = tx.execute("SELECT min(day) FROM usage_days WHERE day < :before", {"before": before}).scalar()
    if newest is None:
        return None
    month = newest.replace(day=1)
    last = tx.execute(f"SELECT max(day) FROM usage_days WHERE {_OF_MONTH}", {"month": month}).scalar_one()
    fold(tx, month, last, now)
    return month


def day_parts(tx: Tx) -> dict[date, str]:
    """Day > its table."""
    names = tx.execute(
        "SELECT part.relname FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid"
        " WHERE inhparent = 'usage_days'::regclass"
    ).scalars()
    return {day: name for name in names if (day := _DAY.begins(name)) is not None}
