"""What belongs to one local stack: where it lies, its servers, its environment, its processes."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from deploy.local import credentials
from deploy.local.ports import Ports
from deploy.local.postgres import PrivatePostgres
from deploy.local.rabbit import PrivateRabbit
from deploy.local.servers import PrivateServer
from deploy.processes import GATEWAY, READY, RUNNING, SERVICE_PROCESSES

CHECKOUT = Path(__file__).resolve().parents[2]
PREFERRED_HTTP_PORT = 8080


@dataclass(frozen=True)
class Command:
    """How to start one process of the system."""

    name: str
    argv: tuple[str, ...]
    ready_url: str

    @property
    def module(self) -> str:
        return self.argv[2]


class Stack:
    """A stack in one directory: `.simkeep` for `up`, `.simkeep/test` and `.simkeep/bench` for the others."""

    def __init__(self, directory: Path, *, durable: bool = True) -> None:
        self.directory = directory.resolve()
        self.logs = self.directory / "logs"
        self.run_dir = self.directory / "run"
        self.field = self.directory / "station-field.json"
        """The demo province's cards by unit, as ``demo_field`` writes them; the station and the carriers read it."""
        self.ports = Ports(self.directory / "ports.json")
        self.postgres = PrivatePostgres(self.directory, durable=durable)
        self.rabbit = PrivateRabbit(self.directory, durable=durable)

    @property
    def servers(self) -> list[PrivateServer]:
        """The servers that this stack has to bring itself: none for which the environment names an existing one."""
        own: list[PrivateServer] = []
        if "SIMKEEP_DATABASE_URL" not in os.environ:
            own.append(self.postgres)
        if "SIMKEEP_AMQP_URL" not in os.environ:
            own.append(self.rabbit)
        return own

    def environment(self) -> dict[str, str]:
        """The SIMKEEP_ variables of every process of this stack. What the caller's environment sets, wins.

        The servers must have been started once, because their ports are in it.
        """
        values = credentials.load_or_make(self.directory / "secrets.env")
        values |= {name: os.environ[name] for name in values if name in os.environ}  # the addresses below hold secrets
        values |= {"SIMKEEP_BLOB_URL": f"file://{self.directory / 'blobs'}", "SIMKEEP_LOG_FORMAT": "json"}
        for server, name in ((self.postgres, "SIMKEEP_DATABASE_URL"), (self.rabbit, "SIMKEEP_AMQP_URL")):
            if name not in os.environ:
                values[name] = server.url
        if len(self.servers) == 2:  # all on 127.0.0.1: no names to resolve, and its DNS client is a fifth of the start
            values["EVENTLET_NO_GREENDNS"] = "yes"
        for variable, name in self._port_variables().items():
            if (port := self.ports.known(name)) is not None:
                values[variable] = str(port)
        if (port := self.ports.known("gateway")) is not None:
            values["SIMKEEP_GATEWAY_URL"] = self.address
        if (port := self.ports.known("carriers")) is not None and has_module("deploy.local.carriers"):
            carriers = importlib.import_module("deploy.local.carriers")
            key = values["SIMKEEP_DEMO_CARRIER_KEY"]
            values["SIMKEEP_CARRIERS"] = json.dumps(carriers.endpoints(port, key))
            values["SIMKEEP_NATIONAL_LISTS"] = json.dumps(carriers.national_lists(port, key))
        return values | {name: value for name, value in os.environ.items() if name.startswith("SIMKEEP_")}

    @property
    def address(self) -> str:
        """Where people find the portal."""
        host = os.environ.get("SIMKEEP_HTTP_HOST", "127.0.0.1")
        return f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{self.ports.known('gateway')}"  # noqa: S104

    def claim_ports(self) -> None:
        """Ports of the processes; call it while none of them runs."""
        host = os.environ.get("SIMKEEP_HTTP_HOST", "127.0.0.1")
        wanted = os.environ.get("SIMKEEP_HTTP_PORT")
        self.ports.claim("gateway", prefer=int(wanted) if wanted else PREFERRED_HTTP_PORT, host=host)
        for name in ["carriers", *(process.name for process in SERVICE_PROCESSES)]:
            self.ports.claim(name)

    @property
    def usage_cards(self) -> Path:
        """Where the demo says which cards use traffic; its carriers and its station read it."""
        return self.directory / "usage-cards.json"

    def _port_variables(self) -> dict[str, str]:
        """Variable > name of the port."""
        return {process.port_variable: process.name for process in RUNNING}

    def commands(self) -> list[Command]:
        """The processes of the system in the order of their start."""
        python = sys.executable
        carriers = self.ports.known("carriers")
        commands = [
            Command(
                "carriers",
                (
                    python,
                    "-m",
                    "deploy.local.carriers",
                    "--port",
                    str(carriers),
                    "--field",
                    str(self.field),
                    "--usage",
                    str(self.usage_cards),
                ),
                f"http://127.0.0.1:{carriers}/health",
            )
        ]
        for process in RUNNING:
            base = self.address if process is GATEWAY else f"http://127.0.0.1:{self.ports.known(process.name)}"
            commands.append(Command(process.name, (python, *process.command), f"{base}{READY}"))
        return commands


def has_module(name: str) -> bool:
    """Whether this checkout has the module."""
    return importlib.util.find_spec(name) is not None


def reachable(url: str) -> bool:
    """Whether somebody listens at a server address that the environment named."""
    parts = urlsplit(url)
    default = {"postgresql": 5432, "amqp": 5672, "amqps": 5671}.get(parts.scheme, 0)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or default), timeout=5):
            return True
    except OSError:
        return False
