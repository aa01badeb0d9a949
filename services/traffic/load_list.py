"""Loads and figures of unknown cards, as lists; what a person decides about a held load (TRF-01)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import begins, equals, within
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.said import say
from kernel.contracts.traffic.loads import (
    DECIDE_LOAD,
    LIST_LOADS,
    LIST_UNKNOWN_USAGE,
    DecideLoad,
    GetLoad,
    ListLoads,
    ListUnknownUsage,
    LoadPreview,
    LoadView,
    PreviewLine,
    PreviewLoad,
    UnknownUsage,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_traffic import LOAD_STATES, USAGE_SOURCES
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.traffic import failing
from services.traffic.loading import carrier_name, start
from services.traffic.tables import loads, unknown_usage

_L = loads.c
_U = unknown_usage.c
_SHOWN = [name for name in LoadView.model_fields if name not in {"job", "state", "reasons", "can"}]


def _view(row: Row[Any], by: Actor) -> LoadView:
    return LoadView(
        **{name: row._mapping[name] for name in _SHOWN},
        state="failed" if failing.failed(row) else row.state,
        job=row.job_id,
        reasons=[say(code, params) for code, params in row.reasons],
        can=["decide"] if row.state == "held" and DECIDE_LOAD.allows(by.permissions) else [],
    )


def _loads(asked: Asked[ListLoads]) -> Select[Any]:
    same = equals(asked.request, {name: _L[name] for name in ("source", "carrier")})
    state = failing.shown_as(asked.request.state)
    return select(loads).where(within(_L.unit, asked.by.unit), *same, *state)


LOADS = SelectList(
    method=LIST_LOADS,
    title="流量数据",
    resource="usage-loads",
    matching=_loads,
    items=lambda asked, rows: [_view(row, asked.by) for row in rows],
    key=_L.id,
    newest_first=True,
    columns=(
        Column("id", "编号", kind="number"),
        Column("source", "来源", words=chinese(USAGE_SOURCES)),
        Column("carrier", "运营商"),
        Column("state", "状态", words=chinese(LOAD_STATES)),
        Column("first_day", "首日"),
        Column("last_day", "末日"),
        *[
            number(name, title)
            for name, title in (
                ("rows", "行数"), ("taken", "入库"), ("replaced", "更正"), ("repeated", "重复"), ("unknown", "未知卡"),
                ("refused", "拒收"),
            )
        ],
        Column("as_of", "数据时间"),
        Column("asked_by_name", "提交人"),
        Column("asked_at", "提交时间"),
        Column("ended_at", "完成时间"),
        Column("decided_by", "确认人"),
        Column("remark", "确认说明"),
    ),
)  # fmt: skip
list_loads = LOADS.answer


def _unknown(asked: Asked[ListUnknownUsage]) -> Select[Any]:
    same = equals(asked.request, {"load_id": _U.load_id})
    return select(unknown_usage).where(within(_U.unit, asked.by.unit), *begins(_U.iccid, asked.request.iccid), *same)


def _unknown_items(asked: Asked[ListUnknownUsage], rows: Sequence[Row[Any]]) -> list[UnknownUsage]:
    return [
        UnknownUsage(
            id=row.id, iccid=row.iccid, day=row.day, source=row.source, usage_bytes=row.bytes, load_id=row.load_id
        )
        for row in rows
    ]


UNKNOWN = SelectList(
    method=LIST_UNKNOWN_USAGE,
    title="未知卡流量",
    resource="unknown-usage",
    matching=_unknown,
    items=_unknown_items,
    key=_U.id,
    columns=(
        Column("iccid", "ICCID", kind="code"),
        Column("day", "日期"),
        Column("source", "来源", words=chinese(USAGE_SOURCES)),
        number("usage_bytes", "流量（字节）"),
        number("load_id", "流量数据"),
    ),
)
list_unknown_usage = UNKNOWN.answer


def _find(tx: Tx, load_id: int, by: Actor, *, lock: bool = False) -> Row[Any]:
    query = select(loads).where(_L.id == load_id, within(_L.unit, by.unit))
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise DomainError("load_not_found", id=load_id)
    return row


def get_load(tx: Tx, request: GetLoad, *, by: Actor, now: datetime) -> LoadView:
    """One load. Raises load_not_found."""
    return _view(_find(tx, request.load_id, by), by)


def preview_load(tx: Tx, request: PreviewLoad, *, by: Actor, now: datetime) -> LoadPreview:
    """Days and cards of a load beside what is known. Raises load_not_found."""
    preview = _find(tx, request.load_id, by).preview
    days = [
        PreviewLine(
            what=line["day"],
            cards=line["cards"],
            known_cards=line.get("known_cards"),
            now_bytes=line["bytes"],
            known_bytes=line.get("known_bytes"),
        )
        for line in preview.get("days", [])
    ]
    cards = [
        PreviewLine(what=line["iccid"], cards=None, known_cards=None, now_bytes=line["now"], known_bytes=line["known"])
        for line in preview.get("largest", [])
    ]
    return LoadPreview(items=days + cards)


def decide_load(tx: Tx, request: DecideLoad, *, by: Actor, now: datetime) -> LoadView:
    """A held load is taken by a new job, or dropped. Raises load_not_found, load_not_held."""
    row = _find(tx, request.load_id, by, lock=True)
    if row.state != "held":
        raise DomainError("load_not_held", id=row.id)
    job_id = uuid4() if request.take else row.job_id
    decided = tx.execute(
        loads.update()
        .where(_L.id == row.id)
        .values(
            state="waiting" if request.take else "dropped",
            decided_by=by.name,
            remark=request.remark,
            ended_at=None if request.take else now,
            job_id=job_id,
        )
        .returning(loads)
    ).one()
    if request.take:
        start(tx, row.id, job_id, f"流量数据 {carrier_name(row.carrier)} {row.id}", by)
    return _view(decided, by)
