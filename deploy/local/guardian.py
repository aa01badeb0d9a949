"""Ends what is left of a stack when the process that runs it dies without cleaning up (kill -9).

The kernel sends the direct children of a dead supervisor a signal, but not theirs, nor servers that a test has
restarted. The guardian is a small process which holds the reading end of a pipe; when the writing end closes, because
its owner is gone, it takes the stack's lock, gives the processes some seconds and ends the rest. Whoever starts the
stack anew meanwhile waits for the lock.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.locking import CLEANING, StackLock
from deploy.local.pids import ProcessId, marked

PATIENCE_SECONDS = 8.0


class Guardian:
    """Guards from `__enter__` to `__exit__`; leaving in good order sends the guardian home without any killing."""

    def __init__(self, stack_dir: Path) -> None:
        self._stack_dir = stack_dir.resolve()
        self._writing_end: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        reading_end, self._writing_end = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "deploy.local.guardian", str(self._stack_dir), str(reading_end)],
            cwd=Path(__file__).resolve().parents[2],
            pass_fds=[reading_end],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(reading_end)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._writing_end is not None:
            os.write(self._writing_end, b"home")
            os.close(self._writing_end)
            self._process.wait(10)


def main(stack_dir: Path, reading_end: int) -> None:
    """Waits for the owner's end; a word on the pipe before it means that nothing is left to do."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if os.read(reading_end, 16):
        return
    lock = StackLock(stack_dir)
    if not lock.try_acquire(CLEANING):
        return  # a new run has begun, and cleans up itself
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (left := _left(stack_dir)) and time.monotonic() < deadline:
        time.sleep(0.2)
    for process in left:
        process.stop(signal.SIGTERM, seconds=2)


def _left(stack_dir: Path) -> set[ProcessId]:
    """By mark, for all; by pid file, for PostgreSQL, which overwrites its environment's memory."""
    left = set(marked(stack_dir)) | set(marked(stack_dir / "run"))
    for file in [*stack_dir.glob("*.process"), *(stack_dir / "run").glob("*.process")]:
        if (process := ProcessId.read(file)) and process.alive():
            left.add(process)
    return left


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
