"""Processes by identity, not by bare pid.

A pid alone may have been given to somebody else since it was written down. Here a process is its pid *and* its
start time in clock ticks, so that a signal never reaches a stranger, also across a reboot of this program.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MARKER = "SIMKEEP_STACK_MARK"
"""Environment variable that every process of a stack carries, and hands down to whatever it starts: the directories,
joined by colons, of the stack and of those around it (a test's own stack runs inside the test stack)."""

LARGEST_LOG = 32 * 2**20

_exit_codes: dict[int, int] = {}


@dataclass(frozen=True)
class ProcessId:
    """One process for as long as it lives. `started` is field 22 of /proc/PID/stat."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> ProcessId | None:
        """The process now behind `pid`, or None when there is none or only a zombie is left of it."""
        fields = _stat(pid)
        if fields is None or (fields[0] == "Z" and not _threads_left(pid)):
            return None
        return cls(pid, int(fields[19]))

    @classmethod
    def read(cls, path: Path) -> ProcessId | None:
        """What `write` left in `path`; None when absent or torn by a kill in the middle of writing."""
        try:
            data = json.loads(path.read_text())
            return cls(int(data["pid"]), int(data["started"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, path: Path) -> None:
        """Replaces `path` at once, so that a reader never sees half of it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.write_text(json.dumps({"pid": self.pid, "started": self.started}))
        fresh.replace(path)

    def alive(self) -> bool:
        _reap(self.pid)
        return ProcessId.of(self.pid) == self

    @property
    def exit_code(self) -> int | None:
        """How a child of this process has ended (negative: by that signal); None while it lives or when it is nobody's
        child here."""
        return None if self.alive() else _exit_codes.get(self.pid)

    def send(self, number: int, *, group: bool = False) -> bool:
        """Sends the signal if the process is still this one. `group` sends it to its whole process group, when it
        leads one. False: it was gone already."""
        if not self.alive():
            return False
        try:
            if group and os.getpgid(self.pid) == self.pid:
                os.killpg(self.pid, number)
            else:
                os.kill(self.pid, number)
        except ProcessLookupError:
            return False
        return True

    def wait_gone(self, seconds: float) -> bool:
        """Waits until the process has ended; False when it still lives after `seconds`."""
        deadline = time.monotonic() + seconds
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def stop(self, number: int = signal.SIGTERM, *, seconds: float = 15, group: bool = True) -> None:
        """Asks with `number` (the process alone), and kills the group after `seconds` or once the leader is gone."""
        members = _group_members(self.pid) if group and self.alive() else []
        self.send(number)
        if not self.wait_gone(seconds):
            self.send(signal.SIGKILL, group=group)
            self.wait_gone(5)
        for member in members:
            if member != self and not member.wait_gone(2):
                member.send(signal.SIGKILL)


def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    log: Path,
    cwd: Path | None = None,
    user: str | None = None,
    death_signal: str | None = "TERM",
) -> ProcessId:
    """Starts `argv` in a session of its own, output appended to `log`, input empty.

    `death_signal` reaches it when the *thread* that calls this ends (PR_SET_PDEATHSIG): call it from a thread that
    lives as long as the process should. `user`: only root may name one. setpriv does both and then becomes `argv`,
    so the pid is the program's own. Raises FileNotFoundError when the program is not there.
    """
    prefix: list[str] = []
    if user is not None:
        prefix += ["--reuid", user, "--regid", user, "--init-groups"]
    if death_signal is not None:
        prefix += ["--pdeathsig", death_signal]
    if prefix:
        prefix = ["setpriv", *prefix, "--"]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            [*prefix, *argv],
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    child.returncode = 0  # reaped by ProcessId, not by Popen's destructor
    identity = ProcessId.of(child.pid)
    return identity if identity is not None else ProcessId(child.pid, -1)


def mark(directory: Path) -> dict[str, str]:
    """The marker for processes of the stack in `directory`, started by this process."""
    outer = os.environ.get(MARKER)
    return {MARKER: f"{outer}:{directory}" if outer else str(directory)}


def rotate(log: Path) -> int:
    """Puts a log of more than 32 MiB aside as `NAME.log.1`; answers the size of what a new run goes on with."""
    if not log.exists():
        return 0
    size = log.stat().st_size
    if size <= LARGEST_LOG:
        return size
    log.replace(log.with_name(f"{log.name}.1"))
    return 0


def marked(directory: Path) -> Iterator[ProcessId]:
    """Every living process that carries this stack's mark, whoever its parent is now; never this process."""
    prefix, wanted = f"{MARKER}=".encode(), str(directory).encode()
    for process in Path("/proc").iterdir():
        if not process.name.isdigit() or int(process.name) == os.getpid():
            continue
        try:
            environment = (process / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        marks = [entry.removeprefix(prefix).split(b":") for entry in environment if entry.startswith(prefix)]
        if any(wanted in each for each in marks) and (found := ProcessId.of(int(process.name))):
            yield found


def working_in(directory: Path) -> list[ProcessId]:
    """The living processes whose current directory this is, as far as this user may see."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            there = process.name.isdigit() and (process / "cwd").readlink() == directory
        except OSError:
            continue
        if there and (member := ProcessId.of(int(process.name))):
            found.append(member)
    return found


def _stat(pid: int) -> list[str] | None:
    try:
        # The command's name is in brackets and may hold blanks and brackets itself.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _threads_left(pid: int) -> bool:
    """A killed process shows as a zombie while some of its threads still hold its sockets and files."""
    try:
        return len(os.listdir(f"/proc/{pid}/task")) > 1
    except OSError:
        return False


def _reap(pid: int) -> None:
    try:
        ended, status = os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return
    if ended:
        _exit_codes[pid] = os.waitstatus_to_exitcode(status)


def _group_members(pgid: int) -> list[ProcessId]:
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        fields, member = _stat(int(entry.name)), ProcessId.of(int(entry.name))
        if fields is not None and member is not None and int(fields[2]) == pgid:
            found.append(member)
    return found
