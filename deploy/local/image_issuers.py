"""Correspondents and new passwords on the Compose system, as part of `./simkeep check images`.

What docs/how-to/deploy-on-kubernetes.md and docs/runbooks/rotate-a-secret.md do, on a broker that is reached over its
management address and a database in another container: an issuer comes, changes its key and goes; all of the
broker's passwords change, and the issuer that is there keeps its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import pika
import pika.exceptions

from deploy import accounts
from deploy.docker import make_env
from deploy.local.console import CannotContinueError, step
from deploy.local.credentials import complete, password
from deploy.local.stack import CHECKOUT

if TYPE_CHECKING:
    from deploy.local.images import Containers

NAME = "station_of_check"
METHODS, UNITS = "inventory.get_card", "99"


class Broker:
    """RabbitMQ of the Compose system, as this host reaches it."""

    def __init__(self, containers: Containers) -> None:
        self._containers = containers
        self._address = containers.address("simkeep_rabbitmq_1")
        self._database = containers.address("simkeep_postgres_1")
        self._file = make_env.SECRETS / "whole.env"

    def administrators_url(self) -> str:
        values = complete(self._file, {})
        return self.here(make_env.whole_environment(values)["SIMKEEP_AMQP_URL"])

    def here(self, url: str) -> str:
        parts = urlsplit(url)
        who = parts.netloc.rpartition("@")[0]
        return urlunsplit(parts._replace(netloc=f"{who}@{self._address}:5672"))

    def lets_in(self, url: str) -> bool:
        try:
            pika.BlockingConnection(pika.URLParameters(self.here(url))).close()
        except pika.exceptions.ProbableAuthenticationError:
            return False
        return True

    def issuer(self, *command: str) -> dict[str, str]:
        """What `python -m deploy.issuers` prints. Raises CannotContinueError."""
        values = complete(self._file, {})
        secret = values["RABBITMQ_PASSWORD"]
        env = {
            **os.environ,
            "PYTHONPATH": str(CHECKOUT),
            "SIMKEEP_RABBITMQ_API_URL": f"http://{accounts.ADMINISTRATOR}:{secret}@{self._address}:15672",
            "SIMKEEP_AMQP_URL": self.administrators_url(),
            "SIMKEEP_DATABASE_URL": "postgresql://{}:{}@{}:5432/simkeep".format(
                accounts.ADMINISTRATOR, values["POSTGRES_PASSWORD"], self._database
            ),
        }
        command = (sys.executable, "-m", "deploy.issuers", *command)
        done = subprocess.run(command, cwd=CHECKOUT, env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise CannotContinueError(f"deploy.issuers failed.\n{done.stdout}{done.stderr}")
        return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)

    def rotate(self) -> None:
        """A new administrator's password, and with it all others', by an import of the definitions."""
        lines = self._file.read_text().splitlines()
        kept = [line for line in lines if not line.startswith("RABBITMQ_PASSWORD=")]
        self._file.write_text("\n".join([*kept, f"RABBITMQ_PASSWORD={password()}"]) + "\n")
        make_env.write(make_env.SECRETS)
        definitions = (make_env.SECRETS / "rabbitmq-definitions.json").read_text()
        command = ["podman", "exec", "-i", "simkeep_rabbitmq_1", "rabbitmqctl", "import_definitions"]
        done = subprocess.run(
            command, input=definitions, env=self._containers.env, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise CannotContinueError(f"The import failed.\n{done.stdout}{done.stderr}")


def run(containers: Containers) -> None:
    """Raises CannotContinueError at what is not as those pages say."""
    broker = Broker(containers)
    with step("An issuer comes and changes its key; all passwords of the broker change; it goes"):
        first = broker.issuer("add", NAME, "--methods", METHODS, "--units", UNITS)["SIMKEEP_AMQP_URL"]
        second = broker.issuer("rotate", NAME)["SIMKEEP_AMQP_URL"]
        before = broker.administrators_url()
        expect("the issuer's old password is refused, its new one counts", broker, (first,), (second,))
        broker.rotate()
        after = broker.administrators_url()
        refused = [accounts.url_as(name, before) for name in (accounts.ADMINISTRATOR, "inventory", "gateway")]
        taken = [accounts.url_as(name, after) for name in (accounts.ADMINISTRATOR, "inventory", "gateway")]
        expect("old passwords are refused, new ones and the issuer's own count", broker, refused, (*taken, second))
        broker.issuer("revoke", NAME)
        expect("the issuer is out", broker, (second,), taken)


def expect(what: str, broker: Broker, refused: tuple[str, ...] | list[str], taken: tuple[str, ...] | list[str]) -> None:
    wrong = [url for url in refused if broker.lets_in(url)] + [url for url in taken if not broker.lets_in(url)]
    if wrong:
        names = ", ".join(urlsplit(url).username or "" for url in wrong)
        raise CannotContinueError(f"Not so: {what}. Wrong for {names}.")
