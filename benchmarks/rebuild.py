"""rebuild: `./simkeep rebuild` of an empty copy of 3,000,000 cards, against a bare COPY of the very same rows.

Ours: the command asks; inventory's job worker writes the snapshot (COPY, gzip, blob store), the consumer takes it over
in slices. The clock runs from the command's start to its answer, the workers standing by.
Baseline: psycopg COPY of the rows that came of it into the same empty table with the same indexes, in one transaction.
``--cards N`` measures with fewer.
"""

import os
import time
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any
from unittest.mock import patch

import psycopg
from psycopg import sql

from benchmarks import dataset
from benchmarks.lines import Line
from benchmarks.stack import BenchStack
from deploy.rebuild import models, rebuild

CARDS = 3_000_000
SERVICES = ("binding", "workflow")
_BLOCK = 1 << 20


def _empty(url: str, service: str) -> None:
    """No rows, and what earlier work left dirty is written, so that neither side pays for it."""
    with psycopg.connect(url, autocommit=True) as db:
        db.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(service, "cards")))
        if service == "workflow":
            db.execute("TRUNCATE workflow.card_counts")
        db.execute("CHECKPOINT")


def _ours(service: str, env: dict[str, str], cards: int) -> float:
    with patch.dict(os.environ, env):
        began = time.monotonic()
        result = rebuild(service, "cards")
        seconds = time.monotonic() - began
    if (result.rows, result.changed) != (cards, cards):
        raise RuntimeError(f"the rebuild ended otherwise: {result}")
    return seconds


def _bare_copy(url: str, service: str) -> float:
    """Seconds of the baseline."""
    columns = sql.SQL(", ").join(sql.Identifier(name) for name in models()[service]["cards"].columns)
    table = sql.Identifier(service, "cards")
    with psycopg.connect(url) as db, TemporaryFile() as file:
        with db.cursor().copy(sql.SQL("COPY {} ({}) TO STDOUT").format(table, columns)) as rows:
            for block in rows:
                file.write(block)
        db.commit()
        _empty(url, service)
        file.seek(0)
        began = time.monotonic()
        with db.cursor().copy(sql.SQL("COPY {} ({}) FROM STDIN").format(table, columns)) as copy:
            while block := file.read(_BLOCK):
                copy.write(block)
        db.commit()
        return time.monotonic() - began


def measure(stack: BenchStack, cards: int) -> Iterable[Line]:
    """Both sides of each service, one after the other."""

    def fill(url: str) -> None:
        dataset.fill(url, cards)

    url = stack.kept_database(f"rebuild_{cards}", fill, dataset.SOURCE, Path(__file__))
    with psycopg.connect(url) as db:
        (known,) = db.execute("SELECT count(*) FROM inventory.cards").fetchone() or (0,)
    processes = ("inventory-jobs", *(f"{service}-jobs" for service in SERVICES))
    with stack.system(url, processes) as system:
        for service in SERVICES:
            _empty(url, service)
            seconds = _ours(service, _environment(system.env), known)
            yield Line(f"rebuild-{service}", seconds, "s", _bare_copy(url, service), at_most=3.0)


def _environment(env: dict[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in env.items()}


def run(stack: BenchStack, cards: int = CARDS) -> Iterable[Line]:
    """For `./simkeep bench rebuild`."""
    return measure(stack, cards)
