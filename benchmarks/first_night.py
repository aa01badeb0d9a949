"""first-night: 1,000,000 terminals whose cards are all bound new, until inventory shows every card running.

From a station's client to binding's decisions, its events over the broker, and inventory's movements with run log and
ledger. Baseline: the rows of both sides by the fewest plain SQL statements on one connection, in batches of the same
size. ``--cards N``: with so many terminals.
"""

import time
from collections.abc import Iterable, Iterator
from datetime import timedelta

import psycopg

from benchmarks import first_night_bare as bare
from benchmarks.lines import Line
from benchmarks.readings import FIRST, STATION, card, moment, station, terminal
from benchmarks.readings_bare import Row
from benchmarks.stack import BenchStack, peak_memory_mib
from simkeep_station import Reading

TERMINALS = 1_000_000
MEMORY_MIB = 300
GIVE_UP_SECONDS = 3_600
BEFORE = FIRST - timedelta(days=90)


def unit(number: int) -> str:
    """A terminal's and its card's: one of 140 counties."""
    return f"{9901 + number % 20}{1 + number % 7:02d}"


def night(terminals: int) -> Iterator[Row]:
    """Every terminal reads the card of its own number."""
    for number in range(terminals):
        yield terminal(number), moment(0) + timedelta(milliseconds=number), card(number)


def fill(url: str, terminals: int) -> None:
    """Terminals without a card, and as many cards 待装, as inventory and binding know them."""
    with psycopg.connect(url) as db:
        db.execute(bare.NEW_CARDS)
        with db.cursor().copy(bare.COPY_CARDS) as copy:
            for number in range(terminals):
                copy.write_row((card(number), unit(number), BEFORE))
        for statement in bare.KNOW_CARDS:
            db.execute(statement)
        db.execute("SET LOCAL search_path = binding, extensions")  # of the trigger that counts terminals
        with db.cursor().copy(bare.COPY_TERMINALS) as copy:
            for number in range(terminals):
                copy.write_row((terminal(number), unit(number), "集中器", "running", BEFORE, STATION))
        db.commit()
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("VACUUM (ANALYZE)")
        db.execute("CHECKPOINT")


def _ours(stack: BenchStack, terminals: int) -> tuple[float, float]:
    """Seconds until all cards run, and the most memory in MiB that one of the two services had."""
    with stack.database() as url:
        fill(url, terminals)
        with stack.system(url, ("binding", "inventory")) as system, station(system, url) as client:
            told = [
                Reading(name, at, iccid, received_at=at + timedelta(seconds=9)) for name, at, iccid in night(terminals)
            ]
            began = time.monotonic()
            sums = client.report_readings(told)
            if (sums["taken"], sums["changed"]) != (terminals, terminals):
                raise RuntimeError(f"the night ended otherwise: {sums}")
            _until_all_run(url, terminals)
            seconds = time.monotonic() - began
            pids = [pid for name in ("binding", "inventory") for pid in system.pids(name)]
            return seconds, max(peak_memory_mib(pid) for pid in pids)


def _until_all_run(url: str, terminals: int) -> None:
    """By the ledger, which is short: to count all cards again and again would be measured, too."""
    give_up = time.monotonic() + GIVE_UP_SECONDS
    with psycopg.connect(url, autocommit=True) as db:
        while (row := db.execute(bare.RUNNING).fetchone()) != (terminals,):
            if time.monotonic() > give_up:
                raise RuntimeError(f"inventory has {row} cards running, not {terminals}")
            time.sleep(0.05)


def _bare(stack: BenchStack, terminals: int) -> float:
    with stack.database() as url:
        fill(url, terminals)
        rows = list(night(terminals))
        began = time.monotonic()
        bare.bind_all(url, rows)
        seconds = time.monotonic() - began
        _until_all_run(url, terminals)
        return seconds


def run(stack: BenchStack, cards: int = TERMINALS) -> Iterable[Line]:
    """For `./simkeep bench first-night`."""
    baseline = _bare(stack, cards)
    seconds, memory = _ours(stack, cards)
    yield Line("first-night", seconds, "s", baseline, at_most=3.0)
    yield Line("first-night-memory", memory, "MiB", at_most=MEMORY_MIB)
