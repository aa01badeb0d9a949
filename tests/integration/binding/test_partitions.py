"""Readings are kept for 13 months, and dropped by whole days (BND-01)."""

from datetime import date, timedelta
from typing import Any

import pytest

from kernel.chassis.data import partitions as chassis
from kernel.chassis.data.unit_of_work import UnitOfWork
from services.binding import partitions
from services.binding.service import BindingService
from tests.integration.binding.nights import STATION, Network, at, card, row, terminal

TODAY = date(2026, 11, 20)


def days(network: Network) -> list[Any]:
    with network.read() as tx:
        return list(tx.execute("SELECT day FROM readings ORDER BY day").scalars())


@pytest.mark.req("BND-01")
def test_days_whose_13_months_are_over_go_whole_and_bindings_stay(network: Network) -> None:
    network.know(cards=[1], terminals=[1])
    network.report([row(1, at(0), card(1))])
    old, kept = TODAY - timedelta(days=397), TODAY - timedelta(days=395)
    with UnitOfWork(network.engine).begin(STATION, "test") as tx:
        partitions.ensure_days(tx, {old, kept})
        for day in (old, kept):
            tx.execute(
                "INSERT INTO readings (asset_no, slot, read_at, day, outcome, arrived_at, station)"
                " VALUES (:asset_no, 1, :day, :day, 'failed', now(), 's')",
                {"asset_no": terminal(1), "day": day},
            )
        tx.commit()

    with UnitOfWork(network.engine).begin() as tx:
        chassis.keep_all(tx, BindingService.PARTITIONED, TODAY)
        tx.commit()

    assert days(network) == [kept, date(2026, 11, 2)]
    assert network.where(1) == terminal(1)
    with network.read() as tx:
        assert tx.execute("SELECT to_regclass('readings_20261122')").scalar_one() is not None, "made ahead"
