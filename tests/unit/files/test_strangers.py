"""Odd files of strangers: what a person sees in them is what is read, and what is left out is told (INV-01, INV-04)."""

import io
import zipfile
from collections.abc import Mapping

import pytest

from kernel.chassis.files import look
from kernel.contracts.errors import text
from kernel.model.errors import DomainError
from kernel.model.iccid import normalise
from services.inventory.deliveries.columns import CARD_LIST, DELIVERY
from tests.unit.files.books import MAIN, NUMBERS, book, read, row, sheet
from tests.unit.files.other_hands import HEADS, LINES, one, rows
from tests.unit.files.test_cases import judged

pytestmark = pytest.mark.req("INV-01", "INV-04")
NUMBERED = ("序号", *HEADS)
COUNTED = [(str(at), *line) for at, line in enumerate(LINES, 1)]


def _csv(heads: tuple[str, ...] = HEADS, lines: list[tuple[str, ...]] = LINES, after: str = "") -> str:  # type: ignore[assignment]
    return "".join(",".join(line) + "\r\n" for line in (heads, *lines)) + after


def _quoted(between: str, opened: str = '"', closed: str = '"') -> str:
    return "\n".join(between.join(f"{opened}{cell}{closed}" for cell in line) for line in (HEADS, *LINES))


def _foot(*texts: str) -> bytes:
    return one(row(1, *NUMBERED) + "".join(row(at + 1, *line) for at, line in enumerate(COUNTED, 1)) + row(8, *texts))


class _Unmarked(zipfile.ZipInfo):
    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("cp437"), self.flag_bits


def _in_gbk() -> bytes:
    """Part names as a Chinese archiver writes them: in GBK, and nothing says so."""
    made = book({"a": sheet(rows())}, targets={"xl/worksheets/sheet1.xml": "worksheets/工作表1.xml"})
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            shown = name.replace("sheet1.xml", "工作表1.xml").encode("gbk").decode("cp437")
            new.writestr(_Unmarked(shown), old.read(name))
    return out.getvalue()


_HINTS = row(1, "填写说明") + row(2, "1. ICCID 为 20 位", "2. IMSI", "3. MSISDN")
_FIELDS = row(1, "字段", "说明") + row(2, "ICCID", "20 位") + row(3, "IMSI", "15 位") + row(4, "MSISDN", "手机号")
_CHART = f'<chartsheet xmlns="{MAIN}"/>'

WHOLE: Mapping[str, str | bytes] = {
    "blanks behind separators": _quoted(", "),
    "blanks before separators": _quoted(" ,"),
    "quotes that are quoted": _quoted(",", '"""', '"""'),
    "Chinese quotes": _quoted(",", "“", "”"),
    "names of parts in GBK": _in_gbk(),
    "a sheet of hints": book({"填写说明": sheet(_HINTS), "数据": sheet(rows())}),
    "a sheet that explains the columns": book({"字段说明": sheet(_FIELDS), "数据": sheet(rows())}),
    "an empty template beside": book({"模板": sheet(row(1, *HEADS)), "数据": sheet(rows())}),
    "a chart sheet first": book({"图": _CHART, "数据": sheet(rows())}),
}
"""Name > file whose five cards are read without a word."""
_SUMS = ("合计", "合计：", "合 计", "总计:", "共5张", "合计5张", "本页小计：5 张", "Total", "总数")
_FEET = ("制表人：张三", "备注：以上卡片已核对", "第 1 页，共 1 页", "-- 以下空白 --", "6", "日期：2026-11-20")
LEFT_OUT: Mapping[str, tuple[str | bytes, str]] = {
    **{f"sum {word}": (_csv(after=f"{word},,5\r\n"), "file_totals_skipped") for word in _SUMS},
    **{f"sum beside {word}": (_csv(NUMBERED, COUNTED, f"{word},5,,\r\n"), "file_totals_skipped") for word in _SUMS},  # type: ignore[arg-type]
    **{f"foot {word}": (_csv(NUMBERED, COUNTED, f"{word},,,\r\n"), "file_rows_without_values") for word in _FEET},  # type: ignore[arg-type]
    **{f"short foot {word}": (_csv(NUMBERED, COUNTED, word), "file_rows_without_values") for word in _FEET},  # type: ignore[arg-type]
    **{f"foot of a sheet {word}": (_foot(word), "file_rows_without_values") for word in _FEET},
    "sum of a sheet": (_foot("合计", "5"), "file_totals_skipped"),
    "a head on every page": (_csv(lines=LINES[:3]) + _csv(lines=LINES[3:]), "file_heads_repeated"),  # type: ignore[arg-type]
    "two files as one": (
        _csv(lines=LINES[:3]).encode("utf-8-sig") + _csv(lines=LINES[3:]).encode("utf-8-sig"),  # type: ignore[arg-type]
        "file_heads_repeated",
    ),
}
"""Name > file, and the note that counts its one line that is no row."""


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("layout", [DELIVERY, CARD_LIST], ids=["delivery", "list"])
def test_an_odd_file_gives_its_cards(name: str, layout: object) -> None:
    batch, _ = read(WHOLE[name], layout)  # type: ignore[arg-type]

    assert [normalise(iccid) for iccid in batch["iccid"]] == NUMBERS
    assert batch.faults == []


