"""What becomes of a freeze: its deadline, appeals of those it hits, and who decides about them (IME-18)."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, unit_columns
from kernel.chassis.lists.conditions import equals, scope, whether
from kernel.chassis.lists.spec import Asked, Rows, SelectList
from kernel.contracts.imei.acts import SerialAnswer, ThawSerials
from kernel.contracts.imei.freezes import (
    APPEAL_FREEZE,
    EXTEND_FREEZE,
    LIST_APPEALS,
    LIST_FREEZES,
    REVIEW_APPEAL,
    Appeal,
    AppealFreeze,
    ExtendFreeze,
    FreezeView,
    ListAppeals,
    ListFreezes,
    ReviewAppeal,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_imei import APPEAL_STATES, FREEZE_CAUSES
from kernel.model.actor import Actor, same_person
from kernel.model.errors import DomainError
from kernel.model.period import business_date, start_of_day
from services.imei import freezing
from services.imei.bulk import choose, in_subtree
from services.imei.codes import of_device, written
from services.imei.lifecycle import SerialState
from services.imei.organisations import in_house, of_house
from services.imei.tables import appeals, changes, events, freezes

_F, _A = freezes.c, appeals.c
_STANDING = """
SELECT freezes.* FROM freezes WHERE device_id = :id AND lifted_version IS NULL ORDER BY version DESC LIMIT 1
"""
_EXTEND = """
WITH moved AS (
    UPDATE freezes SET decide_by = :until WHERE device_id = :id AND version = :version RETURNING device_id, version
)
INSERT INTO freeze_extensions (device_id, version, at, decide_by, reason, by_name)
SELECT device_id, version, :now, :until, :reason, :by_name FROM moved
"""
_APPEAL = """
INSERT INTO appeals (device_id, version, unit, organisation, state, grounds, evidence, at, by, by_name)
VALUES (:device_id, :version, :unit, :organisation, 'open', :grounds, :evidence, :at, :by, :by_name)
ON CONFLICT (device_id, version) WHERE state = 'open' DO NOTHING RETURNING *
"""
_REVIEW = """
UPDATE appeals SET state = :state, reviewed_at = :now, reviewer = :by, reviewer_name = :by_name, outcome = :outcome
WHERE id = :id RETURNING *
"""


def _frozen(tx: Tx, serial: str, by: Actor) -> tuple[Any, Any]:
    """The device and its freeze, both locked for this transaction. Raises serial_not_frozen."""

    def judge(device: Any) -> None:
        if device.state != SerialState.FROZEN:
            raise DomainError("serial_not_frozen")

    chosen = choose(tx, [serial], judge, seen=in_subtree(tx, by))
    chosen.require_all()
    device = next(iter(chosen.devices.values()))
    return device, tx.execute(_STANDING, {"id": device.id}).one()


def extend(tx: Tx, request: ExtendFreeze, *, by: Actor, now: datetime) -> SerialAnswer:
    """Raises serial_not_frozen, freeze_deadline_earlier."""
    device, freeze = _frozen(tx, request.serial, by)
    until = start_of_day(request.until) + timedelta(days=1)
    if until <= max(freeze.decide_by, now):
        raise DomainError("freeze_deadline_earlier", field="until")
    values = {"until": until, "now": now, "reason": request.reason, "by_name": by.name}
    tx.execute(_EXTEND, {"id": device.id, "version": freeze.version, **values})
    return SerialAnswer(done=1, refused_count=0, refused=[])


def appeal(tx: Tx, request: AppealFreeze, *, by: Actor, now: datetime) -> Appeal:
    """Raises serial_not_frozen, appeal_too_late, appeal_open."""
    device, freeze = _frozen(tx, request.serial, by)
    if now > freeze.observed_until:
        raise DomainError("appeal_too_late", day=business_date(freeze.observed_until).isoformat())
    values = {
        "device_id": device.id, "version": freeze.version, "unit": device.unit, "organisation": device.organisation,
        "grounds": request.grounds, "evidence": request.evidence, "at": now, "by": by.id, "by_name": by.name,
    }  # fmt: skip
    row = tx.execute(_APPEAL, values).one_or_none()
    if row is None:
        raise DomainError("appeal_open")
    return _appeal(row, by)


def review(tx: Tx, request: ReviewAppeal, *, by: Actor, now: datetime) -> Appeal:
    """Granted, the device is thawed in the same transaction. Raises appeal_not_found, appeal_reviewed, appeal_own."""
    row = tx.execute(
        select(appeals).where(_A.id == request.appeal_id, scope(_A.unit, None, by)).with_for_update()
    ).one_or_none()
    if row is None or not in_house(tx, row.organisation, by):
        raise DomainError("appeal_not_found")
    if row.state != "open":
        raise DomainError("appeal_reviewed")
    if same_person(row.by, by.id):
        raise DomainError("appeal_own")
    if request.granted:
        asked = ThawSerials(serials=[written(row.device_id)], reason=request.outcome)
        thawed = freezing.thaw(tx, asked, by=by, now=now)
        if not thawed.done:
            raise DomainError("serial_not_frozen")
    values = {"id": row.id, "now": now, "by": by.id, "by_name": by.name, "outcome": request.outcome}
    return _appeal(tx.execute(_REVIEW, {**values, "state": "granted" if request.granted else "rejected"}).one(), by)


def _appeal(row: Any, by: Actor) -> Appeal:
    able = REVIEW_APPEAL.allows(by.permissions) and row.state == "open" and not same_person(row.by, by.id)
    return Appeal(
        appeal_id=row.id, serial=written(row.device_id), unit=row.unit, organisation=row.organisation, state=row.state,
        grounds=row.grounds, evidence=row.evidence, at=row.at, by_name=row.by_name, reviewed_at=row.reviewed_at,
        reviewer_name=row.reviewer_name, outcome=row.outcome, can=["review"] if able else [],
    )  # fmt: skip


def _matching_freezes(asked: Asked[ListFreezes]) -> Select[Any]:
    request = asked.request
    frozen = and_(events.c.device_id == _F.device_id, events.c.version == _F.version)
    act = select(changes).join(events, changes.c.id == events.c.change_id).where(frozen)
    told = [act.with_only_columns(changes.c[name]).scalar_subquery().label(name) for name in ("reason", "document")]
    own = of_house(events.c.organisation, asked)
    return select(freezes, *told).where(
        scope(_F.unit, request.unit, asked.by),
        *([select(events.c.version).where(frozen, *own).exists()] if own else []),
        *equals(request, {"cause": _F.cause}),
        *of_device(_F.device_id, request.serial),
        *whether(_F.lifted_version.is_(None), request.standing),
        *whether(and_(_F.lifted_version.is_(None), _F.decide_by <= asked.now), request.overdue),
    )


def _freezes(asked: Asked[ListFreezes], rows: Rows) -> list[FreezeView]:
    return [_freeze(row, asked.by, asked.now) for row in rows]


def _freeze(row: Any, by: Actor, now: datetime) -> FreezeView:
    standing = row.lifted_version is None
    can = ["appeal"] if standing and now <= row.observed_until and APPEAL_FREEZE.allows(by.permissions) else []
    can += ["extend"] if standing and EXTEND_FREEZE.allows(by.permissions) else []
    return FreezeView(
        serial=written(row.device_id), version=row.version, cause=row.cause, reason=row.reason, document=row.document,
        unit=row.unit, at=row.at, observed_until=row.observed_until, decide_by=row.decide_by, standing=standing,
        overdue=standing and row.decide_by <= now, can=can,
    )  # fmt: skip


FREEZES = SelectList(
    method=LIST_FREEZES,
    title="冻结记录",
    resource="serial-freezes",
    matching=_matching_freezes,
    items=_freezes,
    key=(_F.at, _F.device_id, _F.version),
    sorts={"at": _F.at},
    newest_first=True,
    columns=(
        Column("serial", "串码", kind="code"),
        Column("cause", "冻结原因", words=chinese(FREEZE_CAUSES)),
        Column("reason", "说明"),
        Column("document", "依据文件"),
        *unit_columns("unit", "单位"),
        Column("at", "冻结时间"),
        Column("observed_until", "申诉截止"),
        Column("decide_by", "处理期限"),
        Column("standing", "仍冻结", width=10),
        Column("overdue", "已超期", width=10),
    ),
)


def _matching_appeals(asked: Asked[ListAppeals]) -> Select[Any]:
    request = asked.request
    return select(appeals).where(
        scope(_A.unit, request.unit, asked.by),
        *of_house(_A.organisation, asked),
        *equals(request, {"state": _A.state}),
        *of_device(_A.device_id, request.serial),
    )


APPEALS = SelectList(
    method=LIST_APPEALS,
    title="冻结申诉",
    resource="serial-appeals",
    matching=_matching_appeals,
    items=lambda asked, rows: [_appeal(row, asked.by) for row in rows],
    key=_A.id,
    newest_first=True,
    columns=(
        Column("appeal_id", "申诉编号", kind="code", width=12),
        Column("serial", "串码", kind="code"),
        Column("organisation", "库存组织", kind="code"),
        *unit_columns("unit", "单位"),
        Column("state", "状态", words=chinese(APPEAL_STATES)),
        Column("grounds", "申诉理由"),
        Column("evidence", "证据"),
        Column("at", "申诉时间"),
        Column("by_name", "申诉人"),
        Column("reviewed_at", "复核时间"),
        Column("reviewer_name", "复核人"),
        Column("outcome", "复核说明"),
    ),
)
