"""Correspondents other than the gateway, on a running system: `./simkeep issuer add|rotate|revoke|list`.

An issuer has a broker account that may publish its methods and hear its own answers, and a key of its own with which
it signs who asks. Each service keeps, in its table `issuers`, the public keys of those that may use its methods, and
looks there again every two seconds. Nothing restarts.

* `add` and `rotate` print the account's address and the private key, once; they are stored nowhere.
* `rotate` and `revoke` take the account away, which closes its connections; then the old key has no way in.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import httpx
import psycopg

from deploy import accounts
from deploy.local.credentials import password
from deploy.local.rabbit import PrivateRabbit
from kernel.chassis.bus.identity import key_pair
from kernel.chassis.process.settings import DatabaseSettings
from kernel.contracts import topology
from kernel.model.errors import DomainError
from kernel.model.unit import check_unit

_NAME = re.compile(r"[a-z][a-z0-9_]{2,29}")  # no hyphen: it divides the names of queues
_PUT = """
INSERT INTO issuers (name, public_key, methods, units) VALUES (%s, %s, %s, %s)
ON CONFLICT (name) DO UPDATE SET public_key = excluded.public_key, methods = excluded.methods,
    units = excluded.units, changed_at = now()
"""
_ALL = "SELECT name, methods, units, changed_at::text FROM issuers ORDER BY name"


class IssuerError(Exception):
    """What is wrong, and the way out, for the person who typed the command."""


@dataclass(frozen=True)
class Granted:
    """`methods` as `service.method`; `units` with all below them."""

    name: str
    methods: tuple[str, ...]
    units: tuple[str, ...]


class Broker(Protocol):
    """Who can change the broker's accounts."""

    def put(self, account: accounts.BrokerAccount, password: str, vhost: str) -> None: ...

    def remove(self, name: str) -> None:
        """With its connections. One that does not exist is no error."""


class LocalBroker:
    """The private RabbitMQ of a stack."""

    def __init__(self, rabbit: PrivateRabbit) -> None:
        self._rabbit = rabbit

    def put(self, account: accounts.BrokerAccount, password: str, vhost: str) -> None:
        user = accounts.user(account, password)
        self._rabbit.apply({"users": [user], **accounts.permissions([account], [vhost])})

    def remove(self, name: str) -> None:
        self._rabbit.remove_user(name)


class ManagementApi:
    """Any RabbitMQ with the management plugin. `url`: its HTTP address with the administrator's name and password."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        who = (unquote(parts.username or ""), unquote(parts.password or ""))
        base = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], path=f"{parts.path.rstrip('/')}/api/"))
        self._client = httpx.Client(base_url=base, auth=who, timeout=10)

    def put(self, account: accounts.BrokerAccount, password: str, vhost: str) -> None:
        host = quote(vhost, safe="")
        granted = accounts.permissions([account], [vhost])
        self._send("PUT", f"users/{account.name}", accounts.user(account, password))
        for kind, path in (("permissions", "permissions"), ("topic_permissions", "topic-permissions")):
            for one in granted[kind]:
                self._send("PUT", f"{path}/{host}/{account.name}", one)

    def remove(self, name: str) -> None:
        self._send("DELETE", f"users/{name}", None)

    def _send(self, verb: str, path: str, body: Mapping[str, Any] | None) -> None:
        answer = self._client.request(verb, path, json=body)
        if answer.is_error and not (verb == "DELETE" and answer.status_code == httpx.codes.NOT_FOUND):
            raise IssuerError(f"RabbitMQ refused {verb} {path}: {answer.status_code} {answer.text[:200]}")


class Issuers:
    """`amqp_url` and `database` are the administrators'."""

    def __init__(self, amqp_url: str, database: DatabaseSettings, broker: Broker) -> None:
        self._amqp_url = amqp_url
        self._vhost = unquote(urlsplit(amqp_url).path[1:]) or "/"
        self._database = database
        self._broker = broker

    def add(self, name: str, methods: Iterable[str], units: Iterable[str]) -> dict[str, str]:
        """What the correspondent needs to connect and sign. Raises IssuerError."""
        granted = Granted(name, tuple(sorted(set(methods))), tuple(sorted(set(units))))
        check(granted)
        if name in self.all():
            raise IssuerError(f"{name} is an issuer already; rotate it, or revoke it first")
        return self._let_in(granted)

    def rotate(self, name: str) -> dict[str, str]:
        """A new key and a new password; the old ones end now. Raises IssuerError."""
        granted = self._known(name)
        self._broker.remove(name)
        return self._let_in(granted)

    def revoke(self, name: str) -> None:
        """Raises IssuerError for a name that is none."""
        self._known(name)
        self._broker.remove(name)
        for service in topology.SERVICES:
            with self._connect(service) as connection:
                connection.execute("DELETE FROM issuers WHERE name = %s", [name])

    def all(self) -> dict[str, Granted]:
        """By name."""
        found: dict[str, Granted] = {}
        for service in topology.SERVICES:
            with self._connect(service) as connection:
                for name, methods, units, _ in connection.execute(_ALL).fetchall():
                    before = found[name].methods if name in found else ()
                    found[name] = Granted(name, tuple(sorted({*before, *methods})), tuple(units))
        return found

    def _known(self, name: str) -> Granted:
        granted = self.all().get(name)
        if granted is None:
            raise IssuerError(f"there is no issuer {name}; see: ./simkeep issuer list")
        return granted

    def _let_in(self, granted: Granted) -> dict[str, str]:
        private, public = key_pair()
        by_service: dict[str, list[str]] = {}
        for method in granted.methods:
            by_service.setdefault(method.partition(".")[0], []).append(method)
        for service, methods in by_service.items():
            with self._connect(service) as connection:
                connection.execute(_PUT, [granted.name, public, methods, list(granted.units)])
        secret = password()
        self._broker.put(accounts.issuer_account(granted.name, granted.methods), secret, self._vhost)
        parts = urlsplit(self._amqp_url)
        netloc = f"{granted.name}:{secret}@{parts.netloc.rpartition('@')[2]}"
        return {
            "SIMKEEP_AMQP_URL": urlunsplit(parts._replace(netloc=netloc)),
            "SIMKEEP_ISSUER": granted.name,
            "SIMKEEP_ACTOR_PRIVATE_KEY": private,
        }

    def _connect(self, service: str) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self._database.service_dsn(service), application_name="issuer")


