"""When gaps will be filled, on a simulated clock (TRF-01)."""

from datetime import datetime, timedelta

import pytest

from kernel.carriers.settings import UsageManners
from kernel.model.period import BUSINESS_ZONE
from services.traffic.pulls.pace import Pace
from services.traffic.pulls.plan import Gap, in_order, is_open, schedule

pytestmark = pytest.mark.req("TRF-01")
EVENING = datetime(2026, 11, 26, 22, 0, tzinfo=BUSINESS_ZONE)
CARDS, PAGE = 3_000_000, 100
A_DAY = CARDS // PAGE


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def week(calls: int = A_DAY) -> list[Gap[int]]:
    """Seven days that lack all cards; day 1's window closes in the next night, day 7's a week later."""
    return [Gap(day, calls, EVENING + timedelta(hours=2, days=day)) for day in range(1, 8)]


def test_three_million_cards_of_a_whole_week_fit_into_one_night() -> None:
    manners = UsageManners(calls_per_second=20, from_hour=22, to_hour=6)

    filled = schedule(week(), manners, EVENING)

    assert [it.key for it in filled] == list(range(1, 8))
    assert filled[0].done_at == EVENING + timedelta(minutes=25)
    assert filled[-1].done_at == EVENING + timedelta(minutes=175)
    assert all(it.in_time for it in filled)


def test_the_pace_lets_three_million_cards_pass_in_the_planned_time() -> None:
    clock = Clock()
    pace = Pace(20, clock, clock.sleep)
    moments = []
    for _ in range(A_DAY):
        pace.wait()
        moments.append(clock.now)

    assert moments[-1] == pytest.approx((A_DAY - 1) / 20)
    assert all(late - early >= 0.999 for early, late in zip(moments, moments[20:], strict=False))


def test_a_slow_caller_does_not_save_calls_up_for_a_burst() -> None:
    clock = Clock()
    pace = Pace(10, clock, clock.sleep)
    pace.wait()
    clock.now = 60
    begun = []
    for _ in range(3):
        pace.wait()
        begun.append(clock.now)

    assert begun == pytest.approx([60, 60.1, 60.2])


def test_a_quota_spreads_the_gaps_over_days_and_says_which_come_too_late() -> None:
    manners = UsageManners(calls_per_second=20, calls_per_day=A_DAY // 2)

    filled = schedule(week(), manners, EVENING)

    assert [it.in_time for it in filled[:2]] == [True, False]
    assert filled[0].done_at == datetime(2026, 11, 27, 0, 12, 30, tzinfo=BUSINESS_ZONE)


def test_what_was_asked_today_counts_against_the_quota() -> None:
    manners = UsageManners(calls_per_second=1, calls_per_day=10)

    (filled,) = schedule([Gap("a", 5, None)], manners, EVENING, used_today=8)

    assert filled.done_at == datetime(2026, 11, 27, 0, 0, 3, tzinfo=BUSINESS_ZONE)
    assert filled.in_time


def test_the_hours_of_the_contract_break_the_work_and_it_goes_on_in_the_next_night() -> None:
    manners = UsageManners(calls_per_second=1, from_hour=22, to_hour=6)

    (filled,) = schedule([Gap("a", 9 * 3600, None)], manners, EVENING)

    assert filled.done_at == datetime(2026, 11, 27, 23, 0, tzinfo=BUSINESS_ZONE)


@pytest.mark.parametrize(("hour", "expected"), [(21, False), (22, True), (23, True), (0, True), (5, True), (6, False)])
def test_hours_may_go_over_midnight(hour: int, expected: bool) -> None:
    manners = UsageManners(from_hour=22, to_hour=6)

    assert is_open(manners, datetime(2026, 11, 26, hour, 30, tzinfo=BUSINESS_ZONE)) is expected


def test_the_window_that_closes_first_comes_first_and_what_never_closes_last() -> None:
    gaps = [Gap("never", 1, None), Gap("late", 1, EVENING + timedelta(days=2)), Gap("soon", 1, EVENING)]

    assert [gap.key for gap in in_order(gaps)] == ["soon", "late", "never"]


def test_a_gap_that_no_quota_ever_fills_has_no_time() -> None:
    manners = UsageManners(calls_per_second=1, calls_per_day=1)

    (filled,) = schedule([Gap("a", 1000, None)], manners, EVENING)

    assert (filled.done_at, filled.in_time) == (None, False)
