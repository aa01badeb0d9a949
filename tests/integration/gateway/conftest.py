"""A gateway of its own per test module: real PostgreSQL and RabbitMQ, real HTTP, and a `Peer` for the services."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
import uvicorn

from deploy.accounts import url_as
from gateway import database, passwords
from gateway.app import create_app
from gateway.seed import Seed, apply
from gateway.server import server_config
from gateway.settings import GatewaySettings
from gateway.tables import people
from kernel.chassis.process.settings import DatabaseSettings
from tests.integration.gateway.peer import Peer, declare
from tests.running_stack import virtual_host
from tests.tokens import CALL_SECRET

PASSWORD = "long enough a password"
CARRIER_KEY = "sk_c0ffee00_a-secret-that-only-the-tests-know"

SEED = {
    "units": [
        {"code": "99", "name": "示范省电力公司"},
        {"code": "9901", "name": "东江市供电公司"},
        {"code": "990101", "name": "东江城区供电公司"},
        {"code": "9902", "name": "西岭市供电公司"},
        {"code": "990201", "name": "西岭城区供电公司"},
    ],
    "people": [
        {"login": login, "name": name, "unit": unit, "roles": [role], "password": PASSWORD}
        for login, name, unit, role in (
            ("admin", "省管理员", "99", "admin"),
            ("province", "省专责", "99", "province_clerk"),
            ("city1", "东江专责", "9901", "city_clerk"),
            ("county1", "城区专责", "990101", "county_clerk"),
            ("viewer1", "东江查询", "9901", "viewer"),
            ("vendor1", "厂商联系人", "99", "vendor_contact"),
            ("city2", "西岭专责", "9902", "city_clerk"),
            ("admin2", "西岭管理员", "9902", "admin"),
        )
    ],
    "api_keys": [
        {"name": "移动", "unit": "99", "permissions": ["delivery.push"], "carrier": "china_mobile", "key": CARRIER_KEY}
    ],
}


@dataclass
class LiveGateway:
    """A gateway process's worth of server in a thread."""

    base_url: str
    settings: GatewaySettings
    database_url: str
    amqp_url: str
    blob_folder: Path
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)

    def client(self, token: str | None = None, address: str | None = None) -> httpx.Client:
        """``address``: the client's, one of 127.0.0.0/8.

        No TLS here: reading the world's certificates for each client would take a fiftieth of a second of CPU.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        transport = httpx.HTTPTransport(verify=False, local_address=address)
        return httpx.Client(base_url=f"{self.base_url}/api/v1", headers=headers, timeout=30, transport=transport)

    @property
    def port(self) -> int:
        return int(self.base_url.rpartition(":")[2])

    def login(self, login: str) -> httpx.Client:
        """A client that is signed in as ``login``; one login serves many tests, checking a password is dear. A token
        lives ten minutes, which a module may take on a busy machine."""
        token, since = self.tokens.get(login, ("", 0.0))
        if not token or time.monotonic() - since > self.settings.access_token_seconds / 2:
            token = self.fresh_login(login).headers["Authorization"].removeprefix("Bearer ")
            self.tokens[login] = (token, time.monotonic())
        return self.client(token)

    def fresh_login(self, login: str, password: str = PASSWORD) -> httpx.Client:
        """A session of its own, with its refresh cookie."""
        client = self.client()
        answer = client.post("/auth/login", json={"login": login, "password": password})
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Looks into the gateway's schema, as administrator."""
        with psycopg.connect(self.database_url, autocommit=True, options="-c search_path=gateway") as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


async def _seed() -> None:
    engine = database.engine(pool_size=1)
    async with engine.begin() as connection:
        await apply(connection, Seed.model_validate(SEED | {"people": []}))
        for person in SEED["people"]:
            values = {name: value for name, value in person.items() if name != "password"}
            await connection.execute(people.insert().values(id=uuid4(), password_hash=_hash(), **values))
    await engine.dispose()


@cache
def _hash() -> str:
    """Of the password that they all have; once, because it is dear."""
    return passwords.hash_now(PASSWORD)


class _Server(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        """Signals belong to pytest."""


def serve(settings: GatewaySettings) -> Iterator[str]:
    """Runs the application in a thread; yields its address."""
    port = free_port()
    server = _Server(server_config(create_app(settings), settings, host="127.0.0.1", port=port))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    assert server.started
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(15)


def environment(patch: pytest.MonkeyPatch, database_url: str, amqp_url: str, blobs: Path) -> None:
    """What the gateway reads when it is built. Both addresses are the administrators'."""
    patch.setenv("SIMKEEP_DATABASE_URL", database_url)
    patch.delenv("SIMKEEP_GATEWAY_DATABASE_URL", raising=False)
    patch.setenv("SIMKEEP_AMQP_URL", url_as("gateway", amqp_url))
    patch.setenv("SIMKEEP_BLOB_URL", blobs.as_uri())
    patch.setenv("SIMKEEP_CALL_SECRET", CALL_SECRET)
    patch.setenv("SIMKEEP_TOKEN_SECRET", "t" * 48)


@pytest.fixture(scope="module")
def settings_of_module() -> dict[str, Any]:
    """Override it in a module that needs other settings."""
    return {}


@pytest.fixture(scope="module")
def gateway(
    module_database: str, amqp_url: str, tmp_path_factory: pytest.TempPathFactory, settings_of_module: dict[str, Any]
) -> Iterator[LiveGateway]:
    """A gateway with people, units and a carrier's key, on a database and a virtual host of its own."""
    blobs = tmp_path_factory.mktemp("blobs")
    vhost_url = virtual_host(amqp_url)
    declare(vhost_url)
    with pytest.MonkeyPatch.context() as patch:
        environment(patch, module_database, vhost_url, blobs)
        DatabaseSettings().service_dsn("gateway")
        asyncio.run(_seed())
        settings = GatewaySettings(**settings_of_module)
        serving = serve(settings)
        base_url = next(serving)
        live = LiveGateway(base_url, settings, module_database, vhost_url, blobs)
        wait_ready(base_url)
        yield live
        next(serving, None)


def wait_ready(base_url: str, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if httpx.get(f"{base_url}/health/ready", timeout=seconds).status_code == 200:
            return
        time.sleep(0.1)
    raise AssertionError(f"not ready: {httpx.get(f'{base_url}/health/ready').text}")


@pytest.fixture
def inventory(gateway: LiveGateway) -> Iterator[Peer]:
    """Inventory's end of the bus, answering as the test says."""
    peer = Peer(gateway.amqp_url)
    peer.start()
    yield peer
    peer.stop()
