"""Pulling the carriers' own counts (BND-09): by a person at any time, and by itself for each month that is over.

Guarantee: a carrier that does not answer, or answers nonsense, changes no count; what went wrong and the last good
count stay visible. The pages of an answer are taken in one transaction, with the end of the job.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, literal, select

from kernel.carriers.settings import Endpoint
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.binding.carrier_counts import (
    LIST_CARRIER_PULLS,
    CountsAsked,
    CountsTaken,
    ListCarrierPulls,
    ListedPull,
    PullCarrierCounts,
    PushCarrierCounts,
)
from kernel.contracts.said import say
from kernel.contracts.words import chinese
from kernel.contracts.words_binding import COUNT_PULL_STATES
from kernel.contracts.words_people import CARRIER_NAMES
from kernel.model.actor import Actor, system_actor
from kernel.model.errors import DomainError
from kernel.model.period import month_of, months_before
from services.binding.carrier_counts import take_pulled
from services.binding.carrier_tables import carrier_pulls
from services.binding.carriers import Counts, counts_of, endpoint_of, endpoints

PULL_JOB = "carrier_count_pull"
LOADER = "carrier_count.load"

_OPEN = """
SELECT id FROM jobs WHERE kind = :kind AND state IN ('queued', 'running') AND request ->> 'carrier' = :carrier
ORDER BY created_at LIMIT 1
"""
_ASKED = """
INSERT INTO carrier_pulls AS p (carrier, unit, state, month, asked_at, asked_by_name)
VALUES (:carrier, :unit, 'asked', :month, :now, :by_name)
ON CONFLICT (carrier) DO UPDATE SET unit = excluded.unit, state = 'asked', month = excluded.month,
    asked_at = excluded.asked_at, asked_by_name = excluded.asked_by_name, code = NULL, params = NULL
"""
_FAILED = """
UPDATE carrier_pulls SET state = 'failed', code = :code, params = CAST(:params AS json) WHERE carrier = :carrier
"""
_GOOD = """
UPDATE carrier_pulls SET state = 'good', code = NULL, params = NULL, good_at = :now, good_month = :month,
    counted_on = :counted_on, units = :units
WHERE carrier = :carrier
"""
_LAST_GOOD = "SELECT carrier, good_month FROM carrier_pulls WHERE good_month IS NOT NULL"


def pull(tx: Tx, request: PullCarrierCounts, *, by: Actor, now: datetime) -> CountsAsked:
    """Has the carrier asked now. Raises carrier_not_connected, unit_out_of_scope. One that is being asked is asked
    once."""
    endpoint = endpoint_of(request.carrier)
    by.require_within(endpoint.unit)
    return CountsAsked(job_id=_ask(tx, endpoint, request.month or month_of(now), by=by, now=now))


def pull_what_is_over(tx: Tx, *, now: datetime) -> None:
    """The timer's act: the month before this one from every carrier that has not told it yet."""
    month = months_before(month_of(now), 1)
    good = {row.carrier: row.good_month for row in tx.execute(_LAST_GOOD)}
    for endpoint in endpoints():
        if good.get(endpoint.carrier, "") < month:
            _ask(tx, endpoint, month, by=system_actor("binding", endpoint.unit, may={LOADER}), now=now)


def _ask(tx: Tx, endpoint: Endpoint, month: str, *, by: Actor, now: datetime) -> Any:
    known = tx.execute(_OPEN, {"kind": PULL_JOB, "carrier": endpoint.carrier}).scalar_one_or_none()
    if known is not None:
        return known
    values = {"carrier": endpoint.carrier, "unit": endpoint.unit, "month": month, "now": now, "by_name": by.name}
    tx.execute(_ASKED, values)
    request = PullCarrierCounts(carrier=endpoint.carrier, month=month)
    return jobs.enqueue(tx, PULL_JOB, f"获取运营商卡数 {month}", request, by)


def run_pull(job: JobContext) -> dict[str, Any]:
    """The job: asks outside of any transaction, then takes in the whole answer at once."""
    carrier, month = job.request["carrier"], job.request["month"]
    try:
        pages = list(counts_of(endpoint_of(carrier), month))
        return _take_in(job, carrier, month, pages)
    except DomainError as error:
        with job.unit_of_work() as tx:
            params = json.dumps(error.params, ensure_ascii=False, default=str)
            tx.execute(_FAILED, {"carrier": carrier, "code": error.code, "params": params})
            tx.commit()
        raise


def _take_in(job: JobContext, carrier: str, month: str, pages: list[Counts]) -> dict[str, Any]:
    with job.unit_of_work() as tx:
        taken: list[CountsTaken] = []
        for page in pages:
            asked = PushCarrierCounts(carrier=carrier, month=month, counted_on=page.counted_on, rows=page.rows)
            taken.append(take_pulled(tx, asked, by=job.actor, now=job.now()))
        for refused in (row for each in taken for row in each.refused):
            job.refuse(refused.row, refused.number, refused.code, unit=refused.number, value=refused.number)
        units = sum(each.done + each.older for each in taken)
        newest = max(page.counted_on for page in pages)
        values = {"carrier": carrier, "month": month, "now": job.now(), "counted_on": newest, "units": units}
        tx.execute(_GOOD, values)
        result = {"units": units, "refused": job.refused_count}
        job.complete(tx, result, done=units)
    return result


def _pulls(asked: Asked[ListCarrierPulls]) -> Select[Any]:
    """Those that tell of the actor's own units or of parts of them."""
    column = carrier_pulls.c.unit
    own = literal(asked.by.unit)
    return select(carrier_pulls).where(own.startswith(column) | column.startswith(asked.by.unit))


def _listed(_: Asked[ListCarrierPulls], rows: Sequence[Row[Any]]) -> list[ListedPull]:
    return [
        ListedPull(
            carrier=row.carrier, state=row.state, month=row.month, asked_at=row.asked_at,
            asked_by_name=row.asked_by_name, message=say(row.code, row.params or {}) if row.code else None,
            good_at=row.good_at, good_month=row.good_month, counted_on=row.counted_on, units=row.units,
        )
        for row in rows
    ]  # fmt: skip


PULLS = SelectList(
    method=LIST_CARRIER_PULLS,
    title="运营商卡数获取记录",
    resource="binding/carrier-pulls",
    matching=_pulls,
    items=_listed,
    key=carrier_pulls.c.carrier,
    columns=(
        Column("carrier", "运营商", words=chinese(CARRIER_NAMES)),
        Column("state", "获取结果", words=chinese(COUNT_PULL_STATES), width=10),
        Column("month", "月份", width=10),
        Column("asked_at", "获取时间"),
        Column("asked_by_name", "获取人", width=12),
        Column("message", "失败原因", width=40),
        Column("good_at", "最近成功时间"),
        Column("good_month", "最近成功月份", width=12),
        Column("counted_on", "最近成功的统计日期", width=12),
        number("units", "单位数"),
    ),
)
