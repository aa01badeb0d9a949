"""Delivery files as they really come, good and bad (INV-01)."""

import io
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from kernel.chassis.files import Batch, Limits, open_rows
from kernel.contracts.inventory.cards import Option
from kernel.model.errors import DomainError
from kernel.model.iccid import luhn_digit
from services.inventory.carrier_rules import rule_from
from services.inventory.deliveries.check import Judge, Judged
from services.inventory.deliveries.columns import DELIVERY

RULE = rule_from({"prefixes": ["898600", "898604"], "luhn": "error"})


MOBILE = Option(value="china_mobile", label="中国移动", label_en="China Mobile")


def judge(batch: Batch) -> Judged:
    return Judge(RULE, MOBILE).judge(batch)


def an_iccid(serial: int, prefix: str = "898604") -> str:
    body = f"{prefix}992601{serial:07d}"
    return body + luhn_digit(body)


GOOD = [an_iccid(n) for n in range(3)]


def a_csv(head: str = "ICCID,IMSI,MSISDN", separator: str = ",", newline: str = "\n", rows: int = 3) -> str:
    lines = [head] + [separator.join([an_iccid(n), f"46004{n:010d}", f"1064800{n:06d}"]) for n in range(rows)]
    return newline.join(lines) + newline


def read(content: bytes | str, name: str = "delivery.csv", limits: Limits | None = None) -> Batch:
    """All rows in one batch."""
    raw = content.encode() if isinstance(content, str) else content
    whole = Batch([], [], {"iccid": [], "imsi": [], "msisdn": []})
    with open_rows(io.BytesIO(raw), DELIVERY, name=name, limits=limits) as rows:
        for batch in rows:
            whole.row_nos.extend(batch.row_nos)
            whole.line_nos.extend(batch.line_nos)
            for column, values in whole.columns.items():
                values.extend(batch[column])
            whole.faults.extend(batch.faults)
    return whole


def a_batch(*iccids: str, imsis: tuple[str, ...] = (), msisdns: tuple[str, ...] = ()) -> Batch:
    """A batch as the reader gives it, its first row being row 2."""
    rows = list(range(2, 2 + len(iccids)))
    columns = {
        "iccid": list(iccids),
        "imsi": list(imsis) or [""] * len(rows),
        "msisdn": list(msisdns) or [""] * len(rows),
    }
    return Batch(rows, rows, columns)


def refusal(content: bytes | str, name: str = "delivery.csv", limits: Limits | None = None) -> DomainError:
    with pytest.raises(DomainError) as refused:
        read(content, name, limits)
    return refused.value


def a_book(*sheets: list[list[object]], merge: str | None = None) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for rows in sheets:
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
        if merge:
            sheet.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEAD = ["ICCID", "IMSI", "MSISDN"]
ROWS = [[iccid, f"46004{n:010d}", f"1064800{n:06d}"] for n, iccid in enumerate(GOOD)]


@pytest.mark.req("INV-01")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_csv_is_read_in_every_encoding_and_separator(encoding: str, separator: str, newline: str) -> None:
    head = separator.join(["序号", "卡号", "IMSI号", "手机号码"])
    rows = [separator.join([str(n), iccid, f"46004{n:010d}", f"1064800{n:06d}"]) for n, iccid in enumerate(GOOD)]

    batch = read(newline.join([head, *rows]).encode(encoding))

    assert batch["iccid"] == GOOD
    assert batch["imsi"][2] == "460040000000002"
    assert batch["msisdn"][0] == "1064800000000"
    assert batch.row_nos == [2, 3, 4]


def test_an_iccid_head_wins_over_what_the_carrier_calls_card_number() -> None:
    batch = read("卡号,ICCID,IMSI,手机号\n1,89,2,3\n")

    assert batch["iccid"] == ["89"]


def test_excels_separator_hint_and_text_formulas_are_understood() -> None:
    batch = read(f'sep=;\nICCID;IMSI;MSISDN\n="{GOOD[0]}";460040000000000;1064800000000\n')

    assert batch["iccid"] == [GOOD[0]]
    assert batch.row_nos == [3]


@pytest.mark.req("INV-01")
def test_broken_lines_are_reported_and_cost_no_other_line() -> None:
    lines = a_csv(rows=100).splitlines()
    lines[10] = lines[10].replace(",", "", 1)
    lines[20] = '"' + lines[20]
    lines[30] += ",too,many"
    lines[40] = ""

    batch = read("\n".join(lines))

    assert [fault.row_no for fault in batch.faults] == [11, 21, 31]
    assert len(batch["iccid"]) == 96
    assert 41 not in batch.row_nos
    assert 42 in batch.row_nos