def check(granted: Granted) -> None:
    """Raises IssuerError naming what is wrong."""
    taken = {topology.GATEWAY, accounts.ADMINISTRATOR, *topology.SERVICES}
    if not _NAME.fullmatch(granted.name) or granted.name in taken:
        raise IssuerError(f"{granted.name}: a name is 3 to 30 of a-z, 0-9 and _, and none of the system's own accounts")
    if not granted.methods or not granted.units:
        raise IssuerError("name at least one method and one unit")
    known = known_methods()
    if unknown := [method for method in granted.methods if method not in known]:
        raise IssuerError(f"no such method: {', '.join(unknown)} (docs/generated/rpc.md lists them)")
    for unit in granted.units:
        try:
            check_unit(unit)
        except DomainError:
            raise IssuerError(f"{unit} is no code of a unit") from None


def known_methods() -> set[str]:
    """Every method of every service's contracts, as `service.method`."""
    found = set()
    for service in topology.SERVICES:
        package = f"kernel.contracts.{service}"
        if importlib.util.find_spec(package) is not None:
            for method in getattr(importlib.import_module(package), "METHODS", ()):
                found.add(topology.rpc_routing_key(service, method.name))
    return found


def from_environment() -> Issuers:
    """Of SIMKEEP_AMQP_URL and SIMKEEP_DATABASE_URL; accounts are changed over SIMKEEP_RABBITMQ_API_URL when that is
    set, else in the private broker of SIMKEEP_STACK_DIR."""
    api = os.environ.get("SIMKEEP_RABBITMQ_API_URL")
    directory = os.environ.get("SIMKEEP_STACK_DIR")
    if api is None and directory is None:
        raise IssuerError("set SIMKEEP_RABBITMQ_API_URL, the broker's management address with its administrator")
    broker: Broker = ManagementApi(api) if api else LocalBroker(PrivateRabbit(Path(str(directory))))
    return Issuers(os.environ["SIMKEEP_AMQP_URL"], DatabaseSettings(), broker)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./simkeep issuer", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    add = commands.add_parser("add", help="let a new correspondent in; prints its secrets once")
    add.add_argument("name")
    add.add_argument("--methods", required=True, help="service.method, separated by commas")
    add.add_argument("--units", required=True, help="codes of units, separated by commas; all below them count")
    commands.add_parser("rotate", help="new key and password; the old ones end").add_argument("name")
    commands.add_parser("revoke", help="out, with its connections").add_argument("name")
    commands.add_parser("list", help="who may what")
    options = parser.parse_args(arguments)
    try:
        for line in _run(from_environment(), options):
            print(line)  # noqa: T201  a command's answer
    except IssuerError as error:
        print(error, file=sys.stderr)  # noqa: T201  a command's answer
        return 1
    return 0


def _run(issuers: Issuers, options: argparse.Namespace) -> list[str]:
    if options.command == "list":
        found = issuers.all().values()
        return [f"{it.name}: units {', '.join(it.units)}; methods {', '.join(it.methods)}" for it in found]
    if options.command == "revoke":
        issuers.revoke(options.name)
        return [f"{options.name} is revoked."]
    if options.command == "rotate":
        shown = issuers.rotate(options.name)
    else:
        shown = issuers.add(options.name, _split(options.methods), _split(options.units))
    return [f"{name}={value}" for name, value in shown.items()]


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
