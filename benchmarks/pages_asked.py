"""One page of two systems, asked for in turns: whatever else the machine does meets both.

A p95 rests on the few slowest askings: a page over its limit is asked for again, once, more often; all askings count.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg

from benchmarks.lines import Line
from kernel.contracts.paging import COUNT_CAP

WARM_UP = 2
AGAIN = 4
DEEP = 7
"""How many pages before the last one the deep page lies."""

_SCANS = """
SELECT format('%%s.%%s', schemaname, stats.relname), seq_scan, seq_tup_read
FROM pg_stat_user_tables AS stats JOIN pg_class ON pg_class.oid = relid
WHERE schemaname = ANY(%s) AND reltuples > %s
"""
Scans = dict[str, tuple[int, int]]
"""Table > its sequential scans so far, and the rows that they read."""


def scans(url: str, *schemas: str) -> Scans:
    """Those of tables with more rows than a list counts. The servers tell their counts when idle for a moment."""
    time.sleep(2)
    with psycopg.connect(url, autocommit=True) as db:
        return {table: (count, rows) for table, count, rows in db.execute(_SCANS, [list(schemas), COUNT_CAP])}


def scans_since(before: Scans, url: str, *schemas: str) -> int:
    """How many there were since ``before``, of tables of which they read more than the capped count of a list does:
    that may take the first rows of a table as they lie, which costs the same however long the table is."""
    now = {table: those for table, those in scans(url, *schemas).items() if table in before}
    since = [(count - before[table][0], rows - before[table][1]) for table, (count, rows) in now.items()]
    return sum(count for count, rows in since if rows > count * (COUNT_CAP + 1))


@dataclass
class Asked:
    """A page as both systems are asked for it, and how long each took to answer. ``at_most``: the ratio's limit."""

    name: str
    clients: Sequence[httpx.Client]
    paths: Sequence[str]
    params: Sequence[dict[str, Any]]
    at_most: float
    seconds: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))

    def ask(self, rounds: int) -> None:
        """Asks both in turns; what is asked first changes."""
        for number in range(WARM_UP + rounds):
            for index in (0, 1) if number % 2 else (1, 0):
                started = time.perf_counter()
                answer = self.clients[index].get(self.paths[index], params=self.params[index])
                spent = time.perf_counter() - started
                if answer.status_code != 200:
                    raise RuntimeError(f"{self.name}: {answer.status_code} {answer.text[:500]}")
                if number >= WARM_UP:
                    self.seconds[index].append(spent)

    def line(self) -> Line:
        """The p95 of both."""
        baseline, value = (sorted(those)[int(len(those) * 0.95)] * 1000 for those in self.seconds)
        return Line(self.name, value, "ms", baseline, at_most=self.at_most)


def ask_all(pages: Sequence[Asked], rounds: int, passes: int) -> None:
    """Every page in several passes over all of them, minutes apart: a busy second meets one pass and not the p95."""
    _passes(pages, rounds, passes)
    _passes([page for page in pages if not page.line().kept], rounds, passes * AGAIN)


def _passes(pages: Sequence[Asked], rounds: int, passes: int) -> None:
    for _ in range(passes):
        for page in pages:
            page.ask(max(1, rounds // passes))


def deep(client: httpx.Client, path: str, params: dict[str, Any]) -> dict[str, Any] | None:
    """The parameters of a page some pages before the last, or None when there are no so many."""
    cursor: str | None = "last"
    for _ in range(DEEP):
        cursor = client.get(path, params={**params, "cursor": cursor}).raise_for_status().json()["previous_cursor"]
        if cursor is None:
            return None
    return {**params, "cursor": cursor}
