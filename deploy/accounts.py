"""Who may do what on RabbitMQ and PostgreSQL, and what each process is told: one table for every kind of deployment.

`./simkeep`, the Compose file and whoever writes manifests derive from it: the broker's definitions, each process'
environment, the databases' roles. Rules that it keeps:

* Only the administrator declares, binds or deletes what lasts. A caller makes one thing, its own reply queue, whose
  name begins with its account's.
* Nobody has `amq.default`: writing there reaches any queue.
* A topic permission acts where one is defined; so every account has one for every topic exchange that it reaches.
* Passwords of accounts follow from the administrator's (`kernel.chassis.process.settings.account_password`), so
  nothing else has to be kept; those of issuers are random, for they are changed one by one.

`python -m deploy.accounts definitions` prints the broker's definitions, `... environment PROCESS` what one gets.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from kernel.chassis.process.settings import DatabaseSettings, account_password, call_key
from kernel.contracts import topology

ADMINISTRATOR = "simkeep"
"""Of the broker and of the database: declares and migrates, and does nothing else."""
NOTHING = "^$"


@dataclass(frozen=True)
class Topic:
    """Routing keys of one topic exchange, as expressions: to publish with, and to bind an own queue by."""

    exchange: str
    write: str = NOTHING
    read: str = NOTHING


@dataclass(frozen=True)
class BrokerAccount:
    """Expressions over names of queues and exchanges, as RabbitMQ asks them."""

    name: str
    configure: str = NOTHING
    write: str = NOTHING
    read: str = NOTHING
    topics: tuple[Topic, ...] = ()
    administrator: bool = False


def _one_of(*names: str) -> str:
    return f"^({'|'.join(re.escape(name) for name in names)})$"


def administrator() -> BrokerAccount:
    return BrokerAccount(ADMINISTRATOR, ".*", ".*", ".*", administrator=True)


def service_account(service: str) -> BrokerAccount:
    """Takes its own requests and facts, answers callers, publishes its own facts."""
    exchange = topology.event_exchange(service)
    facts = re.escape(topology.consumer_queue(service, ""))
    answers = rf"^{re.escape(topology.REPLY_PREFIX)}{topology.ACCOUNTS}\.{topology.CALLERS}$"
    return BrokerAccount(
        topology.account(service),
        write=_one_of(topology.RPC_EXCHANGE, exchange),
        read=rf"^({re.escape(topology.rpc_queue(service))}|{facts}[a-z_]+(\.dead)?)$",
        topics=(Topic(topology.RPC_EXCHANGE, write=answers), Topic(exchange, write="^[a-z_]+$")),
    )


def caller_account(name: str, methods: Iterable[str]) -> BrokerAccount:
    """Asks `methods` (routing keys, or expressions for them) and hears its own answers only."""
    queue = f"{re.escape(topology.reply_queue(name, ''))}{topology.CALLERS}"
    exchange = re.escape(topology.RPC_EXCHANGE)
    keys = Topic(
        topology.RPC_EXCHANGE,
        write=f"^({'|'.join(methods)})$",
        read=f"^{re.escape(topology.reply_key(name, ''))}{topology.CALLERS}$",
    )
    return BrokerAccount(
        name, configure=f"^{queue}$", write=f"^({exchange}|{queue})$", read=f"^({exchange}|{queue})$", topics=(keys,)
    )


def gateway_account(services: Iterable[str]) -> BrokerAccount:
    return caller_account(topology.GATEWAY, (rf"{service}\.[a-z_]+" for service in services))


def issuer_account(name: str, methods: Iterable[str]) -> BrokerAccount:
    """Another correspondent: exactly the methods that it was given."""
    return caller_account(name, (re.escape(method) for method in methods))


def accounts_of(services: Iterable[str]) -> tuple[BrokerAccount, ...]:
    """The administrator, the gateway, and an account for each service."""
    names = tuple(services)
    return (administrator(), gateway_account(names), *(service_account(name) for name in names))


BROKER = accounts_of(topology.SERVICES)
"""Every account of the system itself; issuers come and go by `./simkeep issuer`."""


@dataclass(frozen=True)
class Process:
    """One kind of process. `broker`: its account there; `schema`: whose role it is in the database.

    `secrets`: the further secret settings that it gets; all that is not secret goes to everybody.
    """

    name: str
    broker: str | None = None
    schema: str | None = None
    secrets: tuple[str, ...] = ()
    answers: str | None = None
    """The service whose calls it answers: it gets the key between that service and the gateway."""
    administers: tuple[str, ...] = ()
    """Of whose servers it is the administrator: broker, database."""


_WEBHOOK = ("SIMKEEP_WORKFLOW_WEBHOOK_URL", "SIMKEEP_WORKFLOW_WEBHOOK_SECRET")
_SERVICE_SECRETS = {
    "inventory": ("SIMKEEP_CARRIERS",),
    "inventory-jobs": ("SIMKEEP_CARRIERS",),
    "traffic": ("SIMKEEP_CARRIERS",),
    "traffic-jobs": ("SIMKEEP_CARRIERS",),
    "binding": ("SIMKEEP_CARRIERS",),
    "binding-jobs": ("SIMKEEP_CARRIERS",),
    "imei": ("SIMKEEP_NATIONAL_LISTS",),
    "imei-jobs": ("SIMKEEP_NATIONAL_LISTS",),
    "workflow": _WEBHOOK,
    "documents-jobs": ("SIMKEEP_FORM_PRIVATE_KEY",),
}
PROCESSES: dict[str, Process] = {
    process.name: process
    for process in (
        Process("migrate", administers=("database",)),
        Process(
            "declare", secrets=_WEBHOOK, administers=("broker",)
        ),  # whether there is a webhook decides on its queue
        Process("issuer", secrets=("SIMKEEP_RABBITMQ_API_URL",), administers=("broker", "database")),
        Process("rebuild", administers=("database",)),
        Process("sweep-blobs", administers=("database",)),
        Process("seed", schema="gateway"),
        Process(
            "gateway",
            broker=topology.GATEWAY,
            schema="gateway",
            secrets=("SIMKEEP_TOKEN_SECRET", "SIMKEEP_CALL_SECRET"),
        ),
        *(
            process
            for service in topology.SERVICES
            for process in (
                Process(
                    service,
                    topology.account(service),
                    schema=service,
                    secrets=_SERVICE_SECRETS.get(service, ()),
                    answers=service,
                ),
                Process(f"{service}-jobs", schema=service, secrets=_SERVICE_SECRETS.get(f"{service}-jobs", ())),
            )
        ),
        Process("carriers", secrets=("SIMKEEP_DEMO_CARRIER_KEY",)),
        Process("station", broker="station", secrets=("SIMKEEP_STATION_KEY",)),
        Process("registration", broker="registration", secrets=("SIMKEEP_REGISTRATION_KEY",)),
        Process("demo", secrets=("SIMKEEP_DEMO_PASSWORD", "SIMKEEP_DEMO_PUSH_KEY")),
    )
}

_SECRET = re.compile(
    r"^SIMKEEP_(.*(PASSWORD|SECRET|KEY|TOKEN|DATABASE_URL|AMQP_URL|API_URL|WEBHOOK_URL)|CARRIERS|NATIONAL_LISTS)$"
)


def is_secret(name: str) -> bool:
    """Whether a setting goes only to the processes that the table names. In doubt yes."""
    return bool(_SECRET.match(name))


def environment(process: str, whole: Mapping[str, str]) -> dict[str, str]:
    """What `process` may know of `whole`, in which SIMKEEP_AMQP_URL and SIMKEEP_DATABASE_URL are the administrator's
    and SIMKEEP_CALL_SECRET is the gateway's.

    What is given for a process alone (SIMKEEP_<SERVICE>_DATABASE_URL, SIMKEEP_<ACCOUNT>_AMQP_URL) goes before what
    follows from the administrator's.
    """
    kind = PROCESSES[process]
    known = {name: value for name, value in whole.items() if not is_secret(name) or name in kind.secrets}
    if kind.broker is not None:
        known["SIMKEEP_AMQP_URL"] = broker_url(kind.broker, whole)
    if kind.schema is not None:
        known[f"SIMKEEP_{kind.schema.upper()}_DATABASE_URL"] = database_url(kind.schema, whole)
    if kind.answers is not None:
        known["SIMKEEP_CALL_KEY"] = call_key(whole["SIMKEEP_CALL_SECRET"], kind.answers)
    if "broker" in kind.administers:
        known["SIMKEEP_AMQP_URL"] = whole["SIMKEEP_AMQP_URL"]
    if "database" in kind.administers:
        known |= {name: value for name, value in whole.items() if name.endswith("DATABASE_URL")}
    return known


def broker_url(account: str, whole: Mapping[str, str]) -> str:
    own = whole.get(f"SIMKEEP_{account.upper()}_AMQP_URL")
    return own or url_as(account, whole["SIMKEEP_AMQP_URL"])


def database_url(schema: str, whole: Mapping[str, str]) -> str:
    own = whole.get(f"SIMKEEP_{schema.upper()}_DATABASE_URL")
    return own or DatabaseSettings(database_url=whole["SIMKEEP_DATABASE_URL"]).derived_dsn(schema)


def url_as(account: str, administrators_url: str) -> str:
    """The same broker and virtual host, as another account of the table."""
    parts = urlsplit(administrators_url)
    if account == unquote(parts.username or ""):
        return administrators_url
    host = parts.netloc.rpartition("@")[2]
    password = quote(password_of(account, administrators_url), safe="")
    return urlunsplit(parts._replace(netloc=f"{account}:{password}@{host}"))


def password_of(account: str, administrators_url: str) -> str:
    secret = unquote(urlsplit(administrators_url).password or "")
    return secret if account == ADMINISTRATOR else account_password(secret, account)


def definitions(
    administrators_url: str,
    vhosts: Iterable[str] | None = None,
    accounts: Iterable[BrokerAccount] = BROKER,
) -> dict[str, Any]:
    """What RabbitMQ imports: users, virtual hosts and permissions. Importing it again changes nothing else."""
    hosts = list(vhosts) if vhosts is not None else [unquote(urlsplit(administrators_url).path[1:]) or "/"]
    found = list(accounts)
    return {
        "users": [user(account, password_of(account.name, administrators_url)) for account in found],
        "vhosts": [{"name": host} for host in hosts],
        **permissions(found, hosts),
    }


def permissions(accounts: Iterable[BrokerAccount], vhosts: Iterable[str]) -> dict[str, Any]:
    pairs = [(account, host) for account in accounts for host in vhosts]
    return {
        "permissions": [
            {"user": it.name, "vhost": host, "configure": it.configure, "write": it.write, "read": it.read}
            for it, host in pairs
        ],
        "topic_permissions": [
            {"user": it.name, "vhost": host, "exchange": topic.exchange, "write": topic.write, "read": topic.read}
            for it, host in pairs
            for topic in it.topics
        ],
    }


def user(account: BrokerAccount, password: str) -> dict[str, str]:
    """As definitions and the management interface write one."""
    return {
        "name": account.name,
        "password_hash": password_hash(password),
        "hashing_algorithm": "rabbit_password_hashing_sha256",
        "tags": "administrator" if account.administrator else "",
    }


def password_hash(password: str) -> str:
    """As RabbitMQ keeps it."""
    salt = os.urandom(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def main(arguments: list[str]) -> int:
    if arguments == ["definitions"]:
        print(json.dumps(definitions(os.environ["SIMKEEP_AMQP_URL"]), indent=1))  # noqa: T201  a command's answer
        return 0
    if len(arguments) == 2 and arguments[0] == "environment" and arguments[1] in PROCESSES:
        for name, value in sorted(environment(arguments[1], os.environ).items()):
            if name.startswith("SIMKEEP_"):
                print(f"{name}={value}")  # noqa: T201  a command's answer
        return 0
    print(__doc__, file=sys.stderr)  # noqa: T201  a command's answer
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
