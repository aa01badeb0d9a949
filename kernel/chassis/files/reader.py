"""Opening a file of rows: its kind by its content, its sheet, its head; then its rows, or a look at what it holds."""

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import IO, BinaryIO, cast

from kernel.chassis.files.batches import Batch, Limits, Notes, RowBudget
from kernel.chassis.files.heads import Head
from kernel.chassis.files.layout import Layout
from kernel.chassis.files.package import Package, SheetPart
from kernel.chassis.files.sheet import Texts
from kernel.chassis.files.tables import CsvTable, SheetTable, Table, cleaned
from kernel.contracts.files import FileChoice
from kernel.model.errors import DomainError

_REFUSED_NAMES = {".xlsm": "XLSM（含宏）", ".xlsb": "XLSB", ".xltm": "XLTM（含宏）", ".ods": "ODS"}
_REFUSED_CONTENTS = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS（或加密的 XLSX）"),
    (b"%PDF", "PDF"),
    (b"\x1f\x8b", "GZIP"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7Z"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
)
_REFUSED_TEXTS = (
    (b"<html", "HTML"),
    (b"<!doctype html", "HTML"),
    (b"<table", "HTML"),
    (b"<?xml", "XML"),
    (b"{\\rtf", "RTF"),
    (b"mime-version:", "MHTML"),
    (b'{"', "JSON"),
    (b'[{"', "JSON"),
)
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06")


def _seekable(file: BinaryIO) -> IO[bytes]:
    """``file`` itself, or a copy on disk where the store gives a stream only."""
    if file.seekable():
        return file
    copy = tempfile.TemporaryFile()  # noqa: SIM115, it lives as long as the reading
    shutil.copyfileobj(file, copy, 1 << 20)
    copy.seek(0)
    return copy


class Rows:
    """A file that is being read: an iterable of batches, at least one row in all. A context manager.

    ``notes``: what was corrected or left out, complete after the last batch. Iterating raises DomainError
    file_rows_hidden (after what came before them; roll back), file_too_large, file_not_readable or file_empty.
    """

    def __init__(self, opened: "Opened", layout: Layout, choice: FileChoice, limits: Limits) -> None:
        self._opened = opened
        self._layout = layout
        self._choice = choice
        self._limits = limits
        self.notes = opened.notes

    def __enter__(self) -> "Rows":
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    @property
    def head(self) -> Head:
        return self._opened.head

    def __iter__(self) -> Iterator[Batch]:
        budget = RowBudget(self._limits.rows)
        choice, notes = self._choice, self.notes
        hidden, some = 0, False
        for raw in self._opened.table.raw(self.head, self._layout, hidden_too=choice.hidden_rows == "read"):
            hidden += raw.hidden
            budget.spend(len(raw.batch) + raw.hidden)
            batch = cleaned(raw.batch, self.head, self._layout, notes)
            some = some or bool(batch)
            if batch and not (hidden and choice.hidden_rows is None):
                yield batch
        if hidden and choice.hidden_rows is None:
            raise DomainError("file_rows_hidden", count=hidden)
        notes.add("file_rows_left_out", hidden)
        if not some:
            raise DomainError("file_empty")


class Opened:
    """A file with its table chosen. ``refusal``: why it cannot be read so. ``notes``: what the choice should tell."""

    def __init__(
        self,
        table: Table,
        head: Head,
        refusal: DomainError | None = None,
        *,
        package: Package | None = None,
        tables: Sequence[SheetTable] = (),
    ) -> None:
        self.table = table
        self.head = head
        self.refusal = refusal or head.refusal
        self.tables = tables
        self.notes = Notes()
        self._package = package
        hidden = [it.part.name for it in tables if it.part.hidden and it.head is not None]
        if hidden and not (isinstance(table, SheetTable) and table.part.hidden):
            self.notes.add("file_sheets_hidden", len(hidden), sheets="、".join(hidden)[:200])
        self.notes.add("file_titles_skipped", head.skipped)

    def close(self) -> None:
        if self._package is not None:
            self._package.__exit__()


