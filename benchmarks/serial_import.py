"""serial-import: a list of serials with all checks into an empty table, and another into ten times as many devices.

Baseline: a plain COPY of the same file into an unlogged table of texts. ``--cards N``: lists of N rows.
"""

import resource
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks import serial_ground as ground
from benchmarks.lines import Line
from benchmarks.stack import BenchStack

ROWS = 1_000_000
TIMES = 10
MEMORY_MIB = 600


def run(stack: BenchStack, cards: int = ROWS) -> Iterable[Line]:
    """For `./simkeep bench serial-import`."""
    with stack.database() as url, ground.an_office(url) as (office, folder):
        path = folder / "list.csv"
        ground.write_list(path, range(20_000_000, 20_000_000 + cards))
        bare = min(ground.bare_copy(url, path) for _ in range(3))
        yield Line("serial-import.empty", _seconds(office, path, cards), "s", bare, at_most=12)
    with stack.database() as url, ground.an_office(url) as (office, folder):
        ground.fill(url, TIMES * cards)
        path = folder / "list.csv"
        ground.write_list(path, range(20_000_000, 20_000_000 + cards))
        bare = min(ground.bare_copy(url, path) for _ in range(3))
        yield Line("serial-import.filled", _seconds(office, path, cards), "s", bare, at_most=12)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield Line("serial-import.memory", memory, "MiB", at_most=MEMORY_MIB)


def _seconds(office: ground.Office, path: Path, rows: int) -> float:
    file = office.put(path)
    began = time.monotonic()
    result = office.take_in("push_down", file)
    seconds = time.monotonic() - began
    if (result["claimed"], result["refused"]) != (rows, 0):
        raise RuntimeError(f"the list ended otherwise: {result}")
    return seconds
