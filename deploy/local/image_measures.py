"""What each process of the Compose system takes, as part of `./simkeep check images`.

Taken twice, when all is ready and when the story of a card's life has been played. What was seen goes to a file in
`.simkeep`; copied to deploy/kubernetes/measured.json it is what requests and limits of the manifests are compared with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.docker import compose
from deploy.local.console import say
from deploy.local.stack import CHECKOUT
from deploy.processes import RUNNING

if TYPE_CHECKING:
    from deploy.local.images import Containers

SEEN = CHECKOUT / ".simkeep/measured.json"
LOOK = """
import json, os, pathlib
rest = peak = ticks = 0
for process in pathlib.Path("/proc").iterdir():
    if not process.name.isdigit() or int(process.name) == os.getpid():
        continue
    try:
        status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        ticks += sum(map(int, (process / "stat").read_text().rpartition(")")[2].split()[11:15]))
    except OSError:
        continue
    rest += int(status["VmRSS"].split()[0])
    peak += int(status["VmHWM"].split()[0])
print(json.dumps([rest // 1024, peak // 1024, ticks / os.sysconf("SC_CLK_TCK")]))
"""
"""A container's processes with those that they waited for: MiB now, MiB at most, seconds of CPU since the start."""


@dataclass(frozen=True)
class Taken:
    """Of the replica that took most. `rest_mib`, `peak_mib`: all processes in it, so that shared pages count twice."""

    rest_mib: int
    peak_mib: int
    story_cpu_seconds: float


def look(containers: Containers) -> dict[str, list[tuple[int, int, float]]]:
    """Process > its replicas."""
    return {
        process.name: [
            tuple(json.loads(containers.run("podman", "exec", f"simkeep_{process.name}_{n}", "python", "-c", LOOK)))
            for n in range(1, compose.REPLICAS + 1)
        ]
        for process in RUNNING
    }


def compared(
    before: Mapping[str, list[tuple[int, int, float]]], after: Mapping[str, list[tuple[int, int, float]]]
) -> dict[str, Taken]:
    return {
        name: Taken(
            max(rest for rest, _, _ in before[name]),
            max(peak for _, peak, _ in after[name]),
            round(max(b[2] - a[2] for a, b in zip(before[name], after[name], strict=True)), 1),
        )
        for name in before
    }


def write(found: Mapping[str, Taken], story_seconds: float, file: Path = SEEN) -> None:
    file.parent.mkdir(exist_ok=True)
    processes = {name: asdict(taken) for name, taken in found.items()}
    file.write_text(json.dumps({"story_seconds": round(story_seconds), "processes": processes}, indent=1) + "\n")
    say(f"  what each process took: {file}")
