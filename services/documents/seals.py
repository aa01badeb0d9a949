"""Specimens of a unit's seals: registered by one person, read by a job, confirmed by another, ended (DOC-06).

A specimen that is not confirmed is compared with nothing. What it says never changes: a worn or renewed seal gets a new
specimen, and the old one its last day.
"""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
from sqlalchemy import Select, or_, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.lists.columns import Column, unit_columns
from kernel.chassis.lists.conditions import Condition, contains, equals, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.documents.seals import (
    LIST_SEALS,
    DecideSeal,
    EndSeal,
    GetSeal,
    ListSeals,
    RegisterSeal,
    SealRegistered,
    SealView,
)
from kernel.contracts.envelope import BlobRef
from kernel.contracts.errors import text
from kernel.contracts.words import chinese
from kernel.contracts.words_documents import SEAL_STATES
from kernel.model.actor import Actor, same_person
from kernel.model.errors import DomainError
from kernel.model.unit import is_within
from services.documents.form_list import person_columns
from services.documents.tables import seals

READ_SEAL_JOB = "read_seal"

_INSERT = """
INSERT INTO seals (id, unit, name, valid_from, valid_to, state, upload, registered_by, registered_by_name,
    registered_at)
VALUES (:id, :unit, :name, :valid_from, :valid_to, 'reading', CAST(:upload AS jsonb), :by, :by_name, :now)
"""
_READ = """
UPDATE seals SET state = :state, problem = :problem, problem_params = CAST(:params AS jsonb), pictures = :pictures,
    specimen = CAST(:specimen AS jsonb)
WHERE id = :id AND state = 'reading' RETURNING *
"""
_DECIDE = """
UPDATE seals SET state = :decision, decided_by = :by, decided_by_name = :by_name, decided_at = :now, remark = :remark
WHERE id = :id AND state = 'to_confirm' RETURNING *
"""
_END = """
UPDATE seals SET valid_to = :valid_to, ended_by = :by, ended_by_name = :by_name, ended_at = :now, end_reason = :reason
WHERE id = :id AND state = 'confirmed' AND (valid_to IS NULL OR valid_to > :valid_to) RETURNING *
"""


def register_seal(tx: Tx, request: RegisterSeal, *, by: Actor, now: datetime) -> SealRegistered:
    """Keeps the upload and has its impressions read; nothing is compared with them before somebody confirms."""
    seal = uuid4()
    tx.execute(
        _INSERT,
        {
            "id": seal, "unit": request.unit, "name": request.name, "valid_from": request.valid_from,
            "valid_to": request.valid_to, "upload": request.upload.model_dump_json(), "by": by.id, "by_name": by.name,
            "now": now,
        },
    )  # fmt: skip
    jobs.enqueue(tx, READ_SEAL_JOB, f"读取预留印鉴 {request.name}", {"seal_id": str(seal)}, by, job_id=seal)
    return SealRegistered(seal_id=seal, job_id=seal)


def readable(tx: Tx, seal: UUID, pictures: list[BlobRef], specimen: BlobRef) -> Any:
    """The job's good news; None when the seal is read already."""
    return _read(tx, seal, "to_confirm", None, {}, pictures, specimen.model_dump_json())


def unusable(tx: Tx, seal: UUID, problem: str, params: dict[str, Any], pictures: list[BlobRef]) -> Any:
    """The job's bad news: `problem` is a code of the catalogue; None when the seal is read already."""
    return _read(tx, seal, "unusable", problem, params, pictures, None)


def _read(  # noqa: PLR0917 - one row of one statement
    tx: Tx, seal: UUID, state: str, problem: str | None, params: dict[str, Any], pictures: list[BlobRef],
    specimen: str | None,
) -> Any:  # fmt: skip
    values = {"id": seal, "state": state, "problem": problem, "specimen": specimen}
    shown = "[" + ",".join(picture.model_dump_json() for picture in pictures) + "]"
    said = orjson.dumps(params, default=str).decode()
    return tx.execute(_READ, values | {"params": said, "pictures": shown}).one_or_none()


_FAILED = """
SELECT seals.id FROM seals JOIN jobs USING (id)
WHERE seals.state = 'reading' AND jobs.state IN ('failed', 'cancelled')
    AND NOT EXISTS (SELECT FROM jobs AS again WHERE again.retry_of = jobs.id AND again.state IN ('queued', 'running'))
FOR UPDATE OF seals
"""


