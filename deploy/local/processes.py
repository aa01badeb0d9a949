"""Starting, watching, killing and restarting the processes of a stack.

Usable from a pytest fixture:

    with Supervisor(tmp_path, env=stack_environment) as supervisor:
        inventory = supervisor.start(
            "inventory", [sys.executable, "-m", "kernel.chassis.process.runner", "inventory"], ready_url="http://127.0.0.1:9001/health/ready"
        )
        supervisor.kill9("inventory")
        supervisor.restart("inventory")

Guarantees:
* Every process leads a session of its own: Ctrl-C at the terminal reaches the supervisor only, which asks the others
  to end, the last started first.
* A process ends (SIGTERM by the kernel) when the thread that started it ends, also by kill -9. So start from a thread
  that lives on; a fixture's main thread does.
* `kill9` and `terminate` return when the process and what it had started in its group are gone.
* Processes are known by pid and start time, written to `run_dir/NAME.process`, so a later run can find and end what a
  killed one has left (`clean_up`).
"""

from __future__ import annotations

import http.client
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

from deploy.local.pids import ProcessId, mark, marked, rotate, spawn
from deploy.local.servers import tail

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds before a crashed process is started again: doubled at each crash, reset when it has lived for a minute."""


class Spawn(Protocol):
    """Starts a process whose log grows; `pids.spawn` does."""

    def __call__(
        self, argv: Sequence[str], *, env: Mapping[str, str], log: Path, cwd: Path | None = None
    ) -> ProcessId: ...


class ProcessError(RuntimeError):
    """A process ended or did not become ready. The text shows the end of its log."""


@dataclass
class ManagedProcess:
    """One process of the stack over all its restarts. `env` is the whole environment it gets."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    log_path: Path
    pid_file: Path
    ready_url: str | None = None
    cwd: Path | None = None
    keep_alive: bool = False
    spawn: Spawn = spawn
    restarts: int = 0
    _process: ProcessId | None = None
    _log_from: int = 0
    _pause: float = FIRST_PAUSE
    _started_at: float = 0.0
    _restart_at: float | None = field(default=None, repr=False)

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    @property
    def exit_code(self) -> int | None:
        """Of its last run; negative: the signal that ended it. None while it runs."""
        return self._process.exit_code if self._process is not None else None

    def start(self) -> None:
        """Starts it unless it runs; does not wait for readiness."""
        if self.alive():
            return
        self._log_from = rotate(self.log_path)
        self._process = self.spawn(self.argv, env=self.env, log=self.log_path, cwd=self.cwd)
        self._process.write(self.pid_file)
        self._started_at, self._restart_at = time.monotonic(), None

    def alive(self) -> bool:
        return self._process is not None and self._process.alive()

    def ready(self) -> bool:
        """Whether it lives and, when it has a ready_url, answers 200 there now."""
        return self.alive() and (self.ready_url is None or answers_ok(self.ready_url))

    def wait_ready(self, seconds: float = 60.0) -> None:
        """Raises ProcessError when it ends before, or is not ready in time."""
        deadline = time.monotonic() + seconds
        while not self.ready():
            if not self.alive():
                raise ProcessError(f"{self.name} ended while starting\n{self.log_tail()}")
            if time.monotonic() > deadline:
                raise ProcessError(
                    f"{self.name} is not ready after {seconds:.0f} s ({self.ready_url})\n{self.log_tail()}"
                )
            time.sleep(0.1)

    def wait_end(self, seconds: float) -> bool:
        """Waits for it to end by itself; False when it still runs after `seconds`."""
        return self._process is None or self._process.wait_gone(seconds)

    def kill9(self) -> None:
        """SIGKILL to it and its group: no handler, no clean-up, as the kernel's OOM killer would do it."""
        if self._process is not None:
            self._process.stop(signal.SIGKILL, seconds=5)

    def terminate(self, seconds: float = 15.0) -> None:
        """SIGTERM to it; SIGKILL to its group when it has not ended after `seconds`."""
        if self._process is not None:
            self._process.stop(signal.SIGTERM, seconds=seconds)
        self.pid_file.unlink(missing_ok=True)

    def ask_to_end(self) -> None:
        """SIGTERM, without waiting."""
        if self._process is not None:
            self._process.send(signal.SIGTERM)

    def log_tail(self, lines: int = 25) -> str:
        """The last lines that this run of the process has written."""
        return tail(self.log_path, self._log_from, lines)

    def heal(self, now: float) -> bool:
        """Starts it again after a crash once its pause is over. True when it was started now."""
        if not self.keep_alive or self._process is None or self.alive():
            return False
        if self._restart_at is None:
            if now - self._started_at > 60:
                self._pause = FIRST_PAUSE
            self._restart_at = now + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        if now < self._restart_at:
            return False
        self.restarts += 1
        self.start()
        return True


