"""What changes while something is under way counts for it: a password, a role, a unit (GTW-02)."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import psycopg
import pytest
from argon2 import PasswordHasher

from tests.integration.gateway.conftest import PASSWORD, LiveGateway
from tests.integration.gateway.peer import Peer
from tests.integration.gateway.test_keys import new_person
from tests.integration.gateway.test_reads import reads
from tests.integration.gateway.test_uploads import JOB, job

pytestmark = pytest.mark.req("GTW-02")

NEW_PASSWORD = "set by his administrator"


@contextmanager
def held(gateway: LiveGateway, login: str) -> Iterator[psycopg.Connection]:
    """A transaction that holds the row of a person; whoever wants to change it waits for its end."""
    with psycopg.connect(gateway.database_url, options="-c search_path=gateway") as connection:
        connection.execute("SELECT FROM people WHERE login = %s FOR UPDATE", [login])
        yield connection


def wait_until(reached: Any, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.05)


def somebody_waits_for(gateway: LiveGateway, connection: psycopg.Connection) -> bool:
    query = "SELECT 1 FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid))"
    return bool(gateway.sql(query, connection.info.backend_pid))


def set_password(connection: psycopg.Connection, login: str) -> None:
    """As an administrator's change of the person does."""
    query = "UPDATE people SET password_hash = %s, token_version = token_version + 1 WHERE login = %s"
    connection.execute(query, [PasswordHasher().hash(NEW_PASSWORD), login])
    connection.commit()


def in_background(act: Any) -> tuple[threading.Thread, list[httpx.Response]]:
    answers: list[httpx.Response] = []
    thread = threading.Thread(target=lambda: answers.append(act()), daemon=True)
    thread.start()
    return thread, answers


def test_whoever_knows_the_former_password_does_not_take_the_account_back(gateway: LiveGateway) -> None:
    new_person(gateway, "taken")
    thief = gateway.fresh_login("taken")
    body = {"current_password": PASSWORD, "password": "chosen by the thief"}

    with held(gateway, "taken") as administrator:
        thread, answers = in_background(lambda: thief.post("/auth/password", json=body))
        wait_until(lambda: somebody_waits_for(gateway, administrator))
        set_password(administrator, "taken")
    thread.join(60)

    assert (answers[0].status_code, answers[0].json()["code"]) == (401, "session_ended")
    gateway.fresh_login("taken", NEW_PASSWORD)


def test_a_login_under_way_does_not_bring_a_former_password_back(gateway: LiveGateway) -> None:
    """A hash with the parameters of former days is made anew at the login."""
    new_person(gateway, "weakly.kept")
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    gateway.sql("UPDATE people SET password_hash = %s WHERE login = 'weakly.kept'", weak)
    former = {"login": "weakly.kept", "password": PASSWORD}

    with held(gateway, "weakly.kept") as administrator:
        thread, answers = in_background(lambda: gateway.client().post("/auth/login", json=former))
        wait_until(lambda: somebody_waits_for(gateway, administrator))
        set_password(administrator, "weakly.kept")
    thread.join(60)

    assert answers[0].status_code == 401
    gateway.fresh_login("weakly.kept", NEW_PASSWORD)


def of_job(gateway: LiveGateway) -> tuple[Peer, str, str]:
    peer = Peer(gateway.amqp_url, "inventory")
    peer.answers["get_job"] = lambda _: job("running", None)
    return peer, "get_job", f"/jobs/inventory-{JOB}/events"


def of_reads(gateway: LiveGateway) -> tuple[Peer, str, str]:
    peer = Peer(gateway.amqp_url, "binding")
    peer.answers["get_reads"] = lambda _: reads("waiting", away=True)
    return peer, "get_reads", "/binding/reads/7/events"


@pytest.mark.parametrize("stream", [of_job, of_reads])
def test_an_event_stream_asks_with_the_rights_and_the_unit_that_its_reader_has_now(
    gateway: LiveGateway, stream: Any
) -> None:
    login = f"moved.{stream.__name__}"
    person = new_person(gateway, login).json()
    peer, method, path = stream(gateway)
    peer.start()
    client, stop = gateway.fresh_login(login), threading.Event()

    def watch() -> None:
        with client.stream("GET", path) as events:
            for _ in events.iter_lines():
                if stop.is_set():
                    return

    threading.Thread(target=watch, daemon=True).start()
    wait_until(lambda: peer.count(method))
    moved = {"unit": "990101", "roles": ["county_clerk"]}
    changed = gateway.login("admin").patch(f"/people/{person['id']}", json=moved, headers={"If-Match": '"1"'})
    assert changed.status_code == 200, changed.text
    seen = peer.count(method)
    wait_until(lambda: peer.count(method) > seen + 1)  # the next may have been on its way
    asker = peer.last(method).actor
    stop.set()
    gateway.sql("UPDATE sessions SET revoked_at = now() WHERE person_id = %s", person["id"])
    peer.stop()

    assert (asker.unit, "people.manage" in asker.permissions) == ("990101", False)
