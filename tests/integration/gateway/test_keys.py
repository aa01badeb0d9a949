"""API keys: whose they are, what they may do while he may, and with whom they end; secrets are shown once (GTW-02)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from gateway.tables import metadata
from kernel.model.actor import person_behind, same_person
from tests.integration.gateway.conftest import CARRIER_KEY, PASSWORD, LiveGateway
from tests.integration.gateway.peer import Peer

pytestmark = pytest.mark.req("GTW-02")


def new_person(gateway: LiveGateway, login: str, unit: str = "9901", role: str = "admin") -> httpx.Response:
    body = {"login": login, "name": login, "unit": unit, "roles": [role], "password": PASSWORD}
    made = gateway.login("admin").post("/people", json=body)
    assert made.status_code == 201, made.text
    return made


def new_key(client: httpx.Client, unit: str = "9901", permissions: tuple[str, ...] = ("card.view",)) -> dict[str, Any]:
    made = client.post("/api-keys", json={"name": "报表", "unit": unit, "permissions": list(permissions)})
    assert made.status_code == 201, made.text
    return made.json()


def disable(gateway: LiveGateway, person: httpx.Response) -> None:
    admin = gateway.login("admin")
    etag = admin.get(f"/people/{person.json()['id']}").headers["etag"]
    done = admin.patch(f"/people/{person.json()['id']}", json={"active": False}, headers={"If-Match": etag})
    assert done.status_code == 200, done.text


def remove(gateway: LiveGateway, person: httpx.Response) -> None:
    admin = gateway.login("admin")
    etag = admin.get(f"/people/{person.json()['id']}").headers["etag"]
    assert admin.delete(f"/people/{person.json()['id']}", headers={"If-Match": etag}).status_code == 204


@pytest.mark.parametrize("leave", [disable, remove])
def test_a_key_ends_with_who_made_it(gateway: LiveGateway, leave: Any) -> None:
    login = f"maker.{leave.__name__}"
    person = new_person(gateway, login)
    key = new_key(gateway.fresh_login(login))
    assert gateway.client(key["key"]).get("/auth/me").status_code == 200

    leave(gateway, person)

    assert gateway.client(key["key"]).get("/auth/me").status_code == 401
    listed = gateway.login("admin").get("/api-keys", params={"size": 1000}).json()["items"]
    assert next(it["revoked_at"] for it in listed if it["prefix"] == key["prefix"]) is not None


def test_a_key_that_was_passed_on_lives_on_with_its_new_owner(gateway: LiveGateway) -> None:
    person = new_person(gateway, "leaver1")
    new_person(gateway, "heir1")
    key = new_key(gateway.fresh_login("leaver1"))

    passed = gateway.login("admin").post(f"/api-keys/{key['prefix']}/owner", json={"login": "heir1"})
    disable(gateway, person)

    assert (passed.status_code, passed.json()["owner"], passed.json()["created_by"]) == (200, "heir1", "leaver1")
    assert gateway.client(key["key"]).get("/auth/me").json()["login"] == f"key:{key['prefix']}@heir1,leaver1"


@pytest.mark.parametrize(
    ("login", "status", "code"),
    [
        ("county1", 409, "api_key_owner_unfit"),  # his unit does not contain the key's
        ("viewer1", 409, "api_key_owner_unfit"),  # he does not hold what the key holds
        ("nobody", 404, "person_not_found"),
    ],
)
def test_a_key_goes_only_to_somebody_who_could_have_made_it(
    gateway: LiveGateway, login: str, status: int, code: str
) -> None:
    key = new_key(gateway.login("admin"), permissions=("card.view", "card.allocate"))

    answer = gateway.login("admin").post(f"/api-keys/{key['prefix']}/owner", json={"login": login})

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_who_may_pass_a_key_on(gateway: LiveGateway) -> None:
    key = new_key(gateway.login("admin"))
    path, body = f"/api-keys/{key['prefix']}/owner", {"login": "admin"}

    assert gateway.client().post(path, json=body).status_code == 401
    assert gateway.login("admin2").post(path, json=body).json()["code"] == "api_key_not_found"  # another city's
    assert gateway.login("county1").post(path, json=body).status_code == 403
    assert gateway.login("admin").post(path, json=body).status_code == 200


def test_a_key_never_may_more_than_who_answers_for_it_may_now(gateway: LiveGateway) -> None:
    person = new_person(gateway, "demoted")
    key = new_key(gateway.fresh_login("demoted"), permissions=("card.view", "card.allocate"))
    admin = gateway.login("admin")

    etag = admin.get(f"/people/{person.json()['id']}").headers["etag"]
    body = {"roles": ["viewer"]}
    assert admin.patch(f"/people/{person.json()['id']}", json=body, headers={"If-Match": etag}).status_code == 200

    assert gateway.client(key["key"]).get("/auth/me").json()["permissions"] == ["card.view"]


def test_a_key_of_the_first_seed_answers_for_itself(gateway: LiveGateway) -> None:
    assert gateway.client(CARRIER_KEY).get("/auth/me").json()["login"] == "key:c0ffee00"


def test_a_key_of_a_key_belongs_to_the_person(gateway: LiveGateway) -> None:
    first = new_key(gateway.login("admin"), "99", ("people.manage", "card.view"))

    second = new_key(gateway.client(first["key"]))

    assert second["owner"] == "admin"


def test_whoever_passed_a_key_on_stands_behind_it_still(gateway: LiveGateway, inventory: Peer) -> None:
    """He may have kept it: with it he would be his own second person."""
    inventory.answers["list_cards"] = lambda _: {"items": [], "total": 0}
    for login in ("first.owner", "second.owner", "third.owner"):
        new_person(gateway, login)
    key = new_key(gateway.fresh_login("first.owner"), permissions=("card.view", "people.manage"))
    for login in ("second.owner", "third.owner"):
        gateway.login("admin").post(f"/api-keys/{key['prefix']}/owner", json={"login": login}).raise_for_status()
    of_the_key = new_key(gateway.client(key["key"]))

    for secret in (key["key"], of_the_key["key"]):
        gateway.client(secret).get("/cards").raise_for_status()
        actor = inventory.last("list_cards").actor.id
        assert person_behind(actor) == "third.owner"
        for login in ("first.owner", "second.owner", "third.owner"):
            assert same_person(actor, login)
        assert not same_person(actor, "admin")  # who passed it on never saw it


def test_a_key_that_comes_back_names_its_owner_once(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["list_cards"] = lambda _: {"items": [], "total": 0}
    for login in ("lender", "borrower"):
        new_person(gateway, login)
    key = new_key(gateway.fresh_login("lender"))
    for login in ("borrower", "borrower", "lender"):
        gateway.login("admin").post(f"/api-keys/{key['prefix']}/owner", json={"login": login}).raise_for_status()

    gateway.client(key["key"]).get("/cards")

    assert inventory.last("list_cards").actor.id == f"key:{key['prefix']}@lender,borrower"


def test_services_are_told_the_person_behind_a_key(gateway: LiveGateway, inventory: Peer) -> None:
    inventory.answers["list_cards"] = lambda _: {"items": [], "total": 0}
    key = new_key(gateway.login("admin"), "99")

    gateway.client(key["key"]).get("/cards")

    assert inventory.last("list_cards").actor.id == f"key:{key['prefix']}@admin"


def seed(gateway: LiveGateway, folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """Runs the command as `up` runs it, its output being what a log would keep."""
    file = folder / "seed.json"
    keys = [{"name": f"首次 {folder.name}", "unit": "99", "permissions": ["card.view"]}]
    file.write_text(json.dumps({"api_keys": keys}))
    environment = {**os.environ, "SIMKEEP_DATABASE_URL": gateway.database_url}
    command = [sys.executable, "-m", "gateway.seed", "--file", str(file), *options]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)


def test_the_seed_writes_secrets_where_it_is_told_and_never_into_its_log(gateway: LiveGateway, tmp_path: Path) -> None:
    secrets = tmp_path / "keys.json"

    done = seed(gateway, tmp_path, "--keys-to", str(secrets))

    assert done.returncode == 0, done.stderr
    (made,) = json.loads(secrets.read_text())["api_keys"]
    assert gateway.client(made["key"]).get("/auth/me").status_code == 200
    assert made["prefix"] in done.stdout
    assert made["key"] not in done.stdout + done.stderr
    assert secrets.stat().st_mode & 0o077 == 0


def test_the_seed_makes_no_key_that_it_could_not_hand_over(gateway: LiveGateway, tmp_path: Path) -> None:
    refused = seed(gateway, tmp_path)

    assert refused.returncode != 0
    assert "--keys-to" in refused.stderr
    assert gateway.sql("SELECT FROM api_keys WHERE name = %s", f"首次 {tmp_path.name}") == []


def everything_stored(gateway: LiveGateway) -> str:
    """All that the gateway's tables hold, as text; bytes as they are and as hex."""
    rows = [row for name in metadata.tables for row in gateway.sql(f"SELECT * FROM {name}")]
    cells = [cell for row in rows for cell in row]
    return "\n".join(
        it.decode("utf-8", "replace") + it.hex() if isinstance(it, bytes | memoryview) else str(it) for it in cells
    )


