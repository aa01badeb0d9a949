"""Reading a file in a limited child process, for service processes and whoever must not parse himself.

The child gets the open file, the layout and the choice; no setting and no secret. It has limits of memory and time, and
answers JSON. A hostile file costs at most one child.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO

from kernel.chassis.files.batches import Batch, Fault, Limits, Notes
from kernel.chassis.files.heads import Head
from kernel.chassis.files.layout import Column, Kind, Layout
from kernel.contracts.files import FileChoice, FileLook, FileNote
from kernel.model.errors import DomainError

MEMORY_MIB = 320
SECONDS = 20
LOOK_SECONDS = 8
"""Less than the deadline of a question."""
_AT_ONCE = 2
_WAIT_SECONDS = 20
_ROOT = Path(__file__).resolve().parents[3]
_LOOK_LIMITS = Limits(unpacked_bytes=1 << 30, text_bytes=128 << 20)
_LIST_LIMITS = {"unpacked_bytes": 256 << 20, "text_bytes": 64 << 20}

_places = threading.BoundedSemaphore(_AT_ONCE)


@dataclass(frozen=True)
class Listed:
    """All rows of a short file at once. ``notes``: code of the catalogue and params."""

    rows: Batch
    notes: list[tuple[str, dict[str, Any]]] = field(default_factory=list)


@dataclass(frozen=True)
class Begun:
    """What a file holds, its head, and its first rows; without rows when it cannot be read as it is chosen."""

    seen: FileLook
    head: Head
    rows: Batch


def look(
    file: BinaryIO,
    layout: Layout,
    *,
    name: str | None = None,
    choice: FileChoice | None = None,
    limits: Limits = _LOOK_LIMITS,
) -> FileLook:
    """``kernel.chassis.files.look`` in a child. Raises what it raises, file_too_slow and file_too_large besides."""
    return _seen(_answer(file, _asked("look", layout, name, choice, limits), LOOK_SECONDS))


def begin(
    file: BinaryIO, layout: Layout, *, most: int, name: str | None = None, choice: FileChoice | None = None
) -> Begun:
    """``look``, and up to some ``most`` rows (a batch more or less) as they would be taken in."""
    asked = _asked("begin", layout, name, choice, _LOOK_LIMITS) | {"most": most}
    said = _answer(file, asked, LOOK_SECONDS)
    return Begun(_seen(said["seen"]), Head(**said["head"]), _batch(said["rows"]))


def _seen(said: Any) -> FileLook:
    seen = FileLook.model_validate(said)
    told = [FileNote.of(note.code, note.params) for note in seen.notes]
    problem = seen.problem and FileNote.of(seen.problem.code, seen.problem.params)
    return seen.model_copy(update={"notes": told, "problem": problem})


def rows_of(
    file: BinaryIO,
    layout: Layout,
    *,
    most: int,
    name: str | None = None,
    choice: FileChoice | None = None,
) -> Listed:
    """All rows of a file of at most ``most`` rows, read in a child. Raises as ``open_rows`` and iterating it do."""
    limits = Limits(rows=most, **_LIST_LIMITS)
    said = _answer(file, _asked("rows", layout, name, choice, limits), SECONDS)
    return Listed(_batch(said), [(code, params) for code, params in said["notes"]])


def _batch(said: dict[str, Any]) -> Batch:
    faults = [Fault(**fault) for fault in said["faults"]]
    return Batch(said["row_nos"], said["line_nos"], said["columns"], faults)


def _asked(task: str, layout: Layout, name: str | None, choice: FileChoice | None, limits: Limits) -> dict[str, Any]:
    return {
        "task": task,
        "layout": {
            "title": layout.title,
            "headless": layout.headless,
            "columns": [asdict(it) for it in layout.columns],
        },
        "name": name,
        "choice": (choice or FileChoice()).model_dump(mode="json"),
        "limits": asdict(limits),
    }


@contextmanager
def _on_disk(file: BinaryIO) -> Iterator[IO[bytes]]:
    """``file`` as something that a child can inherit."""
    try:
        file.fileno()
        file.seek(0)
    except (OSError, AttributeError):
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(file, copy, 1 << 20)
            copy.seek(0)
            yield copy
    else:
        yield file


def _answer(file: BinaryIO, asked: dict[str, Any], seconds: float) -> Any:
    if not _places.acquire(timeout=_WAIT_SECONDS):
        raise DomainError("service_unavailable")
    try:
        with _on_disk(file) as source:
            return _run(source, asked, seconds)
    finally:
        _places.release()


def _run(source: IO[bytes], asked: dict[str, Any], seconds: float) -> Any:
    command = [sys.executable, "-m", "kernel.chassis.files.child", json.dumps(asked)]
    environment = {"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_ROOT), "LANG": "C.UTF-8"}
    process = subprocess.Popen(
        command, stdin=source, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, cwd=_ROOT
    )
    try:
        out, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise DomainError("file_too_slow", seconds=seconds) from None
    try:
        said = json.loads(out)
    except ValueError:
        raise DomainError("file_too_large", limit=f"{MEMORY_MIB} MiB", of="memory") from None
    if "refused" in said:
        raise DomainError(said["refused"]["code"], **said["refused"]["params"])
    return said["answer"]


def layout_of(said: dict[str, Any]) -> Layout:
    """The layout as the child is told it."""
    columns = [
        Column(**{**it, "aliases": tuple(it["aliases"]), "within": tuple(it["within"]), "kind": Kind(it["kind"])})
        for it in said["columns"]
    ]
    return Layout(said["title"], *columns, headless=said["headless"])


def all_of(batches: Iterable[Batch], notes: Notes) -> dict[str, Any]:
    """Batches as one answer of JSON values."""
    said: dict[str, Any] = {"row_nos": [], "line_nos": [], "columns": {}, "faults": []}
    for batch in batches:
        said["row_nos"].extend(batch.row_nos)
        said["line_nos"].extend(batch.line_nos)
        for column, values in batch.columns.items():
            said["columns"].setdefault(column, []).extend(values)
        said["faults"] += [asdict(fault) for fault in batch.faults]
    return said | {"notes": notes.items()}
