"""召测记录: who asked which terminals to be read, and how far that came (BND-04)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, select

from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import on_days, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.binding.on_demand import LIST_ASKINGS, ListAskings, ListedAsking
from services.binding.pages.scope import UNITS
from services.binding.tables import read_askings

_A = read_askings.c
_COUNT = """
SELECT asking_id, count(*) AS total, count(*) FILTER (WHERE outcome IN ('read', 'clock_off')) AS answered,
       count(*) FILTER (WHERE outcome IN ('failed', 'malformed')) AS failed,
       count(*) FILTER (WHERE outcome IS NULL AND until > :now) AS open
FROM read_requests WHERE asking_id = ANY(CAST(:ids AS bigint[])) GROUP BY 1
"""


def _matching(asked: Asked[ListAskings]) -> Select[Any]:
    request = asked.request
    return select(read_askings).where(
        scope(_A.unit, request.unit, asked.by), *on_days(_A.asked_at, request.day_from, request.day_to)
    )


def _items(asked: Asked[ListAskings], rows: Sequence[Row[Any]]) -> list[ListedAsking]:
    found = asked.tx.execute(_COUNT, {"ids": [row.id for row in rows], "now": asked.now})
    counts = {row.asking_id: row for row in found}
    return [
        ListedAsking(
            read_id=row.id, unit=row.unit, asked_by_name=row.asked_by_name, asked_at=row.asked_at, until=row.until,
            **{name: getattr(counts.get(row.id), name, 0) for name in ("total", "answered", "failed", "open")},
        )
        for row in rows
    ]  # fmt: skip


ASKINGS = SelectList(
    method=LIST_ASKINGS,
    title="召测记录",
    resource="binding/reads",
    matching=_matching,
    items=_items,
    key=_A.id,
    newest_first=True,
    columns=(
        Column("read_id", "召测编号", kind="code", width=12),
        Column("asked_at", "召测时间"),
        Column("asked_by_name", "召测人", width=12),
        *UNITS,
        Column("until", "等待至"),
        number("total", "终端数"),
        number("answered", "已读到"),
        number("failed", "未读到"),
        number("open", "等待中"),
    ),
)
