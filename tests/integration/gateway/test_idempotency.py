"""One Idempotency-Key, one effect; and every write in the audit log (GTW-01, GTW-02)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kernel.contracts import topology
from kernel.model.errors import DomainError
from tests.integration.gateway.conftest import LiveGateway
from tests.integration.gateway.peer import Peer, Received, after

pytestmark = pytest.mark.req("GTW-01", "GTW-02")

BODY = {"iccids": ["89860012345678900007"], "reason": "工单取消"}
DONE = {"done": 1, "refused_count": 0, "refused": []}


@pytest.fixture(scope="module")
def settings_of_module() -> dict[str, Any]:
    return {"idempotency_wait_seconds": 3, "rpc_command_timeout_seconds": 2}


def post(client: Any, key: str | None, body: dict[str, Any] = BODY) -> Any:
    return client.post("/cards/return-to-stock", json=body, headers={"Idempotency-Key": key} if key else {})


def test_the_same_key_answers_again_without_acting_again(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["return_to_stock"] = lambda _: DONE
    client = gateway.login("county1")

    first, second = post(client, "key-once-0001"), post(client, "key-once-0001")

    assert first.json() == second.json() == DONE
    assert second.headers["idempotency-replayed"] == "true"
    assert inventory.count("return_to_stock") == 1


def test_the_same_key_with_another_body_is_refused(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["return_to_stock"] = lambda _: DONE
    client = gateway.login("county1")
    post(client, "key-body-0001")

    answer = post(client, "key-body-0001", {**BODY, "reason": "另一个原因"})

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")
    assert inventory.count("return_to_stock") == 1


def test_the_same_key_at_another_address_is_refused(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["return_to_stock"] = lambda _: DONE
    client = gateway.login("county1")
    post(client, "key-path-0001")

    answer = client.post("/cards/mark-pending-scrap", json=BODY, headers={"Idempotency-Key": "key-path-0001"})

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


def test_a_key_belongs_to_its_user(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["return_to_stock"] = lambda _: DONE

    post(gateway.login("county1"), "key-user-0001")
    post(gateway.login("city1"), "key-user-0001")

    assert inventory.count("return_to_stock") == 2


def test_a_refusal_is_answered_again_too(gateway: LiveGateway, inventory: Peer) -> None:
    def refuse(_: Received) -> Any:
        raise DomainError("delivery_held")

    inventory.answers["return_to_stock"] = refuse
    client = gateway.login("county1")

    first, second = post(client, "key-refused-1"), post(client, "key-refused-1")

    assert (first.status_code, second.status_code) == (409, 409)
    assert first.json()["code"] == second.json()["code"] == "delivery_held"
    assert inventory.count("return_to_stock") == 1


def test_after_a_request_that_was_wrong_in_itself_its_key_takes_the_corrected_one(
    gateway: LiveGateway, inventory: Peer
) -> None:
    def judge(received: Received) -> Any:
        if received.request["phone"] == "13800000001":
            raise DomainError("range_empty")
        return {"done": 1, "refused_count": 0, "refused": [], "requisition_id": 4}

    inventory.answers["issue_cards"] = judge
    client, headers = gateway.login("county1"), {"Idempotency-Key": "corrected-0001"}
    crew = {"unit": "990101", "recipient": "王强", "iccids": ["89860012345678900007"]}

    wrong = client.post("/requisitions", json={**crew, "phone": "13800000001"}, headers=headers)
    right = client.post("/requisitions", json={**crew, "phone": "13800000000"}, headers=headers)
    again = client.post("/requisitions", json={**crew, "phone": "13800000000"}, headers=headers)

    assert (wrong.status_code, right.status_code, again.status_code) == (422, 200, 200)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_simultaneous_requests_act_once_and_all_get_the_answer(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["return_to_stock"] = after(0.5, DONE)
    client = gateway.login("county1")

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(client, "key-race-0001"), range(4)))

    assert [it.json() for it in answers] == [DONE] * 4
    assert inventory.count("return_to_stock") == 1


def test_after_a_timeout_the_same_key_reaches_the_service_under_the_same_command_id(
    gateway: LiveGateway, inventory: Peer
) -> None:
    inventory.answers["return_to_stock"] = after(3, DONE)
    client = gateway.login("county1")
    assert post(client, "key-late-0001").status_code == 504
    inventory.answers["return_to_stock"] = lambda _: DONE

    again = post(client, "key-late-0001")

    assert again.status_code == 200
    ids = {it.headers[topology.HEADER_COMMAND] for it in inventory.received if it.method == "return_to_stock"}
    assert len(ids) == 1


def test_a_key_whose_gateway_died_is_taken_over(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["return_to_stock"] = lambda _: DONE
    client = gateway.login("county1")
    post(client, "key-died-0001")
    gateway.sql(
        "UPDATE idempotency SET status = NULL, body = NULL, locked_until = now() - interval '1 s' WHERE key = %s",
        "key-died-0001",
    )

    assert post(client, "key-died-0001").status_code == 200
    assert inventory.count("return_to_stock") == 2


def test_a_key_is_kept_for_a_day(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["return_to_stock"] = lambda _: DONE
    client = gateway.login("county1")
    post(client, "key-day-00001")
    gateway.sql("UPDATE idempotency SET created_at = now() - interval '25 h' WHERE key = %s", "key-day-00001")

    assert "idempotency-replayed" not in post(client, "key-day-00001").headers
    assert inventory.count("return_to_stock") == 2


@pytest.mark.parametrize("key", ["short", "with a space", "x" * 129])
def test_a_malformed_key_is_refused(gateway: LiveGateway, key: str) -> None:
    answer = post(gateway.login("county1"), key)

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_malformed")


def test_the_gateways_own_writes_obey_keys_as_well(gateway: LiveGateway) -> None:
    admin = gateway.login("admin")
    send = lambda name: admin.post(  # noqa: E731
        "/units", json={"code": "9903", "name": name}, headers={"Idempotency-Key": "key-unit-0001"}
    )

    first, second, third = send("南湖市供电公司"), send("南湖市供电公司"), send("北湖市供电公司")

    assert (first.status_code, second.status_code, third.status_code) == (201, 201, 409)
    assert first.json() == second.json()


def test_every_write_is_audited_with_its_outcome(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["return_to_stock"] = lambda _: DONE
    client = gateway.login("county1")
    good = post(client, None)
    inventory.answers["return_to_stock"] = lambda _: (_ for _ in ()).throw(DomainError("delivery_held"))
    post(client, None)

    entries = gateway.login("admin").get("/audit-log", params={"login": "county1", "size": 2}).json()["items"]

    assert [(it["outcome"], it["status"], it["code"]) for it in entries] == [
        ("refused", 409, "delivery_held"),
        ("done", 200, None),
    ]
    assert entries[1]["trace_id"] == good.headers["x-correlation-id"]
    assert entries[1]["details"]["iccids"] == BODY["iccids"]
    assert (entries[1]["action"], entries[1]["unit_name"]) == ("inventory.return_to_stock", "东江城区供电公司")


def test_no_secret_reaches_the_audit_log(gateway: LiveGateway) -> None:
    admin = gateway.login("admin")
    body = {"login": "secretive", "name": "密", "unit": "99", "roles": ["viewer"], "password": "a password to hide"}
    admin.post("/people", json=body)

    found = gateway.sql("SELECT count(*) FROM audit_log WHERE details::text LIKE '%%a password to hide%%'")

    assert found == [(0,)]
