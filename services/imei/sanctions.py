"""奖罚: 通报批评, then 取消合作资格; each is heard before it is imposed, and by two people (rule 10.2, IME-13)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import equals, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.imei.audits import (
    DECIDE_SANCTION,
    HEAR_SANCTION,
    LIST_SANCTIONS,
    DecideSanction,
    HearSanction,
    ListSanctions,
    Sanction,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_imei import SANCTION_STATES, SANCTION_STEPS
from kernel.model.actor import Actor, same_person
from kernel.model.errors import DomainError
from services.imei import organisations
from services.imei.audit_tables import sanctions
from services.imei.decisions import Decision, Decisions, possible

_S = sanctions.c
_PROPOSE = """
INSERT INTO sanctions (organisation, unit, step, state, violations, proposed_at, proposed_by, proposed_by_name)
SELECT :organisation, :unit,
       CASE WHEN EXISTS (SELECT FROM sanctions WHERE organisation = :organisation AND state = 'imposed'
                         AND decided_at > CAST(:now AS timestamptz) - interval '1 year')
            THEN 'disqualification' ELSE 'criticism' END,
       'proposed', (SELECT count(*) FROM violations WHERE organisation = :organisation AND state = 'confirmed'
                    AND happened_at > CAST(:now AS timestamptz) - interval '1 year'), :now, :by, :by_name
ON CONFLICT (organisation) WHERE state IN ('proposed', 'heard') DO UPDATE SET violations = excluded.violations
"""
_HEARD = "UPDATE sanctions SET state = 'heard', hearing = :statement, heard_at = :now WHERE id = :id RETURNING *"
_DECIDE = """
UPDATE sanctions SET state = :state, decided_at = :now, decided_by_name = :by_name, remark = :remark
WHERE id = :id RETURNING *
"""
_SUSPEND = "UPDATE organisations SET suspended_at = :at WHERE code = :code"
_DECISIONS: Decisions = {
    "impose": Decision(("heard",), "imposed"),
    "drop": Decision(("proposed", "heard"), "dropped"),
    "lift": Decision(("imposed",), "lifted"),
}


def propose(tx: Tx, organisation: str, *, by: Actor, now: datetime) -> None:
    """The first step, or the last one for who was criticised within a year. One that is open counts further."""
    place = organisations.find(tx, organisation)
    values = {"organisation": organisation, "unit": place.unit, "now": now, "by": by.id, "by_name": by.name}
    tx.execute(_PROPOSE, values)


def hear(tx: Tx, request: HearSanction, *, by: Actor, now: datetime) -> Sanction:
    """Raises sanction_not_found, sanction_state_wrong."""
    row = _locked(tx, request.sanction_id, by, ("proposed",))
    heard = tx.execute(_HEARD, {"id": row.id, "statement": request.statement, "now": now}).one()
    return _view(heard, by)


def decide(tx: Tx, request: DecideSanction, *, by: Actor, now: datetime) -> Sanction:
    """A disqualified organisation takes part in nothing until it is lifted. Raises sanction_own besides."""
    decision = _DECISIONS[request.decision]
    row = _locked(tx, request.sanction_id, by, decision.states)
    if request.decision == "impose" and same_person(row.proposed_by, by.id):
        raise DomainError("sanction_own")
    values = {"id": row.id, "now": now, "by_name": by.name, "remark": request.remark}
    decided = tx.execute(_DECIDE, {**values, "state": decision.becomes}).one()
    if row.step == "disqualification" and request.decision != "drop":
        tx.execute(_SUSPEND, {"code": row.organisation, "at": now if request.decision == "impose" else None})
    return _view(decided, by)


def _locked(tx: Tx, sanction_id: int, by: Actor, states: tuple[str, ...]) -> Any:
    row = tx.execute(
        select(sanctions).where(_S.id == sanction_id, scope(_S.unit, None, by)).with_for_update()
    ).one_or_none()
    if row is None or not organisations.in_house(tx, row.organisation, by):
        raise DomainError("sanction_not_found")
    if row.state not in states:
        raise DomainError("sanction_state_wrong", state=row.state)
    return row


def _view(row: Any, by: Actor) -> Sanction:
    can = ["hear"] if row.state == "proposed" and HEAR_SANCTION.allows(by.permissions) else []
    if DECIDE_SANCTION.allows(by.permissions):
        can += [
            word
            for word in possible(_DECISIONS, row.state)
            if not (word == "impose" and same_person(row.proposed_by, by.id))
        ]
    return Sanction.model_validate({**row._mapping, "sanction_id": row.id, "can": can})


def _matching(asked: Asked[ListSanctions]) -> Select[Any]:
    request = asked.request
    return select(sanctions).where(
        scope(_S.unit, request.unit, asked.by),
        *organisations.of_house(_S.organisation, asked),
        *equals(request, {"organisation": _S.organisation, "state": _S.state}),
    )


SANCTIONS = SelectList(
    method=LIST_SANCTIONS,
    title="代理商处罚",
    resource="serial-sanctions",
    matching=_matching,
    items=lambda asked, rows: [_view(row, asked.by) for row in rows],
    key=_S.id,
    newest_first=True,
    columns=(
        Column("sanction_id", "编号", kind="code", width=12),
        Column("organisation", "库存组织", kind="code"),
        *unit_columns("unit", "单位"),
        Column("step", "措施", words=chinese(SANCTION_STEPS)),
        Column("state", "状态", words=chinese(SANCTION_STATES)),
        number("violations", "一年内认定次数"),
        Column("proposed_at", "提出时间"),
        Column("proposed_by_name", "提出人"),
        Column("hearing", "申辩内容"),
        Column("heard_at", "申辩时间"),
        Column("decided_at", "决定时间"),
        Column("decided_by_name", "决定人"),
        Column("remark", "决定说明"),
    ),
)
