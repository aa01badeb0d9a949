"""A list comes in as a file and is taken in by a job, in one transaction: all of it is live, or nothing (IME-01 to 05).

The same file again does nothing. A national list that shrinks or would freeze too many waits for a person.
"""

from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import Limits, open_rows
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import equals, within
from kernel.chassis.lists.spec import Asked, Rows, SelectList
from kernel.contracts.imei.lists import (
    LIST_SERIAL_LISTS,
    RELEASE_SERIAL_LIST,
    ImportAccepted,
    ImportSerials,
    ListSerialLists,
    ReleaseSerialList,
    SerialList,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_imei import LIST_DOUBTS, LIST_KINDS, LIST_SOURCES, LIST_STATES
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import Level, check_unit, is_within, level
from services.imei.lists import publishing
from services.imei.lists.entering import Change
from services.imei.lists.settings import ListSettings
from services.imei.lists.staging import SERIAL_LIST, Staged, stage
from services.imei.movement import Note, note_change
from services.imei.tables import lists

LIST_JOB = "serial_list"
WAITING = ("held", "previewed")
"""States of a list that a person may let be published."""
_L = lists.c
_KEEP = """
INSERT INTO lists (kind, state, province, source, document, sha256, request, rows, refused, entered, claimed, frozen,
                   removed, asked, held_because, at, by_name, job_id, reported_by)
VALUES (:kind, :state, :province, :source, :document, :sha256, CAST(:request AS jsonb), :rows, :refused, :entered,
        :claimed, :frozen, :removed, :asked, :held_because, :at, :by_name, :job_id, :reported_by) RETURNING id
"""
_SAME_FILE = """
SELECT id FROM lists WHERE kind = :kind AND province = :province AND sha256 = :sha256 AND state = 'published'
  AND (kind NOT LIKE 'national%'
       OR id = (SELECT max(id) FROM lists WHERE kind LIKE 'national%' AND state = 'published'))
ORDER BY id DESC LIMIT 1
"""


def import_serials(tx: Tx, request: ImportSerials, *, by: Actor) -> ImportAccepted:
    """Accepts an uploaded list; a job takes it in. Raises unit_malformed, serial_list_province."""
    if level(check_unit(request.province, "province")) != Level.PROVINCE:
        raise DomainError("serial_list_province", field="province")
    if request.source == "vendor":
        raise DomainError("serial_vendor_reports", field="source")
    return enqueue(tx, request, by)


def enqueue(tx: Tx, request: ImportSerials, by: Actor, *, reported_by: str | None = None) -> ImportAccepted:
    """``reported_by``: login of the vendor's contact, whose lists wait for the terminal centre."""
    return _enqueue(tx, {**request.model_dump(mode="json"), "released": None, "reported_by": reported_by}, by)


def _enqueue(tx: Tx, request: dict[str, Any], by: Actor) -> ImportAccepted:
    title = f"串码清单 {LIST_KINDS[request['kind']].zh}"
    return ImportAccepted(job_id=jobs.enqueue(tx, LIST_JOB, title, request, by))


def release(tx: Tx, request: ReleaseSerialList, *, by: Actor) -> ImportAccepted:
    """Has a held or previewed list published. Raises serial_list_not_found, serial_list_not_held."""
    row = tx.execute(select(lists).where(_L.id == request.list_id).with_for_update()).one_or_none()
    if row is None or not is_within(row.province, by.unit):
        raise DomainError("serial_list_not_found")
    if row.state not in WAITING:
        raise DomainError("serial_list_not_held")
    tx.execute("UPDATE lists SET state = 'released' WHERE id = :id", {"id": row.id})
    again = {**row.request, "preview": False, "released": row.id, "reported_by": row.reported_by}
    return _enqueue(tx, again, by)


def run_import(job: JobContext) -> dict[str, Any]:
    """The job: stages, plans, and publishes or holds."""
    released, reported_by = job.request["released"], job.request.get("reported_by")
    request = ImportSerials.model_validate({k: v for k, v in job.request.items() if k in ImportSerials.model_fields})
    settings = ListSettings()

    def refuse(row_no: int, value: str, code: str, repair: str | None) -> None:
        job.refuse(row_no, value[:64], code, **({"repair": repair} if repair else {}))

    with job.unit_of_work() as tx:
        publishing.begin(tx)
        if (known := _same_file(tx, request)) is not None and not request.preview:
            result: dict[str, Any] = {"list_id": known, "same_file": True, "state": "published"}
            job.complete(tx, result)
            return result
        with job.blobs.open(request.file) as stream:
            limits = Limits(rows=settings.serial_list_max_rows)
            with open_rows(stream, SERIAL_LIST, name=request.file.name, choice=request.choice, limits=limits) as rows:
                staged = stage(tx, rows, refuse, job.progress)
        plan = _planned(job, tx, staged, request, settings)
        doubt = plan.held_because or ("vendor_report" if reported_by else None)
        held = doubt if released is None else None
        state = "previewed" if request.preview else "held" if held else "published"
        result = {**asdict(plan), "state": state, "rows": staged.count, "refused": job.refused_count}
        result["held_because"] = held
        list_id = _keep(tx, request, {**result, "reported_by": reported_by}, job)
        if state == "published":
            note = Note(document=request.document or f"list {list_id}")
            change_id = note_change(tx, job.actor, job.now(), note)
            publishing.publish(tx, staged, request, list_id, Change(change_id, job.now()))
        result["list_id"] = list_id
        job.complete(tx, result, done=staged.count)
    return result


def _planned(
    job: JobContext, tx: Tx, staged: Staged, request: ImportSerials, settings: ListSettings
) -> publishing.Plan:
    """What the list would do; its refused rows are the job's."""
    kind, province = request.kind, request.province
    if kind.startswith("national"):
        share, floor = settings.serial_freeze_share, settings.serial_freeze_floor
        return publishing.plan_national(tx, kind, province, share=share, floor=floor)
    plan, refused = publishing.plan(tx, staged, kind, province)
    shown = staged.shown([row.row_no for row in refused])
    for row, serial in zip(refused, shown, strict=True):
        job.refuse(row.row_no, serial[:64], row.reason, state=row.state, action="claim", pool=row.state)
    return plan


def _same_file(tx: Tx, request: ImportSerials) -> int | None:
    known = {"kind": request.kind, "province": request.province, "sha256": request.file.sha256}
    found = tx.execute(_SAME_FILE, known).scalar_one_or_none()
    return None if found is None else int(found)


def _keep(tx: Tx, request: ImportSerials, result: dict[str, Any], job: JobContext) -> int:
    values = {
        **request.model_dump(include={"kind", "province", "source", "document"}),
        **result,
        "sha256": request.file.sha256,
        "request": orjson.dumps(request.model_dump(mode="json")).decode(),
        "at": job.now(),
        "by_name": job.actor.name,
        "job_id": job.job_id,
    }
    return int(tx.execute(_KEEP, values).scalar_one())


def _matching(asked: Asked[ListSerialLists]) -> Select[Any]:
    return select(lists).where(
        within(_L.province, asked.by.unit), *equals(asked.request, {"kind": _L.kind, "state": _L.state})
    )


def _items(asked: Asked[ListSerialLists], rows: Rows) -> list[SerialList]:
    able = RELEASE_SERIAL_LIST.allows(asked.by.permissions)
    return [
        SerialList.model_validate({**row._mapping, "can": ["release"] if able and row.state in WAITING else []})
        for row in rows
    ]


SERIAL_LISTS = SelectList(
    method=LIST_SERIAL_LISTS,
    title="串码清单",
    resource="serial-lists",
    matching=_matching,
    items=_items,
    key=_L.id,
    newest_first=True,
    columns=(
        Column("id", "清单编号", kind="code"),
        Column("kind", "清单类型", words=chinese(LIST_KINDS)),
        Column("state", "状态", words=chinese(LIST_STATES)),
        Column("held_because", "挂起原因", words=chinese(LIST_DOUBTS)),
        *unit_columns("province", "省份"),
        Column("source", "来源", words=chinese(LIST_SOURCES)),
        Column("document", "依据文件"),
        number("rows", "行数"),
        number("refused", "拒收行数"),
        number("entered", "录入数量"),
        number("claimed", "领用数量"),
        number("frozen", "冻结数量"),
        number("removed", "移出数量"),
        number("asked", "送审数量"),
        Column("at", "时间"),
        Column("by_name", "操作人"),
    ),
)
