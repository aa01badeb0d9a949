"""Delivery files as they come (INV-01): which kind it is, and its rows as batches of columns in bounded memory.

The kind is told by the content; the name only tells an honest macro book or .xls apart. Everything that is refused is
refused with a code of the error catalogue before a row of it is taken.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import PurePath
from typing import IO, BinaryIO, cast

from kernel.model.errors import DomainError
from services.inventory.deliveries.columns import BATCH_ROWS, Batch, Limits
from services.inventory.deliveries.csv_reader import read_csv
from services.inventory.deliveries.xlsx_reader import read_xlsx

__all__ = ["BATCH_ROWS", "Batch", "Limits", "read_delivery"]

_REFUSED_NAMES = {".xls": "XLS", ".xlsm": "XLSM（含宏）", ".xlsb": "XLSB", ".xltm": "XLTM（含宏）", ".ods": "ODS"}
_REFUSED_CONTENTS = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "XLS（或加密的 XLSX）"),
    (b"%PDF", "PDF"),
    (b"\x1f\x8b", "GZIP"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7Z"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
)
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"


def _seekable(file: BinaryIO) -> IO[bytes]:
    """``file`` itself, or a copy on disk where the store gives a stream only."""
    if file.seekable():
        return file
    copy = tempfile.TemporaryFile()  # noqa: SIM115, it lives as long as the reading
    shutil.copyfileobj(file, copy, 1 << 20)
    copy.seek(0)
    return copy


def read_delivery(file: BinaryIO, name: str | None = None, limits: Limits | None = None) -> Iterator[Batch]:
    """Batches of rows of a CSV or XLSX, at least one row in all.

    Raises DomainError file_kind_refused, file_not_readable, file_too_large, file_columns_missing, file_columns_twice,
    file_head_merged, file_sheets_several or file_empty; file_head_merged may come after the last batch.
    """
    limits = limits or Limits()
    suffix = PurePath(name or "").suffix.lower()
    if suffix in _REFUSED_NAMES:
        raise DomainError("file_kind_refused", kind=_REFUSED_NAMES[suffix])
    source = cast(BinaryIO, _seekable(file))
    magic = source.read(16)
    source.seek(0)
    if not magic.strip():
        raise DomainError("file_empty")
    for begin, kind in _REFUSED_CONTENTS:
        if magic.startswith(begin):
            raise DomainError("file_kind_refused", kind=kind)
    archive = magic.startswith((_ZIP, _EMPTY_ZIP))
    empty = True
    for batch in read_xlsx(source, limits) if archive else read_csv(source, limits):
        empty = empty and not len(batch)
        yield batch
    if empty:
        raise DomainError("file_empty")
