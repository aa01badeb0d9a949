"""Pulling deliveries from carriers' interfaces, good and bad ones, over real HTTP (INV-01)."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.local.carriers import CARRIERS, DemoCarriers, Fault, endpoints, serving
from deploy.local.carriers_catalogue import Batch, batch_of
from kernel.carriers.asking import retry_after
from kernel.carriers.settings import Endpoint, endpoint_of
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.inventory.deliveries import PullDeliveries
from kernel.model.actor import system_actor
from kernel.model.errors import DomainError
from services.inventory.carriers import adapter_for
from services.inventory.deliveries.importing import pull_all, pull_deliveries
from tests.integration.inventory.delivery_lab import PROVINCE, Lab, a_lab

KEY = "the demo's key"
DIALECTS = tuple(CARRIERS.items())
FAST: dict[str, Any] = {"timeout_seconds": 10, "attempts": 3, "backoff_seconds": 0.01, "key_env": None}


def some_batches(carrier: str) -> list[Batch]:
    return [
        batch_of(carrier, "2026-10", 0, "smd", 250),
        batch_of(carrier, "2026-11", 0, "nano", 30, announced=31),
        batch_of(carrier, "2026-11", 1, "plug_in", 101),
    ]


@pytest.fixture
def server() -> Iterator[DemoCarriers]:
    with serving([batch for carrier in CARRIERS.values() for batch in some_batches(carrier)], KEY) as server:
        yield server


def connect(patch: pytest.MonkeyPatch, server: DemoCarriers, key: str = KEY) -> None:
    patch.setenv("SIMKEEP_CARRIERS", json.dumps([{**it, **FAST} for it in endpoints(server.port, key)]))


@pytest.fixture
def lab(module_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: DemoCarriers) -> Iterator[Lab]:
    connect(monkeypatch, server)
    with a_lab(module_database, tmp_path, "00000", monkeypatch) as lab:
        yield lab


def pull(lab: Lab, carrier: str) -> dict[str, Any]:
    with UnitOfWork(lab.engine).begin(lab.by) as tx:
        pull_deliveries(tx, PullDeliveries(carrier=carrier), by=lab.by)
        tx.commit()
    return lab.run()


def forget(lab: Lab) -> None:
    with lab.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE carriers SET pulled_until = NULL")


def deliveries(lab: Lab, carrier: str) -> list[tuple[str, int, str]]:
    sql = "SELECT batch_no, received_count, state FROM deliveries WHERE carrier = %s ORDER BY batch_no"
    return [(row["batch_no"], row["received_count"], row["state"]) for row in lab.all(sql, carrier)]


def adapter(server: DemoCarriers, dialect: str, **change: Any) -> Any:
    (one,) = [it for it in endpoints(server.port, KEY) if it["dialect"] == dialect]
    return adapter_for(Endpoint.model_validate({**one, **FAST, **change}))


def all_cards(found: Any) -> list[Any]:
    offers = list(found.new_deliveries(None))
    return [card for page in found.cards(offers[0]) for card in page]


def failure(found: Any) -> str:
    with pytest.raises(DomainError) as failed:
        all_cards(found)
    assert failed.value.code == "carrier_failed"
    return str(failed.value.params["reason"])


@pytest.mark.req("INV-01")
@pytest.mark.parametrize(("dialect", "carrier"), DIALECTS)
def test_every_dialect_delivers_all_cards_of_all_batches(server: DemoCarriers, dialect: str, carrier: str) -> None:
    found = adapter(server, dialect)

    offers = list(found.new_deliveries(None))

    assert [offer.note.application_month for offer in offers] == ["2026-10", "2026-11", "2026-11"]
    assert [offer.note.card_spec for offer in offers] == ["smd", "nano", "plug_in"]
    assert [offer.note.expected_count for offer in offers] == [250, 31, 101]
    for offer, batch in zip(offers, some_batches(carrier), strict=True):
        cards = [card for page in found.cards(offer) for card in page]
        assert cards == [(it["iccid"], it["imsi"], it["msisdn"]) for it in batch.cards(0, batch.count)]
    assert [o.note.batch_no for o in found.new_deliveries(offers[1].cursor)] == [offers[2].note.batch_no]


@pytest.mark.req("INV-01")
@pytest.mark.parametrize(("dialect", "carrier"), DIALECTS)
def test_a_pull_takes_everything_in_and_the_next_one_finds_nothing_new(lab: Lab, dialect: str, carrier: str) -> None:
    job = pull(lab, carrier)

    assert job["state"] == "done"
    states = ["received", "held", "received"]
    assert [count for _, count, _ in deliveries(lab, carrier)] == [250, 30, 101]
    assert [state for _, _, state in deliveries(lab, carrier)] == states
    assert [it["received"] for it in job["result"]["deliveries"]] == [250, 30, 101]
    before = lab.everything()
    assert pull(lab, carrier)["result"]["deliveries"] == []
    forget(lab)
    assert pull(lab, carrier)["state"] == "done"
    assert lab.everything() == before


@pytest.mark.req("INV-01")
@pytest.mark.parametrize(("dialect", "carrier"), DIALECTS)
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("http_500"), "HTTP 500"),
        (Fault("slow", seconds=2), "no answer within 0.5 s"),
        (Fault("drip", seconds=0.01), "no whole answer within 0.5 s"),
        (Fault("truncated"), "no JSON"),
        (Fault("not_json"), "no JSON"),
    ],
)
def test_a_carrier_that_keeps_failing_is_given_up_with_the_reason(
    server: DemoCarriers, dialect: str, carrier: str, fault: Fault, reason: str
) -> None:
    server.faults.append(fault)
    # Short only where waiting is the point: a busy machine must not look like a slow carrier.
    timeout = 0.5 if fault.kind in {"slow", "drip"} else FAST["timeout_seconds"]

    assert reason in failure(adapter(server, dialect, timeout_seconds=timeout))
    assert server.asked == FAST["attempts"]


@pytest.mark.req("INV-01")
@pytest.mark.parametrize("dialect", [dialect for dialect, _ in DIALECTS])
def test_a_carrier_that_asks_for_a_wait_gets_it(server: DemoCarriers, dialect: str) -> None:
    server.faults.append(Fault("http_429", seconds=2, times=1))
    began = time.monotonic()

    assert len(all_cards(adapter(server, dialect))) == 250
    assert time.monotonic() - began >= 2


@pytest.mark.req("INV-01")
@pytest.mark.parametrize("dialect", [dialect for dialect, _ in DIALECTS])
def test_a_carrier_that_asks_for_an_hour_is_not_asked_again_and_says_so(server: DemoCarriers, dialect: str) -> None:
    server.faults.append(Fault("http_429", seconds=3600))

    assert "HTTP 429, asks for a wait of 3600 s" in failure(adapter(server, dialect))
    assert server.asked == 1


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("7", 7, 7),
        (format_datetime(datetime.now(UTC) + timedelta(hours=2), usegmt=True), 3600, 7200),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        ("soon", 0, 0),
        ("", 0, 0),
    ],
    ids=["seconds", "a date to come", "a date gone by", "a word", "nothing"],  # the date would differ at each start
)
def test_the_wait_is_read_in_seconds_or_as_a_date(said: str, least: float, most: float) -> None:
    assert least <= retry_after(said) <= most


@pytest.mark.req("INV-01")
@pytest.mark.parametrize(
    ("dialect", "path"), [("generic", "/cards"), ("onelink", "order-cards"), ("unicom", "Terminals")]
)
def test_half_a_page_is_noticed(server: DemoCarriers, dialect: str, path: str) -> None:
    server.faults.append(Fault("half_page", path))

    assert "page 1 holds" in failure(adapter(server, dialect))


@pytest.mark.req("INV-01")
@pytest.mark.parametrize(("dialect", "path"), [("onelink", "order-cards"), ("unicom", "Terminals")])
def test_the_same_page_for_ever_is_noticed(server: DemoCarriers, dialect: str, path: str) -> None:
    server.faults.append(Fault("same_page", path))

    assert "page 2 repeats page 1" in failure(adapter(server, dialect))


def test_the_same_page_for_ever_is_noticed_in_the_generic_dialect() -> None:
    with serving([batch_of("china_telecom", "2026-11", 0, "smd", 3000)], KEY) as server:
        server.faults.append(Fault("same_page", "/cards"))

        assert "page 2 repeats page 1" in failure(adapter(server, "generic"))


@pytest.mark.req("INV-01")
@pytest.mark.parametrize(("dialect", "carrier"), DIALECTS)
def test_numbers_that_are_sent_as_json_numbers_keep_their_digits(
    server: DemoCarriers, dialect: str, carrier: str
) -> None:
    texts = all_cards(adapter(server, dialect))
    server.faults.append(Fault("as_numbers"))

    assert all_cards(adapter(server, dialect)) == texts


@pytest.mark.parametrize(("dialect", "carrier"), DIALECTS)
@pytest.mark.parametrize("kind", ["http_500", "truncated", "half_page"])
def test_a_fault_that_passes_is_survived(server: DemoCarriers, dialect: str, carrier: str, kind: str) -> None:
    server.faults.append(Fault(kind, times=2))

    assert len(all_cards(adapter(server, dialect))) == 250


@pytest.mark.parametrize(
    ("dialect", "reason"), [("generic", "HTTP 401"), ("onelink", "code 12022"), ("unicom", "code 1003")]
)
def test_a_wrong_key_is_told_and_not_tried_again(server: DemoCarriers, dialect: str, reason: str) -> None:
    assert reason in failure(adapter(server, dialect, key="another"))
    assert server.asked == 1


def test_an_expired_token_is_bought_anew(server: DemoCarriers) -> None:
    server.faults.append(Fault("token_expired", "order-cards", times=1))

    assert len(all_cards(adapter(server, "onelink"))) == 250


@pytest.mark.req("INV-01")
@pytest.mark.parametrize(
    "fault", [Fault("http_500", "Terminals"), Fault("half_page", "Terminals"), Fault("same_page", "Terminals")]
)
def test_a_pull_that_breaks_off_leaves_no_half_delivery_and_goes_on_later(
    lab: Lab, server: DemoCarriers, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    month = f"2026-{7 + ('http_500', 'half_page', 'same_page').index(fault.kind):02d}"
    batches = [batch_of("china_unicom", month, index, "smd", 150) for index in (0, 1)]
    with serving(batches, KEY) as own:
        connect(monkeypatch, own)
        forget(lab)
        assert [b.batch_no for b in batches] == [o.note.batch_no for o in adapter(own, "unicom").new_deliveries(None)]
        own.faults.append(fault)

        job = pull(lab, "china_unicom")

        assert (job["state"], job["error_code"]) == ("failed", "carrier_failed")
        assert not [row for row in deliveries(lab, "china_unicom") if month.replace("-", "") in row[0]]
        own.faults.clear()
        assert pull(lab, "china_unicom")["state"] == "done"
        found = [row for row in deliveries(lab, "china_unicom") if month.replace("-", "") in row[0]]
        assert [(count, state) for _, count, state in found] == [(150, "received")] * 2


def test_a_delivery_that_cannot_be_taken_in_stops_the_cursor_but_not_the_others(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = [
        batch_of("china_telecom", "2026-06", 0, "smd", 10),
        batch_of("china_telecom", "2026-06", 1, "gold", 10),
        batch_of("china_telecom", "2026-06", 2, "smd", 10),
    ]
    with serving(batches, KEY) as own:
        connect(monkeypatch, own)
        forget(lab)

        job = pull(lab, "china_telecom")

        assert [it["batch_no"] for it in job["result"]["deliveries"]] == ["DX-202606-01", "DX-202606-03"]
        assert [(it["batch_no"], it["code"]) for it in job["result"]["refused_deliveries"]] == [
            ("DX-202606-02", "card_spec_unknown")
        ]
        cursor = lab.one("SELECT pulled_until AS c FROM carriers WHERE code = 'china_telecom'")["c"]
        assert cursor == "DX-202606-01"


def test_the_timer_pulls_every_connected_carrier_once_at_a_time(lab: Lab) -> None:
    with UnitOfWork(lab.engine).begin() as tx:
        assert pull_all(tx, by=system_actor("inventory")) == 3
        assert pull_all(tx, by=system_actor("inventory")) == 0
        again = pull_deliveries(tx, PullDeliveries(carrier="china_mobile"), by=PROVINCE)
        rows = tx.execute("SELECT count(*) FROM jobs WHERE id = :id", {"id": again.job_id}).scalar_one()
    assert rows == 1


def test_a_carrier_that_is_not_connected_is_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMKEEP_CARRIERS", "[]")

    with pytest.raises(DomainError) as refused:
        endpoint_of("china_mobile")

    assert refused.value.code == "carrier_not_connected"