def test_five_per_cent_broken_lines_leave_ninety_five_per_cent() -> None:
    lines = a_csv(rows=2000).splitlines()
    for place in range(1, 2001, 20):
        lines[place] = "###" + lines[place][:7]

    batch = read("\n".join(lines))

    assert len(batch.faults) == 100
    assert len(batch["iccid"]) == 1900


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"\n\n\n", "file_empty"),
        (b"ICCID,IMSI,MSISDN\n", "file_empty"),
        (b"\x00\x01\x02\x03binary\x00\xff" * 50, "file_not_readable"),
        (b"%PDF-1.7 ...", "file_kind_refused"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file_kind_refused"),
        ("ICCID,手机号\n1,2\n".encode(), "file_columns_missing"),
        ("姓名,电话,地址\n1,2,3\n".encode(), "file_columns_missing"),
        (b"ICCID,ICCID,IMSI,MSISDN\n1,1,2,3\n", "file_columns_twice"),
        (b"ICCID,IMSI,MSISDN\n" + b"8" * 100_000, "file_not_readable"),
    ],
)
@pytest.mark.req("INV-01")
def test_what_is_no_delivery_is_refused_with_its_reason(content: bytes, code: str) -> None:
    assert refusal(content).code == code


def test_missing_columns_are_named() -> None:
    error = refusal("ICCID,备注\n1,2\n")

    assert error.params == {"missing": "IMSI、MSISDN", "found": "ICCID、备注"}


@pytest.mark.req("INV-01")
def test_an_xlsx_is_read_with_its_own_row_numbers() -> None:
    batch = read(a_book([HEAD, ROWS[0], [], ROWS[1]]), "a.xlsx")

    assert batch["iccid"] == GOOD[:2]
    assert batch.row_nos == [2, 4]


@pytest.mark.req("INV-01")
@pytest.mark.parametrize("number", [8.986e18, 8.98604992601e19, float(GOOD[0]), int(GOOD[0])])
def test_a_number_cell_that_lost_digits_is_reported_as_scientific(number: float) -> None:
    batch = read(a_book([HEAD, [number, 460040000000000, 1064800000000]]), "a.xlsx")
    judged = judge(batch)

    assert [(it.code, it.row_no) for it in judged.refused] == [("iccid_scientific", 2)]
    assert judged.refused[0].params["value"].startswith("8.986")
    assert "E+1" in judged.refused[0].params["value"]
    assert batch["imsi"] == ["460040000000000"]
    assert batch["msisdn"] == ["1064800000000"]


def test_scientific_text_in_a_csv_is_reported_with_its_value() -> None:
    judged = judge(read("ICCID,IMSI,MSISDN\n8.986E+18,,\n"))

    assert [(it.code, it.params) for it in judged.refused] == [("iccid_scientific", {"value": "8.986E+18"})]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        ("", "iccid_blank"),
        (GOOD[0][:18], "iccid_length"),
        (GOOD[0] + "1", "iccid_length"),
        (GOOD[0][:-1] + str((int(GOOD[0][-1]) + 1) % 10), "iccid_check_digit"),
        ("898601" + GOOD[0][6:], "iccid_wrong_carrier"),
        (GOOD[0][:-2] + "?1", "iccid_characters"),
    ],
)
@pytest.mark.req("INV-01")
def test_each_bad_iccid_has_its_own_reason(sent: str, code: str) -> None:
    judged = judge(a_batch(sent, imsis=("460040000000000",)))

    assert [it.code for it in judged.refused] == [code]
    assert not judged.good


@pytest.mark.parametrize(
    "sent",
    [f" {GOOD[0]} ", f"{GOOD[0][:6]} {GOOD[0][6:]}", "".join(chr(ord(c) + 0xFEE0) for c in GOOD[0])],
)
def test_spaces_and_full_width_digits_are_corrected_and_counted(sent: str) -> None:
    judged = judge(a_batch(sent, imsis=("４６００４",), msisdns=("+1064 800",)))

    assert judged.good == [f"2\t{GOOD[0]}\t46004\t1064800\n"]


def test_a_bad_phone_number_refuses_its_row() -> None:
    judged = judge(a_batch(*GOOD[:2], imsis=("", "46004x")))

    assert [(it.row_no, it.code, it.params["field"]) for it in judged.refused] == [(3, "row_number_malformed", "IMSI")]
    assert judged.good == [f"2\t{GOOD[0]}\t\\N\t\\N\n"]


@pytest.mark.parametrize(
    ("rows", "merge"),
    [
        ([["SIM 卡交货单", None, None], HEAD, *ROWS], "A1:C1"),
        ([HEAD, [None, None, None], *ROWS], "A1:A2"),
        ([["卡片", None, "号码"], HEAD, *ROWS], "A1:B1"),
    ],
)
@pytest.mark.req("INV-01")
def test_a_head_is_found_below_titles_and_in_merged_cells(rows: list[list[object]], merge: str) -> None:
    assert read(a_book(rows, merge=merge), "a.xlsx")["iccid"] == GOOD


def test_the_sheet_with_the_columns_is_found_and_two_of_them_are_refused() -> None:
    assert read(a_book([["说明"], ["请勿修改"]], [HEAD, *ROWS]), "a.xlsx")["iccid"] == GOOD
    assert refusal(a_book([HEAD, *ROWS], [HEAD, *ROWS]), "a.xlsx").code == "file_sheets_several"
    assert refusal(a_book([["说明"]]), "a.xlsx").code == "file_columns_missing"
    assert refusal(a_book([]), "a.xlsx").code == "file_empty"


