"""导出: the job that writes a list (``spec``) as a file, in one snapshot and bounded memory (GTW-04)."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from kernel.chassis.data.blobs import read_in_chunks
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.lists.columns import Column
from kernel.chassis.lists.files import Part, write_csv, write_xlsx
from kernel.chassis.lists.spec import Asked, ListSpec, is_page
from kernel.contracts.operations import ExportResult, StartExportRequest
from kernel.model.errors import DomainError
from kernel.model.period import BUSINESS_ZONE

MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Lists = Mapping[str, ListSpec[Any, Any]]


def export_kind(lists: Lists) -> Callable[[JobContext], ExportResult]:
    """The job handler of a service's exports: reads in one snapshot, writes to disk, keeps the file as a blob."""

    def export(job: JobContext) -> ExportResult:
        request = StartExportRequest.model_validate(job.request)
        spec = lists.get(request.resource)
        if spec is None:
            raise DomainError("export_unknown", resource=request.resource)
        job.actor.require(spec.permission)
        with tempfile.TemporaryFile() as file:
            count = _write(job, spec, request, file)
            file.seek(0)
            name = f"{spec.title}-{job.created_at.astimezone(BUSINESS_ZONE):%Y%m%d-%H%M%S}.{request.format}"
            blob = job.blobs.put_stream(read_in_chunks(file), name=name, media_type=MEDIA_TYPES[request.format])
        job.progress(count, count)
        return ExportResult(blob=blob, rows=count)

    return export


def _write(job: JobContext, spec: ListSpec[Any, Any], request: StartExportRequest, file: Any) -> int:
    filters = spec.check(request.filters)
    engine = job.engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        tx = Tx(connection, job.actor, job.correlation_id, writable=False)
        columns = spec.worded(spec.choose(request.columns), tx, request.unit_names)
        parts = _told(job, spec, Asked(tx, filters, job.actor, job.now()), columns)
        if request.format == "xlsx":
            return write_xlsx(parts, columns, file, spec.title)
        with open(file.fileno(), "w", encoding="utf-8", newline="", closefd=False) as out:
            return write_csv(parts, columns, out, guard=request.guard)


def _told(job: JobContext, spec: ListSpec[Any, Any], asked: Asked[Any], columns: Sequence[Column]) -> Iterator[Part]:
    """The lines, telling the job how many of them there are, as far as the list knows, and how many are written."""
    job.progress(0, None if is_page(asked.request) else spec.total(asked))
    done = 0
    for part in spec.lines(asked, columns):
        yield part
        done += len(part)
        job.progress(done)
