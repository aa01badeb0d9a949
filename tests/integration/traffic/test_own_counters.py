"""Terminals' own counters become a third figure of the month; doubtful readings wait for a person (TRF-03, TRF-04)."""

from typing import Any

import pytest

from kernel.contracts.traffic.counters import DecideCounter, ListCounterDoubts, ReportCounters
from kernel.contracts.traffic.distribution import ListUsageMonths
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.traffic.month_list import list_usage_months
from services.traffic.own_counters import decide_counter, list_counter_doubts, report_counters
from tests.integration.traffic.meters import CITY, PROVINCE, Meters, day, iccid

pytestmark = pytest.mark.req("TRF-03", "TRF-04")
MB = 1 << 20
END = (1 << 32) - 10 * MB


@pytest.fixture(autouse=True)
def _no_counters(meters: Meters) -> None:
    meters.run("TRUNCATE own_counters, counter_doubts")


def report(meters: Meters, *rows: tuple[int, int, int | None], by: Actor = PROVINCE) -> Any:
    told = [{"iccid": iccid(card), "day": str(day(on)), "counter": counter} for card, on, counter in rows]
    return meters.act(report_counters, ReportCounters.model_validate({"rows": told}), by)


def own(meters: Meters) -> dict[str, int | None]:
    return {it.iccid: it.own_month for it in meters.act(list_usage_months, ListUsageMonths(month="2026-11")).items}


def test_a_counter_is_a_third_figure_beside_the_two_and_a_missing_reading_leaves_it_to_the_next(meters: Meters) -> None:
    meters.push([(iccid(0), day(1), 5), (iccid(3), day(1), 5)])
    for on, counter in ((1, 100), (2, 150), (3, None), (4, 400)):
        outcome = report(meters, (0, on, counter))
    late = report(meters, (0, 3, 390))

    assert outcome.outcomes == {"grew": 1}
    assert (late.outcomes, late.late) == ({}, 1)
    assert own(meters) == {iccid(0): 300, iccid(3): None}


def test_running_over_being_set_back_and_standing_at_the_end_are_told_apart(meters: Meters) -> None:
    meters.push([(iccid(card), day(2), 29 * MB) for card in (0, 1, 3)])
    report(meters, (0, 1, END), (1, 1, END), (3, 1, 2000 * MB), (4, 1, 7))
    told = report(meters, (0, 2, 19 * MB), (1, 2, 28 * MB), (3, 2, 29 * MB), (4, 2, (1 << 32) - 1))

    assert told.outcomes == {"wrapped": 1, "reset": 2, "saturated": 1}
    assert own(meters) == {iccid(0): 29 * MB, iccid(1): 28 * MB, iccid(3): 29 * MB}


def test_a_doubtful_reading_waits_for_a_person_who_says_once_what_happened(meters: Meters) -> None:
    meters.push([(iccid(0), day(1), 5)])
    report(meters, (0, 1, END), (1, 1, END))
    told = report(meters, (0, 2, 20 * MB), (1, 2, 20 * MB))
    (_, doubt) = meters.act(list_counter_doubts, ListCounterDoubts(decided=False)).items
    before = own(meters)
    decided = meters.act(decide_counter, DecideCounter(doubt_id=doubt.id, decision="wrapped"))
    report(meters, (0, 3, 25 * MB))

    assert told.outcomes == {"ambiguous": 2}
    assert (doubt.iccid, doubt.wrapped, doubt.reset, doubt.can) == (iccid(0), 30 * MB, 20 * MB, ["decide"])
    assert before[iccid(0)] == 0
    assert decided.own_month == 30 * MB
    assert own(meters)[iccid(0)] == 35 * MB
    with pytest.raises(DomainError, match="counter_doubt_decided"):
        meters.act(decide_counter, DecideCounter(doubt_id=doubt.id, decision="reset"))


def test_who_may_report_see_and_decide(meters: Meters) -> None:
    report(meters, (0, 1, END), (1, 1, END))
    told = report(meters, (0, 2, 20 * MB), (1, 2, 20 * MB), by=CITY)
    elsewhere = Actor("other", "他市", "9902", CITY.permissions)
    looker = Actor("viewer", "查看", "9901", frozenset({"usage.view"}))
    (doubt,) = meters.act(list_counter_doubts, ListCounterDoubts(), CITY).items

    assert [(it.iccid, it.code) for it in told.refused] == [(iccid(1), "card_not_found")]
    assert meters.act(list_counter_doubts, ListCounterDoubts(), elsewhere).items == []
    assert meters.act(list_counter_doubts, ListCounterDoubts(), looker).items[0].can == []
    with pytest.raises(DomainError, match="counter_doubt_not_found"):
        meters.act(decide_counter, DecideCounter(doubt_id=doubt.id, decision="reset"), elsewhere)


def test_bad_rows_are_refused_by_their_card(meters: Meters) -> None:
    told = report(meters, (0, 1, 5), (0, 2, 6), (1, 30, 7), (99, 1, 8))

    assert sorted((it.iccid, it.code) for it in told.refused) == [
        (iccid(0), "counter_twice"),
        (iccid(1), "counter_day_to_come"),
        (iccid(99), "card_not_found"),
    ]
    assert told.outcomes == {"first": 1}