def open_rows(
    file: BinaryIO,
    layout: Layout,
    *,
    name: str | None = None,
    choice: FileChoice | None = None,
    limits: Limits | None = None,
) -> Rows:
    """Finds the columns of ``layout`` in a CSV or XLSX; the kind is told by the content.

    ``name`` only tells an honest macro book apart. Raises DomainError file_kind_refused, file_not_readable,
    file_too_large, file_columns_missing, file_columns_twice, file_column_hidden, file_sheets_several,
    file_sheet_hidden, file_choice_wrong or file_empty, all before a row is taken.
    """
    choice, limits = choice or FileChoice(), limits or Limits()
    opened = opened_file(file, layout, name, choice, limits)
    if opened.refusal is not None:
        opened.close()
        raise opened.refusal
    return Rows(opened, layout, choice, limits)


def opened_file(file: BinaryIO, layout: Layout, name: str | None, choice: FileChoice, limits: Limits) -> Opened:
    """As open_rows, but what a person can still choose otherwise is left to the caller (``refusal``)."""
    suffix = PurePath(name or "").suffix.lower()
    if suffix in _REFUSED_NAMES:
        raise DomainError("file_kind_refused", kind=_REFUSED_NAMES[suffix])
    source = cast(BinaryIO, _seekable(file))
    magic = source.read(64)
    source.seek(0)
    if not magic.strip():
        if not source.read(1 << 16).strip():
            raise DomainError("file_empty")
        source.seek(0)
    for begin, kind in _REFUSED_CONTENTS:
        if magic.startswith(begin):
            raise DomainError("file_kind_refused", kind=kind)
    text = magic.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    for begin, kind in _REFUSED_TEXTS:
        if text.startswith(begin):
            raise DomainError("file_kind_refused", kind=kind)
    if magic.startswith(_ARCHIVES):
        return _open_book(source, layout, choice, limits)
    table = CsvTable(source, layout, choice)
    if table.head is None:
        raise DomainError("file_empty")
    return Opened(table, table.head)


def _open_book(source: BinaryIO, layout: Layout, choice: FileChoice, limits: Limits) -> Opened:
    package = Package(source, limits)
    try:
        parts = package.sheets()
        texts = Texts(package, limits.text_bytes)
        tables = [SheetTable(package, part, texts, layout, _choice_for(part, choice)) for part in parts]
        table, refusal = _chosen_sheet(tables, choice)
        if table.head is None:
            raise DomainError("file_empty")
    except BaseException:
        package.__exit__()
        raise
    return Opened(table, table.head, refusal, package=package, tables=tables)


def _choice_for(part: SheetPart, choice: FileChoice) -> FileChoice:
    """Head and columns are chosen for the sheet that was chosen, not for the others."""
    return choice if choice.sheet in (None, part.name.strip()) else FileChoice()


def _chosen_sheet(tables: Sequence[SheetTable], choice: FileChoice) -> tuple[SheetTable, DomainError | None]:
    """The one visible sheet that fits, or the one that was chosen; and what speaks against it.

    A hidden one is never taken unasked. Of several that fit, one with a head goes before those without.
    """
    if choice.sheet is not None:
        chosen = next((table for table in tables if table.part.name.strip() == choice.sheet), None)
        if chosen is None:
            raise DomainError("file_choice_wrong", value=choice.sheet)
        return chosen, None
    filled = [table for table in tables if table.head is not None]
    if not filled:
        raise DomainError("file_empty")
    visible = [table for table in filled if not table.part.hidden]
    fitting = [table for table in visible if table.fits]
    fitting = [table for table in fitting if table.filled] or fitting
    if len(fitting) > 1:
        headed = [table for table in fitting if table.head is not None and table.head.row_no]
        if len(headed) == 1:
            return headed[0], None
        names = "、".join(table.part.name for table in fitting)[:200]
        return fitting[0], DomainError("file_sheets_several", count=len(fitting), sheets=names)
    if fitting:
        return fitting[0], None
    secret = next((table for table in filled if table.part.hidden and table.fits), None)
    if secret is not None:
        return secret, DomainError("file_sheet_hidden", sheet=secret.part.name)
    if not visible:
        raise DomainError("file_empty")
    return max(visible, key=lambda table: len(table.head.places) if table.head is not None else 0), None
