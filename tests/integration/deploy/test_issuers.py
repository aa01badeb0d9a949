"""A correspondent comes, changes its key and goes, while the service that it asks runs on (GTW-06, GTW-07)."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import amqp
import httpx
import pika
import pika.exceptions
import pytest

from deploy import accounts
from deploy.accounts import ADMINISTRATOR, issuer_account
from deploy.issuers import Granted, IssuerError, Issuers, LocalBroker, ManagementApi, check
from deploy.local.accounts import write_as
from deploy.local.rabbit import PrivateRabbit
from kernel.chassis.bus.identity import key_pair
from kernel.chassis.bus.wire import ServiceError
from kernel.chassis.process.settings import DatabaseSettings
from kernel.contracts import topology
from kernel.contracts.inventory.cards import GET_CARD, GET_RUN_LOG, GetCard, GetRunLog
from kernel.model.actor import Actor
from tests.messaging.client import BusClient
from tests.messaging.harness import Bench
from tests.running_stack import virtual_host
from tests.servers import started


class ManagedRabbit(PrivateRabbit):
    """As a broker in production is: with the management plugin and its HTTP address."""

    def prepare(self) -> None:
        super().prepare()
        self.ports.claim("rabbit_management", patience=5)
        write_as(self.home / "enabled_plugins", "[rabbitmq_management].\n", self.account)
        settings = (self.home / "rabbitmq.conf").read_text()
        settings += f"management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = {self.management_port}\n"
        write_as(self.home / "rabbitmq.conf", settings, self.account)

    @property
    def management_port(self) -> int:
        return self._port_of("rabbit_management")

    @property
    def api_url(self) -> str:
        return f"http://{ADMINISTRATOR}:{quote(self.password, safe='')}@127.0.0.1:{self.management_port}"


NAME = "station_of_tests"
METHOD = topology.rpc_routing_key("inventory", GET_CARD.name)
WITHIN_SECONDS = 5
COUNTY = Actor("clerk7", "采集主站", "990101", frozenset({"people.manage"}))
CARD = GetCard(iccid="89860012345678900007")


@pytest.fixture(scope="module")
def bench(module_database: str, amqp_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    directory: Path = tmp_path_factory.mktemp("inventory")
    settings = {
        "SIMKEEP_DATABASE_URL": module_database,
        "SIMKEEP_BLOB_URL": f"file://{directory / 'blobs'}",
    }
    bench = Bench(module_database, virtual_host(amqp_url), directory, settings)
    bench.start("inventory")
    yield bench
    bench.stop_all()


@pytest.fixture
def issuers(bench: Bench) -> Iterator[Issuers]:
    broker = LocalBroker(PrivateRabbit.of_test_stack())
    issuers = Issuers(bench.amqp_url, DatabaseSettings(database_url=bench.database_url), broker)
    yield issuers
    if NAME in issuers.all():
        issuers.revoke(NAME)


def ask(secrets: dict[str, str], client: BusClient, actor: Actor = COUNTY, **more: Any) -> str:
    """The code of the service's answer; a card that does not exist is as good as one that does."""
    key = more.pop("private_key", secrets["SIMKEEP_ACTOR_PRIVATE_KEY"])
    try:
        client.call("inventory", GET_CARD, CARD, actor=actor, private_key=key, issuer=NAME, **more)
    except ServiceError as error:
        return error.code
    return "ok"


def soon(what: str, condition: Callable[[], bool], seconds: float = WITHIN_SECONDS) -> None:
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, f"not within {seconds} s: {what}"
        time.sleep(0.1)


def connected(client: BusClient) -> bool:
    """Whether the broker still serves this connection."""
    try:
        client._connection.drain_events(timeout=0.05)
    except TimeoutError:
        return True
    except (amqp.exceptions.AMQPError, OSError):
        return False
    return True