def test_a_keys_secret_is_told_once_and_stored_nowhere(gateway: LiveGateway) -> None:
    admin = gateway.login("admin")
    body = {"name": "一次", "unit": "99", "permissions": ["card.view"]}
    header = {"Idempotency-Key": uuid4().hex}

    first = admin.post("/api-keys", json=body, headers=header)
    again = admin.post("/api-keys", json=body, headers=header)

    secret = first.json()["key"]
    assert gateway.client(secret).get("/auth/me").status_code == 200
    assert again.headers["idempotency-replayed"] == "true"
    assert (again.status_code, again.json()["key"], again.json()["prefix"]) == (201, None, first.json()["prefix"])
    stored = everything_stored(gateway)
    assert first.json()["prefix"] in stored
    assert secret not in stored
    own = secret.partition(first.json()["prefix"])[2]  # its own part may hold an underscore too
    assert len(own) > 20
    assert own not in stored
    assert own.lstrip("_") not in stored


def test_a_password_is_stored_nowhere(gateway: LiveGateway) -> None:
    secret = "a password that nobody else has"
    body = {"login": "secretive", "name": "密", "unit": "9901", "roles": ["viewer"], "password": secret}

    made = gateway.login("admin").post("/people", json=body, headers={"Idempotency-Key": uuid4().hex})
    gateway.fresh_login("secretive", secret)

    assert made.status_code == 201
    assert secret not in everything_stored(gateway)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE people SET active = false WHERE login = %s",
        "UPDATE people SET removed_at = now() WHERE login = %s",
        "UPDATE people SET token_version = token_version + 1 WHERE login = %s",
        "UPDATE sessions SET revoked_at = now() WHERE person_id = (SELECT id FROM people WHERE login = %s)",
    ],
    ids=["disabled", "removed", "new password", "logged out"],
)
def test_what_another_replica_ended_works_for_nothing_that_arrives_later(gateway: LiveGateway, change: str) -> None:
    login = f"ended{uuid4().hex[:8]}"
    new_person(gateway, login)
    person = gateway.fresh_login(login)
    assert person.get("/auth/me").status_code == 200

    gateway.sql(change, login)  # as another process would: this one is told nothing

    assert person.get("/auth/me").status_code == 401
    assert person.post("/units", json={"code": "990105", "name": "新城供电公司"}).status_code == 401


def test_a_key_that_another_replica_revoked_works_for_nothing_that_arrives_later(gateway: LiveGateway) -> None:
    key = new_key(gateway.login("admin"))
    system = gateway.client(key["key"])
    assert system.get("/auth/me").status_code == 200

    gateway.sql("UPDATE api_keys SET revoked_at = now() WHERE prefix = %s", key["prefix"])

    assert system.get("/auth/me").status_code == 401


def test_a_key_may_at_once_no_more_than_another_replica_left_to_its_owner(gateway: LiveGateway) -> None:
    login = f"less{uuid4().hex[:8]}"
    new_person(gateway, login)
    system = gateway.client(new_key(gateway.fresh_login(login))["key"])
    assert system.get("/auth/me").json()["permissions"] == ["card.view"]

    gateway.sql("UPDATE people SET roles = '{}' WHERE login = %s", login)

    assert system.get("/auth/me").json()["permissions"] == []


def test_who_is_signed_in_is_known_again_after_the_database_was_away(gateway: LiveGateway) -> None:
    person = gateway.login("county1")
    assert person.get("/auth/me").status_code == 200

    gateway.sql(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'simkeep-gateway'"
    )

    assert person.get("/auth/me").status_code == 200
