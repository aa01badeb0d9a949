"""Snapshots of an owner's rows, and read models filled from them, as jobs (`./simkeep rebuild SERVICE MODEL`).

The owner writes its rows of one moment into a blob; the consumer takes them over slice by slice while its events go on.
Because rows and events carry versions, their order does not matter: every change after that moment is an event that
the consumer's queue holds or has delivered. Each slice is a transaction of its own, and repeating it changes nothing,
so a run that was killed begins again at the first.
"""

import gzip
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any, BinaryIO, cast

from kernel.chassis.data.blobs import read_in_chunks
from kernel.chassis.data.read_models import AFTER_ALL, BEFORE_ALL, ReadModel, Slice
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.process import crashpoints
from kernel.chassis.process.settings import JobSettings
from kernel.contracts.read_models import (
    Noun,
    RebuildRequest,
    Rebuilt,
    SnapshotRequest,
    SnapshotTaken,
    columns_of,
)
from kernel.model.errors import DomainError

MEDIA_TYPE = "application/gzip"
_FAST = 1
"""Compression level: the disk is not the bottleneck, the processor is."""
_AT_ONCE = 1000
"""Lines that are packed together; more would leave the processor's cache before they are."""


@dataclass(frozen=True)
class Source:
    """Where the owner has its rows: ``columns`` gives the SQL of the key, the version, and each fact that it tells.

    ``tables``: the FROM clause, with what every fact needs. ``joins``: column > the further join that it needs.
    """

    noun: Noun
    tables: str
    columns: Mapping[str, str]
    joins: Mapping[str, str]

    def select(self, columns: list[str]) -> str:
        joins = dict.fromkeys(self.joins[name] for name in columns if name in self.joins)
        listed = ", ".join(f"{self.columns[name]} AS {name}" for name in columns)
        return f"SELECT {listed} FROM {self.tables} {' '.join(joins)} ORDER BY {self.columns[self.noun.key]}"


def snapshot_kind(sources: Mapping[str, Source]) -> Callable[[JobContext], SnapshotTaken]:
    """The job handler that writes snapshots of an owner's nouns."""

    def snapshot(job: JobContext) -> SnapshotTaken:
        request = SnapshotRequest.model_validate(job.request)
        source = sources.get(request.noun)
        if source is None or not set(request.facts) <= source.noun.facts.keys():
            raise DomainError("read_model_unknown", model=request.noun)
        columns = columns_of(source.noun, request.facts)
        with tempfile.TemporaryFile() as file:
            rows = _write(job, source.select(columns), cast(BinaryIO, file))
            file.seek(0)
            name = f"{source.noun.owner}-{source.noun.name}.copy.gz"
            blob = job.blobs.put_stream(read_in_chunks(cast(BinaryIO, file)), name=name, media_type=MEDIA_TYPE)
        job.progress(rows, rows)
        return SnapshotTaken(noun=request.noun, columns=columns, rows=rows, blob=blob)

    return snapshot


def _write(job: JobContext, select: str, file: BinaryIO) -> int:
    rows = 0
    with (
        job.unit_of_work() as tx,
        gzip.GzipFile(fileobj=file, mode="wb", compresslevel=_FAST) as packed,
        tx.raw.cursor() as cursor,
        cursor.copy(f"COPY ({select}) TO STDOUT") as copy,
    ):
        lines = iter(copy)
        while part := list(islice(lines, _AT_ONCE)):
            packed.write(b"".join(part))
            rows += len(part)
            job.progress(rows)
    return rows


def rebuild_kind(models: Mapping[str, ReadModel]) -> Callable[[JobContext], Rebuilt]:
    """The job handler that fills a consumer's read models."""

    def rebuild(job: JobContext) -> Rebuilt:
        request = RebuildRequest.model_validate(job.request)
        model, snapshot = models.get(request.model), request.snapshot
        if model is None or list(model.columns) != snapshot.columns:
            raise DomainError("read_model_unknown", model=request.model)
        done = changed = removed = 0
        job.progress(0, snapshot.rows)
        for part in _slices(job, snapshot):
            with job.unit_of_work() as tx:
                taken = model.take_over(tx, part, request.asked_at)
                tx.commit()
            crashpoints.hit("rebuild.after_slice")
            done, changed, removed = done + part.rows, changed + taken.changed, removed + taken.removed
            job.progress(done, snapshot.rows)
        result = Rebuilt(rows=done, changed=changed, removed=removed)
        with job.unit_of_work() as tx:
            model.recount(tx)
            job.complete(tx, result, done)
        job.blobs.delete(snapshot.blob)
        return result

    return rebuild


def _slices(job: JobContext, snapshot: SnapshotTaken) -> Iterator[Slice]:
    """The snapshot in whole lines; together the slices cover all keys there can be."""
    after = BEFORE_ALL
    with job.blobs.open(snapshot.blob) as stored, gzip.GzipFile(fileobj=stored, mode="rb") as file:
        lines = _whole_lines(file)
        part = next(lines, b"")
        while True:
            following = next(lines, None)
            last = AFTER_ALL if following is None else _key(part[part.rfind(b"\n", 0, -1) + 1 :])
            yield Slice(part, part.count(b"\n"), after, last)
            if following is None:
                return
            after, part = last, following


def _whole_lines(file: Any) -> Iterator[bytes]:
    size = JobSettings().rebuild_slice_bytes
    while part := file.read(size):
        yield part + file.readline()


def _key(line: bytes) -> str:
    return line.partition(b"\t")[0].decode()
