"""What benchmarks stand on: databases with every schema, running systems, and the memory of processes."""

import hashlib
import json
import os
import sys
import uuid
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg
from psycopg import sql

from deploy.accounts import environment
from deploy.local.ports import Ports
from deploy.local.processes import Supervisor
from deploy.local.rabbit import PrivateRabbit
from deploy.local.system import finish
from deploy.migrate import migrate
from kernel.chassis.process.settings import DatabaseSettings

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "bench-Password-1"  # noqa: S105  of people who live in a benchmark's database only
UNITS = {"99": "示范省电力公司", "9901": "东江市供电公司", "990101": "东江城区供电公司"}
PEOPLE = {"province": ("99", "admin"), "city": ("9901", "city_clerk"), "county": ("990101", "county_clerk")}


@dataclass
class System:
    """Running processes on one database. ``login``: province (99), city (9901) or county (990101)."""

    base_url: str
    env: dict[str, str]
    supervisor: Supervisor

    def token(self, login: str) -> str:
        answer = httpx.post(
            f"{self.base_url}/api/v1/auth/login", json={"login": login, "password": PASSWORD}, timeout=60
        )
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def client(self, login: str = "province") -> httpx.Client:
        """A logged-in client; relative URLs start at /api/v1/."""
        return httpx.Client(base_url=f"{self.base_url}/api/v1/", timeout=600, auth=_SignedIn(self, login))

    def pids(self, name: str) -> list[int]:
        """A process and its children, as they are now."""
        pid = self.supervisor.processes[name].pid
        return [] if pid is None else family(pid)


class _SignedIn(httpx.Auth):
    """Sends the access token, and buys another when it has expired: measuring takes longer than a token lives."""

    def __init__(self, system: System, login: str) -> None:
        self._system = system
        self._login = login
        self._token = system.token(login)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._token}"
        answer = yield request
        if answer.status_code == 401:
            self._token = self._system.token(self._login)
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request


