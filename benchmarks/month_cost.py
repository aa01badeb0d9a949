"""month-cost: a month of 1,000,000 cards priced and posted, against bare SQL that joins the same and rounds per card.

The baseline knows one tariff without a pool, keeps no ledger and explains nothing: it sums each card's month, prices it
and writes one row per card into an empty table with the ledger's indexes. ``--cards N``: with so many.
"""

import time
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import psycopg

from benchmarks import usage_ground as ground
from benchmarks.lines import Line
from benchmarks.stack import BenchStack
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.traffic.tariffs import AddTariff
from services.traffic import cost_rating
from services.traffic.tariff_list import add_tariff

_BARE = """
INSERT INTO traffic.bare (iccid, unit, carrier, pool, line_spec, card_spec, about, posted_in, fen, used, days,
                          posted_at, by_name)
SELECT iccid, days.unit, days.carrier, '', cards.card_spec, cards.card_spec, %(month)s, %(month)s,
       round(monthly_fee * 100 + greatest(carrier_month - included, 0) / 1048576.0 * per_mb * 100),
       carrier_month, 30, now(), 'bare'
FROM traffic.usage_days AS days JOIN traffic.cards ON cards.id = card_id
JOIN traffic.tariffs ON tariffs.carrier = cards.carrier AND tariffs.card_spec = cards.card_spec
WHERE day = %(month)s ORDER BY iccid
"""


def run(stack: BenchStack, cards: int = ground.CARDS) -> Iterable[Line]:
    """For `./simkeep bench month-cost`."""
    month = ground.FIRST
    with stack.database() as url, ground.an_office(url) as (office, folder):
        ground.fill(url, cards)
        ground.write_day(folder / "day.csv", cards, month)
        office.load(office.put(folder / "day.csv"))
        with UnitOfWork(office.engine).begin(ground.PROVINCE) as tx:
            tariff = AddTariff(
                carrier=ground.CARRIER, card_spec="plug_in", valid_from=date(2026, 1, 1), monthly_fee=Decimal(2),
                included=1 << 20, per_mb=Decimal("0.29"),
            )  # fmt: skip
            add_tariff(tx, tariff, by=ground.PROVINCE, now=ground.NOW)
            tx.commit()
        with psycopg.connect(url) as db:
            db.execute("CREATE TABLE traffic.bare (LIKE traffic.cost_entries INCLUDING ALL)")
            db.commit()
            began = time.monotonic()
            db.execute(_BARE, {"month": month})
            db.commit()
            bare = time.monotonic() - began
        began = time.monotonic()
        with UnitOfWork(office.engine).begin(ground.PROVINCE) as tx:
            rated, posted = cost_rating.rate(tx, month, "", by=ground.PROVINCE, now=ground.NOW)
            tx.commit()
        seconds = time.monotonic() - began
        if (rated, posted) != (cards, cards):
            raise RuntimeError(f"the rating ended otherwise: {rated} cards, {posted} entries")
        yield Line("month-cost", seconds, "s", bare, at_most=2.5)
