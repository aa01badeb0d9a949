"""终端SIM卡召测查询: 统计 from the counts that are kept per unit and day, 明细 from the readings (BND-04)."""

from collections.abc import Sequence
from datetime import datetime
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import Row, Select, func, or_, select, text

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import Condition, begins
from kernel.chassis.lists.spec import Asked, SelectList, Statistic
from kernel.contracts.binding.nights import (
    COUNT_READINGS,
    LIST_READINGS,
    CountedReadings,
    CountReadings,
    ListedReading,
    ListReadings,
    ReadingCounts,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_binding import READING_OUTCOMES
from kernel.model.actor import Actor
from services.binding.pages.scope import (
    COUNTED,
    COUNTED_UNIT,
    UNIT_COLUMNS,
    UNITS,
    asked_days,
    asked_unit,
    counting,
    visible,
)
from services.binding.tables import bindings, night_counts, readings

_R, _N, _B = readings.c, night_counts.c, bindings.c
# In the words of the partial indexes, which the server takes only where it reads them: a parameter may be anything.
_NOT_WELL = text("(readings.abnormal OR readings.outcome <> 'read')")
_CLOCK_OFF = text("readings.outcome = 'clock_off'")
NAMED = 15
"""So many digits of an ICCID are those of a few cards at most."""
_COUNT = f"""
SELECT {COUNTED_UNIT} AS unit, day, sum(succeeded)::bigint AS succeeded, sum(abnormal)::bigint AS abnormal,
       sum(failed)::bigint AS failed
FROM night_counts WHERE {COUNTED}
GROUP BY 1, 2 HAVING sum(succeeded + abnormal + failed) > 0 ORDER BY day DESC, 1
"""


def count_readings(tx: Tx, request: CountReadings, *, by: Actor, now: datetime) -> CountedReadings:
    """Readings per unit and day by how they went. Raises unit_out_of_scope, too_many_days."""
    unit = asked_unit(request.unit, by)
    rows = tx.execute(_COUNT, counting(unit, *asked_days(request, now))).all()
    items = [
        ReadingCounts(
            unit=row.unit, exact=row.unit == unit, day=row.day, **_counts(row.succeeded, row.abnormal, row.failed)
        )
        for row in rows
    ]
    sums = (sum(getattr(row, name) for row in rows) for name in ("succeeded", "abnormal", "failed"))
    return CountedReadings(items=items, totals=_counts(*sums))


def _counts(succeeded: int, abnormal: int, failed: int) -> dict[str, Any]:
    total = succeeded + abnormal + failed
    rate = round(100 * succeeded / total, 1) if total else None
    return {"total": total, "succeeded": succeeded, "abnormal": abnormal, "failed": failed, "rate": rate}


NIGHTS = Statistic(
    method=COUNT_READINGS,
    title="终端SIM卡召测统计",
    resource="binding/statistics/readings",
    act=count_readings,
    columns=(
        *UNIT_COLUMNS,
        Column("day", "召测日期", width=12),
        number("total", "召测总数", total=True),
        number("succeeded", "成功数", total=True),
        number("abnormal", "异常数", total=True),
        number("failed", "失败数", total=True),
        number("rate", "成功率（%）"),
    ),
)


def _of_card(iccid: str | None) -> list[Condition]:
    """Readings of a card. No index of a day's readings begins with it: a card that is named almost whole is looked for
    in the slots that ever held it, and among the readings whose clock was off, which are no reason to hold one."""
    conditions = begins(_R.iccid, iccid)
    if iccid and len(iccid) >= NAMED:
        held = select(_B.asset_no).where(*begins(_B.iccid, iccid)).scalar_subquery()
        conditions.append(or_(_R.asset_no == func.any(func.array(held)), _CLOCK_OFF))
    return conditions


def _matching(asked: Asked[ListReadings]) -> Select[Any]:
    request = asked.request
    first, last = asked_days(request, asked.now)
    query = select(readings).where(
        _R.day.between(first, last),
        visible(_R.unit, asked),
        *begins(_R.asset_no, request.terminal),
        *_of_card(request.iccid),
    )
    if request.collected is not None:
        query = query.where(_R.outcome.in_(("read", "clock_off") if request.collected else ("failed", "malformed")))
    if request.abnormal is not None:
        query = query.where(_R.abnormal.is_(request.abnormal))
    return query.where(_NOT_WELL) if request.collected is False or request.abnormal else query


def _items(_: Asked[ListReadings], rows: Sequence[Row[Any]]) -> list[ListedReading]:
    return [
        ListedReading(
            terminal=row.asset_no, slot=row.slot, unit=row.unit, day=row.day, read_at=row.read_at,
            received_at=row.received_at, collected=row.outcome in ("read", "clock_off"), abnormal=row.abnormal,
            outcome=row.outcome, iccid=row.iccid, fault=row.fault, station=row.station,
        )
        for row in rows
    ]  # fmt: skip


def _kept(asked: Asked[ListReadings]) -> int | None:
    """From the night's counts, which tell the same units and days by how the readings went."""
    request = asked.request
    if request.terminal or request.iccid:
        return None
    first, last = asked_days(request, asked.now)
    parts = [
        _N[name]
        for name, wanted in (
            ("succeeded", request.collected is not False and request.abnormal is not True),
            ("abnormal", request.collected is not False and request.abnormal is not False),
            ("failed", request.collected is not True and request.abnormal is not True),
        )
        if wanted
    ]
    if not parts:
        return 0
    unit = func.nullif(_N.unit, "")
    added = select(func.coalesce(func.sum(reduce(add, parts)), 0)).where(
        _N.day.between(first, last), visible(unit, asked)
    )
    return int(asked.tx.execute(added).scalar_one())


READINGS = SelectList(
    method=LIST_READINGS,
    title="终端SIM卡召测明细",
    resource="binding/readings",
    matching=_matching,
    items=_items,
    key=(_R.asset_no, _R.slot, _R.read_at),
    kept=_kept,
    sorts={"terminal": _R.asset_no, "read_at": _R.read_at},
    columns=(
        Column("terminal", "终端资产编号", kind="code"),
        number("slot", "模块槽位"),
        *UNITS,
        Column("day", "召测日期", width=12),
        Column("read_at", "抄读时间"),
        Column("received_at", "主站接收时间"),
        Column("collected", "采集成功", width=10),
        Column("abnormal", "异常", width=10),
        Column("outcome", "召测结果", words=chinese(READING_OUTCOMES), width=12),
        Column("iccid", "ICCID", kind="code"),
        Column("fault", "失败代码"),
        Column("station", "采集主站"),
    ),
)
