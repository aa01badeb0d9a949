"""The safety stop: is a load so unlike what is known that a person must look at it first? (TRF-01)

Compared with the newest month before the load's first day that has figures: how many cards, and the mean per card and
day with figures of the cards that both know. A factor near 1024 says that the unit of volume is wrong.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple, cast

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.said import in_both
from services.traffic import months
from services.traffic.merging import Told, month_begin
from services.traffic.months import MonthOfUsage
from services.traffic.settings import UsageSettings

_UNIT_STEP = 512
FAR = 200
"""Nearly a unit's step: a card that is so far from its own past was told in another unit, or is a rare one."""
_SHOWN = 20
_BEFORE = "SELECT max(month) FROM usage_histogram WHERE source = :source AND month < :month"
_CARDS_BEFORE = """
SELECT coalesce(sum(cards), 0) FROM usage_histogram
WHERE source = :source AND month = :before AND (CAST(:carrier AS text) IS NULL OR carrier = :carrier)
  AND starts_with(unit, :unit)
"""
_CARDS_NOW = "SELECT count(DISTINCT card_id) FROM figures"
_COMMON = """
SELECT card_id, mean, month FROM ({told}) AS told JOIN ({known}) AS known USING (card_id) WHERE month IS NOT NULL
"""
_TOLD = "SELECT card_id, bytes AS mean FROM figures"
_TOLD_STRAIGHT = """
SELECT card_id, {source}_bytes AS mean FROM usage_days WHERE day = :day AND {source}_load = :load_id
UNION ALL SELECT card_id, bytes FROM figures
"""
_ANY_STAGED = "SELECT EXISTS (SELECT FROM figures)"
_TOLD_OF_DAYS = "SELECT card_id, avg(bytes) AS mean FROM figures GROUP BY card_id"
_KNOWN = "SELECT card_id, {source}_month AS month FROM ({sums}) AS sums"
_KNOWN_OF_UNITS = "SELECT card_id, sum({source}_month)::bigint AS month FROM ({sums}) AS sums GROUP BY card_id"
_MOVED = """
SELECT EXISTS (SELECT FROM moved_usage WHERE month = :month)
    OR EXISTS (SELECT FROM usage_months WHERE month = :month AND NOT present)
"""
_TOTALS = """
SELECT count(*) AS cards, coalesce(sum(mean), 0) AS mean, coalesce(sum(month), 0) AS known,
       count(*) FILTER (WHERE mean > 0 AND month > 0) AS used,
       count(*) FILTER (WHERE mean > 0 AND month > 0 AND NOT
                        mean * CAST(:days AS float8) / month BETWEEN 1.0 / {step} AND {step}) AS far
FROM ({common}) AS both_know
"""
"""As ``Alike``."""
_LARGEST = """
SELECT iccid, mean, month / :days AS known FROM ({common}) AS both_know JOIN cards ON cards.id = card_id
ORDER BY abs(mean - month / :days) DESC, iccid LIMIT {shown}
"""
_DAYS_TOLD = """
SELECT count(DISTINCT day) FROM usage_day_counts WHERE source = :source AND day BETWEEN :month AND :newest
  AND (CAST(:carrier AS text) IS NULL OR carrier = :carrier)
"""
_KNOWN_DAY = """
SELECT count(days.{source}_bytes) AS cards, sum(days.{source}_bytes) AS bytes
FROM (SELECT * FROM usage_days WHERE day = :day) AS days
JOIN (SELECT card_id FROM figures WHERE day = :day) AS told USING (card_id)
"""
Reason = tuple[str, dict[str, Any]]
_HELD: Reason = ("held_for_a_person", {})


class NewDay(NamedTuple):
    """A load's only day, of which nothing was known. ``before``: the month's newest day until then."""

    day: date
    before: date | None


class Alike(NamedTuple):
    """Of cards that a load and the month both know: how many, sums of their means and of their months, how many used
    anything in both, and how many of these are ``FAR`` from their own past."""

    cards: int
    mean: Decimal
    known: Decimal
    used: int
    far: int

    def and_(self, more: "Alike") -> "Alike":
        """Of other cards."""
        return Alike(
            self.cards + more.cards,
            self.mean + more.mean,
            self.known + more.known,
            self.used + more.used,
            self.far + more.far,
        )


class Straight(NamedTuple):
    """Rows of the load that stand in the new day's table already, and not in ``figures``.

    ``beside``: what they are to a month; ``days``: of it have figures.
    """

    new_day: NewDay
    beside: Callable[[MonthOfUsage, int], Alike]


