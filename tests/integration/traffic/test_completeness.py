"""Operations see in the morning whose figures of the night are missing (OPS-03)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from prometheus_client import REGISTRY

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.process.measures import take
from services.traffic.measures import MEASURES
from tests.integration.traffic.meters import CARRIERS, Meters, carrier_of, iccid

YESTERDAY = datetime.now(ZoneInfo("Asia/Shanghai")).date() - timedelta(days=1)
MOBILE = [number for number in range(12) if carrier_of(number) == CARRIERS[0]]


@pytest.fixture
def night(meters: Meters) -> Meters:
    meters.forget()
    meters.now = datetime.now(UTC)
    meters.have_cards(12)
    return meters


def send(meters: Meters, day: date, cards: list[int]) -> None:
    meters.push([(iccid(number), day, 5000) for number in cards])


def shown(meters: Meters, name: str, source: str = "carrier") -> float | None:
    with UnitOfWork(meters.engine).begin() as tx:
        take(tx, MEASURES)
    return REGISTRY.get_sample_value(f"simkeep_usage_{name}_cards", {"carrier": CARRIERS[0], "source": source})


@pytest.mark.req("OPS-03")
def test_cards_with_a_figure_of_yesterday_stand_beside_those_of_the_fullest_day_before(night: Meters):
    send(night, YESTERDAY - timedelta(days=8), MOBILE)  # too long ago to be expected
    send(night, YESTERDAY - timedelta(days=3), MOBILE[:4])
    send(night, YESTERDAY - timedelta(days=1), MOBILE[:2])
    assert (shown(night, "yesterday"), shown(night, "expected")) == (0, 4)

    send(night, YESTERDAY, MOBILE[:3])
    send(night, YESTERDAY, MOBILE[:3])  # a card counts once
    assert (shown(night, "yesterday"), shown(night, "expected")) == (3, 4)
    assert shown(night, "yesterday", "terminal") is None


@pytest.mark.req("OPS-03")
def test_a_carrier_that_has_sent_nothing_for_a_week_is_expected_no_longer(night: Meters):
    send(night, YESTERDAY - timedelta(days=8), MOBILE)
    assert (shown(night, "yesterday"), shown(night, "expected")) == (None, None)


@pytest.mark.req("OPS-03")
def test_held_loads_are_counted_until_somebody_decides(night: Meters):
    def held() -> float | None:
        with UnitOfWork(night.engine).begin() as tx:
            take(tx, MEASURES)
        return REGISTRY.get_sample_value("simkeep_usage_loads_held", {"source": "carrier"})

    send(night, YESTERDAY, MOBILE)
    assert held() is None

    night.run("UPDATE loads SET state = 'held'")
    assert held() == 1
