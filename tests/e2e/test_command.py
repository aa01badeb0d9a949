"""The one command, used as a person uses it, with a state directory of its own."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.local.locking import StackLock
from deploy.local.pids import marked

ROOT = Path(__file__).resolve().parents[2]
OURS = ("SIMKEEP_", "PYTHONPATH")


class Command:
    """`./simkeep` in an environment without the test stack's settings."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self.env |= {"SIMKEEP_STATE_DIR": str(state), "SIMKEEP_VENV": sys.prefix}

    def __call__(self, *arguments: str, code: int | None = 0, **env: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [ROOT / "simkeep", *arguments],
            env=self.env | env,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert code is None or done.returncode == code, done.stdout + done.stderr
        return done

    def left(self) -> list[str]:
        """What still runs of it, by command line."""
        return [
            Path(f"/proc/{process.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            for directory in (self.state, self.state / "run")
            for process in marked(directory)
        ]


@pytest.fixture
def simkeep(tmp_path):
    command = Command(tmp_path)
    yield command
    command("clean", "--yes", code=None)


def wait_for(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)


def get(address: str, path: str) -> int:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.req("OPS-01")
def test_help_names_every_command(simkeep):
    said = simkeep("--help").stdout
    for name in ("up", "down", "status", "logs", "test", "check", "bench", "demo", "migrate", "psql", "clean"):
        assert re.search(rf"^  {name} ", said, re.MULTILINE), name


@pytest.mark.req("OPS-01")
def test_it_says_what_to_do_when_nothing_runs(simkeep):
    assert "./simkeep up" in simkeep("status", code=3).stderr
    assert "./simkeep up" in simkeep("migrate", code=1).stderr
    assert "was running" in simkeep("down").stderr


@pytest.mark.req("OPS-01")
def test_a_server_that_the_environment_names_but_does_not_answer_is_told(simkeep):
    said = simkeep("servers", code=1, SIMKEEP_DATABASE_URL="postgresql://a:b@127.0.0.1:1/c").stderr
    assert "SIMKEEP_DATABASE_URL" in said
    assert not simkeep.left()


@pytest.mark.req("OPS-01")
@pytest.mark.slow
def test_the_servers_start_again_after_a_kill_in_the_middle_and_leave_nothing_behind(simkeep):
    starting = subprocess.Popen(
        [ROOT / "simkeep", "servers"], env=simkeep.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_for((simkeep.state / "postgres.home").exists)
    holder, _ = StackLock(simkeep.state).holder()
    holder.send(signal.SIGKILL)
    starting.wait()

    first = simkeep("servers").stdout
    assert simkeep("servers").stdout == first
    assert "export SIMKEEP_DATABASE_URL=" in first

    holder, mode = StackLock(simkeep.state).holder()
    assert mode == "servers"
    holder.send(signal.SIGKILL)
    wait_for(lambda: not simkeep.left())


@pytest.mark.req("OPS-01", "OPS-04")
@pytest.mark.slow
def test_up_brings_the_portal_heals_a_killed_service_and_down_ends_everything(simkeep, database_url, amqp_url):
    servers = {"SIMKEEP_DATABASE_URL": database_url.rpartition("/")[0] + "/postgres", "SIMKEEP_AMQP_URL": amqp_url}
    foreign = subprocess.Popen(["sleep", "600"])  # somebody else's process must survive
    try:
        said = simkeep("up", "-d", "--no-demo", **servers).stderr
        assert "Starting the private" not in said
        address = re.search(r"Portal +│ (http://\S+?)/", said).group(1)
        assert get(address, "/") == 200
        assert get(address, "/health/ready") == 200
        assert simkeep("status", **servers).returncode == 0

        victim = json.loads((simkeep.state / "run" / "inventory.process").read_text())["pid"]
        os.kill(victim, signal.SIGKILL)
        wait_for(lambda: simkeep("status", code=None, **servers).returncode == 0, 60)
        assert json.loads((simkeep.state / "run" / "inventory.process").read_text())["pid"] != victim
        assert "service" in simkeep("logs", "inventory", **servers).stdout

        simkeep("down", **servers)

        assert not simkeep.left()
        assert foreign.poll() is None
    finally:
        foreign.kill()
        foreign.wait()