def tell_failures(tx: Tx) -> int:
    """Specimens whose job ended without a word are unusable, so that nobody waits for them. How many."""
    rows = tx.execute(_FAILED).all()
    for row in rows:
        unusable(tx, row.id, "seal_not_read", {}, [])
    return len(rows)


def decide_seal(tx: Tx, request: DecideSeal, *, by: Actor, now: datetime) -> SealView:
    """Raises seal_not_found, seal_own_registration, seal_not_waiting."""
    row = _find(tx, request.seal_id, by)
    if same_person(row.registered_by, by.id):
        raise DomainError("seal_own_registration")
    decided = tx.execute(
        _DECIDE,
        {
            "id": row.id, "decision": request.decision, "by": by.id, "by_name": by.name, "now": now,
            "remark": request.remark,
        },
    ).one_or_none()  # fmt: skip
    if decided is None:
        raise DomainError("seal_not_waiting", state=row.state)
    return _view(decided, by)


def end_seal(tx: Tx, request: EndSeal, *, by: Actor, now: datetime) -> SealView:
    """Raises seal_not_found, seal_not_ended: not confirmed, or its last day would be later, or before its first."""
    row = _find(tx, request.seal_id, by)
    values = {"by": by.id, "by_name": by.name, "now": now, "reason": request.reason}
    early = request.valid_to < row.valid_from - timedelta(days=1)
    ended = None if early else tx.execute(_END, values | {"id": row.id, "valid_to": request.valid_to}).one_or_none()
    if ended is None:
        raise DomainError("seal_not_ended", first=row.valid_from, last=row.valid_to or "-")
    return _view(ended, by)


def confirmed_on(tx: Tx, unit: str, day: date) -> list[Any]:
    """The specimens that a scan of this unit's form is compared with."""
    statement = select(seals).where(seals.c.unit == unit, seals.c.state == "confirmed", *_valid(day))
    return list(tx.execute(statement.order_by(seals.c.sequence)).all())


def _valid(day: date | None) -> list[Condition]:
    if day is None:
        return []
    return [seals.c.valid_from <= day, or_(seals.c.valid_to.is_(None), seals.c.valid_to >= day)]


def get_seal(tx: Tx, request: GetSeal, *, by: Actor) -> SealView:
    """Raises seal_not_found, for a seal of a unit outside the actor's subtree too."""
    return _view(_find(tx, request.seal_id, by), by)


def _matching(asked: Asked[ListSeals]) -> Select[Any]:
    request = asked.request
    return select(seals).where(
        scope(seals.c.unit, request.unit, asked.by),
        *equals(request, {"state": seals.c.state}),
        *contains(seals.c.name, request.name),
        *_valid(request.valid_on),
    )


def _reason(row: Any) -> str | None:
    """Why a specimen is unusable, for people."""
    return text(row.problem, row.problem_params or {}) if row.problem else None


SEALS = SelectList(
    method=LIST_SEALS,
    title="预留印鉴",
    resource="seals",
    matching=_matching,
    items=lambda asked, rows: [_view(row, asked.by) for row in rows],
    key=seals.c.sequence,
    newest_first=True,
    columns=(
        Column("name", "印鉴名称", width=30),
        *unit_columns("unit", "单位"),
        Column("state", "状态", words=chinese(SEAL_STATES), width=12),
        Column("valid_from", "启用日期"),
        Column("valid_to", "停用日期"),
        *person_columns("registered_by", "登记人"),
        Column("registered_at", "登记时间"),
        *person_columns("decided_by", "复核人"),
        Column("decided_at", "复核时间"),
        Column("remark", "复核说明", width=40),
    ),
)
list_seals = SEALS.answer
"""Specimens of units of the actor's subtree, newest first."""


def _find(tx: Tx, seal: UUID, by: Actor) -> Any:
    row = tx.execute(select(seals).where(seals.c.id == seal)).one_or_none()
    if row is None or not is_within(row.unit, by.unit):
        raise DomainError("seal_not_found")
    return row


def _view(row: Any, by: Actor) -> SealView:
    plain = {name: row._mapping[name] for name in SealView.model_fields if name in row._fields}
    return SealView(**plain | {"reason": _reason(row), "can": _can(row, by)})


def _can(row: Any, by: Actor) -> list[str]:
    if "seal.confirm" not in by.permissions:
        return []
    if row.state == "to_confirm" and not same_person(row.registered_by, by.id):
        return ["decide"]
    return ["end"] if row.state == "confirmed" else []
