"""The first page's numbers of the stock read neither the cards nor the whole ledger (GTW-05, INV-10).

A province of 108 counties with 14 months behind it, in which each day cards arrive, are issued, run and are terminated:
320,000 rows of the ledger, closed at the ends of months as the service does it, and 60,000 cards.
"""

import math
import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text

from kernel.chassis.data.unit_of_work import Tx, UnitOfWork
from kernel.contracts.inventory.overview import CountCover, CountTrend
from kernel.contracts.inventory.statistics import GetDashboard
from kernel.model.actor import Actor
from kernel.model.period import BUSINESS_ZONE
from services.inventory.closing import rebuild
from services.inventory.dashboard import get_dashboard
from services.inventory.statistics.cover import count_cover
from services.inventory.statistics.trend import count_trend
from tests.plans import read_whole

NOW = datetime(2026, 11, 20, 10, tzinfo=BUSINESS_ZONE)
BIG = re.compile(r"cards|ledger|run_log|changes")
_ALL = frozenset({"card.view", "report.view", "card.issue", "delivery.inspect", "delivery.stock_in", "card.scrap"})
ACTORS = {
    "county": Actor("k", "县", "990101", _ALL),
    "city": Actor("c", "市", "9901", _ALL),
    "province": Actor("p", "省", "99", _ALL),
}
ASKED: dict[str, Callable[[Tx, Actor], Any]] = {
    "dashboard": lambda tx, who: get_dashboard(tx, GetDashboard(), by=who, now=NOW),
    "cover": lambda tx, who: count_cover(tx, CountCover(), by=who, now=NOW),
    "trend": lambda tx, who: count_trend(tx, CountTrend(), by=who, now=NOW),
}

FIRST, DAYS = date(2025, 10, 1), 415
_UNIT = "'99' || lpad((1 + n % 12)::text, 2, '0') || lpad((1 + n / 12)::text, 2, '0')"
_LEDGER = f"""
INSERT INTO ledger (day, action, state, since, owner_unit, carrier, card_spec, application_month, delta, opened_on)
SELECT day, action, state, CASE WHEN delta > 0 THEN day ELSE day - 3 END, {_UNIT}, 'china_mobile', 'plug_in', '2025-09',
       delta, date_trunc('month', day)
FROM generate_series(0, 107) AS n, LATERAL (SELECT :first + m AS day FROM generate_series(0, :days - 1) AS m) AS days,
     (VALUES ('stock_in', 'received', -3), ('stock_in', 'in_stock', 3), ('issue', 'in_stock', -2),
             ('issue', 'pending_install', 2), ('bind', 'pending_install', -2), ('bind', 'running', 2),
             ('terminate', 'running', -1)) AS booked (action, state, delta)
"""
_CARDS = f"""
INSERT INTO cards (iccid, carrier, card_spec, application_month, delivery_id, owner_unit, state, version, state_since,
                   received_at, last_operation_at)
SELECT '898600' || lpad(at::text, 14, '0'), 'china_mobile', 'plug_in', '2025-09', 1, {_UNIT}, 'running', 1,
       timestamptz '2026-03-01', timestamptz '2026-03-01', timestamptz '2026-03-01'
FROM generate_series(1, 60000) AS at, LATERAL (SELECT at % 108 AS n) AS place
"""


@pytest.fixture(scope="module")
def filled(engine: Engine) -> Engine:
    with engine.begin() as connection:
        connection.execute(text(_LEDGER), {"first": FIRST, "days": DAYS})
        connection.execute(text(_CARDS))
    with UnitOfWork(engine).begin(ACTORS["province"], "closed") as tx:
        tx.execute("SET LOCAL statement_timeout = '5min'")
        rebuild(tx, FIRST + timedelta(days=DAYS - 1))
    with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text("ANALYZE"))
    return engine


@pytest.mark.req("GTW-05", "INV-10")
@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("who", ACTORS)
def test_the_first_pages_numbers_read_no_big_table_from_end_to_end(filled: Engine, who: str, asked: str) -> None:
    actor = ACTORS[who]
    # A sum of some states of a year's entries passes over the entries of the others.
    whole, answer = read_whole(filled, actor, BIG, lambda tx: ASKED[asked](tx, actor), most_passed_over=math.inf)

    assert whole == []
    assert answer
