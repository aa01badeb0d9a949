"""search: every way in which the search box finds a card or a batch among 3,000,000, against one lookup by primary key.

Both run on one connection in turns, as inventory runs them: a transaction each, the statements as the act sends them. A
lookup is the least that a database can do, so the ratio tells what the search costs besides; it must not grow with the
stock. Any sequential scan of the cards breaks the limit, whatever its time.
"""

import os
import random
import time
from collections.abc import Iterator

from sqlalchemy import Engine, create_engine

from benchmarks import dataset
from benchmarks.lines import Line
from benchmarks.pages_asked import scans, scans_since
from benchmarks.stack import BenchStack
from kernel.chassis.data.unit_of_work import reading
from kernel.contracts.inventory.finding import Find
from kernel.model.actor import Actor
from services.inventory.finding import find

LARGE = int(os.environ.get("SIMKEEP_BENCH_CARDS", "3000000"))
ROUNDS = int(os.environ.get("SIMKEEP_BENCH_ROUNDS", "200"))
LIMIT = 10
VIEW = frozenset({"card.view"})
PEOPLE = {"province": Actor("p", "province", "99", VIEW), "county": Actor("c", "county", "990101", VIEW)}
_BY_KEY = "SELECT * FROM cards WHERE id = :id"


def run(stack: BenchStack) -> Iterator[Line]:
    """p50 in ms of each way, asked by the province and by a county, then the scans."""
    url = stack.kept_database(f"cards_{LARGE}", lambda url: dataset.fill(url, LARGE), dataset.SOURCE)
    yield from measure(url, LARGE)


def measure(url: str, cards: int) -> Iterator[Line]:
    """The lines of a database with so many cards."""
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        connect_args={"options": "-c search_path=inventory"},
        isolation_level="AUTOCOMMIT",
    )
    before = scans(url, "inventory")
    for name, texts in ways(cards).items():
        for who, actor in PEOPLE.items():
            found, key = _times(engine, actor, texts, cards)
            yield Line(f"search.{name}.{who}", found, "ms", key, at_most=LIMIT)
    engine.dispose()
    yield Line("search.sequential-scans", scans_since(before, url, "inventory"), "scans", at_most=0)


def ways(cards: int) -> dict[str, list[str]]:
    """Name > texts to look for: numbers that are there, as people write them, and beginnings that very many share."""
    chance = random.Random(14)
    some = [chance.randrange(cards) for _ in range(ROUNDS)]
    first = [number // 3 for number in some]  # china_mobile's half of the deliveries, and not only
    return {
        "iccid": [f"898600{number:014d}" for number in some],
        "iccid-spaced": [f"8986 0{str(number).rjust(15, '0')}" for number in some],
        "last-six": [f"{number % 1_000_000:06d}" for number in some],
        "msisdn": [f"14{number:09d}" for number in some],
        "msisdn-plus-86": [f"+86 14{number:09d}" for number in some],
        "msisdn-beginning": [f"14{number:09d}"[:7] for number in first],
        "imsi": [f"46000{number:010d}" for number in some],
        "imsi-beginning": ["46000000"] * ROUNDS,
        "terminal": [f"T{number:010d}" for number in some],
        "terminal-beginning": ["T000"] * ROUNDS,
        "batch": [f"bench-{number % dataset.DELIVERIES}" for number in some],
        "batch-beginning": ["BENCH"] * ROUNDS,
        "nothing": [f"nobody-{number}" for number in some],
    }


def _times(engine: Engine, actor: Actor, texts: list[str], cards: int) -> tuple[float, float]:
    """Half of the searches, and half of the lookups, took at most so many ms."""
    found: list[float] = []
    keys: list[float] = []
    chance = random.Random(41)
    for text in texts:
        started = time.perf_counter()
        with reading(engine, actor) as tx:
            find(tx, Find(text=text), by=actor)
        middle = time.perf_counter()
        with reading(engine, actor) as tx:
            tx.execute(_BY_KEY, {"id": chance.randrange(1, cards)}).one_or_none()
        keys.append(time.perf_counter() - middle)
        found.append(middle - started)
    return sorted(found)[len(found) // 2] * 1000, sorted(keys)[len(keys) // 2] * 1000
