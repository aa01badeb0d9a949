"""No page of usage by cards reads a day's or a month's table from end to end (TRF-02, TRF-03, TRF-04).

40,000 cards, as a county, a city and the province look at them: the first page, the next by its cursor, and the
filters that people use. Statistics, silent cards and what few of all cards have are not among them: they look at all.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from benchmarks import usage_pages
from kernel.chassis.data.database import create_engine
from kernel.chassis.process.settings import DatabaseSettings
from kernel.model.actor import Actor
from services.traffic.exports import EXPORTS
from tests.plans import page_read_whole

CARDS = 40_000
BIG = re.compile(r"usage_days_\d+|usage_months_\d+|moved_usage|cards|cost_entries")
BY_CARD = ("usage-months", "usage-days", "terminal-months", "costs")
RARE = ("carrier_from", "terminal_from")
HOLDS = frozenset({"usage.view", "cost.view"})
ACTORS = {
    "county": Actor("k", "县", "990101", HOLDS),
    "city": Actor("c", "市", "9901", HOLDS),
    "province": Actor("p", "省", "99", HOLDS),
}
CASES = [
    page
    for page in usage_pages.pages()
    if page[2] in BY_CARD
    and not any(name in page[3] for name in RARE)
    # To count 10,000 of 40,000 terminals PostgreSQL rightly joins the whole tables.
    and page[1:3] != ("province", "terminal-months")
]


@pytest.fixture(scope="module")
def filled(module_database: str) -> Iterator[Engine]:
    usage_pages.fill(module_database, CARDS)
    engine = create_engine("traffic", "read", DatabaseSettings(database_url=module_database))
    yield engine
    engine.dispose()


@pytest.mark.req("TRF-02", "TRF-03", "TRF-04")
@pytest.mark.parametrize(("login", "path", "params"), [page[1:] for page in CASES], ids=[page[0] for page in CASES])
def test_a_page_of_usage_reads_no_big_table_from_end_to_end(
    filled: Engine, login: str, path: str, params: dict[str, Any]
) -> None:
    whole, answer = page_read_whole(filled, ACTORS[login], BIG, EXPORTS[path], params)

    assert answer.items
    assert whole == []
