"""稽核: what does not fit together, each with both claims in words (IME-12, IME-13, IME-15).

One statement per kind over a business month; what was found before is not written again, so it may be run at will.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, unit_columns
from kernel.chassis.lists.conditions import equals, on_days, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.imei.audits import (
    DECIDE_VIOLATION,
    LIST_VIOLATIONS,
    AnalyseMonth,
    Analysis,
    DecideViolation,
    ListViolations,
    Violation,
)
from kernel.contracts.said import Said
from kernel.contracts.words import chinese
from kernel.contracts.words_imei import VIOLATION_KINDS, VIOLATION_STATES
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import month_of, month_period
from services.imei import organisations, sanctions
from services.imei.audit_tables import violations
from services.imei.codes import OWN, of_device, written

_V = violations.c
_TOLD = "to_char({0} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI')"
_REDEEMED = f"""'订单' || r.order_no || '，' || r.organisation || '，' || {_TOLD.format("r.at")}"""
_FOUND = """
INSERT INTO violations (kind, device_id, code, happened_at, organisation, unit, ours, theirs, found_at, state)
{select}
ON CONFLICT ON CONSTRAINT uq_violations_kind DO NOTHING
"""

# The device is in the national list by another province's claim, and a subsidy was paid for it here.
_DOUBLE = f"""
SELECT 'double_subsidy', r.device_id, s.code, r.at, r.organisation, r.unit, {_REDEEMED},
       '全国已补贴清单' || s.list_id || '第' || s.row_no || '行，' || coalesce(s.claimant, '省份未注明')
       || coalesce('，' || s.claimed_on, ''), :now, 'open'
FROM redemptions AS r CROSS JOIN LATERAL {OWN.format(device="r.device_id")} AS mine JOIN subsidised AS s USING (code)
JOIN devices ON devices.id = r.device_id
WHERE r.at >= :start AND r.at < :end AND r.cancelled_version IS NULL AND s.claimant IS DISTINCT FROM devices.province
  AND devices.province = :province
"""
# 窜货: the first registration after the sale came from another province.
_DIVERSION = f"""
SELECT 'diversion', devices.id, first.code, first.registered_at, devices.organisation, devices.unit,
       coalesce(devices.organisation, '省串码池') || coalesce('，销售于' || {_TOLD.format("devices.sold_at")}, ''),
       '注册地' || first.place || '，' || {_TOLD.format("first.registered_at")}, :now, 'open'
FROM (SELECT DISTINCT ON (device_id) device_id, code, registered_at, registrations.place
      FROM registrations JOIN codes USING (code) ORDER BY device_id, registered_at, code) AS first
JOIN devices ON devices.id = first.device_id
WHERE first.registered_at >= :start AND first.registered_at < :end AND devices.province = :province
  AND left(first.place, 2) <> devices.province
"""
# 非实物核销: the card of the order registered in another device within 30 days, and never in the redeemed one.
_PHANTOM = f"""
SELECT 'phantom', r.device_id, other.code, r.at, r.organisation, r.unit, {_REDEEMED} || '，号码' || r.msisdn,
       '该号码注册于另一终端，' || {_TOLD.format("other.registered_at")}, :now, 'open'
FROM redemptions AS r JOIN devices ON devices.id = r.device_id
CROSS JOIN LATERAL (
    SELECT g.code, g.registered_at FROM registrations AS g
    WHERE g.msisdn = r.msisdn AND g.registered_at >= r.at - interval '1 day'
      AND g.registered_at < r.at + interval '30 days'
      AND NOT EXISTS (SELECT FROM codes WHERE codes.code = g.code AND codes.device_id = r.device_id)
    ORDER BY g.registered_at, g.code LIMIT 1
) AS other
WHERE r.at >= :start AND r.at < :end AND r.cancelled_version IS NULL AND devices.province = :province
  AND NOT EXISTS (SELECT FROM {OWN.format(device="r.device_id")} AS mine JOIN registrations AS own USING (code)
                  WHERE own.msisdn = r.msisdn
                    AND own.registered_at >= r.at - interval '1 day'
                    AND own.registered_at < r.at + interval '30 days')
"""
# 10.2.2: registered, and at the end of that day still 已领用未销售.
_NOT_REDEEMED = f"""
SELECT 'not_redeemed_same_day', devices.id, first.code, first.registered_at, devices.organisation, devices.unit,
       '当日结束时仍为已领用未销售', '注册于' || {_TOLD.format("first.registered_at")}, :now, 'open'
FROM (SELECT DISTINCT ON (device_id) device_id, code, registered_at
      FROM registrations JOIN codes USING (code) ORDER BY device_id, registered_at, code) AS first
JOIN devices ON devices.id = first.device_id
CROSS JOIN LATERAL (
    SELECT to_state FROM events WHERE events.device_id = devices.id
      AND events.at < (date_trunc('day', first.registered_at AT TIME ZONE 'Asia/Shanghai') + interval '1 day')
                      AT TIME ZONE 'Asia/Shanghai'
    ORDER BY version DESC LIMIT 1
) AS evening
WHERE first.registered_at >= :start AND first.registered_at < :end AND devices.province = :province
  AND devices.organisation IS NOT NULL AND evening.to_state = 'claimed'
  AND :now >= (date_trunc('day', first.registered_at AT TIME ZONE 'Asia/Shanghai') + interval '1 day')
              AT TIME ZONE 'Asia/Shanghai'