@pytest.mark.stack
@pytest.mark.req("GTW-06", "GTW-07")
def test_an_issuer_uses_its_methods_and_units_changes_its_key_and_goes_without_a_restart(
    bench: Bench, issuers: Issuers
):
    secrets = issuers.add(NAME, [METHOD], ["9901"])
    client = BusClient(bench.amqp_url, NAME, secrets["SIMKEEP_AMQP_URL"])
    soon("the service knows it", lambda: ask(secrets, client) == "card_not_found")
    assert issuers.all() == {NAME: Granted(NAME, (METHOD,), ("9901",))}

    assert ask(secrets, client, Actor("c", "外市", "9902", frozenset())) == "unit_out_of_scope"
    assert ask(secrets, client, Actor("c", "全省", "99", frozenset())) == "unit_out_of_scope"
    assert ask(secrets, client, private_key=key_pair()[0]) == "actor_missing"

    changed = issuers.rotate(NAME)
    soon("its old connection ends", lambda: not connected(client))
    with pytest.raises(amqp.exceptions.AMQPError):
        BusClient(bench.amqp_url, NAME, secrets["SIMKEEP_AMQP_URL"])
    client = BusClient(bench.amqp_url, NAME, changed["SIMKEEP_AMQP_URL"])
    soon("the new key counts", lambda: ask(changed, client) == "card_not_found")
    assert ask(secrets, client) == "actor_missing"

    issuers.revoke(NAME)
    soon("its connection ends", lambda: not connected(client))
    with pytest.raises(amqp.exceptions.AMQPError):
        BusClient(bench.amqp_url, NAME, changed["SIMKEEP_AMQP_URL"])
    assert issuers.all() == {}
    assert all(process.alive() for process in bench.processes)


@pytest.fixture(scope="module")
def managed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManagedRabbit]:
    with started(ManagedRabbit(tmp_path_factory.mktemp("managed"), durable=False)) as rabbit:
        soon("the management address answers", lambda: answers(f"{rabbit.api_url}/api/whoami"), seconds=60)
        yield rabbit


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).is_success
    except httpx.HTTPError:
        return False


def opens(url: str) -> bool:
    try:
        pika.BlockingConnection(pika.URLParameters(url)).close()
    except pika.exceptions.AMQPError:
        return False
    return True


@pytest.mark.stack
@pytest.mark.req("GTW-06", "GTW-07")
def test_the_command_changes_accounts_over_the_management_address_of_a_real_broker(
    module_database: str, managed: ManagedRabbit
):
    vhost = "with/a slash and 中文"
    managed.apply(accounts.definitions(managed.url, [vhost]))
    url = managed.url.rpartition("/")[0] + "/" + quote(vhost, safe="")

    def issuer(*arguments: str) -> dict[str, str]:
        env = {name: value for name, value in os.environ.items() if name != "SIMKEEP_STACK_DIR"}
        env |= {"SIMKEEP_AMQP_URL": url, "SIMKEEP_DATABASE_URL": module_database}
        env |= {"SIMKEEP_RABBITMQ_API_URL": managed.api_url}
        command = [sys.executable, "-m", "deploy.issuers", *arguments]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return dict(line.partition("=")[::2] for line in done.stdout.splitlines())

    def rights(kind: str) -> list[dict[str, str]]:
        found: list[dict[str, str]] = httpx.get(f"{managed.api_url}/api/users/{NAME}/{kind}", timeout=10).json()
        return found

    first = issuer("add", NAME, "--methods", METHOD, "--units", "9901")["SIMKEEP_AMQP_URL"]
    expected = accounts.permissions([issuer_account(NAME, [METHOD])], [vhost])
    connection = pika.BlockingConnection(pika.URLParameters(first))
    granted, topics = rights("permissions"), rights("topic-permissions")
    second = issuer("rotate", NAME)["SIMKEEP_AMQP_URL"]

    assert (granted, topics) == (expected["permissions"], expected["topic_permissions"])
    with pytest.raises(pika.exceptions.AMQPError):
        connection.sleep(WITHIN_SECONDS)  # the broker closes it with its account
    assert (opens(first), opens(second)) == (False, True)
    assert (rights("permissions"), rights("topic-permissions")) == (granted, topics)

    issuer("revoke", NAME)
    assert not opens(second)
    assert httpx.get(f"{managed.api_url}/api/users/{NAME}", timeout=10).status_code == httpx.codes.NOT_FOUND
    ManagementApi(managed.api_url).remove(NAME)  # who is not there is no error


@pytest.mark.stack
@pytest.mark.req("GTW-06")
def test_a_management_address_that_refuses_is_told(managed: ManagedRabbit):
    stranger = managed.api_url.replace(quote(managed.password, safe=""), "wrong")

    with pytest.raises(IssuerError, match="401"):
        ManagementApi(stranger).remove(NAME)


