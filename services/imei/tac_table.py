"""The TAC table: maker and model by the first eight digits of an IMEI, and which devices say otherwise (IME-15).

A device whose maker or model nobody said takes them from here. Where both say something, and neither word is part of
the other, the device is marked; nothing is refused for it, for the table may be the one that is wrong.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select, false, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.files import Column as FileColumn
from kernel.chassis.files import Layout, open_rows
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.lists.columns import Column
from kernel.chassis.lists.conditions import contains
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.imei.lists import ImportAccepted
from kernel.contracts.imei.tacs import LIST_TACS, ImportTacs, ListTacs, Tac
from kernel.model.actor import Actor
from services.imei.audit_tables import tacs

TAC_JOB = "tac_table"
DIGITS = 8
_T = tacs.c
_MOST = 128
TAC_TABLE = Layout(
    "TAC表",
    FileColumn("tac", "TAC", ("tac码", "型号核准号", "型号分配码"), looks_like=r"[0-9]{8}", example="35900101"),
    FileColumn("maker", "厂商", ("品牌", "制造商", "终端厂商", "manufacturer", "brand"), example="华星"),
    FileColumn("model", "型号", ("机型", "终端型号", "model"), example="HX-200"),
)
_STAGE = """
CREATE TEMPORARY TABLE staged_tacs (row_no integer, tac bigint, maker text, model text) ON COMMIT DROP
"""
_TWICE = """
WITH seen AS (SELECT row_no, tac, min(row_no) OVER (PARTITION BY tac) AS first FROM staged_tacs),
gone AS (DELETE FROM staged_tacs USING seen WHERE staged_tacs.row_no = seen.row_no AND seen.row_no <> first)
SELECT row_no, tac FROM seen WHERE row_no <> first ORDER BY row_no
"""
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('imei lists'))"
_PUT = """
INSERT INTO tacs (tac, maker, model, changed_at, by_name) SELECT tac, maker, model, :now, :by_name FROM staged_tacs
ON CONFLICT (tac) DO UPDATE SET maker = excluded.maker, model = excluded.model, changed_at = excluded.changed_at,
    by_name = excluded.by_name
WHERE (tacs.maker, tacs.model) IS DISTINCT FROM (excluded.maker, excluded.model)
"""


def _plain(column: str) -> str:
    return f"translate(lower({column}), ' -_/.()（）', '')"


def _apart(one: str, other: str) -> str:
    """SQL: neither word is part of the other; null when one of them is missing."""
    return f"(strpos({_plain(one)}, {_plain(other)}) = 0 AND strpos({_plain(other)}, {_plain(one)}) = 0)"


def differs(device: str) -> str:
    """SQL: whether a row with ``maker`` and ``model`` contradicts its row of ``tacs``."""
    return f"({_apart(f'{device}.maker', 'tacs.maker')} OR {_apart(f'{device}.model', 'tacs.model')})"


FITS = "tacs.tac = {code} >> 24 AND {code} < (1::bigint << 56)"
"""SQL: the row of ``tacs`` of a code; ESNs have none."""
_JUDGE = f"""
WITH asked AS (
    SELECT devices.id, coalesce(devices.maker, tacs.maker) AS maker, coalesce(devices.model, tacs.model) AS model,
           {differs("devices")} AS model_differs
    FROM staged_tacs JOIN tacs USING (tac)
    JOIN devices ON devices.id >= tacs.tac << 24 AND devices.id < (tacs.tac + 1) << 24
    ORDER BY devices.id FOR UPDATE OF devices
)
UPDATE devices SET maker = asked.maker, model = asked.model, model_differs = asked.model_differs FROM asked
WHERE devices.id = asked.id AND (devices.maker, devices.model, devices.model_differs)
      IS DISTINCT FROM (asked.maker, asked.model, asked.model_differs)
"""
_JUDGE_ONE = f"""
UPDATE devices SET model_differs = (SELECT {differs("devices")} FROM tacs WHERE {FITS.format(code="devices.id")})
WHERE id = :id
"""


def import_tacs(tx: Tx, request: ImportTacs, *, by: Actor) -> ImportAccepted:
    """Accepts an uploaded table; a job takes it in."""
    return ImportAccepted(job_id=jobs.enqueue(tx, TAC_JOB, "TAC 表导入", request.model_dump(mode="json"), by))


def run_import(job: JobContext) -> dict[str, int]:
    """The job: good rows go in, devices of their TACs are judged anew; both, or nothing."""
    request = ImportTacs.model_validate(job.request)
    with job.unit_of_work() as tx:
        tx.execute(_ONE_AT_A_TIME)
        tx.raw.execute(_STAGE)
        count = 0
        with (
            job.blobs.open(request.file) as stream,
            open_rows(stream, TAC_TABLE, name=request.file.name, choice=request.choice) as rows,
        ):
            for batch in rows:
                count += len(batch)
                for fault in batch.faults:
                    job.refuse(fault.row_no, fault.shown, fault.code)
                with tx.raw.cursor() as cursor, cursor.copy("COPY staged_tacs FROM STDIN") as copy:
                    for row in _good(job, batch):
                        copy.write_row(row)
        for twice in tx.execute(_TWICE).all():
            job.refuse(twice.row_no, f"{twice.tac:08X}", "tac_twice")
        changed = tx.execute(_PUT, {"now": job.now(), "by_name": job.actor.name}).rowcount
        judged = tx.execute(_JUDGE).rowcount
        result = {"rows": count, "refused": job.refused_count, "changed": changed, "devices": judged}
        job.complete(tx, result, done=count)
    return result


def _good(job: JobContext, batch: Any) -> Iterator[tuple[int, int, str, str]]:
    columns = zip(batch.row_nos, batch["tac"], batch["maker"], batch["model"], strict=True)
    for row_no, tac, maker, model in columns:
        if len(tac) != DIGITS or not (tac.isascii() and tac.isdigit()):
            job.refuse(row_no, tac[:64], "tac_malformed")
        elif not maker or not model or len(maker) > _MOST or len(model) > _MOST:
            job.refuse(row_no, tac, "tac_row_incomplete", limit=_MOST)
        else:
            yield row_no, int(tac, 16), maker, model


def judge(tx: Tx, device: int) -> None:
    """After somebody changed maker or model by hand."""
    tx.execute(_JUDGE_ONE, {"id": device})


def _matching(asked: Asked[ListTacs]) -> Select[Any]:
    request = asked.request
    query = select(tacs).where(*contains(_T.maker, request.maker), *contains(_T.model, request.model))
    return query.where(*_begins(request.tac))


def _begins(part: str | None) -> list[ColumnElement[bool]]:
    if not part:
        return []
    if len(part) > DIGITS or not (part.isascii() and part.isdigit()):
        return [false()]
    return [_T.tac.between(int(part.ljust(DIGITS, "0"), 16), int(part.ljust(DIGITS, "F"), 16))]


TACS = SelectList(
    method=LIST_TACS,
    title="TAC表",
    resource="serial-tacs",
    matching=_matching,
    items=lambda _, rows: [Tac.model_validate({**row._mapping, "tac": f"{row.tac:08X}"}) for row in rows],
    key=_T.tac,
    sorts={"tac": _T.tac},
    columns=(
        Column("tac", "TAC", kind="code"),
        Column("maker", "厂商"),
        Column("model", "型号"),
        Column("changed_at", "更新时间"),
        Column("by_name", "操作人"),
    ),
)
