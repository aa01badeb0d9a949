"""Months: a card that moves in mid-month, and days folded into rows and back (TRF-02, TRF-08)."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from services.traffic import folding, merging, months
from tests.integration.traffic.meters import MOBILE, NOW, Meters, day, iccid

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
    return {row.unit: int(row.bytes) for row in meters.run(
        "SELECT unit, sum(bytes) AS bytes FROM usage_histogram WHERE source = 'carrier' GROUP BY unit")}  # fmt: skip


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
        return [(iccid(card), day(each), dice.randint(0, 1 << 40)) for card in cards
                for each in range(first, last + 1) if dice.random() < 0.7]  # fmt: skip

    meters.push(figures(1, 9) + [(iccid(0), day(9), 3)])
    move(meters, MOBILE[1], OTHER_UNIT, 10)
    meters.push(figures(10, 24), as_of=NOW - timedelta(hours=2))
    meters.report(figures(3, 12) + [(iccid(2), day(4), 0)])
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