def examine(
    tx: Tx, load: Any, told: Sequence[Told], settings: UsageSettings, *, straight: Straight | None = None
) -> tuple[list[Reason], dict[str, Any]]:
    """Why the load that ``told`` this has to be held, nothing when it may pass; and what a person should see of it.

    A whole load that tells of no known card is held too, for it lacks all that the newest month had.
    ``straight``: of a load that tells of a new day.
    """
    if not told and not load.whole:
        return [], {}
    new_day = straight and straight.new_day
    days = [_of_all_carriers(list(its)) for _, its in groupby(told, attrgetter("day"))]
    asked = {"source": load.source, "carrier": load.carrier, "unit": load.unit, "load_id": load.id}
    month = month_begin(days[0].day) if days else date.max
    before = month_before(tx, load.source, month)
    reasons: list[Reason] = []
    preview: dict[str, Any] = {"days": [_beside_known(tx, load.source, row, new_day) for row in days]}
    if before is not None and load.whole:
        cards_before = int(tx.execute(_CARDS_BEFORE, {**asked, "before": before}).scalar_one())
        cards = days[0].cards if len(days) == 1 else int(tx.execute(_CARDS_NOW).scalar_one())
        preview["cards"], preview["cards_before"] = cards, cards_before
        if cards * 100 < cards_before * settings.least_percent:
            params = {"cards": cards, "before": cards_before, "percent": settings.least_percent}
            reasons.append(("usage_rows_few", params))
    if not days:
        return reasons, preview
    reference = _reference(tx, before or month, new_day)
    if reference.newest is not None:
        more, seen = compare(tx, load, reference, _told(load, len(days), new_day), settings, straight=straight)
        reasons, preview = [*reasons, *more], preview | seen
    return reasons, preview


def month_before(tx: Tx, source: str, month: date) -> date | None:
    """The newest month before this one that has figures of the source."""
    found: date | None = tx.execute(_BEFORE, {"source": source, "month": month}).scalar_one()
    return found


def notes(reasons: Sequence[Reason]) -> list[dict[str, str]]:
    """What the job of something held tells whoever sent it; nothing when there are no reasons."""
    return [in_both(code, params) for code, params in ([_HELD, *reasons] if reasons else [])]


def _of_all_carriers(told: Sequence[Told]) -> Told:
    return told[0]._replace(cards=sum(it.cards for it in told), bytes=sum(it.bytes for it in told))


def _reference(tx: Tx, month: date, new_day: NewDay | None) -> MonthOfUsage:
    """The month as it was before the load."""
    if new_day and month == month_begin(new_day.day):
        return MonthOfUsage(month, new_day.before, folded=False)
    return months.find(tx, month)


def _beside_known(tx: Tx, source: str, told: Told, new_day: NewDay | None) -> dict[str, Any]:
    """A day of the load and what is known of the same cards."""
    sql = _KNOWN_DAY.format(source=source)
    known: Any = None if new_day else tx.execute(sql, {"day": told.day}).one()
    return {
        "day": told.day.isoformat(),
        "cards": told.cards,
        "bytes": told.bytes,
        "known_cards": known.cards if known and known.cards else None,
        "known_bytes": int(known.bytes) if known and known.cards else None,
    }


def _told(load: Any, days: int, new_day: NewDay | None) -> tuple[str, dict[str, Any]]:
    """SQL: card_id, mean; and its parameters."""
    if new_day:
        return _TOLD_STRAIGHT.format(source=load.source), {"day": new_day.day, "load_id": load.id}
    return (_TOLD if days == 1 else _TOLD_OF_DAYS), {}


def compare(
    tx: Tx,
    load: Any,
    reference: MonthOfUsage,
    told: tuple[str, dict[str, Any]],
    settings: UsageSettings,
    *,
    straight: Straight | None = None,
) -> tuple[list[Reason], dict[str, Any]]:
    """Why what is ``told`` (SQL: card_id, mean; and its parameters) is unlike the month; and what a person should see.

    ``load``: its source and carrier.
    """
    begin, newest = reference.month, cast("date", reference.newest)
    counted = {"source": load.source, "month": begin, "newest": newest, "carrier": load.carrier}
    days = tx.execute(_DAYS_TOLD, counted).scalar_one() or (newest - begin + timedelta(days=1)).days
    params = {**reference.params, "days": days, **told[1]}
    known_of = _KNOWN_OF_UNITS if tx.execute(_MOVED, params).scalar_one() else _KNOWN
    known = known_of.format(source=load.source, sums=reference.sums)
    alike = _alike(tx, told[0], known, params) if straight is None else straight.beside(reference, days)
    if straight is not None and tx.execute(_ANY_STAGED).scalar_one():
        staged = _alike(tx, _TOLD, known, params)
        alike = alike.and_(staged)
    preview: dict[str, Any] = {"reference": begin.strftime("%Y-%m"), "compared_cards": alike.cards}
    if alike.cards < settings.compared_cards or not alike.known:
        return [], preview
    ratio = alike.mean * days / alike.known
    preview["ratio"] = f"{ratio:.4g}"
    jump = max(ratio, 1 / ratio) if ratio else Decimal("Infinity")
    mixed = alike.used >= settings.compared_cards and alike.far * 100 >= alike.used * settings.mixed_percent
    if jump < settings.jump_factor and not mixed:
        return [], preview
    largest = tx.execute(_LARGEST.format(common=_COMMON.format(told=told[0], known=known), shown=_SHOWN), params)
    preview["largest"] = [{"iccid": row.iccid, "now": int(row.mean), "known": int(row.known)} for row in largest]
    code = "usage_units_mixed" if mixed or (ratio and jump >= _UNIT_STEP) else "usage_total_jumps"
    return [(code, {"ratio": f"{ratio:.4g}"})], preview


def _alike(tx: Tx, told: str, known: str, params: dict[str, Any]) -> Alike:
    row: Any = tx.execute(_TOTALS.format(common=_COMMON.format(told=told, known=known), step=FAR), params).one()
    return Alike(row.cards, Decimal(row.mean), Decimal(row.known), row.used, row.far)
