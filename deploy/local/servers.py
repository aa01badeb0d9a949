"""A private PostgreSQL and a private RabbitMQ, each in a directory of its own.

Usable from a pytest fixture:

    postgres = PrivatePostgres(tmp_path / "stack")   # or PrivatePostgres.of_test_stack()
    postgres.start()
    ... postgres.url ...
    postgres.kill9(); postgres.restart()
    postgres.stop()

Guarantees of both classes:
* `start` returns when the server answers a client that logs in, or raises ServerError with the tail of its log.
  Starting a running server does nothing. A start after a kill at any moment, also of a half-made cluster, works.
* `stop`, `kill9` and `restart` act on the process that the directory names, whoever started it, by pid *and* start
  time. The port stays the same over restarts unless a stranger took it meanwhile while the server was down.
* Only 127.0.0.1 is listened on, and only with a random password. Nothing outside the directory is touched: no file in
  /etc, no socket in /run, no foreign epmd.
"""

from __future__ import annotations

import os
import secrets
import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import ClassVar, Self

from deploy.local.accounts import account_for, server_home
from deploy.local.pids import ProcessId, mark, rotate, spawn
from deploy.local.ports import Ports

READY_WITHIN_SECONDS = 240.0
"""A broker starts with 6 s of CPU; at a load of 20 it did not get them in 90 s. One that ended is not waited for."""


class ServerError(RuntimeError):
    """A server did not start, or did not stop. The text says which, and shows the end of its log."""


class PrivateServer(ABC):
    """What both servers have in common: a directory, a port, a password, a process."""

    name: ClassVar[str]
    title: ClassVar[str]
    package_account: ClassVar[str]
    stop_signal: ClassVar[signal.Signals]

    def __init__(self, stack_dir: Path, *, die_with_parent: bool = True, durable: bool = True) -> None:
        """`stack_dir`: the stack's state directory; the server's own files lie in it unless its account cannot go
        there (see accounts). `die_with_parent`: the server ends when the thread that started it does.
        `durable=False`, for tests: what was committed still survives any kill of a process, but not of the machine;
        the files lie in memory if they can, for a slow disk must not decide whether a test is green."""
        self.stack_dir = stack_dir.resolve()
        self.die_with_parent = die_with_parent
        self.durable = durable
        self.ports = Ports(self.stack_dir / "ports.json")
        self.log_path = self.stack_dir / "logs" / f"{self.name}.log"

    @classmethod
    def of_test_stack(cls) -> Self:
        """The server of the running `./simkeep test`. What a test kills it must start again before it ends."""
        return cls(Path(os.environ["SIMKEEP_TEST_STACK_DIR"]), die_with_parent=False)

    @cached_property
    def account(self) -> str | None:
        """As whom the server runs; asked late, because the account comes with the server's package."""
        return account_for(self.package_account)

    @property
    def home(self) -> Path:
        return server_home(self.stack_dir, self.name, self.account, lasting=self.durable)

    @property
    def port(self) -> int:
        port = Ports(self.stack_dir / "ports.json").known(self.name)
        if port is None:
            raise ServerError(f"{self.name} was never started in {self.stack_dir}")
        return port

    @property
    def password(self) -> str:
        """Random, made at the first start, kept with mode 0600 beside the server's files."""
        path = self.stack_dir / f"{self.name}.password"
        if not path.exists():
            self.stack_dir.mkdir(parents=True, exist_ok=True)
            fresh = path.with_suffix(".new")
            fresh.unlink(missing_ok=True)
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(24))
            fresh.replace(path)
        return path.read_text()

    @property
    def process(self) -> ProcessId | None:
        """The running server, None when it is down."""
        found = ProcessId.read(self._pid_file)
        return found if found is not None and found.alive() else None

    def alive(self) -> bool:
        return self.process is not None

    def start(self) -> None:
        """Makes the server's files at the first time, starts it, waits until it answers."""
        if self.alive():
            return
        self.ports.claim(self.name, patience=5)
        self.prepare()
        log_from = rotate(self.log_path)
        for attempt in range(3):
            self.spawn().write(self._pid_file)
            problem = self._await_ready()
            if problem is None:
                self.after_start()
                return
            if not self._worth_another_try(attempt):
                break
            time.sleep(1)
        self.stop()
        raise ServerError(f"{self.name} did not start ({problem})\n{tail(self.log_path, log_from)}")

    def stop(self) -> None:
        """Asks the server to end and waits; what does not end in 30 seconds is killed."""
        if process := self.process:
            process.stop(self.stop_signal, seconds=30)
        self._pid_file.unlink(missing_ok=True)

    def kill9(self) -> None:
        """SIGKILL to the server process alone, as a crash would do it; returns when it is gone."""
        if process := self.process:
            process.send(signal.SIGKILL)
            process.wait_gone(10)

    def restart(self) -> None:
        """Stop (if running), then start; returns when the server answers."""
        self.stop()
        self.start()

    @property
    @abstractmethod
    def url(self) -> str:
        """The address with user and password, to be kept out of logs."""

    @abstractmethod
    def prepare(self) -> None:
        """Makes files and configuration; idempotent, safe to be killed in."""

    @abstractmethod
    def spawn(self) -> ProcessId: ...

    @abstractmethod
    def ping(self) -> str | None:
        """None when a client can log in, else the reason."""

    def after_start(self) -> None:  # noqa: B027 - nothing to do is a right answer
        """What is to be done on the running server; idempotent."""

    def spawn_here(self, argv: list[str], env: Mapping[str, str], log: Path | None = None) -> ProcessId:
        death_signal = self.stop_signal.name.removeprefix("SIG") if self.die_with_parent else None
        return spawn(
            argv,
            env={**mark(self.stack_dir), "PATH": os.environ["PATH"], **env},
            log=log or self.log_path,
            cwd=self.home,
            user=self.account,
            death_signal=death_signal,
        )

    def _await_ready(self) -> str | None:
        deadline = time.monotonic() + READY_WITHIN_SECONDS
        problem: str | None = "no answer"
        while time.monotonic() < deadline:
            if not self.alive():
                return "it ended at once"
            problem = self.ping()
            if problem is None:
                return None
            time.sleep(0.1)
        return problem

    def _worth_another_try(self, attempt: int) -> bool:
        """After a kill -9 the old server's children may hold its memory or its name for some seconds."""
        return attempt < 2 and not self.alive()

    @property
    def _pid_file(self) -> Path:
        return self.stack_dir / f"{self.name}.process"


def tail(log: Path, start: int = 0, lines: int = 25) -> str:
    """The last lines of a log from byte `start` on; a sentence when there are none."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(start, size - 16_384))
            text = file.read().decode(errors="replace").splitlines()[-lines:]
    except OSError:
        text = []
    return "\n".join(text) if text else f"(nothing in {log})"


def new_lines(log: Path, start: int) -> tuple[list[str], int]:
    """The whole lines written after byte `start`, and the byte behind the last of them."""
    with log.open("rb") as file:
        file.seek(start)
        fresh = file.read()
    whole = fresh[: fresh.rfind(b"\n") + 1]
    return whole.decode(errors="replace").splitlines(), start + len(whole)
