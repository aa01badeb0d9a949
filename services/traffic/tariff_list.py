"""Tariffs, as people enter and read them (TRF-05)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import equals
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.traffic.tariffs import LIST_TARIFFS, AddTariff, ListTariffs, TariffView
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import Level
from services.traffic.tables import tariffs

_T = tariffs.c
_END_EARLIER = """
UPDATE tariffs SET valid_to = :valid_from
WHERE province = :province AND carrier = :carrier AND card_spec = :card_spec AND valid_to IS NULL
  AND valid_from < :valid_from
"""
_OVERLAP = """
SELECT id FROM tariffs
WHERE province = :province AND carrier = :carrier AND card_spec = :card_spec
  AND (CAST(:valid_to AS date) IS NULL OR valid_from < :valid_to) AND (valid_to IS NULL OR valid_to > :valid_from)
LIMIT 1
"""


def province_of(by: Actor) -> str:
    """The province whose prices and months the actor works with."""
    return by.unit[: Level.PROVINCE]


def add_tariff(tx: Tx, request: AddTariff, *, by: Actor, now: datetime) -> TariffView:
    """Ends the open tariff before it. Raises tariff_span, tariff_overlaps."""
    if request.valid_from.day != 1 or (request.valid_to and request.valid_to.day != 1):
        raise DomainError("tariff_span", first=request.valid_from.isoformat())
    if request.valid_to is not None and request.valid_to <= request.valid_from:
        raise DomainError("tariff_span", first=request.valid_from.isoformat())
    values = {**request.model_dump(), "province": province_of(by)}
    tx.execute("LOCK TABLE tariffs IN SHARE ROW EXCLUSIVE MODE")
    tx.execute(_END_EARLIER, values)
    overlap = tx.execute(_OVERLAP, values).scalar_one_or_none()
    if overlap is not None:
        raise DomainError("tariff_overlaps", id=overlap)
    row = tx.execute(
        tariffs.insert().values(**values, created_by_name=by.name, created_at=now).returning(tariffs)
    ).one()
    return TariffView.model_validate(row._mapping)


def _matching(asked: Asked[ListTariffs]) -> Select[Any]:
    request = asked.request
    found = select(tariffs).where(
        _T.province == province_of(asked.by),
        *equals(request, {"carrier": _T.carrier, "card_spec": _T.card_spec}),
    )
    if request.on is not None:
        found = found.where(_T.valid_from <= request.on, or_(_T.valid_to.is_(None), _T.valid_to > request.on))
    return found


TARIFFS = SelectList(
    method=LIST_TARIFFS,
    title="资费",
    resource="tariffs",
    matching=_matching,
    items=lambda asked, rows: [TariffView.model_validate(row._mapping) for row in rows],
    key=_T.id,
    sorts={"id": _T.id, "valid_from": _T.valid_from},
    newest_first=True,
    columns=(
        Column("carrier", "运营商"),
        Column("card_spec", "卡片规格"),
        Column("valid_from", "生效日期"),
        Column("valid_to", "失效日期"),
        number("monthly_fee", "月租（元）"),
        number("included", "包含流量（字节）"),
        number("per_mb", "超出单价（元/MB）"),
        number("silent_fee", "沉默期月租（元）"),
        Column("pool", "流量池"),
        Column("prorated", "首末月按天"),
        Column("created_by_name", "登记人"),
        Column("created_at", "登记时间"),
    ),
)
list_tariffs = TARIFFS.answer
