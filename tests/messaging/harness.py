"""Starts probe and mirror as real processes on servers of their own, kills them, and compares what they hold."""

import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from deploy.accounts import url_as
from kernel.chassis.bus.declare import declare
from kernel.chassis.data.tables import add_trust, create_chassis_tables
from kernel.chassis.process.settings import BusSettings
from kernel.contracts import topology
from tests import preloaded
from tests.tokens import key_of

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = {
    "probe": (
        "CREATE TABLE entries (key text PRIMARY KEY, version int NOT NULL)",
        "CREATE TABLE runs (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY)",
        "CREATE TABLE ticks (due_at timestamptz NOT NULL)",
    ),
    "mirror": (
        "CREATE TABLE mirrored (key text PRIMARY KEY, version int, sequence bigint, seen int)",
        "CREATE TABLE arrivals (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, sequence bigint NOT NULL)",
        "CREATE TABLE antidotes (key text PRIMARY KEY)",
    ),
}


def create_schemas(database_url: str) -> None:
    """The chassis' tables and the two services' own."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        for schema, statements in SCHEMAS.items():
            connection.execute(f"CREATE SCHEMA {schema}")
            connection.execute(f"SET search_path = {schema}")
            create_chassis_tables(connection)
            add_trust(connection)
            for statement in statements:
                connection.execute(statement)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(what: str, condition: Callable[[], Any], seconds: float = 60) -> Any:
    """Waits until ``condition`` gives something true, and gives it back; fails with ``what`` otherwise."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s: {what}")


def _answers(connection: "psycopg.Connection[Any]") -> bool:
    try:
        connection.execute("")
    except psycopg.OperationalError:
        connection.close()
        return False
    return True


@dataclass
class Process:
    """One service process or job worker."""

    popen: preloaded.Forked
    port: int
    log: Path

    def ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def problems(self) -> dict[str, str]:
        """What readiness says that does not work."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5) as answer:
                body = answer.read()
        except urllib.error.HTTPError as error:
            body = error.read()
        except (urllib.error.URLError, OSError):
            return {}
        return dict(json.loads(body)["problems"])

    def metric(self, line_start: str) -> float:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(line_start):
                    return float(line.rpartition(" ")[2])
        return 0.0

    def alive(self) -> bool:
        return self.popen.poll() is None

    def kill9(self) -> None:
        self.popen.kill()
        self.popen.wait()

    def stop(self, timeout: float = 30) -> int:
        """SIGTERM; the exit code."""
        if self.alive():
            self.popen.terminate()
        return self.popen.wait(timeout)

    def logged(self) -> str:
        return self.log.read_text(errors="replace")


@dataclass
class Bench:
    """One database, one virtual host, and the processes of a test. ``amqp_url`` is the administrator's."""

    database_url: str
    amqp_url: str
    directory: Path
    settings: dict[str, str]
    processes: list[Process] = field(default_factory=list)
    declared: set[str] = field(default_factory=set)
    _readers: "dict[str, psycopg.Connection[Any]]" = field(default_factory=dict)

    def declare(self, package: str) -> str:
        """As the administrator, once: the queues of a package. Its dotted name."""
        dotted = f"tests.messaging.{package}" if package in SCHEMAS else package
        if dotted not in self.declared:
            wanted = self.settings.get("SIMKEEP_QUEUE_TYPE", os.environ.get("SIMKEEP_QUEUE_TYPE"))
            kind = "quorum" if wanted == "quorum" else "classic"
            declare([dotted], BusSettings(amqp_url=self.amqp_url, queue_type=kind))
            self.declared.add(dotted)
        return dotted

    def start(self, package: str, *, worker: bool = False, wait: bool = True, **env: str) -> Process:
        """``package``: probe, mirror, or the name of a real service. ``env``: further variables."""
        dotted = self.declare(package)
        port, own = free_port(), url_as(topology.account(package), self.amqp_url)
        key = {} if worker else {"SIMKEEP_CALL_KEY": key_of(package)}
        log = self.directory / f"{package}-{len(self.processes)}.log"
        variable = f"SIMKEEP_{package.upper()}{'_WORKER' if worker else ''}_HEALTH_PORT"
        with log.open("wb") as out:
            popen = preloaded.start(
                [sys.executable, "-m", preloaded.PLAIN if worker else preloaded.GREEN, dotted],
                env={**os.environ, **self.settings, "SIMKEEP_AMQP_URL": own, **key, variable: str(port), **env},
                cwd=ROOT,
                log=out.fileno(),
            )
        process = Process(popen, port, log)
        self.processes.append(process)
        if wait:
            self.wait_ready(process)
        return process

    @staticmethod
    def wait_ready(*processes: Process, seconds: float = 120) -> None:
        for process in processes:
            until(
                f"ready: {process.log.name}\n{process.logged()[-3000:]}",
                lambda process=process: process.ready() or not process.alive(),
                seconds,
            )
            assert process.alive(), process.logged()[-3000:]

    def stop_all(self) -> None:
        for process in self.processes:
            if process.alive():
                process.kill9()
        for reader in self._readers.values():
            reader.close()
        self._readers.clear()

    def _connect(self, schema: str) -> "psycopg.Connection[Any]":
        connection = psycopg.connect(self.database_url, autocommit=True)
        connection.execute(f"SET search_path = {schema}")
        return connection

    @contextmanager
    def sql(self, schema: str) -> Iterator["psycopg.Connection[Any]"]:
        with self._connect(schema) as connection:
            yield connection

    def one(self, schema: str, query: str, *values: Any) -> Any:
        """The first column of the only row."""
        rows = self.rows(schema, query, *values)
        return rows[0][0] if rows else None

    def rows(self, schema: str, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Over a connection that is kept, and made anew after the server was away: who waits for something asks
        twenty times a second, and a new connection costs PostgreSQL and the test 11 ms of CPU."""
        reader = self._readers.get(schema)
        if reader is None or not _answers(reader):
            reader = self._readers[schema] = self._connect(schema)
        return reader.execute(query, values).fetchall()

    def settled(self) -> bool:
        """Nothing is on its way: all published, all received."""
        waiting = self.one("probe", "SELECT count(*) FROM outbox WHERE published_at IS NULL")
        sent = self.one("probe", "SELECT count(*) FROM outbox WHERE type = 'entry_added'")
        received = self.one("mirror", "SELECT count(*) FROM inbox")
        return bool(waiting == 0 and received >= sent)

    def assert_agreement(self) -> None:
        """Source rows = outbox = inbox = read model, exactly: nothing lost, nothing twice."""
        entries = self.rows("probe", "SELECT key, version FROM entries ORDER BY key")
        outbox = self.rows("probe", "SELECT message_id FROM outbox WHERE type = 'entry_added' ORDER BY 1")
        unpublished = self.one("probe", "SELECT count(*) FROM outbox WHERE published_at IS NULL")
        inbox = self.rows("mirror", "SELECT message_id FROM inbox WHERE consumer = 'mirror' ORDER BY 1")
        mirrored = self.rows("mirror", "SELECT key, version FROM mirrored ORDER BY key")
        seen = self.one("mirror", "SELECT coalesce(sum(seen), 0) FROM mirrored")
        changes = self.one("probe", "SELECT coalesce(sum(version), 0) FROM entries")

        assert unpublished == 0
        assert outbox == inbox
        assert changes == len(outbox) == seen
        assert entries == mirrored
