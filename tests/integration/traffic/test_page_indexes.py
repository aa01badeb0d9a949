"""Indexes for pages come after the night's loads, and follow the newest day (TRF-02, TRF-04)."""

from datetime import timedelta

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from services.traffic import folding, page_indexes
from tests.integration.traffic.meters import MOBILE, NOW, Meters, day, iccid
from tests.integration.traffic.test_months import fold

SOON = NOW + timedelta(minutes=11)


def keep(meters: Meters, now=SOON) -> list[str]:
    with UnitOfWork(meters.engine).begin() as tx:
        made = page_indexes.keep(tx, now)
        tx.commit()
    return made


def standing(meters: Meters) -> list[str]:
    rows = meters.run(
        "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND indexname LIKE 'ix_usage_days_2%'"
    )
    return sorted(row.indexname.removeprefix("ix_usage_days_") for row in rows)


def have_used(meters: Meters, *days: int) -> None:
    """Without the indexes of an earlier test, whose days are gone."""
    if not meters.run("SELECT FROM usage_day_counts"):
        keep(meters)
    meters.run("UPDATE cards SET changed_at = '2026-10-01'")
    for number in days:
        meters.push([(iccid(card), day(number), 1000) for card in MOBILE])


@pytest.mark.req("TRF-02", "TRF-04")
def test_each_day_is_indexed_by_unit_and_the_newest_by_its_sums(meters: Meters) -> None:
    have_used(meters, 1, 2)
    keep(meters)
    assert standing(meters) == [
        "20261101_unit", "20261102_carrier_month", "20261102_differ", "20261102_terminal_month", "20261102_unit",
    ]  # fmt: skip

    have_used(meters, 3)
    keep(meters)
    assert standing(meters) == [
        "20261101_unit", "20261102_unit", "20261103_carrier_month", "20261103_differ", "20261103_terminal_month",
        "20261103_unit",
    ]  # fmt: skip
    assert keep(meters) == []
    fold(meters)
    keep(meters)
    assert standing(meters) == []


@pytest.mark.req("TRF-02")
def test_no_page_index_is_made_while_a_load_waits_or_a_large_one_has_just_run(meters: Meters) -> None:
    have_used(meters, 1)
    meters.run("UPDATE loads SET state = 'waiting'")
    assert keep(meters) == []
    meters.run("UPDATE loads SET state = 'taken', taken = 20000, ended_at = :at", at=NOW)
    assert keep(meters, NOW + timedelta(minutes=9)) == []

    assert keep(meters, NOW + timedelta(minutes=11)) != []


@pytest.mark.req("TRF-02")
def test_no_page_index_is_made_while_somebody_holds_the_lock_of_loads(meters: Meters) -> None:
    have_used(meters, 1)
    with UnitOfWork(meters.engine).begin() as other:
        assert folding.locked(other)
        assert keep(meters) == []
    assert keep(meters) != []
