"""A PostgreSQL and a RabbitMQ of their own for these tests: they are killed and restarted here."""

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.accounts import accounts_of
from deploy.issuers import Issuers, LocalBroker
from deploy.local.postgres import PrivatePostgres
from deploy.local.rabbit import PrivateRabbit
from kernel.chassis.bus import links
from kernel.chassis.bus.identity import key_pair
from kernel.chassis.process.settings import BusSettings, DatabaseSettings
from kernel.contracts import topology
from kernel.model.actor import Actor
from tests.databases import fresh_database
from tests.messaging.client import BusClient
from tests.messaging.harness import Bench, create_schemas
from tests.messaging.stations import METHODS, NAME, UNIT, World
from tests.running_stack import virtual_hosts
from tests.servers import started

PERMISSIONS = frozenset({"probe.add", "job.view", "parking.replay"})
PRIVATE_KEY, PUBLIC_KEY = key_pair()
SWITCHED_OFF = "mirror.from.mirror"
"""Of an errand that an earlier run of mirror had."""


def leave_queue(amqp_url: str, queue: str) -> None:
    connection = links.connect(BusSettings(amqp_url=amqp_url), "test-leaves")
    connection.channel().queue_declare(queue, durable=True, auto_delete=False)
    connection.close()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivatePostgres]:
    with started(PrivatePostgres(tmp_path_factory.mktemp("pg"), durable=False)) as server:
        yield server


@pytest.fixture(scope="session")
def rabbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateRabbit]:
    server = PrivateRabbit(tmp_path_factory.mktemp("mq"), durable=False)
    server.accounts = accounts_of((*topology.SERVICES, "probe", "mirror"))
    with started(server):
        yield server


@pytest.fixture(scope="session")
def hosts(rabbit: PrivateRabbit) -> Iterator[str]:
    """URLs of new virtual hosts of that RabbitMQ."""
    return virtual_hosts(rabbit)


QUEUE_TYPE = os.environ.get("SIMKEEP_QUEUE_TYPE", "classic")
"""Of all tests that do not choose themselves: SIMKEEP_QUEUE_TYPE=quorum ./simkeep test tests/messaging."""


@contextmanager
def _bench(
    postgres: PrivatePostgres, hosts: Iterator[str], directory: Path, queue_type: str = QUEUE_TYPE
) -> Iterator[Bench]:
    name = f"t{uuid.uuid4().hex[:10]}"
    postgres.create_database(name)
    database_url = postgres.url_of(name)
    create_schemas(database_url)
    amqp_url = next(hosts)
    bench = Bench(
        database_url,
        amqp_url,
        directory,
        {
            "SIMKEEP_PROBE_DATABASE_URL": database_url,
            "SIMKEEP_MIRROR_DATABASE_URL": database_url,
            "SIMKEEP_BLOB_URL": f"file://{directory / 'blobs'}",
            "SIMKEEP_QUEUE_TYPE": queue_type,
            "SIMKEEP_TESTING": "1",
            "SIMKEEP_RETRY_DELAYS_SECONDS": "[0.2, 0.3]",
            "SIMKEEP_RETRY_POLL_SECONDS": "0.1",
            "SIMKEEP_RELAY_POLL_SECONDS": "0.3",
            "SIMKEEP_JOB_LEASE_SECONDS": "2",
            "SIMKEEP_JOB_POLL_SECONDS": "0.2",
            "SIMKEEP_JOB_MEMORY_LIMIT_MIB": "256",
            "SIMKEEP_HEARTBEAT_SECONDS": "4",
            "SIMKEEP_LOG_FORMAT": "json",
            "SIMKEEP_CRASH_AT": "",
            "EVENTLET_NO_GREENDNS": "yes",
        },
    )
    try:
        yield bench
    finally:
        bench.stop_all()


@pytest.fixture
def bench(postgres: PrivatePostgres, hosts: Iterator[str], tmp_path: Path) -> Iterator[Bench]:
    """Nothing started yet."""
    with _bench(postgres, hosts, tmp_path) as bench:
        yield bench


