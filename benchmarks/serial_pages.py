"""serial-pages: every list of 串码管理 over REST on 10,000,000 devices against 100,000, p95, in turns.

As `list-pages` does: several passes over all pages, both systems side by side; a page over the limit is asked again.
``--cards N``: so many in the large one. ``serial-pages.sequential-scans``: of the large system's devices. The two
databases are kept until imei's migrations or the filling change.
"""

import time
from collections.abc import Iterable, Iterator

import psycopg

from benchmarks import serial_ground as ground
from benchmarks.lines import Line
from benchmarks.list_pages import Page, measure_alike
from benchmarks.stack import ROOT, BenchStack

SMALL, LARGE = 100_000, 10_000_000
LIMIT = 2.0
_MIDDLE = 70_004
"""A device that both systems have, in a shop of county 990101."""
_SCANS = r"""
SELECT coalesce(sum(seq_scan), 0) FROM pg_stat_user_tables WHERE schemaname = 'imei' AND relname ~ '^devices_\d+$'
"""


def run(stack: BenchStack, cards: int = LARGE) -> Iterator[Line]:
    """For `./simkeep bench serial-pages`."""
    sources = (ground.SOURCE, *sorted(ROOT.glob("services/imei/migrations/**/*.py")))
    small_url, large_url = (
        stack.kept_database(f"serials_{count}", lambda url, count=count: ground.fill(url, count), *sources)
        for count in (min(SMALL, cards), cards)
    )
    both = ("inventory", "imei", "gateway")
    with stack.system(small_url, both) as small, stack.system(large_url, both) as large:
        before = _scans(large_url)
        worst = 0.0
        for line in measure_alike("serial-pages", pages(), (small, large), LIMIT):
            worst = max(worst, line.ratio or 0)
            yield line
        yield Line("serial-pages.worst", worst, "times", at_most=LIMIT)
        yield Line("serial-pages.sequential-scans", _scans(large_url) - before, "scans", at_most=0)


def _scans(url: str) -> int:
    time.sleep(2)
    with psycopg.connect(url, autocommit=True) as db:
        row = db.execute(_SCANS).fetchone()
    return int(row[0]) if row else 0


def pages() -> Iterable[Page]:
    """Every list with its usual filters, at the three levels; what has one device in its address."""
    serial = ground.imei(_MIDDLE)
    lists = {
        "serials": ({}, {"state": "claimed"}, {"state": "frozen"}, {"state": "silent"}, {"organisation": "shop-4"},
                    {"organisation": "shop-4", "state": "sold"}, {"serial": serial}, {"sort": "state_since"},
                    {"unplaced": "true"}, {"model_differs": "true"}, {"age": "from_3"}),
        "serial-redemptions": ({}, {"serial": serial}, {"kind": "terminal"}),
        "serial-freezes": ({}, {"standing": "true"}, {"overdue": "true"}),
        "serial-unredeemed": ({}, {"organisation": "shop-4"}, {"days": "100"}),
        "serial-registrations": ({}, {"serial": serial}),
        "serial-violations": ({}, {"state": "open"}),
        "serial-counts": ({"per": "organisation"}, {"per": "unit"}, {"per": "source"}, {"per": "age"}),
        "serial-reminders": ({},), "serial-spot-checks": ({},), "serial-organisations": ({},),
    }  # fmt: skip
    for login in ("province", "city", "county"):
        for path, choices in lists.items():
            if path == "serial-spot-checks" and login == "county":
                continue
            for params in choices:
                name = ".".join([path, login, *(f"{key}-{value[:8]}" for key, value in params.items())])
                yield name, login, path, params
    yield "serial", "province", f"serials/{serial}", {}
    yield "serial-events", "province", f"serials/{serial}/events", {}