class Supervisor:
    """Owns processes by name. Not thread-safe; see the module's guarantees."""

    def __init__(
        self,
        run_dir: Path,
        *,
        env: Mapping[str, str] | None = None,
        log_dir: Path | None = None,
        spawn: Spawn = spawn,
    ) -> None:
        """`run_dir` gets the pid files (and the logs, unless `log_dir` is given). `env` is added to this process'
        environment for every process started here. `spawn`: how they are started."""
        self.run_dir = run_dir.resolve()
        self.log_dir = (log_dir or run_dir / "logs").resolve()
        self.run_dir.mkdir(parents=True, exist_ok=True)
        self.env: dict[str, str] = {**os.environ, **mark(self.run_dir), **(env or {})}
        self.processes: dict[str, ManagedProcess] = {}
        self._spawn = spawn

    def start(
        self,
        name: str,
        argv: Sequence[str],
        env: Mapping[str, str] | None = None,
        ready_url: str | None = None,
        *,
        base: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        keep_alive: bool = False,
        wait: float | None = 60.0,
    ) -> ManagedProcess:
        """Starts a process, and waits up to `wait` seconds for it to be ready (None: does not wait).

        `base` replaces the environment that every process gets: for one that may know less. `keep_alive`: `watch`
        starts it again when it crashes. A name that runs already is a ValueError.
        """
        if name in self.processes and self.processes[name].alive():
            raise ValueError(f"{name} runs already")
        process = ManagedProcess(
            name=name,
            argv=list(argv),
            env={**(self.env if base is None else base), **(env or {})},
            log_path=self.log_dir / f"{name}.log",
            pid_file=self.run_dir / f"{name}.process",
            ready_url=ready_url,
            cwd=cwd,
            keep_alive=keep_alive,
            spawn=self._spawn,
        )
        self.processes[name] = process
        process.start()
        if wait is not None:
            process.wait_ready(wait)
        return process

    def kill9(self, name: str) -> None:
        self.processes[name].kill9()

    def terminate(self, name: str) -> None:
        self.processes[name].terminate()

    def restart(self, name: str, *, wait: float = 60.0) -> ManagedProcess:
        """Terminates it if it runs, starts it with the same arguments, waits until it is ready."""
        process = self.processes[name]
        process.terminate()
        process.start()
        process.wait_ready(wait)
        return process

    def alive(self, name: str) -> bool:
        return name in self.processes and self.processes[name].alive()

    def log_path(self, name: str) -> Path:
        return self.processes[name].log_path

    def watch(self, report: Callable[[str], None] = lambda _: None) -> None:
        """One look at all processes: starts again what has crashed and is due. Call it about twice a second."""
        now = time.monotonic()
        for process in self.processes.values():
            if process.heal(now):
                report(f"{process.name} had ended and was started again ({process.restarts} times by now)")

    def stop_all(self, seconds: float = 30.0) -> None:
        """Asks all to end, the last started first, and waits for all together; what is left after `seconds` is
        killed, with whatever it had started."""
        deadline = time.monotonic() + seconds
        for process in reversed(list(self.processes.values())):
            process.ask_to_end()
        for process in reversed(list(self.processes.values())):
            process.wait_end(max(0.0, deadline - time.monotonic()))
            process.kill9()
        self.clean_up()

    def clean_up(self) -> int:
        """Ends whatever carries this directory's mark or stands in its pid files. Answers how many there were."""
        found = {p for f in self.run_dir.glob("*.process") if (p := ProcessId.read(f)) and p.alive()}
        left = found | set(marked(self.run_dir))
        for process in left:
            process.send(signal.SIGTERM)
        deadline = time.monotonic() + 5
        for process in left:
            if not process.wait_gone(max(0.0, deadline - time.monotonic())):
                process.send(signal.SIGKILL, group=True)
                process.wait_gone(5)
        for file in self.run_dir.glob("*.process"):
            file.unlink(missing_ok=True)
        return len(left)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_all()


def answers_ok(url: str, timeout: float = 2.0) -> bool:
    """Whether GET answers 200. Straight to the address, past any proxy of the environment."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port or 80, timeout=timeout)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
