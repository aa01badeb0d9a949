"""usage-pages: every list of 流量 over REST on 1,000,000 cards against 10,000, p95, in turns.

As `list-pages` does: several passes over all pages, both systems side by side; a page over the limit is asked again.
Each card is on a terminal; both sources have told of the same days, of a folded month and of the newest, which has
been rated; of one card in 200 they tell different figures. ``--cards N``: so many in the large one. The two databases
are kept until traffic's migrations or the filling change.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg

from benchmarks import usage_ground as ground
from benchmarks.lines import Line
from benchmarks.list_pages import Page, measure_alike
from benchmarks.stack import ROOT, BenchStack
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.traffic.tariffs import AddTariff
from services.traffic import cost_rating, folding, page_indexes
from services.traffic.tariff_list import add_tariff

SMALL, LARGE = 10_000, 1_000_000
LIMIT = 2.0
FOLDED = (date(2026, 8, 30), date(2026, 8, 31))
OPEN = (ground.FIRST, ground.FIRST + timedelta(days=1), ground.FIRST + timedelta(days=2))
MONTH = f"{ground.FIRST:%Y-%m}"
MIB = 1 << 20
_ONE_CARD = ground.card(2_800)
"""A card that both systems have, of county 990101."""


def run(stack: BenchStack, cards: int = LARGE) -> Iterator[Line]:
    """For `./simkeep bench usage-pages`."""
    sources = (Path(__file__), Path(ground.__file__), *sorted(ROOT.glob("services/traffic/migrations/**/*.py")))
    small_url, large_url = (
        stack.kept_database(f"usage_{count}", lambda url, count=count: fill(url, count), *sources)
        for count in (min(SMALL, cards), cards)
    )
    both = ("inventory", "traffic", "gateway")
    as_filled = {"SIMKEEP_USAGE_FOLD_AFTER_DAYS": "10000"}  # the newest month stays open, whatever today is
    with stack.system(small_url, both, as_filled) as small, stack.system(large_url, both, as_filled) as large:
        worst = 0.0
        for line in measure_alike("usage-pages", pages(), (small, large), LIMIT):
            worst = max(worst, line.ratio or 0)
            yield line
        yield Line("usage-pages.worst", worst, "times", at_most=LIMIT)


def fill(url: str, cards: int) -> None:
    ground.fill(url, cards)
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("ALTER TABLE traffic.cards DISABLE TRIGGER USER")  # they were on their terminals all the time
        db.execute("UPDATE traffic.cards SET terminal_asset_no = 'T' || substr(iccid, 7, 13)")
        db.execute("ALTER TABLE traffic.cards ENABLE TRIGGER USER")
        db.execute("VACUUM FULL ANALYZE traffic.cards")
    with ground.an_office(url) as (office, folder):
        for day in (*FOLDED, *OPEN):
            for source, doubled in (("carrier", 0), ("terminal", 200)):
                ground.write_day(folder / "day.csv", cards, day, doubled=doubled)
                office.load(office.put(folder / "day.csv"), source=source)
            if day == FOLDED[-1]:
                with UnitOfWork(office.engine).begin(ground.PROVINCE) as tx:
                    folding.fold(tx, FOLDED[0].replace(day=1), day, datetime.now(UTC))
                    tx.commit()
        _rate(office)
        with UnitOfWork(office.engine).begin(ground.PROVINCE) as tx:
            page_indexes.keep(tx, ground.NOW + timedelta(days=1))
            tx.commit()
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("SET search_path = traffic, extensions")
        db.execute("VACUUM ANALYZE")
        db.execute("CHECKPOINT")


def _rate(office: ground.Office) -> None:
    tariff = AddTariff(
        carrier=ground.CARRIER, card_spec="plug_in", valid_from=date(2026, 1, 1), monthly_fee=Decimal(2),
        included=MIB, per_mb=Decimal("0.29"),
    )  # fmt: skip
    with UnitOfWork(office.engine).begin(ground.PROVINCE) as tx:
        add_tariff(tx, tariff, by=ground.PROVINCE, now=ground.NOW)
        cost_rating.rate(tx, ground.FIRST, "", by=ground.PROVINCE, now=ground.NOW)
        tx.commit()


def pages() -> Iterable[Page]:
    """Every list with its usual filters, at the three levels."""
    volumes = {"carrier_from": 4 * MIB, "carrier_to": 5 * MIB}
    lists = {
        "usage-distribution": ({}, {"ranges": "3, 17, 190"}),
        "usage-by-unit": ({},),
        "usage-months": ({}, volumes, {"carrier_from": 900 * MIB}, {"carrier": ground.CARRIER}, {"iccid": _ONE_CARD},
                         {"sort": "carrier_month", "order": "desc"}, {"month": f"{FOLDED[0]:%Y-%m}"},
                         {"month": f"{FOLDED[0]:%Y-%m}", **volumes}),
        "usage-days": ({}, {"day_from": f"{OPEN[1]}", "day_to": f"{OPEN[1]}"}, {"iccid": _ONE_CARD}, volumes,
                       {"day_from": f"{FOLDED[0]}", "day_to": f"{FOLDED[1]}"}),
        "terminal-months": ({}, {"terminal": f"T{_ONE_CARD[6:19]}"}, {"terminal_from": 900 * MIB}),
        "terminal-distribution": ({},),
        "usage-differences": ({},),
        "silent-cards": ({},), "silent-counts": ({},), "idle-usage": ({},),
        "costs": ({}, {"month": MONTH}, {"iccid": _ONE_CARD}), "city-costs": ({},),
        "usage-loads": ({},),
    }  # fmt: skip
    for login in ("province", "city", "county"):
        for path, choices in lists.items():
            for params in choices:
                name = ".".join([path, login, *(f"{key}-{str(value)[:10]}" for key, value in params.items())])
                yield name, login, path, params