def _repacked(book: bytes, change: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in change:
                new.writestr(name, old.read(name))
        for name, content in change.items():
            new.writestr(name, content)
    return out.getvalue()


@pytest.mark.req("INV-01")
def test_macro_books_and_their_kin_are_refused_whatever_their_name() -> None:
    plain = a_book([HEAD, *ROWS])

    assert refusal(_repacked(plain, {"xl/vbaProject.bin": b"x"}), "a.xlsx").code == "file_kind_refused"
    assert refusal(plain, "a.xlsm").code == "file_kind_refused"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as book:
        book.writestr("readme.txt", "x")
    assert refusal(archive.getvalue(), "a.xlsx").code == "file_kind_refused"


def in_a_fresh_process(act: Callable[..., Any], *arguments: Any) -> tuple[Any, int]:
    """What ``act`` gives, and by how many KiB it raised the most memory of a process that has read nothing else. The
    one that runs the tests has had larger things in memory, and would show nothing."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as one:
        return one.submit(_grown, act, *arguments).result()


def _grown(act: Callable[..., Any], *arguments: Any) -> tuple[Any, int]:
    before = _most_memory()
    return act(*arguments), _most_memory() - before


def _most_memory() -> int:
    """Not by getrusage, which counts what a process was before its program was started."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def _code_of(book: bytes) -> str:
    return refusal(book, "a.xlsx").code


@pytest.mark.req("INV-01")
def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = _repacked(a_book([HEAD, *ROWS]), {"xl/worksheets/sheet1.xml": b"\0" * (64 << 20)})

    code, grown = in_a_fresh_process(_code_of, bomb)

    assert code == "file_too_large"
    assert refusal(a_book([HEAD, *ROWS]), "a.xlsx", Limits(unpacked_bytes=1000)).code == "file_too_large"
    assert grown < 20_000


@pytest.mark.req("INV-01")
def test_entities_in_a_sheet_are_refused() -> None:
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        b'<c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>'
    )

    error = refusal(_repacked(a_book([HEAD, *ROWS]), {"xl/worksheets/sheet1.xml": laughs}), "a.xlsx")

    assert (error.code, error.params["reason"]) == ("file_not_readable", "has_dtd")


def test_damaged_books_are_refused_as_unreadable() -> None:
    plain = a_book([HEAD, *ROWS])

    assert refusal(plain[: len(plain) // 2], "a.xlsx").code == "file_not_readable"
    cut = _repacked(plain, {"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row"})
    assert refusal(cut, "a.xlsx").code == "file_not_readable"
    assert refusal(_repacked(plain, {"xl/workbook.xml": b"<workbook/>"}), "a.xlsx").code == "file_empty"


class _Endless(io.RawIOBase):
    """A CSV of any length that nobody has to hold."""

    def __init__(self, rows: int) -> None:
        self._lines = self._make(rows)
        self._rest = b""
        self._first = True

    def _make(self, rows: int) -> Iterator[bytes]:
        yield b"ICCID,IMSI,MSISDN\n"
        block = ("".join(f"{an_iccid(n)},46004{n:010d},1064800{n:06d}\n" for n in range(1000))).encode()
        for _ in range(rows // 1000):
            yield block

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        assert offset == 0
        if not self._first:
            self.__init__(2_000_000)
        return 0

    def readinto(self, buffer: bytearray) -> int:
        self._first = False
        while len(self._rest) < len(buffer) and (more := next(self._lines, b"")):
            self._rest += more
        piece, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(piece)] = piece
        return len(piece)


def _sizes(book: bytes) -> list[int]:
    return [len(batch) for batch in open_rows(io.BytesIO(book), DELIVERY)]


def _two_million_rows() -> tuple[str, str, int]:
    """The refusal's code and limit, and the largest batch that came before it."""
    largest = 0
    try:
        for batch in open_rows(io.BufferedReader(_Endless(2_000_000)), DELIVERY):
            largest = max(largest, len(batch))
    except DomainError as refused:
        return refused.code, refused.params["limit"], largest
    raise AssertionError("not refused")


@pytest.mark.req("INV-01")
def test_two_million_rows_are_refused_at_the_limit_in_bounded_memory() -> None:
    (code, limit, largest), grown = in_a_fresh_process(_two_million_rows)

    assert code == "file_too_large"
    assert "1,500,000" in limit
    assert largest < 50_000
    assert grown < 60_000


@pytest.mark.req("INV-01")
def test_a_long_xlsx_is_read_in_bounded_memory() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEAD)
        for n in range(1, 60_001):
            sheet.write_row(n, 0, [an_iccid(n), f"46004{n:010d}", f"1064800{n:06d}"])

    sizes, grown = in_a_fresh_process(_sizes, out.getvalue())

    assert sum(sizes) == 60_000
    assert max(sizes) < 30_000
    assert grown < 60_000
    assert refusal(out.getvalue(), "big.xlsx", Limits(rows=50_000)).code == "file_too_large"
