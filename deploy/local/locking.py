"""Who runs a stack: one process at a time, for as long as it lives."""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path
from typing import IO

from deploy.local.pids import ProcessId

CLEANING = "cleaning"
"""The mode of a guardian which ends what a killed run has left; a new run waits for it."""
CLEANING_SECONDS = 30.0


class StackLock:
    """Held by the process that runs a stack; the kernel lets go of it whatever kills the process."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "stack.lock"
        self._file: IO[str] | None = None

    def acquire(self, mode: str) -> bool:
        """False when another process runs this stack. `mode` (up, servers, tool) is told by `holder`."""
        deadline = time.monotonic() + CLEANING_SECONDS
        while not self.try_acquire(mode):
            if self.holder() is not None or time.monotonic() > deadline:
                return False
            time.sleep(0.1)
        return True

    def try_acquire(self, mode: str) -> bool:
        """Like `acquire`, without waiting for a guardian."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        me = ProcessId.of(os.getpid())
        file.truncate(0)
        file.write(json.dumps({"pid": os.getpid(), "started": me.started if me else 0, "mode": mode}))
        file.flush()
        self._file = file
        return True

    def release(self) -> None:
        """Lets the next one in; also done by the kernel at this process' end."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def holder(self) -> tuple[ProcessId, str] | None:
        """Who runs the stack, and in which mode; None when nobody does (a guardian cleaning up is nobody)."""
        try:
            data = json.loads(self._path.read_text())
            process = ProcessId(int(data["pid"]), int(data["started"]))
        except (OSError, ValueError, KeyError):
            return None
        return (process, str(data["mode"])) if process.alive() and data["mode"] != CLEANING else None
