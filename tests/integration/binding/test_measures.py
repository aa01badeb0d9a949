"""What binding shows in its /metrics, from its real tables (issue's point: readings, age, exceptions, backlog)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from prometheus_client import REGISTRY

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.process.measures import measures_of, take
from kernel.contracts.binding.on_demand import AskReads
from kernel.contracts.binding.readings import ReportReadings
from kernel.model.actor import Actor
from services.binding import on_demand
from services.binding.reporting import report_readings
from services.binding.turn import LOCK
from tests.integration.binding.nights import NOW, STATION, Network, at, card, row
from tests.messaging.harness import until

CLERK = Actor("c", "市", "9901", frozenset({"reading.ask"}))


def shown(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)


def look(network: Network) -> None:
    with UnitOfWork(network.engine).begin() as tx:
        take(tx, measures_of("services.binding"))


@contextmanager
def counted(*outcomes: str) -> Iterator[dict[str, float]]:
    """How many readings more each outcome has after the block."""
    before = {each: shown("simkeep_readings_total", outcome=each) or 0 for each in outcomes}
    found: dict[str, float] = {}
    yield found
    found |= {each: (shown("simkeep_readings_total", outcome=each) or 0) - before[each] for each in outcomes}


@pytest.mark.req("OPS-03", "BND-01")
def test_readings_are_counted_by_how_they_went_and_once(network: Network):
    network.know(cards=range(1, 9), terminals=range(1, 9))
    rows: list[Any] = [row(number, at(0, number), card(number)) for number in range(1, 6)]
    rows += [row(6, at(0), None), row(7, at(0), "8986"), row(8, at(0), card(8), clock="bad"), {"terminal": "?"}]
    refused = shown("simkeep_readings_refused_total", code="terminal_malformed") or 0
    repeated = shown("simkeep_readings_repeated_total") or 0

    with counted("read", "failed", "malformed", "clock_off") as found:
        network.report(rows)
        network.report(rows)

    assert found == {"read": 5, "failed": 1, "malformed": 1, "clock_off": 1}
    assert (shown("simkeep_readings_repeated_total") or 0) - repeated == 8
    assert (shown("simkeep_readings_refused_total", code="terminal_malformed") or 0) - refused == 2


@pytest.mark.req("OPS-03", "BND-01")
def test_a_batch_that_was_rolled_back_is_not_counted(network: Network):
    network.know(cards=[1], terminals=[1])

    with counted("read") as found, UnitOfWork(network.engine).begin(STATION, "test") as tx:
        report_readings(tx, ReportReadings(rows=[row(1, at(0), card(1))]), by=STATION, now=NOW)

    assert found == {"read": 0}


@pytest.mark.req("OPS-03", "BND-11")
def test_the_age_of_a_units_newest_reading_is_that_of_its_newest_good_one_in_whatever_order_they_came(
    network: Network,
):
    network.know(cards=range(1, 4), terminals=range(1, 4))
    network.report([row(3, at(2), card(3)), row(1, at(1), card(1))])
    network.report([row(3, at(0), card(3)), row(1, at(2), None), row(9, at(3), card(9))])
    look(network)

    with network.read() as tx:
        newest = {each.unit: each.read_at for each in tx.execute("SELECT * FROM newest_readings")}
        age = tx.execute("SELECT extract(epoch FROM now() - :then)", {"then": at(2)}).scalar_one()
    assert newest == {"990101": at(2), "990102": at(1)}
    assert shown("simkeep_newest_reading_age_seconds", unit="990101") == pytest.approx(float(age), abs=60)
    assert shown("simkeep_newest_reading_age_seconds", unit="") is None


@pytest.mark.req("OPS-03", "BND-06")
def test_exceptions_that_stand_are_shown_by_kind_and_what_ended_no_longer(network: Network):
    network.know(cards=range(1, 9), terminals=range(1, 9))
    network.report([row(1, at(0), None), row(2, at(0), None), row(3, at(0), card(4)), row(4, at(0, 1), card(4))])
    look(network)
    first = [shown("simkeep_binding_exceptions", kind=kind, state="open") for kind in ("failed", "card_elsewhere")]
    network.report([row(1, at(1), card(1)), row(2, at(1), card(2)), row(4, at(1), card(5))])
    look(network)

    assert first == [2, 1]
    assert shown("simkeep_binding_exceptions", kind="failed", state="open") is None
    assert shown("simkeep_binding_exceptions", kind="card_elsewhere", state="open") is None


@pytest.mark.req("OPS-03", "BND-04", "BND-12")
def test_what_waits_is_shown_reads_batches_and_nothing_when_nothing_waits(network: Network, module_database: str):
    network.know(terminals=[1, 2])
    with UnitOfWork(network.engine).begin(CLERK, "test") as tx:
        names = ["33T0000001", "33T0000002"]
        on_demand.ask(tx, AskReads(terminals=names, minutes=10), by=CLERK, now=NOW + timedelta(days=3650))
        tx.commit()
    look(network)
    quiet = shown("simkeep_reading_batches_waiting")
    with psycopg.connect(module_database) as holder, ThreadPoolExecutor(1) as other:
        holder.execute(LOCK)
        waits = other.submit(network.report, [row(1, at(0), None)])
        until("a batch waits", lambda: _waiting(network) == 1, 30)
        holder.rollback()
        waits.result(30)
    look(network)

    assert (quiet, shown("simkeep_reading_batches_waiting")) == (0, 0)
    assert shown("simkeep_reads_waiting", station="station-1") == 2


def _waiting(network: Network) -> float | None:
    look(network)
    return shown("simkeep_reading_batches_waiting")
