"""The Secrets of an installation: `python -m deploy.kubernetes.secrets FILE | kubectl apply -f -`.

FILE keeps the random values, made once, with mode 0600; whoever has a vault keeps it there. A value that is changed in
it, or added (SIMKEEP_CARRIERS, SIMKEEP_NATIONAL_LISTS, a webhook, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY,
SIMKEEP_INVENTORY_DATABASE_URL for a database elsewhere), comes into the Secrets at the next run:
docs/runbooks/rotate-a-secret.md.

`... FILE definitions` prints the broker's accounts, for `rabbitmqctl import_definitions`: RabbitMQ's operator reads a
user's Secret only once; `... FILE administrator` what `python -m deploy.issuers` wants to know beside two
`kubectl port-forward`.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import yaml

from deploy import accounts
from deploy.kubernetes.objects import (
    AMQP_PORT,
    BROKER,
    BROKER_VHOST,
    DATABASE,
    DATABASE_PORT,
    MANAGEMENT_PORT,
    NAMESPACE,
    Object,
    named,
)
from deploy.kubernetes.servers import ADMINISTRATORS_SECRET, broker_secret
from deploy.kubernetes.workloads import STEPS, secret_name
from deploy.local.credentials import SYSTEM, complete, password
from deploy.processes import RUNNING, secret_variables

PASSWORDS = ("DATABASE_PASSWORD", "RABBITMQ_PASSWORD")


def whole_environment(values: Mapping[str, str]) -> dict[str, str]:
    """Every variable of the installation; an address that FILE holds itself goes before ours."""
    name = accounts.ADMINISTRATOR
    broker = f"amqp://{name}:{values['RABBITMQ_PASSWORD']}@{BROKER}:{AMQP_PORT}/{BROKER_VHOST}"
    database = f"postgresql://{name}:{values['DATABASE_PASSWORD']}@{DATABASE}-rw:{DATABASE_PORT}/simkeep"
    return {"SIMKEEP_AMQP_URL": broker, "SIMKEEP_DATABASE_URL": database} | dict(values)


def secrets(values: Mapping[str, str]) -> list[Object]:
    """One for each process with what it may know, one for each account of the broker, one for the database's."""
    whole = whole_environment(values)
    found = []
    for process in (*RUNNING, *STEPS):
        known = whole | accounts.environment(process.name, whole)
        data = {name: known[name] for name in secret_variables(process) if name in known}
        found.append(_secret(secret_name(process), data))
    for account in accounts.BROKER:
        url = urlsplit(accounts.broker_url(account.name, whole))
        data = {"username": account.name, "password": unquote(url.password or "")}
        found.append(_secret(broker_secret(account.name), data))
    administrator = {"username": accounts.ADMINISTRATOR, "password": values["DATABASE_PASSWORD"]}
    found.append(_secret(ADMINISTRATORS_SECRET, administrator) | {"type": "kubernetes.io/basic-auth"})
    return found


def _secret(name: str, data: dict[str, str]) -> Object:
    found = named("Secret", "v1", name) | {"stringData": data}
    found["metadata"]["namespace"] = NAMESPACE
    return found


def administrator(values: Mapping[str, str]) -> dict[str, str]:
    """For `deploy.issuers` on a machine to which the management address and the database are forwarded.

    SIMKEEP_AMQP_URL is only copied into what a correspondent is given, so it names the broker as pods know it."""
    whole = whole_environment(values)
    parts = urlsplit(whole["SIMKEEP_AMQP_URL"])
    name, secret = unquote(parts.username or ""), quote(unquote(parts.password or ""), safe="")
    database = urlsplit(whole["SIMKEEP_DATABASE_URL"])
    who = database.netloc.rpartition("@")[0]
    return {
        "SIMKEEP_AMQP_URL": whole["SIMKEEP_AMQP_URL"],
        "SIMKEEP_RABBITMQ_API_URL": f"http://{name}:{secret}@127.0.0.1:{MANAGEMENT_PORT}",
        "SIMKEEP_DATABASE_URL": urlunsplit(database._replace(netloc=f"{who}@127.0.0.1:{DATABASE_PORT}")),
    }


def main(arguments: list[str]) -> int:
    if not arguments or arguments[1:] not in ([], ["definitions"], ["administrator"]):
        print(__doc__, file=sys.stderr)  # noqa: T201  a command's answer
        return 2
    values = complete(Path(arguments[0]), SYSTEM | dict.fromkeys(PASSWORDS, password))
    if arguments[1:] == ["administrator"]:
        for name, value in administrator(values).items():
            print(f"export {name}={shlex.quote(value)}")  # noqa: T201  a command's answer
    elif arguments[1:]:
        print(json.dumps(accounts.definitions(whole_environment(values)["SIMKEEP_AMQP_URL"])))  # noqa: T201
    else:
        print(yaml.safe_dump_all(secrets(values), sort_keys=False))  # noqa: T201  a command's answer
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