class BenchStack:
    """Servers of the environment (SIMKEEP_*), as ``./simkeep bench`` starts them."""

    def __init__(self, directory: Path, admin_url: str) -> None:
        self.directory = directory
        self.admin_url = admin_url

    @classmethod
    def from_environment(cls) -> "BenchStack":
        try:
            directory = Path(os.environ["SIMKEEP_TEST_STACK_DIR"])
            return cls(directory, os.environ["SIMKEEP_DATABASE_URL"])
        except KeyError as missing:
            raise SystemExit(f"{missing} is not set: run ./simkeep bench") from None

    def on(self, database: str) -> str:
        """Admin URL of another database of the same server."""
        return urlunsplit(urlsplit(self.admin_url)._replace(path=f"/{database}"))

    @contextmanager
    def database(self) -> Iterator[str]:
        """Admin URL of a new database with every schema, dropped afterwards."""
        name = f"bench_{uuid.uuid4().hex[:10]}"
        self._create(name)
        try:
            yield self.on(name)
        finally:
            self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def kept_database(self, label: str, fill: Any, *sources: Path) -> str:
        """Admin URL of a database that ``fill(url)`` filled once; made anew when migrations or ``sources`` changed."""
        digest = hashlib.sha256()
        for path in (*sorted(ROOT.glob("services/inventory/migrations/**/*.py")), *sources):
            digest.update(path.read_bytes())
        name = f"bench_{label}_{digest.hexdigest()[:10]}"
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            names = [row[0] for row in admin.execute("SELECT datname FROM pg_database")]
            known = {one for one in names if one.startswith(f"bench_{label}_")}
        for old in known - {name}:
            self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(old)))
        if name not in known:
            draft = f"draft_{uuid.uuid4().hex[:10]}"
            self._create(draft)
            fill(self.on(draft))
            rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
            self._execute(rename.format(sql.Identifier(draft), sql.Identifier(name)))
        return self.on(name)

    def _create(self, name: str) -> None:
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        migrate(DatabaseSettings(database_url=self.on(name)), report=lambda _: None)

    def _execute(self, statement: sql.Composable) -> None:
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            admin.execute(statement)

    @contextmanager
    def system(
        self,
        database_url: str,
        processes: Collection[str] = ("inventory", "gateway"),
        extra: Mapping[str, str] | None = None,
        units: Mapping[str, str] = UNITS,
    ) -> Iterator[System]:
        """Starts those processes (a service, its ``-jobs`` worker, ``gateway``) on a virtual host of their own."""
        directory = self.directory / f"system-{uuid.uuid4().hex[:6]}"
        ports = Ports(directory / "ports.json")
        for name in {*processes, "gateway", "inventory", "inventory-jobs"}:
            ports.claim(name)
        with self._virtual_host() as amqp_url:
            env = {
                "SIMKEEP_DATABASE_URL": database_url,
                "SIMKEEP_AMQP_URL": amqp_url,
                "SIMKEEP_BLOB_URL": f"file://{directory / 'blobs'}",
                "SIMKEEP_HTTP_PORT": str(ports.known("gateway")),
                "SIMKEEP_LOG_LEVEL": "WARNING",
                **{_port_of(name): str(ports.known(name)) for name in processes if name != "gateway"},
                **(extra or {}),
            }
            with Supervisor(directory / "run", env=env, log_dir=directory / "logs") as supervisor:
                self._prepare(supervisor, units)
                for name in processes:
                    module = "jobs.worker" if name.endswith("-jobs") else "process.runner"
                    program = ["gateway"] if name == "gateway" else [f"kernel.chassis.{module}", _service(name)]
                    argv = [sys.executable, "-m", *program]
                    ready = f"http://127.0.0.1:{ports.known(name)}/health/ready"
                    known = environment(name, supervisor.env)
                    supervisor.start(name, argv, ready_url=ready, base=known, cwd=ROOT, wait=120)
                yield System(f"http://127.0.0.1:{ports.known('gateway')}", env, supervisor)

    def _prepare(self, supervisor: Supervisor, units: Mapping[str, str]) -> None:
        finish(supervisor, "declare", "kernel.chassis.bus.declare")
        people = [
            {"login": login, "name": login, "unit": unit, "roles": [role], "password": PASSWORD}
            for login, (unit, role) in PEOPLE.items()
        ]
        named = [{"code": code, "name": name} for code, name in (UNITS | dict(units)).items()]
        file = supervisor.run_dir / "seed.json"
        file.write_text(json.dumps({"units": named, "people": people, "api_keys": []}, ensure_ascii=False))
        finish(supervisor, "seed", "gateway.seed", "--file", str(file))

    @contextmanager
    def _virtual_host(self) -> Iterator[str]:
        rabbit = PrivateRabbit.of_test_stack()
        name = f"bench-{uuid.uuid4().hex[:8]}"
        (url,) = rabbit.add_virtual_hosts(name)
        try:
            yield url
        finally:
            rabbit.control("delete_vhost", name)


def _service(name: str) -> str:
    """The service whose process this is."""
    return name.removesuffix("-jobs")


def _port_of(name: str) -> str:
    """The setting of a process's health port."""
    worker = "_WORKER" if name.endswith("-jobs") else ""
    return f"SIMKEEP_{_service(name).upper()}{worker}_HEALTH_PORT"


def family(pid: int) -> list[int]:
    """A process and all its living descendants."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        try:
            children = Path(f"/proc/{one}/task/{one}/children").read_text().split()
        except OSError:
            continue
        found.append(one)
        waiting += [int(child) for child in children]
    return found


def memory_mib(pid: int) -> float:
    """Resident memory of a process now; 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS:")), 0.0)


def peak_memory_mib(pid: int) -> float:
    """The most resident memory that a living process has had."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0.0)


def cpu_seconds(pids: Iterable[int]) -> float:
    """Processor time that living processes have used so far."""
    ticks = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
