"""The supervisor, with small stand-in programs."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from deploy.local.credentials import load_or_make
from deploy.local.locking import StackLock
from deploy.local.pids import ProcessId, marked
from deploy.local.ports import Ports, is_free
from deploy.local.processes import ProcessError, Supervisor

SLEEPER = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(600)"]
WITH_CHILD = ["sh", "-c", "sleep 600 & sleep 600"]


def wait_for(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.mark.req("OPS-01")
def test_a_killed_process_takes_what_it_started_with_it(tmp_path):
    with Supervisor(tmp_path) as supervisor:
        supervisor.start("parent", WITH_CHILD)
        wait_for(lambda: len(list(marked(tmp_path))) == 3)

        supervisor.kill9("parent")

        assert not supervisor.alive("parent")
        wait_for(lambda: not list(marked(tmp_path)))


@pytest.mark.req("OPS-01")
def test_a_crashed_process_is_started_again_and_a_terminated_one_is_not(tmp_path):
    with Supervisor(tmp_path) as supervisor:
        crashing = supervisor.start("crashing", SLEEPER, keep_alive=True)
        supervisor.start("other", SLEEPER)
        first = crashing.pid
        os.kill(first, signal.SIGKILL)
        supervisor.kill9("other")

        wait_for(lambda: supervisor.watch() or (crashing.alive() and crashing.pid != first))

        assert crashing.restarts == 1
        assert not supervisor.alive("other")


@pytest.mark.req("OPS-01")
def test_nothing_of_a_stack_outlives_a_supervisor_that_was_killed(tmp_path):
    program = f"""
        import time
        from pathlib import Path
        from deploy.local.processes import Supervisor
        Supervisor(Path({str(tmp_path)!r})).start("child", ["sleep", "600"])
        time.sleep(600)
    """
    owner = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], cwd=Path(__file__).parents[3])
    wait_for((tmp_path / "child.process").exists)
    child = ProcessId.read(tmp_path / "child.process")
    assert child.alive()

    owner.kill()
    owner.wait()

    wait_for(lambda: not child.alive())


@pytest.mark.req("OPS-01")
def test_what_a_killed_run_left_is_ended_by_the_next(tmp_path):
    abandoned = Supervisor(tmp_path)
    left = abandoned.start("left", ["sh", "-c", "trap '' TERM; sleep 600 & wait; sleep 600"])

    ended = Supervisor(tmp_path).clean_up()

    assert ended >= 1
    assert not left.alive()
    assert not list(tmp_path.glob("*.process"))


def test_a_process_that_ends_while_starting_is_reported_with_its_log(tmp_path):
    with Supervisor(tmp_path) as supervisor, pytest.raises(ProcessError, match="no such thing"):
        supervisor.start("broken", ["sh", "-c", "echo no such thing >&2; exit 7"], ready_url="http://127.0.0.1:1/")
    assert supervisor.processes["broken"].exit_code == 7


def test_a_pid_that_was_given_to_somebody_else_is_not_signalled(tmp_path):
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        mistaken = ProcessId(stranger.pid, started=1)

        assert not mistaken.alive()
        assert not mistaken.send(signal.SIGKILL)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_torn_pid_file_names_nobody(tmp_path):
    (tmp_path / "torn.process").write_text('{"pid": 1, "star')
    assert ProcessId.read(tmp_path / "torn.process") is None


@pytest.mark.req("OPS-01")
def test_a_port_is_remembered_and_given_up_only_when_a_stranger_listens_there(tmp_path):
    port = Ports(tmp_path / "ports.json").claim("gateway")
    assert Ports(tmp_path / "ports.json").claim("gateway") == port

    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", port))
        stranger.listen()
        other = Ports(tmp_path / "ports.json").claim("gateway")

    assert other != port
    assert is_free(other)
    assert Ports(tmp_path / "ports.json").known("gateway") == other


@pytest.mark.req("OPS-01")
def test_secrets_are_made_once_and_readable_by_their_owner_only(tmp_path):
    path = tmp_path / "secrets.env"

    first, second = load_or_make(path), load_or_make(path)

    assert first == second
    assert {"SIMKEEP_TOKEN_SECRET", "SIMKEEP_FORM_PRIVATE_KEY", "SIMKEEP_CALL_SECRET"} <= first.keys()
    assert path.stat().st_mode & 0o777 == 0o600


def test_only_one_process_holds_a_stack(tmp_path):
    first, second = StackLock(tmp_path), StackLock(tmp_path)

    assert first.acquire("up")
    assert not second.acquire("up")
    assert second.holder()[1] == "up"
    first.release()
    assert second.acquire("servers")
