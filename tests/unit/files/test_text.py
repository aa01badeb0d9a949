"""CSV and text as people have it: encodings, separators, quotes, heads, lists without head."""

import io
import itertools
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.chassis.files import Column, Layout, Limits, look
from kernel.contracts.files import FileChoice
from kernel.model.errors import DomainError
from kernel.model.written import bare, odd_place
from tests.unit.files.books import CARDS, LIST, NUMBERS, read

pytestmark = pytest.mark.req("INV-01")
TWO = Layout("两列", CARDS.columns[0], Column("remark", "备注", required=False))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_text_is_read_in_every_encoding_and_separator(encoding: str, separator: str, newline: str) -> None:
    lines = [separator.join(("备注", "卡号"))] + [separator.join(("好", iccid)) for iccid in NUMBERS]

    batch, _ = read(newline.join(lines).encode(encoding), TWO)

    assert (batch["iccid"], batch["remark"]) == (NUMBERS, ["好"] * 5)


def test_a_quoted_file_is_read_with_its_line_breaks_separators_and_quotes() -> None:
    text = f'"ICCID","备注"\r\n"{NUMBERS[0]}","a\r\nb, ""c"""\r\n"{NUMBERS[1]}",""\r\n'

    batch, _ = read(text, TWO)

    assert batch["iccid"] == NUMBERS[:2]
    assert batch["remark"] == ['a\nb, "c"', ""]
    assert (batch.row_nos, batch.line_nos) == ([2, 3], [2, 4])


def test_a_quote_that_never_closes_costs_its_own_line_only() -> None:
    lines = ["ICCID,备注", f'{NUMBERS[0]},"', f"{NUMBERS[1]},x", f'"{NUMBERS[2]},y', f"{NUMBERS[3]},z"]

    batch, _ = read("\n".join(lines), TWO)

    assert batch["iccid"] == [NUMBERS[1], NUMBERS[3]]
    assert [(it.row_no, it.code) for it in batch.faults] == [(2, "row_broken"), (4, "row_broken")]


def test_quotes_that_never_close_cost_time_in_proportion() -> None:
    def cpu_seconds(quote: str) -> float:
        text = "ICCID,备注\n" + f"{quote}{NUMBERS[0]},x\n{NUMBERS[1]},y\n" * 20_000
        began = time.process_time()
        batch, _ = read(text, TWO)
        assert len(batch) == 40_000
        return time.process_time() - began

    good, broken = (min(cpu_seconds(quote) for _ in range(3)) for quote in ("", '"'))

    assert broken < 60 * good


def test_a_record_may_lie_across_the_pieces_that_are_read() -> None:
    record = f'{NUMBERS[0]},"eins\nzwei"\n'
    count = (1 << 20) // len(record) + 100

    batch, _ = read("ICCID,备注\n" + record * count, TWO)

    assert (len(batch), batch.faults, set(batch["remark"])) == (count, [], {"eins\nzwei"})
    assert (batch.row_nos[-1], batch.line_nos[-1]) == (count + 1, 2 * count)


@pytest.mark.parametrize(
    "titles",
    [[], ["交付清单"], ["交付清单,,", "客户：示范省，数量：5,,", ""], ["ICCID清单"], ["2026年11月,备注"]],
)
@pytest.mark.parametrize("head", ["ICCID", "ICCID号", "SIM卡号", "卡号", "Iccid（20位）", "ICCID/卡号", "*ICCID："])
def test_a_head_is_found_below_titles_by_its_names(titles: list[str], head: str) -> None:
    batch, _ = read("\n".join([*titles, f"序号,{head}", f"1,{NUMBERS[0]}", f"2,{NUMBERS[1]}"]), CARDS)

    assert batch["iccid"] == NUMBERS[:2]
    assert batch.row_nos[0] == len(titles) + 2


def test_a_head_that_only_contains_a_name_is_taken_when_nothing_fits_better() -> None:
    assert read(f"序号,物联卡ICCID编码\n1,{NUMBERS[0]}\n")[0]["iccid"] == NUMBERS[:1]
    assert read(f"旧ICCID编码,卡号\nx,{NUMBERS[0]}\n")[0]["iccid"] == NUMBERS[:1]


@pytest.mark.req("INV-04")
@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("\n".join(NUMBERS), 1),
        ("卡片清单\n" + "\n".join(NUMBERS), 2),
        ("\n".join(f"{at},{iccid},备注" for at, iccid in enumerate(NUMBERS)), 1),
        ("今日领用\n编号;号码\n" + "\n".join(f"{at};{iccid}" for at, iccid in enumerate(NUMBERS)), 3),
        ("\t".join(["序号", "SIM卡号"]) + "\n" + "\n".join(f"{at}\t'{iccid}" for at, iccid in enumerate(NUMBERS)), 2),
    ],
    ids=["numbers only", "a title", "in the second column", "an unknown head", "a head and apostrophes"],
)
def test_a_list_gives_its_numbers_and_takes_no_head_for_one(text: str, first: int) -> None:
    batch, _ = read(text, LIST)

    assert batch["iccid"] == NUMBERS
    assert batch.row_nos[0] == first


