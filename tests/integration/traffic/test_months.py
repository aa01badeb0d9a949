"""Months: a card that moves in mid-month, and days folded into rows and back (TRF-02, TRF-08)."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.traffic.days import ListUsageDays
from kernel.contracts.traffic.distribution import (
    GetUsageByUnit,
    GetUsageDistribution,
    GetUsageRanges,
    ListTerminalMonths,
    ListUsageMonths,
    SetUsageRanges,
)
from kernel.model.errors import DomainError
from services.traffic import folding, merging, months
from services.traffic.day_list import list_usage_days
from services.traffic.distribution import get_terminal_distribution, get_usage_by_unit, get_usage_distribution
from services.traffic.month_list import list_usage_months
from services.traffic.ranges import get_usage_ranges, parse, set_usage_ranges
from services.traffic.terminal_list import list_terminal_months
from tests.integration.traffic.meters import CITY, MOBILE, NOW, Meters, day, iccid

OTHER_UNIT = "990301"


def move(meters: Meters, number: int, unit: str, on: int) -> None:
    at = datetime(2026, 11, on, 2, tzinfo=UTC)
    meters.run("UPDATE cards SET owner_unit = :u, changed_at = :at WHERE id = :id", u=unit, at=at, id=number + 1)


def fold(meters: Meters, month: int = 11) -> None:
    with UnitOfWork(meters.engine).begin() as tx:
        merging.lock(tx)
        found = months.find(tx, day(1, month))
        assert found.newest
        folding.fold(tx, found.month, found.newest, NOW)
        tx.commit()


def unfold(meters: Meters, month: int = 11) -> None:
    with UnitOfWork(meters.engine).begin() as tx:
        folding.unfold(tx, day(1, month))
        tx.commit()


def by_unit(meters: Meters) -> dict[str, int]:
    return {
        row.unit: int(row.bytes)
        for row in meters.run(
            "SELECT unit, sum(bytes) AS bytes FROM usage_histogram WHERE source = 'carrier' GROUP BY unit"
        )
    }


@pytest.mark.req("TRF-02")
def test_a_card_that_moves_in_mid_month_is_counted_in_each_unit_with_its_own_days(meters: Meters) -> None:
    meters.run("UPDATE cards SET changed_at = '2026-10-01'")
    meters.push([(iccid(0), day(1), 5), (iccid(0), day(2), 7)])
    move(meters, 0, OTHER_UNIT, 3)
    meters.push([(iccid(0), day(3), 100)])
    moved = by_unit(meters)
    meters.push([(iccid(0), day(1), 6)])
    late = by_unit(meters)
    move(meters, 0, "990101", 5)
    meters.push([(iccid(0), day(5), 1000)])

    assert moved == {"990101": 12, OTHER_UNIT: 100}
    assert late == {"990101": 13, OTHER_UNIT: 100}
    assert by_unit(meters) == {"990101": 1013, OTHER_UNIT: 100}
    assert meters.differences("2026-11") == []


@pytest.mark.req("TRF-02")
def test_a_figure_that_comes_after_the_card_has_moved_goes_to_the_unit_of_its_day(meters: Meters) -> None:
    meters.run("UPDATE cards SET changed_at = '2026-10-01'")
    meters.push([(iccid(0), day(1), 5)])
    move(meters, 0, OTHER_UNIT, 3)
    meters.push([(iccid(0), day(2), 7)])
    meters.push([(iccid(0), day(3), 9)])
    meters.push([(iccid(0), day(2), 8)])

    assert by_unit(meters) == {"990101": 13, OTHER_UNIT: 9}
    assert meters.differences("2026-11") == []


@pytest.mark.req("TRF-08")
@pytest.mark.parametrize("seed", range(3))
def test_a_folded_month_is_the_month_that_it_was_and_takes_corrections(meters: Meters, seed: int) -> None:
    dice = random.Random(seed)
    meters.run("UPDATE cards SET changed_at = '2026-10-01'")

    def figures(first: int, last: int) -> list[tuple]:
        cards = dice.sample(MOBILE, 5)
        return [
            (iccid(card), day(each), dice.randint(0, 1 << 40))
            for card in cards
            for each in range(first, last + 1)
            if dice.random() < 0.7
        ]

    meters.push([*figures(1, 9), (iccid(0), day(9), 3)])
    move(meters, MOBILE[1], OTHER_UNIT, 10)
    meters.push(figures(10, 24), as_of=NOW - timedelta(hours=2))
    meters.report([*figures(3, 12), (iccid(2), day(4), 0)])
    before = meters.state()
    correction = [(iccid(0), day(9), 77), (iccid(MOBILE[2]), day(31 - 5), 1)]

    fold(meters)
    assert meters.run("SELECT count(*) FROM usage_days")[0][0] == 0
    assert meters.differences("2026-11") == []
    assert meters.state()["histogram"] == before["histogram"]
    unfold(meters)
    assert meters.state() == before
    meters.push(correction)
    plain = meters.state()
    fold(meters)
    meters.push([(iccid(0), day(9), 99)])
    unfolded = meters.state()
    assert [row for row in plain["days"] if row[1] != 1] == [row for row in unfolded["days"] if row[1] != 1]
    assert meters.differences("2026-11") == []


def distribution(meters: Meters, **asked: object) -> list[tuple]:
    reply = meters.act(get_usage_distribution, GetUsageDistribution(**asked))
    return [(it.at_least, it.most, it.carrier_cards, it.carrier_bytes, it.terminal_cards) for it in reply.items]


@pytest.mark.req("TRF-02")
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("folded", [False, True], ids=["open", "folded"])
def test_any_ranges_count_what_card_by_card_counting_counts(meters: Meters, seed: int, folded: bool) -> None:
    dice = random.Random(seed)
    used = {card: dice.choice([0, 1, (1 << 20) - 1, 1 << 20, 3 << 20, dice.randint(0, 1 << 33)]) for card in MOBILE}
    meters.push([(iccid(card), day(1), volume) for card, volume in used.items()])
    if folded:
        fold(meters)
    limits = sorted(dice.sample(range(1, 4000), 5))
    text = ",".join(f"{limit / 8:g}" for limit in limits)

    found = distribution(meters, ranges=text)

    starts = [0, 1, *[limit << 17 for limit in limits]]
    ends = [*[start - 1 for start in starts[1:]], None]
    assert [(line[0], line[1]) for line in found] == list(zip(starts, ends, strict=True))
    for least, most, count, size, station in found:
        here = [it for it in used.values() if it >= least and (most is None or it <= most)]
        assert (count, size, station) == (len(here), sum(here), 0)
        listed = meters.act(list_usage_months, ListUsageMonths(carrier_from=least, carrier_to=most))
        assert sorted(item.carrier_month for item in listed.items) == sorted(here)


@pytest.mark.req("TRF-02", "TRF-04")
def test_days_and_months_of_a_card_are_the_same_before_and_after_folding(meters: Meters) -> None:
    meters.push([(iccid(0), day(each, month), each + month) for month in (10, 11) for each in (1, 3, 30 - 5)])
    meters.report([(iccid(0), day(3, 10), 4)])
    asked = ListUsageDays(iccid=iccid(0)), ListUsageMonths(iccid=iccid(0))
    before = [
        meters.act(act, request).items for act, request in zip((list_usage_days, list_usage_months), asked, strict=True)
    ]
    fold(meters, 10)

    after = [
        meters.act(act, request).items for act, request in zip((list_usage_days, list_usage_months), asked, strict=True)
    ]

    assert before == after
    assert [(item.month, item.carrier_month) for item in after[1]] == [("2026-11", 62), ("2026-10", 59)]
    assert len(after[0]) == 6
    assert len(meters.act(list_usage_days, ListUsageDays(day_from=day(2, 10), day_to=day(30, 10))).items) == 2


@pytest.mark.req("TRF-03")
def test_terminals_are_counted_by_what_their_cards_used_together(meters: Meters) -> None:
    for number, terminal in ((0, "T1"), (1, "T1"), (2, "T2")):
        meters.run("UPDATE cards SET terminal_asset_no = :t WHERE id = :id", t=terminal, id=number + 1)
    meters.report(
        [(iccid(0), day(1), 1 << 20), (iccid(1), day(1), 3 << 20), (iccid(2), day(1), 5), (iccid(3), day(1), 9)]
    )

    reply = meters.act(get_terminal_distribution, GetUsageDistribution(ranges="2,8"))
    city = meters.act(get_terminal_distribution, GetUsageDistribution(ranges="2,8"), CITY)
    listed = meters.act(list_terminal_months, ListTerminalMonths(sort="terminal_month", order="desc"), CITY).items

    assert [(item.label, item.terminals) for item in reply.items] == [
        ("0", 0),
        ("0–2 MB", 1),
        ("2–8 MB", 1),
        ("8 MB 以上", 0),
    ]
    assert [item.terminals for item in city.items] == [0, 2, 0, 0]
    assert [(item.terminal, item.terminal_month) for item in listed] == [("T1", 1 << 20), ("T2", 5)]


@pytest.mark.req("TRF-02")
def test_a_province_sets_its_ranges_and_past_months_follow(meters: Meters) -> None:
    meters.push([(iccid(0), day(1, 10), 2 << 20)])
    first = meters.act(get_usage_ranges, GetUsageRanges())
    meters.act(set_usage_ranges, SetUsageRanges(ranges="2, 4.5", version=first.version))

    assert [line[0] for line in distribution(meters, month="2026-10")] == [0, 1, 2 << 20, 9 << 19]
    with pytest.raises(DomainError, match="version_stale"):
        meters.act(set_usage_ranges, SetUsageRanges(ranges="1", version=first.version))
    for wrong in ("", "5,1", "x", "0", "nan", "1,,2", ",".join(map(str, range(1, 40)))):
        with pytest.raises((DomainError, ValueError), match=r"usage_ranges_malformed|at least 1"):
            meters.act(set_usage_ranges, SetUsageRanges(ranges=wrong, version=1))


@pytest.mark.req("TRF-02")
def test_units_below_add_up_to_the_whole_and_a_city_sees_its_own(meters: Meters) -> None:
    meters.push([(iccid(card), day(1), 10 + card) for card in MOBILE])
    province = meters.act(get_usage_by_unit, GetUsageByUnit())
    city = meters.act(get_usage_by_unit, GetUsageByUnit(), CITY)

    assert [item.unit for item in province.items] == ["9901", "9902"]
    assert province.totals["carrier_bytes"] == sum(10 + card for card in MOBILE)
    assert [item.unit for item in city.items] == ["990101"]
    assert city.totals["carrier_bytes"] == province.items[0].carrier_bytes
    with pytest.raises(DomainError, match="unit_out_of_scope"):
        meters.act(get_usage_by_unit, GetUsageByUnit(unit="9902"), CITY)


@pytest.mark.req("TRF-02")
def test_a_late_figure_of_a_unit_that_was_left_does_not_pull_the_newest_day_there(meters: Meters) -> None:
    meters.run("UPDATE cards SET changed_at = '2026-10-01'")
    meters.push([(iccid(1), day(5), 1)])
    move(meters, 0, OTHER_UNIT, 5)
    meters.push([(iccid(0), day(4), 7)])
    meters.push([(iccid(0), day(5), 100)])

    assert {unit: size for unit, size in by_unit(meters).items() if size > 1} == {"990101": 7, OTHER_UNIT: 100}
    assert meters.differences("2026-11") == []


@pytest.mark.req("TRF-02")
@pytest.mark.parametrize("said", ["1_000,2000", "٣,5", "1²,500", "5,1", "1,1", "-1,5", "1,5,", "NaN", "1e400"])
def test_ranges_are_rising_numbers_in_plain_digits(said: str) -> None:
    with pytest.raises(DomainError, match="usage_ranges_malformed"):
        parse(said)

    assert parse("１，５") == parse("1, 5") == [1 << 20, 5 << 20]
