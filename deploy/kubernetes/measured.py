"""What processes were seen to take, beside what the manifests ask for them.

`measured.json` is what `./simkeep check images` left in `.simkeep`, from the Compose system under the story of a card's
life; what the processes take under heavier work is added to a limit, not to a request (`workloads.LIMITS`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from deploy.kubernetes import workloads
from deploy.processes import RUNNING

FILE = Path(__file__).parent / "measured.json"
_UNITS = {"m": 0.001, "Mi": 1, "Gi": 1024}


def measured() -> dict[str, Any]:
    """`story_seconds`, and under `processes` each one's `rest_mib`, `peak_mib`, `story_cpu_seconds`."""
    found: dict[str, Any] = json.loads(FILE.read_text())
    return found


def amount(quantity: str) -> float:
    """Cores, or MiB, of what a manifest says."""
    for unit, factor in _UNITS.items():
        if quantity.endswith(unit):
            return float(quantity.removesuffix(unit)) * factor
    return float(quantity)


def page() -> str:
    """docs/generated/resources.md."""
    found = measured()
    head = ("process", "MiB at rest", "MiB at most", "cores in the story", "request", "limit")
    rows = [head, tuple("---" for _ in head)]
    for process in RUNNING:
        taken = found["processes"][process.name]
        asked = workloads.resources(process)
        cores = taken["story_cpu_seconds"] / found["story_seconds"]
        rows.append(
            (
                process.name,
                str(taken["rest_mib"]),
                str(taken["peak_mib"]),
                f"{cores:.2f}",
                *(f"{asked[kind]['cpu']} CPU, {asked[kind]['memory']}" for kind in ("requests", "limits")),
            )
        )
    return (
        "# What processes take, and what the manifests ask for them\n\n"
        f"Two of each from the images, on two cores; the story took {found['story_seconds']} s. Of two replicas the one"
        " that took more. A limit leaves room for what\nthe story does not do: a worker's jobs may take"
        " SIMKEEP_JOB_MEMORY_LIMIT_MIB each.\n\n" + "\n".join("| " + " | ".join(row) + " |" for row in rows) + "\n"
    )
