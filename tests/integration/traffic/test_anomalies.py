"""Use by cards that do not run, silence, and figures that differ (TRF-04, TRF-06)."""

import pytest

from kernel.contracts.traffic.anomalies import ListIdleUsage, ListSilentCards, ListUsageDifferences
from services.traffic.anomalies import list_idle_usage, list_silent_cards, list_usage_differences
from tests.integration.traffic.meters import CITY, MOBILE, Meters, day, iccid

MB = 1 << 20


@pytest.mark.req("TRF-06")
def test_a_card_that_does_not_run_and_has_traffic_is_found_on_its_day(meters: Meters) -> None:
    meters.run("UPDATE cards SET state = 'in_stock' WHERE id IN (1, 2, 3)")
    meters.push([(iccid(0), day(1), 5), (iccid(1), day(2), 7), (iccid(3), day(2), 9)])
    meters.report([(iccid(2), day(2), 0)])

    newest = meters.act(list_idle_usage, ListIdleUsage()).items
    first = meters.act(list_idle_usage, ListIdleUsage(day=day(1))).items
    city = meters.act(list_idle_usage, ListIdleUsage(), CITY).items
    meters.run("UPDATE cards SET state = 'running' WHERE id = 2")

    assert [(item.iccid, item.carrier_bytes) for item in newest] == [(iccid(1), 7)]
    assert [item.iccid for item in first] == [iccid(0)]
    assert city == []
    assert meters.act(list_idle_usage, ListIdleUsage()).items == []


@pytest.mark.req("TRF-07")
def test_a_running_card_without_traffic_for_months_is_silent(meters: Meters) -> None:
    meters.push([(iccid(card), day(1, 10), 1 if card == MOBILE[1] else 0) for card in MOBILE])
    meters.push([(iccid(MOBILE[0]), day(1), 3)])
    meters.run("UPDATE cards SET state = 'in_stock' WHERE id = :id", id=MOBILE[2] + 1)

    def silent(**asked: int) -> set[str]:
        return {item.iccid for item in meters.act(list_silent_cards, ListSilentCards(**asked)).items}

    everybody = {iccid(card) for card in range(12) if card != MOBILE[2]}
    assert silent(months=2) == everybody - {iccid(MOBILE[0]), iccid(MOBILE[1])}
    assert silent(months=1) == everybody - {iccid(MOBILE[0])}


@pytest.mark.req("TRF-04")
def test_figures_that_differ_beyond_the_tolerance_are_listed(meters: Meters) -> None:
    figures = {0: (100, 70), 1: (100, 81), 3: (10, 100), 4: (0, 0)}
    meters.push([(iccid(card), day(1), carrier * MB) for card, (carrier, _) in figures.items()])
    meters.report([(iccid(card), day(1), station * MB) for card, (_, station) in figures.items()])

    found = meters.act(list_usage_differences, ListUsageDifferences(sort="difference")).items
    strict = meters.act(list_usage_differences, ListUsageDifferences(percent=10)).items

    assert [(item.iccid, item.difference) for item in found] == [(iccid(3), -90 * MB), (iccid(0), 30 * MB)]
    assert {item.iccid for item in strict} == {iccid(0), iccid(1), iccid(3)}