@pytest.fixture
def real_bench(postgres, hosts: Iterator[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Migrated schemas of the real services on the servers that may be killed here."""
    for name in ("INVENTORY", "BINDING", "TRAFFIC"):
        monkeypatch.delenv(f"SIMKEEP_{name}_DATABASE_URL", raising=False)
    amqp_url = next(hosts)
    with fresh_database(postgres.url) as url:
        settings = {
            "SIMKEEP_DATABASE_URL": url,
            "SIMKEEP_BLOB_URL": f"file://{tmp_path / 'blobs'}",
            "SIMKEEP_TESTING": "1",
            "SIMKEEP_CRASH_AT": "",
            "SIMKEEP_RELAY_POLL_SECONDS": "0.3",
            "SIMKEEP_JOB_LEASE_SECONDS": "6",
            "SIMKEEP_HEARTBEAT_SECONDS": "4",
            "EVENTLET_NO_GREENDNS": "yes",
        }
        bench = Bench(url, amqp_url, tmp_path, settings)
        try:
            yield bench
        finally:
            bench.stop_all()


@pytest.fixture
def quorum_bench(postgres: PrivatePostgres, hosts: Iterator[str], tmp_path: Path) -> Iterator[Bench]:
    """Nothing started yet; its queues will be quorum queues."""
    with _bench(postgres, hosts, tmp_path, "quorum") as bench:
        yield bench


@pytest.fixture(scope="module", params=["classic", "quorum"])
def pair(
    request: pytest.FixtureRequest,
    postgres: PrivatePostgres,
    hosts: Iterator[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Bench]:
    """One mirror and one probe, running for all tests of a module, on queues of either type."""
    with _bench(postgres, hosts, tmp_path_factory.mktemp("pair"), request.param) as bench:
        leave_queue(bench.amqp_url, SWITCHED_OFF)
        mirror, probe = bench.start("mirror", wait=False), bench.start("probe", wait=False)
        bench.wait_ready(mirror, probe)
        yield bench


@pytest.fixture
def client_of() -> Iterator[Callable[[Bench], BusClient]]:
    """Call it with a bench: a bus client that is closed after the test."""
    clients: list[BusClient] = []

    def connect(bench: Bench) -> BusClient:
        clients.append(BusClient(bench.amqp_url))
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


@pytest.fixture
def clerk() -> Actor:
    """A county clerk who may do everything in these tests."""
    return Actor("clerk", "县局资产管理员", "990101", PERMISSIONS)


@pytest.fixture
def stranger() -> Actor:
    """From elsewhere, with the same permissions."""
    return Actor("stranger", "外县", "990202", PERMISSIONS)


@pytest.fixture
def onlooker() -> Actor:
    """Of the right county, without the permission."""
    return Actor("onlooker", "旁观者", "990101", frozenset())


@pytest.fixture(scope="module")
def world(postgres, rabbit, hosts: Iterator[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    directory: Path = tmp_path_factory.mktemp("station")
    amqp_url = next(hosts)
    with fresh_database(postgres.url) as url:
        settings = {
            "SIMKEEP_DATABASE_URL": url,
            "SIMKEEP_BINDING_DATABASE_URL": DatabaseSettings(database_url=url).derived_dsn("binding"),
            "SIMKEEP_BLOB_URL": f"file://{directory / 'blobs'}",
            "SIMKEEP_TESTING": "1",
            "SIMKEEP_CRASH_AT": "",
            "SIMKEEP_HEARTBEAT_SECONDS": "4",
            "EVENTLET_NO_GREENDNS": "yes",
        }
        bench = Bench(url, amqp_url, directory, settings)
        issuers = Issuers(amqp_url, DatabaseSettings(database_url=url), LocalBroker(rabbit))
        try:
            secrets = issuers.add(NAME, METHODS, [UNIT])
            bench.start("binding")
            yield World(bench, issuers, secrets)
        finally:
            bench.stop_all()
