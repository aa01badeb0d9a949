"""Starts the demo's correspondents beside the system: the master station, and the platform on which devices register.

Each has a broker account and a key of its own and knows SimKeep by them only. The failure of one is told and does not
stop the stack: everything else works without it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from deploy import accounts
from deploy.issuers import IssuerError, Issuers, LocalBroker
from deploy.local import credentials
from deploy.local.console import say, step
from deploy.local.processes import ProcessError, Supervisor
from deploy.local.stack import CHECKOUT, Stack
from deploy.local.system import DEMO_MARK, finish
from kernel.chassis.process.settings import DatabaseSettings

UNITS = ("99",)


@dataclass(frozen=True)
class Correspondent:
    """``name``: of its account and its process; ``command``: the module and its arguments."""

    name: str
    title: str
    methods: tuple[str, ...]
    command: Callable[[Stack], tuple[str, ...]]

    @property
    def _url(self) -> str:
        return f"SIMKEEP_{self.name.upper()}_AMQP_URL"

    @property
    def _key(self) -> str:
        return f"SIMKEEP_{self.name.upper()}_KEY"

    def start(self, stack: Stack, supervisor: Supervisor) -> None:
        """It reports in the background; nobody waits for it. Raises IssuerError, ProcessError."""
        whole = supervisor.env | self.account(stack, supervisor.env)
        argv = [sys.executable, "-m", *self.command(stack)]
        known = accounts.environment(self.name, whole)
        supervisor.start(self.name, argv, base=known, cwd=CHECKOUT, keep_alive=True, wait=None)

    def account(self, stack: Stack, env: Mapping[str, str]) -> dict[str, str]:
        """Its address and key, made when the stack has none that count. Raises IssuerError."""
        if stack.rabbit not in stack.servers:
            raise IssuerError(f"SIMKEEP_AMQP_URL names a broker of your own; let {self.title} in: ./simkeep issuer add")
        url = env["SIMKEEP_AMQP_URL"]
        database = DatabaseSettings(database_url=env["SIMKEEP_DATABASE_URL"])
        issuers = Issuers(url, database, LocalBroker(stack.rabbit))
        file = stack.directory / f"{self.name}.env"
        known = self.name in issuers.all()
        if known and file.exists():
            kept = credentials.read(file)
            return {self._key: kept[self._key], self._url: _same_broker(kept[self._url], url)}
        shown = issuers.rotate(self.name) if known else issuers.add(self.name, self.methods, UNITS)
        made = {self._url: shown["SIMKEEP_AMQP_URL"], self._key: shown["SIMKEEP_ACTOR_PRIVATE_KEY"]}
        credentials.write(file, made)
        return made


CORRESPONDENTS = (
    Correspondent(
        "station", "the demo master station",
        (
            "binding.report_readings", "binding.report_terminals", "binding.take_read_requests", "traffic.report_usage",
            "traffic.report_counters",
        ),
        lambda stack: (
            "deploy.local.station", "--field", str(stack.field), "--state", str(stack.directory / "station-state.json"),
            "--usage", str(stack.usage_cards),
        ),
    ),
    Correspondent(
        "registration", "the demo self-registration platform", ("imei.report_registrations",),
        lambda stack: ("deploy.local.registration", "--state", str(stack.directory / "registration-state.json")),
    ),
)  # fmt: skip


def start_correspondents(stack: Stack, supervisor: Supervisor) -> None:
    """Once the demo's data are there."""
    if not (stack.directory / DEMO_MARK).exists():
        return
    for one in CORRESPONDENTS:
        try:
            with step(f"Starting {one.title}"):
                if one.name == "station" and not stack.field.exists():
                    finish(supervisor, "demo", "deploy.local.demo_field", str(stack.field))
                one.start(stack, supervisor)
        except (IssuerError, ProcessError) as error:
            say(f"! {one.title} does not run: {error}")


def _same_broker(own: str, administrators: str) -> str:
    """The account's address; the broker may have another port than when it was made."""
    parts = urlsplit(administrators)
    who = urlsplit(own).netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{who}@{parts.netloc.rpartition('@')[2]}"))
