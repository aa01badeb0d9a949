"""list-pages: every list and statistic over REST on 3,000,000 cards against 30,000, first page and a deep page.

Both systems run side by side and answer in turns (``pages_asked``). A page whose p95 is over LIMIT times the small
system's breaks the limit; so does any sequential scan of a big table that reads more of it than a capped count.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from benchmarks import dataset
from benchmarks.lines import Line
from benchmarks.pages_asked import Asked, ask_all, deep, scans, scans_since
from benchmarks.stack import BenchStack, System
from kernel.model.period import business_date

SMALL, LARGE = 30_000, int(os.environ.get("SIMKEEP_BENCH_CARDS", "3000000"))
ROUNDS = int(os.environ.get("SIMKEEP_BENCH_ROUNDS", "100"))
PAGES = re.compile(os.environ.get("SIMKEEP_BENCH_PAGES", ""))
"""Only pages whose name this finds; all by default."""

PASSES = 5
LIMIT = 1.6

Page = tuple[str, str, str, dict[str, Any]]
"""Name, login, path, parameters."""


def run(stack: BenchStack) -> Iterator[Line]:
    """One line per page with its p95 in ms on both, then the worst, and the scans of the large system's cards."""
    urls = [
        stack.kept_database(f"cards_{count}", lambda url, count=count: dataset.fill(url, count), dataset.SOURCE)
        for count in (SMALL, LARGE)
    ]
    with stack.system(urls[0]) as small, stack.system(urls[1]) as large:
        before = scans(urls[1], "inventory")
        worst = 0.0
        for line in measure(small, large):
            worst = max(worst, line.ratio or 0)
            yield line
        yield Line("list-pages.worst", worst, "times", at_most=LIMIT)
        yield Line("list-pages.sequential-scans", scans_since(before, urls[1], "inventory"), "scans", at_most=0)


def measure(small: System, large: System) -> Iterator[Line]:
    """All pages, first and deep."""
    asked = list(_all_pages(small, large))
    ask_all(asked, ROUNDS, PASSES)
    yield from (page.line() for page in asked)


def measure_alike(prefix: str, pages: Iterable[Page], systems: Sequence[System], limit: float) -> Iterator[Line]:
    """First pages that have the same address in both systems, the small one first."""
    clients = {login: [it.client(login) for it in systems] for login in ("province", "city", "county")}
    asked = [
        Asked(f"{prefix}.{name}", clients[login], [path] * 2, [params] * 2, limit)
        for name, login, path, params in pages
        if PAGES.search(name)
    ]
    ask_all(asked, ROUNDS, PASSES)
    yield from (page.line() for page in asked)


def _all_pages(small: System, large: System) -> Iterator[Asked]:
    systems = (small, large)
    clients = {login: [system.client(login) for system in systems] for login in ("province", "city", "county")}
    both = zip(pages(clients["province"][0]), pages(clients["province"][1]), strict=True)
    for (name, login, path, small_params), (_, _, large_path, large_params) in both:
        if not PAGES.search(name):
            continue
        pair = clients[login]
        paths, params = [path, large_path], [small_params, large_params]
        yield Asked(f"list-pages.{name}", pair, paths, params, LIMIT)
        if path in ("cards", "deliveries"):
            far = [deep(client, path, params) for client, params in zip(pair, params, strict=True)]
            if far[0] is not None and far[1] is not None:
                yield Asked(f"list-pages.{name}.deep", pair, paths, [far[0], far[1]], LIMIT)


