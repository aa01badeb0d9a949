"""national-list: a list against ten times as many devices, of which a hundredth stands in it.

``compare``: what the list would freeze, against a bare hash join of the same two tables in the same transaction.
``freeze``: freezing these against freezing as many of a list that holds nothing else. ``--cards N``: lists of N rows.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from benchmarks import serial_ground as ground
from benchmarks.lines import Line
from benchmarks.stack import BenchStack
from kernel.chassis.data.unit_of_work import UnitOfWork
from services.imei.freezing import deadlines
from services.imei.lists import publishing

ROWS, TIMES, PART = 1_000_000, 10, 100
ROUNDS = 3
_STAGED = """
CREATE TEMPORARY TABLE staged_codes ON COMMIT DROP AS
SELECT row_number() OVER ()::integer AS row_no, 1::smallint AS place, code
FROM unnest(CAST(:codes AS bigint[])) AS listed (code);
"""
_JOIN = "SELECT count(*) FROM staged_codes JOIN codes USING (code)"
_CHANGE = "INSERT INTO changes (at, by, by_name, by_unit) VALUES (now(), 'bench', 'bench', '99') RETURNING id"


def run(stack: BenchStack, cards: int = ROWS) -> Iterable[Line]:
    """For `./simkeep bench national-list`."""
    with stack.database() as url, ground.an_office(url) as (office, _):
        ground.fill(url, TIMES * cards)
        count = cards // PART
        known = [ground.key(PART * TIMES * number + 4) for number in range(count)]
        others = [ground.key(500_000_000 + number) for number in range(cards - count)]
        unit = UnitOfWork(office.engine)
        whole, few = [], []
        for _ in range(ROUNDS):
            whole.append(_measure(unit, [*known, *others]))
            few.append(_measure(unit, known))
        if {frozen for *_, frozen in (*whole, *few)} != {count}:
            raise RuntimeError(f"other devices were frozen: {whole} {few}")
        best = [min(figures) for figures in zip(*whole, strict=True)]
        yield Line("national-list.compare", best[1], "s", best[0], at_most=5)
        yield Line("national-list.freeze", best[2], "s", min(it[2] for it in few), at_most=1.5)


def _measure(unit: UnitOfWork, codes: Sequence[int]) -> tuple[float, float, float, int]:
    """Seconds of the bare join, of the comparison, of the freeze; how many are frozen. All is taken back."""
    with unit.begin(ground.PROVINCE, "bench") as tx:
        tx.execute(_STAGED, {"codes": list(codes)})
        tx.raw.execute("CREATE INDEX ON staged_codes (code)")
        tx.raw.execute("ANALYZE staged_codes")
        tx.raw.execute("SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off")
        bare = _timed(lambda: tx.execute(_JOIN))
        tx.raw.execute("SET LOCAL enable_nestloop = on; SET LOCAL enable_mergejoin = on")
        plans: list[publishing.Plan] = []
        compare = _timed(
            lambda: plans.append(publishing.plan_national(tx, "national_delta", "99", share=1, floor=10**9))
        )
        now = datetime.now(UTC)
        change = {"change_id": tx.execute(_CHANGE).scalar_one(), "now": now, **deadlines(now)}
        freeze = _timed(lambda: tx.execute(publishing.FREEZE, change))
        return bare, compare, freeze, plans[0].frozen


def _timed(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began
