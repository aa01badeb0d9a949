"""The bus from the gateway's side: deadlines, nobody there, broker gone and back (GTW-01, OPS-03)."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.local.rabbit import PrivateRabbit
from gateway.settings import GatewaySettings
from kernel.contracts import topology
from kernel.model.errors import DomainError
from tests.integration.gateway.conftest import LiveGateway, environment, serve, wait_ready
from tests.integration.gateway.peer import SILENCE, Peer, Received, declare
from tests.servers import started

CARD = {"iccid": "89860012345678900007", "owner_unit": "990101", "issued_to_unit": None, "version": 7, "can": []}


@pytest.fixture(scope="module")
def settings_of_module() -> dict[str, Any]:
    return {"rpc_timeout_seconds": 1, "rpc_in_flight": 4}


def get_card(gateway: LiveGateway, client: httpx.Client) -> httpx.Response:
    return client.get("/cards/89860012345678900007")


def test_a_question_goes_to_the_service_and_its_answer_comes_back_with_names(
    gateway: LiveGateway, inventory: Peer
) -> None:
    inventory.answers["get_card"] = lambda _: CARD

    answer = gateway.login("county1").get("/cards/89860012345678900007", headers={"X-Correlation-Id": "click-000001"})

    assert answer.json()["owner_unit_name"] == "东江城区供电公司"
    assert answer.headers["etag"] == '"7"'
    asked = inventory.last("get_card")
    assert asked.request == {"iccid": "89860012345678900007"}
    assert asked.headers[topology.HEADER_CORRELATION] == "click-000001" == answer.headers["x-correlation-id"]
    assert (asked.actor.id, asked.actor.unit) == ("county1", "990101")
    assert asked.expiration == "1000"
    assert 0 < float(asked.headers[topology.HEADER_DEADLINE]) - time.time() < 1.1


def test_a_method_that_nobody_serves_is_503_at_once(gateway: LiveGateway) -> None:
    client = gateway.login("admin")
    started = time.perf_counter()

    answer = client.get("/jobs", params={"service": "traffic"})

    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) >= 1
    assert time.perf_counter() - started < 0.8


def test_a_service_that_does_not_answer_is_504_at_the_deadline(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["get_card"] = lambda _: SILENCE
    client = gateway.login("county1")
    started = time.perf_counter()

    answer = get_card(gateway, client)

    assert (answer.status_code, answer.json()["code"]) == (504, "deadline_exceeded")
    assert 0.9 < time.perf_counter() - started < 3


def test_a_service_that_is_down_is_504_and_its_request_expires(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["get_card"] = lambda _: CARD
    client = gateway.login("county1")
    inventory.stop()

    assert get_card(gateway, client).status_code == 504

    time.sleep(0.2)
    inventory.start()
    time.sleep(0.5)
    assert inventory.count("get_card") == 0
    assert get_card(gateway, client).status_code == 200


def test_an_answer_that_comes_late_disturbs_nobody(gateway: LiveGateway, inventory: Peer) -> None:
    client = gateway.login("county1")
    inventory.answers["get_card"] = lambda _: time.sleep(1.3) or {**CARD, "iccid": "late"}
    assert get_card(gateway, client).status_code == 504
    inventory.answers["get_card"] = lambda _: CARD

    answers = [get_card(gateway, client) for _ in range(3)]

    assert {it.json()["iccid"] for it in answers} == {CARD["iccid"]}


def refuse(_: Received) -> Any:
    raise DomainError("card_not_found", iccid="89860012345678900007")


def test_a_refusal_becomes_a_problem_with_code_params_and_both_languages(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["get_card"] = refuse

    answer = get_card(gateway, gateway.login("county1"))

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (404, "card_not_found")
    assert problem["params"] == {"iccid": "89860012345678900007"}
    assert "89860012345678900007" in problem["detail"]
    assert problem["detail_en"].startswith("There is no card")
    assert problem["trace_id"] == answer.headers["x-correlation-id"]


def test_an_unknown_exception_of_a_service_leaks_nothing(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["get_card"] = lambda _: 1 / 0

    answer = get_card(gateway, gateway.login("county1"))

    assert answer.status_code == 500
    assert "division" not in answer.text
    assert answer.json()["params"] == {"trace_id": answer.headers["x-correlation-id"]}


def test_more_calls_than_may_wait_are_refused_at_once(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["get_card"] = lambda _: time.sleep(0.15) or CARD
    client = gateway.login("county1")

    with ThreadPoolExecutor(12) as pool:
        statuses = [it.status_code for it in pool.map(lambda _: get_card(gateway, client), range(12))]

    assert set(statuses) <= {200, 503}
    assert statuses.count(200) >= 4
    assert statuses.count(503) >= 1
    assert get_card(gateway, client).status_code == 200


def test_lost_database_connections_are_replaced(gateway: LiveGateway) -> None:
    client = gateway.login("county1")

    gateway.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'simkeep-gateway'"
    )

    assert client.get("/auth/me").status_code == 200
    assert gateway.login("county1").get("/units/990101").status_code == 200


@pytest.fixture
def rabbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateRabbit]:
    with started(PrivateRabbit(tmp_path_factory.mktemp("rabbit"), durable=False)) as server:
        yield server


@pytest.mark.slow
def test_the_gateway_outlives_its_broker_and_finds_it_again(
    gateway: LiveGateway, rabbit: PrivateRabbit, tmp_path: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        declare(rabbit.url)
        environment(patch, gateway.database_url, rabbit.url, tmp_path)
        serving = serve(GatewaySettings(rpc_timeout_seconds=2))
        base_url = next(serving)
        wait_ready(base_url)
        live = LiveGateway(base_url, gateway.settings, gateway.database_url, rabbit.url, tmp_path)
        client = live.login("county1")

        rabbit.stop()
        away = get_card(live, client)
        assert (away.status_code, away.json()["code"]) == (503, "service_unavailable")
        assert httpx.get(f"{base_url}/health/live").status_code == 200
        assert httpx.get(f"{base_url}/health/ready").json()["bus"] is False
        assert client.get("/units/tree").status_code == 200

        rabbit.start()
        wait_ready(base_url)
        peer = Peer(rabbit.url, answers={"get_card": lambda _: CARD})
        peer.start()
        assert get_card(live, client).status_code == 200
        peer.stop()
        next(serving, None)


@pytest.mark.slow
def test_the_gateway_starts_with_neither_broker_nor_database(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        environment(patch, "postgresql://a:b@127.0.0.1:1/none", "amqp://a:b@127.0.0.1:1/", tmp_path)
        serving = serve(GatewaySettings())
        base_url = next(serving)

        ready = httpx.get(f"{base_url}/health/ready", timeout=20)
        login = httpx.post(f"{base_url}/api/v1/auth/login", json={"login": "a", "password": "b"}, timeout=30)

        assert (ready.status_code, ready.json()) == (503, {"status": "away", "bus": False, "database": False})
        assert (login.status_code, login.json()["code"]) == (503, "service_unavailable")
        next(serving, None)