@pytest.mark.stack
@pytest.mark.req("GTW-06", "GTW-07")
def test_the_broker_lets_an_issuer_ask_nothing_else(bench: Bench, issuers: Issuers):
    secrets = issuers.add(NAME, [METHOD], ["99"])
    client = BusClient(bench.amqp_url, NAME, secrets["SIMKEEP_AMQP_URL"])

    with pytest.raises(amqp.exceptions.AccessRefused):
        client.call("inventory", GET_RUN_LOG, GetRunLog(iccid=CARD.iccid), actor=COUNTY, **signing(secrets))


@pytest.mark.stack
@pytest.mark.req("GTW-07")
def test_the_service_too_holds_an_issuer_to_its_methods(bench: Bench, issuers: Issuers):
    """Should its account ever be given too much: by the copy header, older brokers let a key pass that they forbid."""
    secrets = issuers.add(NAME, [METHOD], ["99"])
    client = BusClient(bench.amqp_url, NAME, secrets["SIMKEEP_AMQP_URL"])
    soon("the service knows it", lambda: ask(secrets, client) == "card_not_found")
    bench_of_all = LocalBroker(PrivateRabbit.of_test_stack())
    granted = issuers.all()[NAME]
    wider = Granted(NAME, (METHOD, topology.rpc_routing_key("inventory", GET_RUN_LOG.name)), granted.units)
    client.close()
    client = BusClient(bench.amqp_url, NAME, widened(bench_of_all, bench, wider))

    with pytest.raises(ServiceError) as refused:
        client.call("inventory", GET_RUN_LOG, GetRunLog(iccid=CARD.iccid), actor=COUNTY, **signing(secrets))

    assert refused.value.code == "permission_denied"


def signing(secrets: dict[str, str]) -> dict[str, str]:
    return {"private_key": secrets["SIMKEEP_ACTOR_PRIVATE_KEY"], "issuer": NAME}


def widened(broker: LocalBroker, bench: Bench, granted: Granted) -> str:
    """The account with more than the services know of. Its new address."""
    vhost = bench.amqp_url.rpartition("/")[2]
    broker.put(issuer_account(NAME, granted.methods), "widened", vhost)
    return f"amqp://{NAME}:widened@{bench.amqp_url.rpartition('@')[2]}"


@pytest.mark.req("GTW-06")
@pytest.mark.parametrize(
    ("granted", "said"),
    [
        (Granted("gateway", (METHOD,), ("99",)), "own accounts"),
        (Granted("inventory", (METHOD,), ("99",)), "own accounts"),
        (Granted("gateway-2", (METHOD,), ("99",)), "own accounts"),
        (Granted(NAME, ("inventory.get_everything",), ("99",)), "no such method"),
        (Granted(NAME, (METHOD,), ("9",)), "no code of a unit"),
        (Granted(NAME, (), ("99",)), "at least one"),
    ],
)
def test_what_cannot_be_granted_is_said(granted: Granted, said: str):
    with pytest.raises(IssuerError, match=said):
        check(granted)


@pytest.mark.stack
@pytest.mark.req("GTW-06")
def test_the_command_shows_secrets_once_and_lists_without_them(bench: Bench, issuers: Issuers):
    def issuer(*arguments: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "SIMKEEP_AMQP_URL": bench.amqp_url, "SIMKEEP_DATABASE_URL": bench.database_url}
        env["SIMKEEP_STACK_DIR"] = os.environ["SIMKEEP_TEST_STACK_DIR"]
        command = [sys.executable, "-m", "deploy.issuers", *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)

    added = issuer("add", NAME, "--methods", METHOD, "--units", "9901,9902")
    listed = issuer("list")
    twice = issuer("add", NAME, "--methods", METHOD, "--units", "99")
    revoked = issuer("revoke", NAME)
    unknown = issuer("rotate", NAME)

    shown = dict(line.partition("=")[::2] for line in added.stdout.splitlines())
    assert set(shown) == {"SIMKEEP_AMQP_URL", "SIMKEEP_ISSUER", "SIMKEEP_ACTOR_PRIVATE_KEY"}, added.stderr
    assert listed.stdout == f"{NAME}: units 9901, 9902; methods {METHOD}\n"
    assert (twice.returncode, "already" in twice.stderr) == (1, True)
    assert (revoked.returncode, revoked.stdout) == (0, f"{NAME} is revoked.\n")
    assert (unknown.returncode, "no issuer" in unknown.stderr) == (1, True)