def test_columns_rows_and_absence_can_be_chosen() -> None:
    text = f"说明\n甲,乙\n{NUMBERS[0]},{NUMBERS[1]}\n"

    with pytest.raises(DomainError) as refused:
        read(text, CARDS)
    chosen, _ = read(text, CARDS, FileChoice(head_row=2, columns={"iccid": 2}))

    assert (refused.value.code, refused.value.params) == (
        "file_columns_missing",
        {"missing": "ICCID", "found": "甲、乙"},
    )
    assert (chosen["iccid"], chosen.row_nos) == ([NUMBERS[1]], [3])
    for wrong in (FileChoice(columns={"iccid": 9}), FileChoice(columns={"who": 1}), FileChoice(head_row=40)):
        with pytest.raises(DomainError) as refused:
            read(text, CARDS, wrong)
        assert refused.value.code == "file_choice_wrong"


def test_a_look_shows_what_can_be_chosen() -> None:
    seen = look(io.BytesIO(f"甲;乙\n{NUMBERS[0]};x\n".encode("gb18030")), CARDS)

    assert (seen.encoding, seen.delimiter, seen.head_row) == ("gb18030", ";", 1)
    assert [(it.number, it.head, it.values, it.role) for it in seen.columns] == [
        (1, "甲", [NUMBERS[0]], None),
        (2, "乙", ["x"], None),
    ]
    assert next((it.name, it.label, it.required) for it in seen.wanted) == ("iccid", "ICCID", True)
    assert seen.problem is not None
    assert seen.problem.code == "file_columns_missing"


INVISIBLE = (
    "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u202a\u202b\u202c\u202d\u202e\u00a0\x1f\t"
    "\u2800\ufe0f\uffa0\ufff9\U0001d173\U000e0001"
)


@pytest.mark.parametrize("mark", [*INVISIBLE, "'", "`", " ", "\u3000", "\u2060'\u200b"])
def test_what_stands_around_a_number_is_no_part_of_it(mark: str) -> None:
    batch, notes = read(f"备注;ICCID\nx;{mark}{NUMBERS[0]}\ny;{NUMBERS[1]}{mark}\n".encode(), CARDS)

    assert batch["iccid"] == NUMBERS[:2]
    assert (
        notes.counts["file_cells_cleaned"] == (0 if mark in " \u3000\u00a0\x1f\t" else 2)
        or mark in "\u00a0\x1f\t\u3000"
    )


@pytest.mark.parametrize("mark", INVISIBLE)
def test_inside_a_number_it_stays_and_its_place_is_known(mark: str) -> None:
    assert bare(f"8986{mark}04") == f"8986{mark}04"
    assert odd_place(f"8986{mark}04") == 5


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-11-01", "2026-11-01"),
        ("2026/11/1", "2026-11-01"),
        ("2026.11.01", "2026-11-01"),
        ("20261101", "2026-11-01"),
        ("2026年11月1日", "2026-11-01"),
        ("2026-11-01 08:30", "2026-11-01 08:30:00"),
        ("2026-11-01T00:00:00Z", "2026-11-01"),
        ("2026-13-01", "2026-13-01"),
        ("yesterday", "yesterday"),
    ],
)
def test_a_date_is_written_one_way(written: str, kept: str) -> None:
    assert read(f"ICCID;日期\n{NUMBERS[0]};{written}\n")[0]["day"] == [kept]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("1,234.50", "1234.50"),
        ("１２.５", "12.5"),
        (" 7 ", "7"),
        ("-3", "-3"),
        ("1,2", "1,2"),
        ("n/a", "n/a"),
        ("0,512", "0,512"),
        ("1\u202f024,5", "1 024,5"),
        ("1\u202f024.5", "1024.5"),
        ("1 5", "1 5"),
        ("10²", "10²"),
        ("①", "①"),
        ("１，０２４，０００", "1024000"),
    ],
)
def test_a_number_is_written_one_way(written: str, kept: str) -> None:
    assert read(f"ICCID;用量\n{NUMBERS[0]};{written}\n")[0]["amount"] == [kept]


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"<html><table>", "HTML"), (b"\xef\xbb\xbf<?xml version='1.0'?>", "XML"), (b"\x1f\x8b\x08", "GZIP")],
)
def test_what_is_called_otherwise_is_known_by_its_content(content: bytes, kind: str) -> None:
    with pytest.raises(DomainError) as refused:
        read(content + b"x" * 100, CARDS, name="cards.csv")

    assert (refused.value.code, refused.value.params["kind"]) == ("file_kind_refused", kind)


def test_more_rows_than_allowed_are_refused() -> None:
    text = "ICCID\n" + "\n".join(itertools.islice(itertools.cycle(NUMBERS), 101))

    with pytest.raises(DomainError) as refused:
        read(text, limits=Limits(rows=100))

    assert refused.value.code == "file_too_large"


CELLS = st.lists(
    st.tuples(st.sampled_from(NUMBERS), st.text(alphabet='ab,;"\n\t中', max_size=8)), min_size=1, max_size=40
)


@given(CELLS, st.sampled_from([",", ";", "\t"]))
def test_whatever_a_csv_writer_writes_is_read_back(rows: list[tuple[str, str]], separator: str) -> None:
    import csv  # noqa: PLC0415  only the writer

    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(["ICCID", "备注"])
    writer.writerows(rows)

    batch, _ = read(out.getvalue(), TWO)

    assert batch["iccid"] == [iccid for iccid, _ in rows]
    assert batch["remark"] == [bare(remark) for _, remark in rows]
    assert batch.row_nos == list(range(2, len(rows) + 2))
