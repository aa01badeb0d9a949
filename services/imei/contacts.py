"""串码提供人 (IME-06): registered and reviewed by two people; what they report waits until the centre lets it in."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import contains, equals, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.imei.contacts import (
    DECIDE_CONTACT,
    LIST_CONTACTS,
    LIST_REPORTS,
    Contact,
    DecideContact,
    ListContacts,
    ListReports,
    RegisterContact,
    Report,
    ReportSerials,
)
from kernel.contracts.imei.lists import ImportAccepted, ImportSerials
from kernel.contracts.words import chinese
from kernel.contracts.words_imei import CONTACT_STATES, LIST_STATES
from kernel.model.actor import Actor, person_behind, same_person
from kernel.model.errors import DomainError
from kernel.model.unit import Level, check_unit, level
from services.imei.decisions import Decision, Decisions, possible
from services.imei.lists import importing
from services.imei.tables import contacts, lists

_C, _L = contacts.c, lists.c
_REGISTER = """
INSERT INTO contacts (vendor, login, name, phone, mail, address, unit, state, registered_at, registered_by,
                      registered_by_name)
VALUES (:vendor, :login, :name, :phone, :mail, :address, :unit, 'pending', :now, :by, :by_name)
ON CONFLICT (login) WHERE state IN ('pending', 'approved') DO NOTHING RETURNING *
"""
_DECIDE = """
UPDATE contacts SET state = :state, decided_at = :now, decided_by_name = :by_name, remark = :remark
WHERE id = :id RETURNING *
"""
_DECISIONS: Decisions = {
    "approve": Decision(("pending",), "approved"),
    "refuse": Decision(("pending",), "refused"),
    "revoke": Decision(("approved",), "revoked"),
}


def register(tx: Tx, request: RegisterContact, *, by: Actor, now: datetime) -> Contact:
    """Raises serial_list_province, contact_known."""
    if level(check_unit(request.unit)) != Level.PROVINCE:
        raise DomainError("serial_list_province", field="unit")
    row = tx.execute(_REGISTER, {**request.model_dump(), "now": now, "by": by.id, "by_name": by.name}).one_or_none()
    if row is None:
        raise DomainError("contact_known", value=request.login)
    return _view(row, by)


def decide(tx: Tx, request: DecideContact, *, by: Actor, now: datetime) -> Contact:
    """Raises contact_not_found, contact_state_wrong, contact_own."""
    row = tx.execute(
        select(contacts).where(_C.id == request.contact_id, scope(_C.unit, None, by)).with_for_update()
    ).one_or_none()
    if row is None:
        raise DomainError("contact_not_found")
    decision = _DECISIONS[request.decision]
    if row.state not in decision.states:
        raise DomainError("contact_state_wrong", state=row.state)
    if request.decision == "approve" and _is_his(row, by):
        raise DomainError("contact_own")
    values = {"id": row.id, "now": now, "by_name": by.name, "remark": request.remark}
    return _view(tx.execute(_DECIDE, {**values, "state": decision.becomes}).one(), by)


def _is_his(row: Any, by: Actor) -> bool:
    return same_person(row.registered_by, by.id) or same_person(row.login, by.id)


def report(tx: Tx, request: ReportSerials, *, by: Actor) -> ImportAccepted:
    """Raises contact_unknown for everybody who is no approved contact."""
    who = tx.execute(
        select(contacts).where(_C.login == person_behind(by.id), _C.state == "approved")
    ).one_or_none()
    if who is None:
        raise DomainError("contact_unknown")
    asked = ImportSerials(
        kind="province_entry", file=request.file, province=who.unit, source="vendor",
        document=f"{who.vendor} {request.document or ''}".strip()[:128], choice=request.choice,
    )  # fmt: skip
    return importing.enqueue(tx, asked, by, reported_by=who.login)


def _view(row: Any, by: Actor) -> Contact:
    can = []
    if DECIDE_CONTACT.allows(by.permissions):
        can = [word for word in possible(_DECISIONS, row.state) if not (word == "approve" and _is_his(row, by))]
    return Contact.model_validate({**row._mapping, "contact_id": row.id, "can": can})


def _matching(asked: Asked[ListContacts]) -> Select[Any]:
    return select(contacts).where(
        scope(_C.unit, None, asked.by),
        *contains(_C.vendor, asked.request.vendor),
        *equals(asked.request, {"state": _C.state}),
    )


CONTACTS = SelectList(
    method=LIST_CONTACTS,
    title="串码提供人",
    resource="serial-contacts",
    matching=_matching,
    items=lambda asked, rows: [_view(row, asked.by) for row in rows],
    key=_C.id,
    newest_first=True,
    columns=(
        Column("contact_id", "编号", kind="code", width=12),
        Column("vendor", "厂商或国代"),
        Column("name", "联系人"),
        Column("login", "登录名"),
        Column("phone", "联系电话", kind="code"),
        Column("mail", "邮箱"),
        Column("address", "地址"),
        *unit_columns("unit", "单位"),
        Column("state", "状态", words=chinese(CONTACT_STATES)),
        Column("registered_at", "登记时间"),
        Column("registered_by_name", "登记人"),
        Column("decided_at", "审核时间"),
        Column("decided_by_name", "审核人"),
        Column("remark", "审核说明"),
    ),
)


def _own(asked: Asked[ListReports]) -> Select[Any]:
    return select(lists).where(
        _L.reported_by == person_behind(asked.by.id), *equals(asked.request, {"state": _L.state})
    )


REPORTS = SelectList(
    method=LIST_REPORTS,
    title="本人报送的串码",
    resource="serial-reports",
    matching=_own,
    items=lambda _, rows: [Report(**{**row._mapping, "job_id": row.job_id and str(row.job_id)}) for row in rows],
    key=_L.id,
    newest_first=True,
    columns=(
        Column("id", "清单编号", kind="code"),
        Column("state", "状态", words=chinese(LIST_STATES)),
        Column("document", "依据文件"),
        number("rows", "行数"),
        number("refused", "拒收行数"),
        number("entered", "录入数量"),
        Column("at", "时间"),
    ),
)
