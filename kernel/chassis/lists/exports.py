"""Lists as files, of any length in constant memory (GTW-04): CSV and XLSX from a server-side cursor.

A service declares what can be exported in ``services/<name>/exports.py``: ``EXPORTS = {"cards": ExportSpec(...)}``.
Identifiers are text cells, so that a spreadsheet cannot turn an ICCID into 8.986E+18; a CSV cell that a spreadsheet
would take for a formula is escaped; a workbook begins a new sheet before a sheet is full.
"""

import csv
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import IO, Any, BinaryIO
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection, Row, Select, text

from kernel.chassis.data.blobs import read_in_chunks
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.lists.workbook import SHEET_ROWS, Workbook
from kernel.contracts.operations import ExportResult, StartExportRequest
from kernel.model.actor import Actor
from kernel.model.errors import DomainError

_BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"
_ZONE = ZoneInfo("Asia/Shanghai")
_FORMULA_STARTS = frozenset({"=", "+", "-", "@", "\t", "\r"})
_FETCH = 5000
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Column:
    """``name``: of the select's column. ``title``: the head cell. ``labels``: code > text, for states and the like.

    ``number``: a number to be calculated with; everything else is written as text. ``names``: the column whose unit
    codes this one names, as far as the request gives names.
    """

    name: str
    title: str
    number: bool = False
    labels: Mapping[str, str] | None = None
    width: int = 22
    names: str = ""

    @property
    def source(self) -> str:
        """The column that holds its values."""
        return self.names or self.name


def unit_columns(name: str, title: str, width: int = 12) -> tuple[Column, Column]:
    """The code of a unit in column ``name``, and beside it the unit's name as ``<name>_name``."""
    return Column(name, f"{title} {name}", width=width), Column(f"{name}_name", f"{title}名称 {name}_name", names=name)


@dataclass(frozen=True)
class ExportSpec:
    """``select(filters, actor)`` builds the statement: it must hold every column, be scoped to the actor's units and

    be ordered by an index. ``filters`` is the model of the list's filters; ``count`` an optional statement for the
    total of the progress. In place of ``select``, ``rows(tx, filters, actor, now)`` answers the rows themselves, each
    with every column's name as an attribute, read in the snapshot of ``tx`` (``stream`` keeps that bounded).
    """

    title: str
    permission: str
    columns: Sequence[Column]
    filters: type[BaseModel]
    select: Callable[[Any, Actor], Select[Any]] | None = None
    count: Callable[[Any, Actor], Select[Any]] | None = None
    rows: Callable[[Tx, Any, Actor, datetime], Iterable[Any]] | None = None

    def choose(self, names: Sequence[str] | None) -> list[Column]:
        """The columns of these names in this order; all for None. Raises DomainError export_column_unknown."""
        if names is None:
            return list(self.columns)
        known = {column.name: column for column in self.columns}
        for name in names:
            if name not in known:
                raise DomainError("export_column_unknown", column=name)
        return [known[name] for name in names]

    def check(self, filters: Mapping[str, Any]) -> Any:
        """The filters as their model. Raises DomainError request_invalid."""
        try:
            return self.filters.model_validate(filters)
        except ValidationError as error:
            raise DomainError(
                "request_invalid",
                errors=[
                    {"field": ".".join(["filters", *map(str, item["loc"])]), "message": item["msg"]}
                    for item in error.errors(include_url=False, include_context=False, include_input=False)
                ],
            ) from error


@lru_cache(maxsize=4096)
def _moment(value: datetime) -> str:
    """Business time. Cards moved by one act share their moment, so most are written once only."""
    return value.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _text(value: Any, labels: Mapping[str, str] | None) -> str:
    if value is None:
        return ""
    if labels is not None:
        return labels.get(str(value), str(value))
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def _unformula(text: str) -> str:
    """Text that a spreadsheet shows and does not execute."""
    return f"'{text}" if text[:1] in _FORMULA_STARTS else text


def _csv_cell(column: Column) -> Callable[[Any], Any]:
    """What makes a value of ``column`` a cell. A million rows have twenty million cells: what is common goes first."""
    labels = column.labels

    def cell(value: Any) -> Any:
        if labels is None:
            if type(value) is str:
                return f"'{value}" if value[:1] in _FORMULA_STARTS else value
            if type(value) is datetime:
                return _moment(value)
        return "" if value is None else _unformula(_text(value, labels))

    return _itself if column.number else cell


def _itself(value: Any) -> Any:
    return value


