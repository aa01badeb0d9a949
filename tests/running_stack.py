"""The whole system for end-to-end and portal tests: carriers, six services with their workers, gateway, demo data."""

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx

from deploy.local.processes import Supervisor
from deploy.local.rabbit import PrivateRabbit
from deploy.local.stack import Stack
from deploy.local.system import prepare, start_processes
from kernel.chassis.process.certificates import trusted
from tests.preloaded import spawn

ROOT = Path(__file__).resolve().parents[1]
DEMO = ("--without-forms", "--usage-months", "4")
"""Taking in all fourteen months took 50 s of CPU; what happens to old months, tests/integration/traffic shows."""
ADDRESSES = ("_PORT", "_CARRIERS", "_GATEWAY_URL")
"""Ends of the variables that say where the surrounding stack's processes are; this stack's are elsewhere."""


@dataclass
class RunningStack:
    """``base_url`` of the gateway; logins of the demo (province, city1, county1 ...) share ``password``."""

    stack: Stack
    supervisor: Supervisor
    env: dict[str, str]

    @property
    def base_url(self) -> str:
        return self.stack.address

    @property
    def password(self) -> str:
        return self.env["SIMKEEP_DEMO_PASSWORD"]

    def login(self, name: str) -> httpx.Client:
        """A client of the REST interface that is logged in; relative URLs start at /api/v1."""
        client = httpx.Client(base_url=f"{self.base_url}/api/v1/", timeout=60, verify=trusted())
        answer = client.post("auth/login", json={"login": name, "password": self.password})
        answer.raise_for_status()
        client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    def kill9(self, name: str) -> None:
        """SIGKILL to one process; it stays down until ``restart``."""
        self.supervisor.kill9(name)

    def restart(self, name: str, **settings: str) -> None:
        """Starts a process again, with ``settings`` changed, and waits until it is ready."""
        self.supervisor.processes[name].env |= settings
        self.supervisor.restart(name)

    @contextmanager
    def workflow_at(self, moment: datetime) -> Iterator[None]:
        """Workflow's business time goes on from ``moment``, an aware one, and is the present again afterwards."""
        offset = moment - datetime.now(moment.tzinfo)
        self.restart("workflow", SIMKEEP_CLOCK_OFFSET_SECONDS=str(int(offset.total_seconds())))
        try:
            yield
        finally:
            self.restart("workflow", SIMKEEP_CLOCK_OFFSET_SECONDS="0")


class DeployedStack(RunningStack):
    """A system that somebody else started; its processes are out of reach, its gateway and database are not."""

    @property
    def base_url(self) -> str:
        return os.environ["SIMKEEP_DEPLOYED_ADDRESS"]

    @classmethod
    def of_environment(cls, directory: Path) -> "DeployedStack":
        return cls(Stack(directory), Supervisor(directory), dict(os.environ))


def virtual_host(amqp_url: str) -> str:
    """URL of a new virtual host of the test RabbitMQ; ``amqp_url`` itself when the server is not ours to administer.

    It stays until the server ends with the tests.
    """
    if "SIMKEEP_TEST_STACK_DIR" not in os.environ:
        return amqp_url
    return next(virtual_hosts(PrivateRabbit.of_test_stack()))


def virtual_hosts(rabbit: PrivateRabbit) -> Iterator[str]:
    """URLs of new virtual hosts, each made when it is asked for."""
    while True:
        yield from rabbit.add_virtual_hosts(f"test-{uuid.uuid4().hex[:8]}")


def _run(module: str, *arguments: str, env: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{module} failed\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")


@contextmanager
def running(
    database_url: str,
    amqp_url: str,
    directory: Path,
    *,
    demo: bool = True,
    only: Collection[str] | None = None,
    settings: dict[str, str] | None = None,
) -> Iterator[RunningStack]:
    """Starts everything (or the processes in ``only``) on ``database_url`` (migrated), with ``settings``, and ends it.

    A process that is killed stays killed.
    """
    for name in [name for name in os.environ if name.startswith("SIMKEEP_") and name.endswith(ADDRESSES)]:
        del os.environ[name]
    stack = Stack(directory)
    stack.ports.claim("gateway")  # not the usual one: tests of `./simkeep up` beside this one want that
    stack.claim_ports()
    env = stack.environment()
    env |= {
        "SIMKEEP_DATABASE_URL": database_url,
        "SIMKEEP_AMQP_URL": virtual_host(amqp_url),
        "SIMKEEP_BLOB_URL": f"file://{directory / 'blobs'}",
        **(settings or {}),
    }
    with Supervisor(directory / "run", env=env, log_dir=directory / "logs", spawn=spawn) as supervisor:
        prepare(supervisor, migrated=True)
        start_processes(stack, supervisor, only, keep_alive=False)
        if demo:
            _run("deploy.local.demo", *DEMO, "--base-url", stack.address, env={**os.environ, **env})
        yield RunningStack(stack, supervisor, env)


def explain(answer: httpx.Response) -> str:
    """A failed answer as one line, for assertion messages."""
    try:
        return f"{answer.status_code} {json.dumps(answer.json(), ensure_ascii=False)}"
    except ValueError:
        return f"{answer.status_code} {answer.text[:300]}"