"""
# One code in two cities within two hours: no traveller is as quick.
_CLONE = f"""
SELECT 'clone', coalesce(codes.device_id, a.code), a.code, b.registered_at, devices.organisation,
       coalesce(devices.unit, :province), '注册地' || a.place || '，' || {_TOLD.format("a.registered_at")},
       '注册地' || b.place || '，' || {_TOLD.format("b.registered_at")}, :now, 'open'
FROM registrations AS a JOIN registrations AS b
  ON b.code = a.code AND b.registered_at > a.registered_at AND b.registered_at < a.registered_at + interval '2 hours'
  AND left(b.place, 4) <> left(a.place, 4)
LEFT JOIN codes ON codes.code = a.code LEFT JOIN devices ON devices.id = codes.device_id
WHERE b.registered_at >= :start AND b.registered_at < :end
  AND coalesce(devices.province, left(a.place, 2)) = :province
"""
_RULES = {
    "double_subsidy": _DOUBLE,
    "diversion": _DIVERSION,
    "phantom": _PHANTOM,
    "not_redeemed_same_day": _NOT_REDEEMED,
    "clone": _CLONE,
}
_DECIDE = """
UPDATE violations SET state = :state, decided_at = :now, decided_by_name = :by_name, remark = :remark
WHERE id = :id RETURNING *
"""


def analyse(tx: Tx, request: AnalyseMonth, *, by: Actor, now: datetime) -> Analysis:
    """All kinds over one business month, for the actor's province."""
    return Analysis(found=_look(tx, request.month, by.unit[:2], now))


def analyse_night(tx: Tx, *, now: datetime) -> None:
    """The month of the day that just ended, for every province that has organisations."""
    month = month_of(now - timedelta(days=1))
    for province in tx.execute("SELECT DISTINCT left(unit, 2) FROM organisations").scalars().all():
        _look(tx, month, province, now)


def _look(tx: Tx, month: str, province: str, now: datetime) -> dict[str, int]:
    period = month_period(month)
    params = {"start": period.start, "end": period.end, "now": now, "province": province}
    return {kind: tx.execute(_FOUND.format(select=rule), params).rowcount for kind, rule in _RULES.items()}


def decide(tx: Tx, request: DecideViolation, *, by: Actor, now: datetime) -> Violation:
    """Raises violation_not_found, violation_decided."""
    row = tx.execute(
        select(violations).where(_V.id == request.violation_id, scope(_V.unit, None, by)).with_for_update()
    ).one_or_none()
    if row is None or not organisations.in_house(tx, row.organisation, by):
        raise DomainError("violation_not_found")
    if row.state != "open":
        raise DomainError("violation_decided")
    values = {"id": row.id, "now": now, "by_name": by.name, "remark": request.remark}
    row = tx.execute(_DECIDE, {**values, "state": "confirmed" if request.confirmed else "dismissed"}).one()
    if request.confirmed and row.organisation is not None:
        sanctions.propose(tx, row.organisation, by=by, now=now)
    return _view(row, by)


_PHRASES = (
    ("该号码注册于另一终端，", "the number is registered in another device, "),
    ("当日结束时仍为已领用未销售", "claimed and unsold at the end of the day"),
    ("省份未注明", "province not given"),
    ("，账上在库", ", in stock by the books"),
    ("未见实物", ": not seen"),
    ("实物抽查", "spot check "),
    ("全国已补贴清单", "national list of subsidised serials "),
    ("省串码池", "provincial pool"),
    ("，销售于", ", sold "),
    ("，号码", ", number "),
    ("注册地", "registered in "),
    ("注册于", "registered "),
    ("订单", "order "),
    ("第", " row "),
    ("行，", ", "),
    ("，", ", "),
)
"""What claims are made of, longer phrases first; the numbers and names between them are the same in any language."""


def _claim(zh: str) -> Said:
    en = zh
    for phrase, said in _PHRASES:
        en = en.replace(phrase, said)
    return Said(zh, en)


def _view(row: Any, by: Actor) -> Violation:
    able = DECIDE_VIOLATION.allows(by.permissions) and row.state == "open"
    return Violation.model_validate({
        **row._mapping, "violation_id": row.id, "serial": written(row.code), "can": ["decide"] if able else [],
        "ours": _claim(row.ours), "theirs": _claim(row.theirs),
    })  # fmt: skip


def _matching(asked: Asked[ListViolations]) -> Select[Any]:
    request = asked.request
    return select(violations).where(
        scope(_V.unit, request.unit, asked.by),
        *organisations.of_house(_V.organisation, asked),
        *equals(request, {"kind": _V.kind, "state": _V.state, "organisation": _V.organisation}),
        *of_device(_V.device_id, request.serial),
        *on_days(_V.happened_at, request.day_from, request.day_to),
    )


VIOLATIONS = SelectList(
    method=LIST_VIOLATIONS,
    title="串码稽核发现",
    resource="serial-violations",
    matching=_matching,
    items=lambda asked, rows: [_view(row, asked.by) for row in rows],
    key=_V.id,
    newest_first=True,
    columns=(
        Column("violation_id", "编号", kind="code", width=12),
        Column("kind", "类型", words=chinese(VIOLATION_KINDS)),
        Column("serial", "串码", kind="code"),
        Column("organisation", "库存组织", kind="code"),
        *unit_columns("unit", "单位"),
        Column("happened_at", "发生时间"),
        Column("ours", "本方记录"),
        Column("theirs", "对方记录"),
        Column("found_at", "发现时间"),
        Column("state", "状态", words=chinese(VIOLATION_STATES)),
        Column("decided_at", "认定时间"),
        Column("decided_by_name", "认定人"),
        Column("remark", "认定说明"),
    ),
)
