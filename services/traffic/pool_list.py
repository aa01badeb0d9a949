"""What is agreed upon for pools, as people enter and read it (TRF-10)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import equals
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.traffic.pools import LIST_POOLS, AgreePool, ListPools, PoolView
from kernel.contracts.words import chinese
from kernel.contracts.words_traffic import OVERAGES
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.traffic.tables import pools
from services.traffic.tariff_list import province_of

_P = pools.c


def agree_pool(tx: Tx, request: AgreePool, *, by: Actor, now: datetime) -> PoolView:
    """Nothing that was agreed is overwritten. Raises pool_month, pool_agreed."""
    if request.valid_from.day != 1:
        raise DomainError("pool_month", first=request.valid_from.isoformat())
    values = {**request.model_dump(), "province": province_of(by), "created_by_name": by.name, "created_at": now}
    row = tx.execute(insert(pools).values(values).on_conflict_do_nothing().returning(pools)).one_or_none()
    if row is None:
        raise DomainError("pool_agreed", name=request.name, first=request.valid_from.isoformat())
    return PoolView.model_validate(row._mapping)


def _matching(asked: Asked[ListPools]) -> Select[Any]:
    same = equals(asked.request, {"carrier": _P.carrier, "name": _P.name})
    return select(pools).where(_P.province == province_of(asked.by), *same)


POOLS = SelectList(
    method=LIST_POOLS,
    title="流量池",
    resource="usage-pools",
    matching=_matching,
    items=lambda asked, rows: [PoolView.model_validate(row._mapping) for row in rows],
    key=_P.id,
    newest_first=True,
    columns=(
        Column("carrier", "运营商"),
        Column("name", "流量池"),
        Column("valid_from", "生效日期"),
        number("size", "固定容量（字节）"),
        Column("joining_prorated", "新入按天"),
        Column("leaving_shrinks", "退出按天"),
        Column("overage", "超出分摊", words=chinese(OVERAGES)),
        Column("created_by_name", "登记人"),
        Column("created_at", "登记时间"),
    ),
)
list_pools = POOLS.answer
