"""When schedules are due, in the business's own time zone."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from kernel.chassis.process.timers import Daily, Every, Monthly

MOMENTS = st.integers(1_577_836_800, 2_082_758_400).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
SCHEDULES = st.one_of(
    st.builds(Every, seconds=st.integers(1, 100_000)),
    st.builds(Daily, hour=st.integers(0, 23), minute=st.integers(0, 59)),
    st.builds(Monthly, day=st.integers(1, 28), hour=st.integers(0, 23), minute=st.integers(0, 59)),
)


@given(SCHEDULES, MOMENTS)
def test_the_latest_due_time_is_past_and_the_following_one_is_not(schedule, now):
    latest = schedule.latest(now)

    assert latest <= now < schedule.following(latest)
    assert schedule.latest(latest) == latest


def test_the_twenty_second_begins_at_midnight_in_shanghai():
    schedule = Monthly(day=22)

    due = schedule.latest(datetime(2026, 3, 21, 16, 0, tzinfo=UTC))

    assert due == datetime(2026, 3, 21, 16, 0, tzinfo=UTC)
    assert schedule.latest(datetime(2026, 3, 21, 15, 59, tzinfo=UTC)) == datetime(2026, 2, 21, 16, 0, tzinfo=UTC)


def test_a_day_has_one_due_time():
    schedule = Daily(hour=0, minute=10)

    first = schedule.latest(datetime(2026, 2, 28, 17, 0, tzinfo=UTC))

    assert first == datetime(2026, 2, 28, 16, 10, tzinfo=UTC)
    assert schedule.following(first) == datetime(2026, 3, 1, 16, 10, tzinfo=UTC)