@pytest.mark.parametrize("name", LEFT_OUT)
@pytest.mark.parametrize("layout", [DELIVERY, CARD_LIST], ids=["delivery", "list"])
def test_a_line_that_is_no_row_is_left_out_and_counted(name: str, layout: object) -> None:
    content, note = LEFT_OUT[name]
    raw = content.encode() if isinstance(content, str) else content

    batch, notes = read(raw, layout)  # type: ignore[arg-type]
    seen = look(io.BytesIO(raw), layout)  # type: ignore[arg-type]

    assert (batch["iccid"], batch.faults) == (NUMBERS, [])
    assert notes.counts[note] == 1
    assert seen.rows == len(NUMBERS)
    assert note in [it.code for it in seen.notes]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_row_with_a_number_beside_a_blank_card_is_kept_and_refused(kind: str) -> None:
    heads, line = ("ICCID", "电话"), ("", LINES[0][2])
    content = one(row(1, *heads) + row(2, NUMBERS[0], "") + row(3, *line))
    if kind == "csv":
        content = f"ICCID,电话\n{NUMBERS[0]},\n{','.join(line)}\n".encode()

    batch, notes = read(content, CARD_LIST)

    assert batch["iccid"] == [NUMBERS[0], ""]
    assert notes.counts == {}


def test_a_file_of_nothing_but_sums_is_empty() -> None:
    with pytest.raises(DomainError) as refused:
        read(_csv(lines=[], after="合计,,0\r\n"), DELIVERY)

    assert refused.value.code == "file_empty"


def test_a_book_that_lacks_a_sheet_is_damaged_and_not_read_in_part() -> None:
    made = book({"a": sheet(rows()), "b": sheet(rows())}, targets={"xl/worksheets/sheet2.xml": "worksheets/gone.xml"})

    with pytest.raises(DomainError) as refused:
        read(made, DELIVERY)

    assert (refused.value.code, refused.value.params) == ("file_not_readable", {"reason": "content_damaged"})


@pytest.mark.parametrize(("begin", "kind"), [('[{"iccid": 1}]', "JSON"), ("MIME-Version: 1.0\r\n", "MHTML")])
def test_what_is_no_table_is_called_by_its_name(begin: str, kind: str) -> None:
    with pytest.raises(DomainError) as refused:
        read(begin, CARD_LIST)

    assert (refused.value.code, refused.value.params["kind"]) == ("file_kind_refused", kind)


@pytest.mark.parametrize("word", ["NULL", "null", r"\N", "无", "N/A", "#N/A", "-", "/", "None", "nan"])
def test_a_word_for_nothing_is_nothing(word: str) -> None:
    batch, _ = read(_csv(lines=[(iccid, word, word) for iccid in NUMBERS]), DELIVERY)

    found = judged(batch)

    assert found.refused == []
    assert [line.rstrip("\n").split("\t")[2:] for line in found.good] == [[r"\N", r"\N"]] * 5


def test_whole_numbers_that_a_program_held_as_decimals_are_whole() -> None:
    batch, _ = read(_csv(lines=[(iccid, f"{imsi}.0", f"{msisdn}.0") for iccid, imsi, msisdn in LINES]), DELIVERY)

    found = judged(batch)

    assert [tuple(line.rstrip("\n").split("\t")[2:]) for line in found.good] == [line[1:] for line in LINES]


@pytest.mark.parametrize("written", ["8.98604992699E+019", "8.98605E+19", "8.98605e19"])
def test_a_number_that_a_spreadsheet_has_rounded_is_told_as_that(written: str) -> None:
    batch, _ = read(_csv(lines=[(written, *LINES[0][1:])]), DELIVERY)

    (found,) = judged(batch).refused

    assert found.code == "iccid_scientific"
    assert "科学计数法" in text(found.code, found.params)


@pytest.mark.req("INV-01", "INV-12")
@pytest.mark.parametrize("hyphen", "-\u2010\u2011\u2012\u2013\u2014\u2212\uff0d")
def test_a_hyphen_between_groups_is_one_however_it_is_written(hyphen: str) -> None:
    lines = [tuple(hyphen.join((number[:4], number[4:9], number[9:])) for number in line) for line in LINES]
    batch, _ = read(_csv(lines=[(iccid, imsi, f"+86{hyphen}{msisdn}") for iccid, imsi, msisdn in lines]), DELIVERY)

    found = judged(batch)

    assert found.refused == []
    assert [tuple(line.rstrip("\n").split("\t")[1:]) for line in found.good] == LINES
