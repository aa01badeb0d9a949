"""A batch's way through the running service: commands in, answers and events out (INV-02..INV-04)."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import amqp
import pytest
from sqlalchemy import Engine

from kernel.chassis.bus import links
from kernel.chassis.bus.wire import ServiceError
from kernel.chassis.process.settings import BusSettings
from kernel.contracts import topology
from kernel.contracts.inventory import acts, deliveries
from kernel.contracts.inventory.events import CARD_EVENTS
from tests.integration.inventory.stock import CITY, PROVINCE, Stock, clerk
from tests.messaging.client import BusClient
from tests.messaging.harness import Bench, until
from tests.running_stack import virtual_host


@pytest.fixture(scope="module")
def amqp_host(amqp_url: str) -> str:
    return virtual_host(amqp_url)


@pytest.fixture(scope="module")
def client(module_database: str, amqp_host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BusClient]:
    """A client of the service, which runs as a process of its own."""
    directory: Path = tmp_path_factory.mktemp("inventory")
    settings = {
        "SIMKEEP_DATABASE_URL": module_database,
        "SIMKEEP_BLOB_URL": f"file://{directory / 'blobs'}",
    }
    service = Bench(module_database, amqp_host, directory, settings).start("inventory")
    client = BusClient(amqp_host)
    yield client
    client.close()
    assert service.stop() == 0


@pytest.fixture(scope="module")
def told(client: BusClient, amqp_host: str) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Call it for the envelopes of inventory's events that have come so far."""
    connection = links.connect(BusSettings(amqp_url=amqp_host, heartbeat_seconds=60), "test-listener")
    channel = connection.channel()
    channel.auto_decode = False
    queue = channel.queue_declare("", exclusive=True).queue
    channel.queue_bind(queue, topology.event_exchange("inventory"), "#")
    arrived: list[dict[str, Any]] = []

    def take(message: amqp.Message) -> None:
        arrived.append(json.loads(message.body))

    def read() -> list[dict[str, Any]]:
        with suppress(TimeoutError):
            connection.drain_events(timeout=0.2)
        return arrived

    channel.basic_consume(queue, no_ack=True, callback=take)
    yield read
    connection.close()


@pytest.mark.stack
@pytest.mark.req("INV-02", "INV-03", "INV-04", "OPS-04")
def test_a_batch_goes_from_delivery_to_the_crew(
    client: BusClient, told: Callable[[], list[dict[str, Any]]], engine: Engine
):
    stock = Stock(engine, 90_001)
    batch = stock.deliver(2500)
    stock_in = deliveries.StockIn(delivery_id=batch.id)
    allocate = acts.AllocateCards(
        application_month="2026-11",
        carrier="china_mobile",
        card_spec="plug_in",
        start_iccid=batch.iccids[0],
        end_iccid=batch.iccids[-1],
        to_unit="9901",
    )
    issue = acts.IssueCards(unit="9901", recipient="李强", phone="13800000000", iccids=[*batch.iccids[:3], "89860"])

    first = client.call("inventory", deliveries.STOCK_IN, stock_in, actor=PROVINCE, command_id="s-1", timeout=60)
    again = client.call("inventory", deliveries.STOCK_IN, stock_in, actor=PROVINCE, command_id="s-1", timeout=60)
    given = client.call("inventory", acts.ALLOCATE_CARDS, allocate, actor=PROVINCE, command_id="a-1", timeout=60)
    issued = client.call("inventory", acts.ISSUE_CARDS, issue, actor=CITY, command_id="i-1", timeout=60, language="en")

    assert first == again == {"done": 2500, "left_out": [], "job_id": None}
    assert (given["allocation"]["card_count"], given["allocation"]["to_unit"]) == (2500, "9901")
    assert (issued["done"], issued["refused"][0]["message"]) == (3, "ICCID 89860 must have 19 or 20 characters, not 5")

    def all_there() -> list[dict[str, Any]] | None:
        mine = [event for event in told() if batch.iccids[0][:11] == event["payload"]["iccids"][0][:11]]
        return mine if sum(len(event["payload"]["iccids"]) for event in mine) >= 3 * 2500 + 3 else None

    events = until("all events have come", all_there)
    assert [event["sequence"] for event in events] == sorted(event["sequence"] for event in events)
    assert [event["type"] for event in events if event["type"] != "cards_received"] == [
        *["cards_stocked_in"] * 3,
        *["cards_allocated"] * 3,
        "cards_issued",
    ]
    for event in events:
        CARD_EVENTS[event["payload"]["action"]].model_validate(event["payload"])
        assert event["correlation_id"]


@pytest.mark.stack
@pytest.mark.req("INV-03", "GTW-02")
def test_a_refusal_says_what_to_do_and_a_permission_lacking_is_refused(client: BusClient, engine: Engine):
    stock = Stock(engine, 90_002)
    batch = stock.deliver(12)
    request = acts.AllocateCards(
        application_month="2026-11",
        carrier="china_mobile",
        card_spec="plug_in",
        start_iccid=batch.iccids[0],
        end_iccid=batch.iccids[-1],
        to_unit="9901",
    )

    with pytest.raises(ServiceError) as refused:
        client.call("inventory", acts.ALLOCATE_CARDS, request, actor=PROVINCE, command_id="a-2", timeout=60)
    viewer = clerk("99", frozenset({"card.view"}))
    with pytest.raises(ServiceError) as denied:
        client.call("inventory", acts.ALLOCATE_CARDS, request, actor=viewer, command_id="a-3", timeout=60)

    params = json.loads(refused.value.params_json)
    assert (refused.value.code, params["count"]) == ("allocation_refused", 12)
    assert params["reasons"] == [{"code": "card_not_in_stock", "count": 12, "first": sorted(batch.iccids)[:10]}]
    assert denied.value.code == "permission_denied"
