"""A card's last use and cost, and the month's sums of a unit (TER-09, GTW-05)."""

from decimal import Decimal

import pytest

from kernel.contracts.traffic.card_use import GetCardsUse, GetUsageOverview
from services.traffic.card_use import get_cards_use, get_usage_overview
from tests.integration.traffic.costs_office import OCTOBER, Office
from tests.integration.traffic.meters import CITY, MOBILE, PROVINCE, Meters, day, iccid, unit_of

MB = 1 << 20


@pytest.fixture(autouse=True)
def _no_costs(meters: Meters) -> None:
    meters.run("TRUNCATE tariffs, cost_entries, cost_sums, cost_months")


@pytest.mark.req("TER-09")
def test_the_last_use_is_the_last_day_with_traffic_and_not_with_a_figure(meters: Meters) -> None:
    used, old, never = MOBILE[:3]
    meters.push([(iccid(old), day(9, 10), 5), (iccid(used), day(3, 10), 1)])
    meters.push([(iccid(used), day(20), 7 * MB), (iccid(used), day(21), 0), (iccid(old), day(20), 0)])
    meters.run("UPDATE cards SET terminal_asset_no = 'T7' WHERE id = :id", id=used + 1)

    asked = GetCardsUse(iccids=[iccid(number) for number in (used, old, never)])
    found = {it.iccid: it for it in meters.act(get_cards_use, asked).items}

    assert (found[iccid(used)].last_use, found[iccid(used)].terminal) == (day(20), "T7")
    assert (found[iccid(used)].month, found[iccid(used)].month_bytes) == ("2026-11", 7 * MB)
    assert (found[iccid(old)].last_use, found[iccid(old)].month, found[iccid(old)].month_bytes) == (
        day(9, 10), "2026-11", 0,
    )  # fmt: skip
    assert (found[iccid(never)].last_use, found[iccid(never)].month, found[iccid(never)].cost) == (None, None, None)


@pytest.mark.req("TER-09", "GTW-05")
def test_cost_is_of_the_newest_month_that_says_something_and_each_unit_sees_its_own(meters: Meters) -> None:
    office = Office(meters)
    office.tariff()
    meters.push([(iccid(number), day(3, 10), MB) for number in MOBILE])
    office.rate(OCTOBER)
    theirs = next(number for number in MOBILE if not unit_of(number).startswith("9901"))

    (seen,) = meters.act(get_cards_use, GetCardsUse(iccids=[iccid(theirs)]), PROVINCE).items
    hidden = meters.act(get_cards_use, GetCardsUse(iccids=[iccid(theirs)]), CITY).items
    province = meters.act(get_usage_overview, GetUsageOverview(), PROVINCE)
    city = meters.act(get_usage_overview, GetUsageOverview(), CITY)

    (ledger,) = meters.run("SELECT sum(fen) AS fen FROM cost_entries WHERE iccid = :iccid", iccid=iccid(theirs))
    assert (seen.cost_month, seen.cost) == (OCTOBER, Decimal(int(ledger.fen)) / 100)
    assert seen.cost >= 1
    assert hidden == []
    assert (province.month, province.cards, province.carrier_bytes) == (OCTOBER, len(MOBILE), len(MOBILE) * MB)
    assert province.cost_month == OCTOBER
    of_city = [number for number in MOBILE if unit_of(number).startswith("9901")]
    assert (city.cards, city.carrier_bytes) == (len(of_city), len(of_city) * MB)
    assert province.cost is not None
    assert city.cost is not None
    assert 0 < city.cost < province.cost


@pytest.mark.req("GTW-05")
def test_a_unit_without_figures_has_an_overview_that_says_so(meters: Meters) -> None:
    nothing = meters.act(get_usage_overview, GetUsageOverview())

    assert (nothing.month, nothing.cards, nothing.cost_month, nothing.cost) == (None, 0, None, None)
