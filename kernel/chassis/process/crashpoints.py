"""Named places where a test kills the process as ``kill -9`` would (tests/messaging).

Without SIMKEEP_TESTING=1 a hit does nothing, whatever SIMKEEP_CRASH_AT says.
"""

import os
import signal

POINTS = (
    "command.after_commit",
    "relay.before_publish",
    "relay.after_publish",
    "handler.after_commit",
    "job.after_commit",
    "rebuild.after_slice",
    "usage.before_commit",
    "usage.page_kept",
)

_armed = os.environ.get("SIMKEEP_CRASH_AT", "") if os.environ.get("SIMKEEP_TESTING") == "1" else ""
if _armed and _armed not in POINTS:
    raise ValueError(f"SIMKEEP_CRASH_AT={_armed!r} is not one of {POINTS}")


def hit(point: str) -> None:
    """Dies on the spot when this process is armed for ``point``; no finally, no atexit, no goodbye."""
    if _armed and point == _armed:
        os.kill(os.getpid(), signal.SIGKILL)