def write_csv(rows: Iterable[Sequence[Any]], columns: Sequence[Column], out: IO[str]) -> int:
    """Writes ``rows`` (values in the order of ``columns``) with a head. Returns how many.

    ``out`` is a text file opened with newline="" and UTF-8. The mark at its beginning makes Excel read UTF-8.
    """
    out.write(_BOM)
    writer = csv.writer(out)
    writer.writerow([column.title for column in columns])
    cells = [_csv_cell(column) for column in columns]
    count = 0
    for row in rows:
        writer.writerow([cell(value) for cell, value in zip(cells, row, strict=True)])
        count += 1
    return count


def write_xlsx(
    rows: Iterable[Sequence[Any]],
    columns: Sequence[Column],
    out: BinaryIO,
    sheet: str = "Sheet",
    limit: int = SHEET_ROWS,
) -> int:
    """As ``write_csv``, as a workbook; further sheets when one is full. Returns the number of rows."""
    cells = [_xlsx_cell(column) for column in columns]
    count = 0
    with Workbook(out, sheet, [(column.title, column.width) for column in columns], limit) as workbook:
        for row in rows:
            workbook.write([cell(value) for cell, value in zip(cells, row, strict=True)])
            count += 1
    return count


def _xlsx_cell(column: Column) -> Callable[[Any], Any]:
    """As ``_csv_cell``; a workbook knows texts from formulas."""
    labels, number = column.labels, column.number

    def cell(value: Any) -> Any:
        if value is None or (labels is None and type(value) is str):
            return value
        if number and isinstance(value, int | float | Decimal):
            return value
        return _text(value, labels)

    return cell


def export_kind(specs: Mapping[str, ExportSpec]) -> Callable[[JobContext], ExportResult]:
    """The job handler of a service's exports: reads in one snapshot, writes to disk, keeps the file as a blob."""

    def export(job: JobContext) -> ExportResult:
        request = StartExportRequest.model_validate(job.request)
        spec = specs.get(request.resource)
        if spec is None:
            raise DomainError("export_unknown", resource=request.resource)
        job.actor.require(spec.permission)
        filters = spec.check(request.filters)
        columns = [
            replace(column, labels=request.unit_names) if column.names else column
            for column in spec.choose(request.columns)
        ]
        with tempfile.TemporaryFile() as file:
            rows = _rows(job, spec, columns, filters)
            if request.format == "csv":
                with open(file.fileno(), "w", encoding="utf-8", newline="", closefd=False) as out:
                    count = write_csv(rows, columns, out)
            else:
                count = write_xlsx(rows, columns, file, spec.title)
            file.seek(0)
            name = f"{spec.title}-{job.created_at.astimezone(_ZONE):%Y%m%d-%H%M%S}.{request.format}"
            blob = job.blobs.put_stream(read_in_chunks(file), name=name, media_type=MEDIA_TYPES[request.format])
        job.progress(count, count)
        return ExportResult(blob=blob, rows=count)

    return export


def _rows(job: JobContext, spec: ExportSpec, columns: Sequence[Column], filters: Any) -> Iterator[Sequence[Any]]:
    """Rows from a server-side cursor, in one snapshot, telling the job how far it is."""
    engine = job.engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        total = connection.execute(spec.count(filters, job.actor)).scalar_one() if spec.count else None
        job.progress(0, total)
        if spec.rows is not None:
            yield from _made(job, spec.rows, columns, filters, connection)
            return
        if spec.select is None:
            raise TypeError(f"the export {spec.title} has neither select nor rows")
        statement = spec.select(filters, job.actor)
        chosen = statement.with_only_columns(
            *[statement.selected_columns[column.source].label(column.name) for column in columns]
        )
        result = connection.execution_options(stream_results=True, yield_per=_FETCH).execute(chosen)
        done = 0
        for part in result.partitions(_FETCH):
            yield from part
            done += len(part)
            job.progress(done, total)


def _made(
    job: JobContext, rows: Callable[..., Iterable[Any]], columns: Sequence[Column], filters: Any, connection: Connection
) -> Iterator[Sequence[Any]]:
    """The rows that a service makes itself."""
    pick = attrgetter(*[column.source for column in columns])
    single = len(columns) == 1
    tx = Tx(connection, job.actor, job.correlation_id, writable=False)
    for done, row in enumerate(rows(tx, filters, job.actor, job.now())):
        yield (pick(row),) if single else pick(row)
        if done % _FETCH == 0:
            job.progress(done)


def stream(tx: Tx, statement: str, params: Mapping[str, Any]) -> Iterator[Row[Any]]:
    """The rows of a statement through a server-side cursor, some thousands at a time.

    The size is said to ``partitions`` too: without it SQLAlchemy fetches everything at once.
    """
    options = {"stream_results": True, "yield_per": _FETCH}
    for part in tx.connection.execute(text(statement), params, execution_options=options).partitions(_FETCH):
        yield from part
