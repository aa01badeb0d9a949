"""Starts service processes of tests as forks of a process that has imported their libraries already.

Importing the libraries is two thirds of what the start of a service or job worker costs, and the suite starts a
hundred. Each fork is a process as `python -m` makes it: its own session, environment, log and end. Preloaded is only
what reads no setting: libraries and `kernel.contracts`. `tests/e2e/test_command.py` sees what `./simkeep up` starts.

``python -m tests.preloaded`` is that process. It ends with the one that started it, and so does what it has forked.
"""

import array
import contextlib
import ctypes
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from deploy.local.pids import ProcessId
from deploy.local.pids import spawn as spawn_anew

ROOT = Path(__file__).resolve().parents[1]
GREEN, PLAIN = "kernel.chassis.process.runner", "kernel.chassis.jobs.worker"
_COMMON = (
    "prometheus_client", "psycopg", "psycopg.types.json", "pydantic", "pydantic_settings", "structlog", "kombu",
    "amqp", "sqlalchemy", "sqlalchemy.orm", "sqlalchemy.dialects.postgresql.psycopg", *(
        f"kernel.contracts.{name}" for name in ("inventory", "workflow", "binding", "traffic", "imei", "documents")
    ),
)  # fmt: skip
_LIBRARIES = {
    GREEN: ("nameko.containers", "nameko.rpc", "nameko.events", "nameko.timer", "eventlet.wsgi", *_COMMON),
    PLAIN: ("multiprocessing.connection", "wsgiref.simple_server", *_COMMON),
}
"""Module that runs > what it needs and is imported before the fork."""
_LARGEST = 150_000
_SET_DEATH_SIGNAL = 1


class Forked:
    """What was forked, with what `subprocess.Popen` has of the same names."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self._nursery = nursery
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._nursery.ended(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        give_up = time.monotonic() + (timeout or float("inf"))
        while (code := self.poll()) is None:
            if time.monotonic() > give_up:
                raise subprocess.TimeoutExpired("a forked process", timeout or 0)
            time.sleep(0.02)
        return code

    def kill(self) -> None:
        self._send(signal.SIGKILL)

    def terminate(self) -> None:
        self._send(signal.SIGTERM)

    def _send(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)


class Nursery:
    """The process that forks those of one module; one per process that runs tests."""

    def __init__(self, module: str) -> None:
        self._lock = Lock()
        self._door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            command = ["setpriv", "--pdeathsig", "TERM", "--", sys.executable, "-m", "tests.preloaded", module]
            subprocess.Popen(command, stdin=theirs, stdout=subprocess.DEVNULL, cwd=ROOT, start_new_session=True)

    def start(self, arguments: Sequence[str], env: Mapping[str, str], cwd: Path, log: int) -> Forked:
        """``log``: descriptor of the file that gets what it writes."""
        wanted = {"arguments": list(arguments), "env": dict(env), "cwd": str(cwd)}
        return Forked(self, int(self._ask(wanted, log)))

    def ended(self, pid: int) -> int | None:
        """Its exit code, as Popen has it, or None."""
        code = self._ask({"ended": pid})
        return None if code is None else int(code)

    def _ask(self, question: dict[str, Any], *descriptors: int) -> Any:
        with self._lock:
            socket.send_fds(self._door, [json.dumps(question).encode()], descriptors)
            answer = self._door.recv(_LARGEST)
        assert answer, "the process that forks services has ended"
        return json.loads(answer)


@cache
def _nursery(module: str) -> Nursery:
    return Nursery(module)


def start(argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: int) -> Forked:
    """``argv``: this interpreter, -m, and one of the two modules of a service, with its arguments."""
    return _nursery(argv[2]).start(argv[3:], env, cwd, log)


def spawn(argv: Sequence[str], *, env: Mapping[str, str], log: Path, cwd: Path | None = None) -> ProcessId:
    """For a `Supervisor`: services and job workers are forked, everything else is started as ever."""
    if list(argv[:2]) != [sys.executable, "-m"] or argv[2] not in _LIBRARIES:
        return spawn_anew(argv, env=env, log=log, cwd=cwd)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        pid = start(argv, env=env, cwd=cwd or ROOT, log=output.fileno()).pid
    return ProcessId.of(pid) or ProcessId(pid, -1)


# -- the process that forks
class _Server:
    """Made before anything turns green: it waits for real."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._door = socket.socket(fileno=0)
        self._poll = select.poll()
        self._died, self._bell = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._read, self._waitpid = os.read, os.waitpid
        self._ended: dict[int, int] = {}
        self._running: set[int] = set()
        for descriptor in (0, self._died):
            self._poll.register(descriptor, select.POLLIN)
        self._input = select.POLLIN

    def preload(self) -> None:
        from kernel.chassis.process import collector, green  # noqa: PLC0415  in the order of a service's start

        collector.pause()
        if self._module == GREEN:
            green.boot()
        for library in _LIBRARIES[self._module]:
            importlib.import_module(library)

    def serve(self) -> None:
        """Until whoever asks is gone."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._bell)
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor == self._died:
                    self._read(self._died, 4096)
                    self._reap()
                elif not self._answer():
                    return

    def _reap(self) -> None:
        for pid in list(self._running):
            gone, status = self._waitpid(pid, os.WNOHANG)
            if gone:
                self._running.discard(pid)
                self._ended[pid] = os.waitstatus_to_exitcode(status)

    def _answer(self) -> bool:
        space = socket.CMSG_LEN(array.array("i", [0]).itemsize)
        message, extras, *_ = self._door.recvmsg(_LARGEST, space)
        if not message:
            return False
        asked = json.loads(message)
        if "ended" in asked:
            self._reap()
            answer = self._ended.get(asked["ended"])
        else:
            log = array.array("i", extras[0][2])[0]
            answer = self._fork(asked, log)
            os.close(log)
        self._door.send(json.dumps(answer).encode())
        return True

    def _fork(self, asked: dict[str, Any], log: int) -> int:
        pid = os.fork()
        if pid:
            self._ended.pop(pid, None)  # of an earlier process of this number
            self._running.add(pid)
            return pid
        code = 1
        try:
            self._become(asked, log)
            code = self._run(asked["arguments"])
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def _become(self, asked: dict[str, Any], log: int) -> None:
        """Everything that is one's own of a new process."""
        os.setsid()
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGTERM)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._door.detach()
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(source, target)
        for descriptor in (nothing, log, self._died, self._bell):
            os.close(descriptor)
        os.chdir(asked["cwd"])
        os.environ.clear()
        os.environ.update(asked["env"])
        if self._module == GREEN:
            importlib.import_module("eventlet.hubs").use_hub()  # the former one waits on what its parent waits on

    def _run(self, arguments: list[str]) -> int:
        sys.argv = [self._module, *arguments]
        try:
            runpy.run_module(self._module, run_name="__main__", alter_sys=True)
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else int(end.code is not None)
        return 0


if __name__ == "__main__":
    server = _Server(sys.argv[1])
    server.preload()
    server.serve()
