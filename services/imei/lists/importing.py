"""A list comes in as a file and is taken in by a job, in one transaction: all of it is live, or nothing (IME-01 to 05).

The same file again does nothing. A national list that shrinks or would freeze too many waits for a person.
"""

from dataclasses import asdict
from functools import cached_property
from typing import Any

import numpy as np
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
from services.imei.lists import publishing, staging, straight
from services.imei.lists.entering import Change, Entry
from services.imei.lists.settings import ListSettings
from services.imei.lists.staging import SERIAL_LIST, Staged
from services.imei.movement import Note, note_change
from services.imei.tables import lists

LIST_JOB = "serial_list"
WAITING = ("held", "previewed")
"""States of a list that a person may let be published."""
_L = lists.c
_KEEP = """
INSERT INTO lists (id, kind, state, province, source, document, sha256, request, rows, refused, entered, claimed,
                   frozen, removed, asked, held_because, at, by_name, job_id, reported_by)
VALUES (:id, :kind, :state, :province, :source, :document, :sha256, CAST(:request AS jsonb), :rows, :refused, :entered,
        :claimed, :frozen, :removed, :asked, :held_because, :at, :by_name, :job_id, :reported_by)
"""
_NEXT_ID = "SELECT nextval(pg_get_serial_sequence('lists', 'id'))"
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
    """The job: stages, plans, and publishes or holds; what is certain to be published is written while it is read."""
    with job.unit_of_work() as tx:
        it = _Import(job, tx)
        publishing.begin(tx)
        if (known := _same_file(tx, it.request)) is not None and not it.request.preview:
            result: dict[str, Any] = {"list_id": known, "same_file": True, "state": "published"}
            job.complete(tx, result)
            return result
        staged, new = it.take()
        plan = it.plan(staged, new)
        held = (plan.held_because or it.doubt) if it.released is None else None
        state = "previewed" if it.request.preview else "held" if held else "published"
        result = {**asdict(plan), "state": state, "rows": staged.count, "refused": job.refused_count}
        result |= {"held_because": held, "list_id": it.list_id}
        _keep(it, result)
        if state == "published":
            publishing.publish(tx, it.request, it.list_id, it.change)
        job.complete(tx, result, done=staged.count)
    return result


class _Import:
    """One list on its way. ``doubt``: why it waits for a person whatever stands in it."""

    def __init__(self, job: JobContext, tx: Tx) -> None:
        known = {name: value for name, value in job.request.items() if name in ImportSerials.model_fields}
        self.job, self.tx, self.settings = job, tx, ListSettings()
        self.request = ImportSerials.model_validate(known)
        self.released, self.reported_by = job.request["released"], job.request.get("reported_by")
        self.doubt = "vendor_report" if self.reported_by else None

    @cached_property
    def list_id(self) -> int:
        return int(self.tx.execute(_NEXT_ID).scalar_one())

    @cached_property
    def change(self) -> Change:
        now = self.job.now()
        note = Note(document=self.request.document or f"list {self.list_id}")
        return Change(note_change(self.tx, self.job.actor, now, note), now)

    @property
    def is_certain(self) -> bool:
        """Whether it will be published: a national list shows that only when it has been compared."""
        waits = self.request.preview or (self.doubt and self.released is None)
        return not waits and not self.request.kind.startswith("national")

    def take(self) -> tuple[Staged, straight.Straight]:
        """Reads the file: what it holds now stands in its tables or in the temporary ones."""
        job, request, new = self.job, self.request, straight.Straight()
        staged = staging.begin(self.tx)
        limits = Limits(rows=self.settings.serial_list_max_rows)
        with (
            job.blobs.open(request.file) as stream,
            open_rows(stream, SERIAL_LIST, name=request.file.name, choice=request.choice, limits=limits) as rows,
        ):
            parts = staging.read(staged, rows, self._refuse, job.progress)
            if self.is_certain:
                new = straight.take(self.tx, staged, parts, self._entry())
            else:
                staging.stage(self.tx, staged, parts)
        return staged, new

    def _entry(self) -> Entry:
        request = self.request
        pool = "province" if request.kind == "province_entry" else "group"
        claims = request.kind in publishing.CLAIMING
        return Entry(self.change, request.province, pool, request.source, claims=claims)

    def plan(self, staged: Staged, new: straight.Straight) -> publishing.Plan:
        """What the list would do and has done; its refused rows are the job's."""
        kind, province, claims = self.request.kind, self.request.province, self.request.kind in publishing.CLAIMING
        if kind.startswith("national"):
            share, floor = self.settings.serial_freeze_share, self.settings.serial_freeze_floor
            return publishing.plan_national(self.tx, kind, province, share=share, floor=floor)
        plan, refused = publishing.plan(self.tx, staged, kind, province)
        for row_no, serial in new.twice:
            self._refuse_row(row_no, serial, "serial_twice", None)
        rows = {row.row_no: row for row in refused}
        those, _ = staged.rows.split(np.fromiter(rows, np.int32))
        for row_no, serial in zip(those.first.row_nos.tolist(), staged.shown(those), strict=True):
            self._refuse_row(row_no, serial, rows[row_no].reason, rows[row_no].state)
        plan.entered += new.entered
        plan.claimed += new.entered if claims else 0
        return plan

    def _refuse(self, row_no: int, value: str, code: str, repair: str | None) -> None:
        self.job.refuse(row_no, value[:64], code, **({"repair": repair} if repair else {}))

    def _refuse_row(self, row_no: int, serial: str, reason: str, state: str | None) -> None:
        self.job.refuse(row_no, serial[:64], reason, state=state, action="claim", pool=state)


def _same_file(tx: Tx, request: ImportSerials) -> int | None:
    known = {"kind": request.kind, "province": request.province, "sha256": request.file.sha256}
    found = tx.execute(_SAME_FILE, known).scalar_one_or_none()
    return None if found is None else int(found)


def _keep(it: _Import, result: dict[str, Any]) -> None:
    values = {
        **it.request.model_dump(include={"kind", "province", "source", "document"}),
        **result,
        "id": it.list_id,
        "sha256": it.request.file.sha256,
        "request": orjson.dumps(it.request.model_dump(mode="json")).decode(),
        "at": it.job.now(),
        "by_name": it.job.actor.name,
        "job_id": it.job.job_id,
        "reported_by": it.reported_by,
    }
    it.tx.execute(_KEEP, values)


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