def pages(client: httpx.Client) -> Iterable[Page]:
    """Every filter and sort of the lists, at the three levels; every statistic. The same for every system, save for
    the numbers of cards, which ``client`` looks up in its own.
    """
    today = business_date(datetime.now(UTC))
    yield from _card_pages(client, today)
    for login in ("province", "city", "county"):
        yield f"cards-by-state.{login}", login, "statistics/cards-by-state", {}
        for ago in (3, 45, 400):
            as_of = {"as_of": (today - timedelta(days=ago)).isoformat()}
            yield f"cards-by-state.{login}.as-of-{ago}", login, "statistics/cards-by-state", as_of
        yield f"pending-install.{login}", login, "statistics/pending-install", {}
        yield f"activations.{login}", login, "statistics/activations-terminations", {}
        yield f"abnormal.{login}", login, "statistics/abnormal-cards", {}
        yield f"ledger.{login}", login, "statistics/ledger", {}
        yield f"dashboard.{login}", login, "dashboard", {}
    yield "deliveries", "province", "deliveries", {}
    month = f"{today.year - 1}-{today.month:02d}"
    yield "deliveries.month", "province", "deliveries", {"application_month": month}
    yield "allocations", "province", "allocations", {}
    yield "requisitions", "province", "requisitions", {}
    yield "ledger.past", "province", "statistics/ledger", {"day": (today - timedelta(days=200)).isoformat()}


def _card_pages(client: httpx.Client, today: date) -> Iterable[Page]:
    middle = (
        client.get("cards", params={"state": "running", "owner_unit": "990305"}).raise_for_status().json()["items"][0]
    )
    month = f"{today.year - 1}-{today.month:02d}"
    recent = {
        "stocked_in_from": (today - timedelta(days=60)).isoformat(),
        "stocked_in_to": (today - timedelta(days=30)).isoformat(),
    }
    filters: dict[str, dict[str, Any]] = {
        "all": {},
        "state": {"state": "in_stock"},
        "rare-state": {"state": "terminating"},
        "states": {"state": ["pending_scrap", "unqualified"]},
        "carrier": {"carrier": "china_telecom"},
        "spec": {"card_spec": "esim"},
        "month": {"application_month": month},
        "kind": {"carrier": "china_telecom", "card_spec": "nano", "application_month": month},
        "state-carrier-month": {"state": "running", "carrier": "china_unicom", "application_month": month},
        "none": {"state": "received", "application_month": month},
        "exact": {"unit_exact": "true"},
        "stocked-in": recent,
        "days": {"state": "pending_install", "state_days_min": 91},
        "few-days": {"state": "running", "state_days_max": 20},
        "abnormal": {"abnormal": "true"},
    }
    for login in ("province", "city", "county"):
        for name, params in filters.items():
            yield f"cards.{login}.{name}", login, "cards", params
        for sort in ("iccid", "stocked_in_at", "state_since", "state_days"):
            for order in ("asc", "desc"):
                yield f"cards.{login}.by-{sort}-{order}", login, "cards", {"sort": sort, "order": order}
            yield f"cards.{login}.state-by-{sort}", login, "cards", {"sort": sort, "state": "pending_install"}
            yield f"cards.{login}.month-by-{sort}", login, "cards", {"sort": sort, "application_month": month}
    yield "cards.province.hundred", "province", "cards", {"size": 100}
    yield "cards.province.child", "province", "cards", {"owner_unit": "990305", "state": "running"}
    yield "cards.province.one", "province", "cards", {"iccid": middle["iccid"]}
    yield "cards.province.iccid-begins", "province", "cards", {"iccid": middle["iccid"][:16]}
    yield "cards.province.msisdn", "province", "cards", {"msisdn": middle["msisdn"]}
    yield "cards.province.imsi", "province", "cards", {"imsi": middle["imsi"]}
    yield "cards.province.terminal", "province", "cards", {"terminal_asset_no": middle["terminal_asset_no"]}
    yield "cards.province.issued-to", "province", "cards", {"issued_to_unit": "990305"}
    yield "cards.province.delivery", "province", "cards", {"delivery_id": middle["delivery_id"]}
    unqualified = {"delivery_id": middle["delivery_id"], "state": "unqualified"}
    yield "cards.province.delivery-unqualified", "province", "cards", unqualified
    yield "card", "province", f"cards/{middle['iccid']}", {}
    yield "run-log", "province", f"cards/{middle['iccid']}/run-log", {}
