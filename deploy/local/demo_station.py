"""Starts the demo master station beside the system: its account, what hangs in its field, its process.

Its failure is told and does not stop the stack: everything else works without it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from deploy import accounts
from deploy.issuers import IssuerError, Issuers, LocalBroker
from deploy.local import credentials
from deploy.local.console import say, step
from deploy.local.processes import ProcessError, Supervisor
from deploy.local.stack import CHECKOUT, Stack
from deploy.local.system import DEMO_MARK, finish
from kernel.chassis.process.settings import DatabaseSettings

NAME = "station"
METHODS = ("binding.report_readings", "binding.report_terminals", "binding.take_read_requests")
UNITS = ("99",)
_URL, _KEY = "SIMKEEP_STATION_AMQP_URL", "SIMKEEP_STATION_KEY"


def start_station(stack: Stack, supervisor: Supervisor) -> None:
    """Once the demo's data are there. It reports in the background; nobody waits for it."""
    if not (stack.directory / DEMO_MARK).exists():
        return
    field = stack.directory / "station-field.json"
    try:
        with step("Starting the demo master station"):
            if not field.exists():
                finish(supervisor, "demo", "deploy.local.demo_field", str(field))
            whole = supervisor.env | account(stack, supervisor.env)
            state = stack.directory / "station-state.json"
            argv = [sys.executable, "-m", "deploy.local.station", "--field", str(field), "--state", str(state)]
            known = accounts.environment(NAME, whole)
            supervisor.start(NAME, argv, base=known, cwd=CHECKOUT, keep_alive=True, wait=None)
    except (IssuerError, ProcessError) as error:
        say(f"! the demo master station does not run: {error}")


def account(stack: Stack, env: Mapping[str, str]) -> dict[str, str]:
    """The station's address and key, made when the stack has none that count. Raises IssuerError."""
    if stack.rabbit not in stack.servers:
        raise IssuerError("SIMKEEP_AMQP_URL names a broker of your own; let a station in with: ./simkeep issuer add")
    url = env["SIMKEEP_AMQP_URL"]
    database = DatabaseSettings(database_url=env["SIMKEEP_DATABASE_URL"])
    issuers = Issuers(url, database, LocalBroker(stack.rabbit))
    file = stack.directory / "station.env"
    known = NAME in issuers.all()
    if known and file.exists():
        kept = credentials.read(file)
        return {_KEY: kept[_KEY], _URL: _same_broker(kept[_URL], url)}
    shown = issuers.rotate(NAME) if known else issuers.add(NAME, METHODS, UNITS)
    made = {_URL: shown["SIMKEEP_AMQP_URL"], _KEY: shown["SIMKEEP_ACTOR_PRIVATE_KEY"]}
    credentials.write(file, made)
    return made


def _same_broker(own: str, administrators: str) -> str:
    """The station's address; the broker may have another port than when it was made."""
    parts = urlsplit(administrators)
    who = urlsplit(own).netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{who}@{parts.netloc.rpartition('@')[2]}"))
