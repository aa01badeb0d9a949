"""readings: an ordinary night from a station's client to committed bindings, exceptions and events.

97 % of the terminals read the card that is bound there, 1 % a new terminal's first card, 1 % another card, 1 % nothing;
batches of 5,000. Baseline: the same night decided by the fewest plain SQL statements on the same tables, in batches
of the same size, knowing that nothing comes late or contradicts. ``readings-30th-night``: with 29 nights behind it,
against the first. ``readings-memory``: the most that the service's process had. ``--cards N``: with so many terminals.
"""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg

from benchmarks import readings_bare as bare
from benchmarks.lines import Line
from benchmarks.stack import ROOT, BenchStack, System, peak_memory_mib
from deploy.issuers import Issuers, LocalBroker
from deploy.local.rabbit import PrivateRabbit
from kernel.chassis.process.settings import DatabaseSettings
from kernel.model.iccid import luhn_digit

sys.path += [str(ROOT / "clients/station"), str(ROOT / "clients/bus")]
from simkeep_station import Reading, StationClient

TERMINALS = 1_000_000
NIGHTS = 30
MEMORY_MIB = 300
PERCENT = 100
STATION = "station_of_bench"
METHODS = ("binding.report_readings", "binding.report_terminals")
FIRST = datetime.now(UTC).replace(hour=18, minute=0, second=0, microsecond=0) - timedelta(days=NIGHTS + 1)


def card(number: int) -> str:
    body = f"898600{number:013d}"
    return body + luhn_digit(body)


def terminal(number: int) -> str:
    return f"37B{number:08d}"


def moment(night: int) -> datetime:
    return FIRST + timedelta(days=night)


def night(terminals: int, at: datetime) -> Iterator[tuple[str, datetime, str | None]]:
    """(terminal, read time, card or None). Terminals from ``terminals`` on are new, cards from twice as many on too."""
    for number in range(terminals + terminals // PERCENT):
        rest = number % PERCENT
        iccid: str | None = card(number)
        if number < terminals and rest in (1, 2, 3):
            iccid = {1: card(2 * terminals + number), 2: None}.get(rest, iccid)
        if number < terminals and rest == PERCENT - 1:
            continue  # in its place comes a new terminal
        yield terminal(number), at + timedelta(milliseconds=number), iccid


def fill(url: str, terminals: int, nights: int) -> None:
    """Terminals with their cards bound, and so many ordinary nights."""
    with psycopg.connect(url) as db:
        db.execute("SET search_path = binding, extensions")
        with db.cursor().copy(
            "COPY cards (iccid, owner_unit, carrier, card_spec, state, version, changed_at) FROM STDIN"
        ) as rows:
            for number in range(3 * terminals):
                if number < terminals + terminals // PERCENT or number % PERCENT == 1:
                    row = (card(number), "990101", "china_mobile", "plug_in", "running", 1, FIRST - timedelta(days=90))
                    rows.write_row(row)
        with db.cursor().copy("COPY terminals (asset_no, unit, kind, state, reported_at, station) FROM STDIN") as rows:
            for number in range(terminals + terminals // PERCENT):
                unit = f"{9901 + number % 20}{1 + number % 7:02d}"
                rows.write_row((terminal(number), unit, "集中器", "running", FIRST - timedelta(days=90), STATION))
        bare.bind_all(db, terminals, FIRST - timedelta(days=30))
        for number in range(nights):
            bare.quiet_night(db, moment(number))
        db.commit()
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("ANALYZE")
        db.execute("CHECKPOINT")


@contextmanager
def account(system: System, url: str) -> Iterator[dict[str, str]]:
    """Address and key of a station that may report for the whole province."""
    broker = LocalBroker(PrivateRabbit.of_test_stack())
    issuers = Issuers(system.env["SIMKEEP_AMQP_URL"], DatabaseSettings(database_url=url), broker)
    try:
        yield issuers.add(STATION, METHODS, ["99"])
    finally:
        issuers.revoke(STATION)


@contextmanager
def station(system: System, url: str) -> Iterator[StationClient]:
    """A client with such an account."""
    with (
        account(system, url) as shown,
        StationClient(shown["SIMKEEP_AMQP_URL"], shown["SIMKEEP_ACTOR_PRIVATE_KEY"], "99") as client,
    ):
        yield client


def _ours(stack: BenchStack, terminals: int, nights: int) -> tuple[float, float]:
    """Seconds of the night after ``nights`` others, and the service's peak memory in MiB."""
    with stack.database() as url:
        fill(url, terminals, nights)
        with stack.system(url, ("binding",)) as system, station(system, url) as client:
            rows = [
                Reading(name, at, iccid, None if iccid else "E05", received_at=at + timedelta(seconds=9))
                for name, at, iccid in night(terminals, moment(nights))
            ]
            began = time.monotonic()
            sums = client.report_readings(rows)
            seconds = time.monotonic() - began
            if sums["taken"] != len(rows) or sums["changed"] < 2 * (terminals // PERCENT):
                raise RuntimeError(f"the night ended otherwise: {sums}")
            return seconds, max(peak_memory_mib(pid) for pid in system.pids("binding"))


def _bare(stack: BenchStack, terminals: int) -> float:
    with stack.database() as url:
        fill(url, terminals, 0)
        rows = list(night(terminals, moment(0)))
        began = time.monotonic()
        bare.decide(url, rows)
        return time.monotonic() - began


def run(stack: BenchStack, cards: int = TERMINALS) -> Iterable[Line]:
    """For `./simkeep bench readings`."""
    baseline = _bare(stack, cards)
    first, memory = _ours(stack, cards, 0)
    yield Line("readings", first, "s", baseline, at_most=2.0)
    yield Line("readings-memory", memory, "MiB", at_most=MEMORY_MIB)
    last, memory = _ours(stack, cards, NIGHTS - 1)
    yield Line("readings-30th-night", last, "s", first, at_most=1.3)
    yield Line("readings-30th-night-memory", memory, "MiB", at_most=MEMORY_MIB)
