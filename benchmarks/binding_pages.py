"""binding-pages: every list and statistic of binding over REST at 1,000,000 terminals x 30 nights against 10,000 x 30.

Both systems run side by side and answer in turns (``pages_asked``), the first page and a deep one, as the province, a
city and a county look at it. A page whose p95 is over LIMIT times the small system's breaks the limit; so does any
sequential scan of a big table that reads more of it than a capped count. ``--cards N``: with so many terminals.

``binding-pages-with-stations``: on the small system, p95 of all first pages while ten stations send faster than the
service keeps up, against the same pages when all is quiet; and the most memory that the service had meanwhile.
"""

import os
import re
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import psycopg

from benchmarks import binding_province, senders
from benchmarks.lines import Line
from benchmarks.pages_asked import Asked, ask_all, deep, scans, scans_since
from benchmarks.stack import ROOT, BenchStack, System, peak_memory_mib
from kernel.model.period import business_date
from services.binding.exports import LISTS

SMALL, LARGE, NIGHTS = 10_000, 1_000_000, 30
ROUNDS, PASSES = int(os.environ.get("SIMKEEP_BENCH_ROUNDS", "50")), 5
PAGES = re.compile(os.environ.get("SIMKEEP_BENCH_PAGES", ""))
"""Only pages whose name this finds; all by default."""
LIMIT = 2.0
SENDERS = 10
MEMORY_MIB = 300
PROCESSES = ("binding", "gateway")
CARD, TERMINAL = binding_province.card(777), binding_province.terminal(777)

def filters(days: dict[str, str]) -> dict[str, dict[str, dict[str, Any]]]:
    """Resource > name > parameters; a list that is not named here is asked for without any."""
    terminal, standing = {"terminal": TERMINAL}, {"standing": "true", "state": "open"}
    return {
        "binding/readings": {
            "days": days, "failed": {**days, "collected": "false"}, "abnormal": {**days, "abnormal": "true"},
            "terminal": {**days, **terminal}, "iccid": {**days, "iccid": CARD},
        },
        "binding/changes": {"days": days, "kind": {**days, "kind": "added"}, "terminal": {**days, **terminal}},
        "binding/bindings": {"card": {"iccid": CARD}, "terminal": terminal},
        "binding/exceptions": {"all": {}, "days": days, "standing": standing, "terminal": terminal},
        "binding/terminals": {
            "all": {}, "stopped": {"state": "stopped"}, "unbound": {"bound": "false"}, "terminal": terminal,
        },
        "binding/imeis": {"card": {"iccid": CARD}, "changed": {"changed": "true"}, "terminal": terminal},
        "binding/idle-cards": {"all": {}, "carrier": {"carrier": "china_mobile"}},
        "binding/statistics/readings": {"days": days, "month": {"nights": 30}},
        "binding/statistics/changes": {"days": days},
        "binding/missing-terminals": {},  # of a list that waits; there is none
    }  # fmt: skip


def database(stack: BenchStack, terminals: int) -> str:
    """The province with so many terminals, kept for the next time."""
    last = business_date(datetime.now(UTC)) - timedelta(days=1)

    def fill(url: str) -> None:
        binding_province.fill(url, terminals, NIGHTS, last)

    sources = sorted(ROOT.glob("services/binding/migrations/**/*.py"))
    return stack.kept_database(f"binding_{terminals}", fill, ROOT / "benchmarks/binding_province.py", *sources)


def run(stack: BenchStack, cards: int = LARGE) -> Iterator[Line]:
    """For `./simkeep bench binding-pages`."""
    urls = [database(stack, SMALL), database(stack, cards)]
    with stack.system(urls[0], PROCESSES) as small, stack.system(urls[1], PROCESSES) as large:
        before = scans(urls[1], "binding")
        worst = 0.0
        for line in measure(small, large, urls):
            worst = max(worst, line.ratio or 0)
            yield line
        yield Line("binding-pages.worst", worst, "times", at_most=LIMIT)
        yield Line("binding-pages.sequential-scans", scans_since(before, urls[1], "binding"), "scans", at_most=0)
    with stack.system(urls[0], PROCESSES) as small:
        yield from with_stations(small, urls[0])


def measure(small: System, large: System, urls: list[str]) -> Iterator[Line]:
    """All pages, first and deep."""
    asked = [page for page in _pages(small, large, urls) if PAGES.search(page.name)]
    ask_all(asked, ROUNDS, PASSES)
    yield from (page.line() for page in asked)


def _pages(small: System, large: System, urls: list[str]) -> Iterator[Asked]:
    known = [filters(last_days(url)) for url in urls]
    for login in ("province", "city", "county"):
        clients = [system.client(login) for system in (small, large)]
        for listed in LISTS:
            path = listed.resource
            if not path:
                continue
            if clients[0].get(path).status_code == httpx.codes.FORBIDDEN:
                continue
            for name in known[0].get(path, {"all": {}}):
                params = [each.get(path, {"all": {}})[name] for each in known]
                label = f"binding-pages.{path.removeprefix('binding/')}.{name}.{login}"
                yield Asked(label, clients, [path, path], params, LIMIT)
                far = [_deep(client, path, each) for client, each in zip(clients, params, strict=True)]
                if far[0] is not None and far[1] is not None:
                    yield Asked(f"{label}.deep", clients, [path, path], [far[0], far[1]], LIMIT)


def _deep(client: httpx.Client, path: str, params: dict[str, Any]) -> dict[str, Any] | None:
    return None if "statistics" in path else deep(client, path, params)


def last_days(url: str) -> dict[str, str]:
    """The last three of the nights in a database, which may have been filled on another day."""
    with psycopg.connect(url) as db:
        (last,) = db.execute("SELECT max(day) FROM binding.night_counts").fetchone() or (date.min,)
    return {"day_from": str(last - timedelta(days=2)), "day_to": str(last)}


def with_stations(system: System, url: str) -> Iterator[Line]:
    """The pages of the province, a city and a county while the stations send, against the quiet ones."""
    known = filters(last_days(url))
    paths = {it.resource: list(known.get(it.resource, {"all": {}}).values()) for it in LISTS if it.resource}
    asked = [
        (client, path, params[0])
        for client in map(system.client, ("province", "city", "county"))
        for path, params in paths.items()
        if params and client.get(path).status_code != httpx.codes.FORBIDDEN
    ]
    quiet = _p95(asked, 3)
    with senders.sending(system, url, SENDERS):
        busy = _p95(asked, 3)
        memory = max(peak_memory_mib(pid) for pid in system.pids("binding"))
    yield Line("binding-pages-with-stations", busy, "ms", quiet, at_most=2.0)
    yield Line("binding-pages-with-stations-memory", memory, "MiB", at_most=MEMORY_MIB)


def _p95(asked: list[tuple[httpx.Client, str, dict[str, Any]]], rounds: int) -> float:
    """Of all pages, each asked for so often, in ms."""
    spent = []
    for _ in range(rounds):
        for client, path, params in asked:
            started = time.perf_counter()
            client.get(path, params=params).raise_for_status()
            spent.append(time.perf_counter() - started)
    return sorted(spent)[int(len(spent) * 0.95)] * 1000
