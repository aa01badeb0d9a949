"""补采: what is asked of the carriers, how far it is, and when it will be done (TRF-01)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Select, select

from kernel.carriers.settings import UsageManners
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.conditions import equals, within
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.traffic.pulls import LIST_USAGE_PULLS, ListUsagePulls, UsagePull
from kernel.contracts.words import chinese
from kernel.contracts.words_traffic import PULL_KINDS, PULL_STATES
from kernel.model.period import business_date
from services.traffic.pull_tables import pull_carriers, pulls
from services.traffic.pulls.plan import Filled, Gap, schedule

_P = pulls.c
_OWN = [name for name in UsagePull.model_fields if name not in {"ready_at", "late", "rests_until"}]


def _matching(asked: Asked[ListUsagePulls]) -> Select[Any]:
    same = {name: _P[name] for name in ("carrier", "kind", "state")}
    return select(pulls).where(within(_P.unit, asked.by.unit), *equals(asked.request, same))


def _filled(asked: Asked[ListUsagePulls]) -> dict[int, Filled[int]]:
    """Open pull > when it will be done; all of a carrier's open ones share its speed and quota."""
    open_pulls = list(asked.tx.execute(select(pulls).where(_P.state == "open", within(_P.unit, asked.by.unit))).all())
    found: dict[int, Filled[int]] = {}
    for carrier in asked.tx.execute(select(pull_carriers)).all():
        gaps = [
            Gap(pull.id, _calls_left(pull, carrier.size), pull.closes_at)
            for pull in open_pulls
            if pull.carrier == carrier.carrier
        ]
        used = carrier.calls if carrier.quota_day == business_date(asked.now) else 0
        begins = max(asked.now, carrier.rests_until or asked.now)
        manners = UsageManners.model_validate(carrier.manners)
        found |= {filled.key: filled for filled in schedule(gaps, manners, begins, used_today=used)}
    return found


def _calls_left(pull: Any, size: int) -> int:
    """Of a span whose first page was not read yet: one."""
    if pull.wanted is None:
        return 1
    return max(0, int(-(-pull.wanted // size)) - int(pull.pages))


def _items(asked: Asked[ListUsagePulls], rows: Sequence[Row[Any]]) -> list[UsagePull]:
    filled = _filled(asked)
    query = select(pull_carriers.c.carrier, pull_carriers.c.rests_until).where(pull_carriers.c.rests_until > asked.now)
    resting = {row.carrier: row.rests_until for row in asked.tx.execute(query)}
    return [
        UsagePull(
            **{name: row._mapping[name] for name in _OWN},
            ready_at=filled[row.id].done_at if row.id in filled else None,
            late=not filled[row.id].in_time if row.id in filled else None,
            rests_until=resting.get(row.carrier) if row.state == "open" else None,
        )
        for row in rows
    ]


PULLS = SelectList(
    method=LIST_USAGE_PULLS,
    title="流量补采",
    resource="usage-pulls",
    matching=_matching,
    items=_items,
    key=_P.id,
    newest_first=True,
    columns=(
        number("id", "编号"),
        Column("carrier", "运营商"),
        Column("kind", "方式", words=chinese(PULL_KINDS)),
        Column("subject", "内容"),
        Column("state", "状态", words=chinese(PULL_STATES)),
        number("wanted", "缺数"),
        number("answered", "已取"),
        number("strangers", "对方无此卡"),
        number("calls", "调用次数"),
        number("rounds", "轮次"),
        Column("closes_at", "可查截止"),
        Column("ready_at", "预计完成"),
        Column("late", "赶不上"),
        Column("asked_at", "最近调用"),
        Column("ended_at", "完成时间"),
        Column("rests_until", "暂停至"),
        Column("error", "原因"),
    ),
)
list_usage_pulls = PULLS.answer
