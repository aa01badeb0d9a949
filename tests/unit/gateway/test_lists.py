"""Lists of ICCIDs in files, good and hostile."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from gateway.lists import MAX_ROWS, MAX_UNPACKED_BYTES, read_iccids
from kernel.chassis.data.blobs import FolderBlobStore
from kernel.model.errors import DomainError

pytestmark = pytest.mark.req("INV-04")


async def read(folder: Path, content: bytes) -> list[str]:
    store = FolderBlobStore(folder)
    return await read_iccids(store, store.put_stream([content]))


def run(folder: Path, content: bytes) -> list[str]:
    import asyncio  # noqa: PLC0415  each call has a loop of its own

    return asyncio.run(read(folder, content))


def workbook(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"8986001\n8986002\n",
        "\ufeffICCID\n8986001\n8986002\n".encode(),
        "序号;iccid\n1;8986001\n2;8986002\n".encode("gbk"),
        b"no\ticcid\r\n1\t8986001\r\n\r\n2\t8986002\r\n",
        workbook([["序号", "ICCID"], [1, "8986001"], [2, "8986002"], [None, None]]),
    ],
    ids=["plain", "utf-8 with mark", "gbk with semicolons", "tabs and an empty line", "xlsx"],
)
def test_the_column_is_found(tmp_path: Path, content: bytes) -> None:
    assert run(tmp_path, content) == ["8986001", "8986002"]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (MAX_UNPACKED_BYTES + 1))
    return out.getvalue()


def with_macros() -> bytes:
    out = io.BytesIO(workbook([["iccid"], ["1"]]))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_not_readable"),
        (b"\xd0\xcf\x11\xe0 an old xls", "file_kind_refused"),
        (b"\x00\x01\x02", "file_not_readable"),
        (b"\xff\xff\xff", "file_not_readable"),
        (b"PK\x03\x04 broken", "file_not_readable"),
        (b"8986\n" * (MAX_ROWS + 2), "file_too_large"),
        (bomb(), "file_too_large"),
        (with_macros(), "file_kind_refused"),
    ],
    ids=["empty", "xls", "binary", "no encoding", "broken zip", "too many rows", "zip bomb", "macros"],
)
def test_what_is_no_list_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    with pytest.raises(DomainError) as raised:
        run(tmp_path, content)

    assert raised.value.code == code
