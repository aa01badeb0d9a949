"""A look at a file of usage before it is taken: its unit, its sums, and how it compares with the past (TRF-01)."""

from typing import Any

import pytest

from kernel.contracts.files import FileChoice, FileLook
from kernel.contracts.traffic.loads import LookAtUsage
from services.traffic.looking import FIRST_ROWS, look_at_usage
from tests.integration.traffic.meters import CARRIERS, Meters, day, iccid

pytestmark = pytest.mark.req("TRF-01")
MB = 1 << 20
MANY = [number for number in range(60) if number % 3 != 2]
"""Cards of the first carrier."""


@pytest.fixture
def known(meters: Meters) -> Meters:
    """Forty cards have used 2 MB a day in October."""
    meters.have_cards(48, first=12)
    for number_of_day in (1, 2, 3):
        meters.push([(iccid(number), day(number_of_day, 10), 2 * MB) for number in MANY])
    return meters


def look(meters: Meters, size: Any, head: str = "流量", numbers: Any = MANY, **asked: Any) -> FileLook:
    lines = [f"ICCID,日期,{head}", *(f"{iccid(number)},{day(2)},{size}" for number in numbers)]
    file = meters.blobs.put_stream(["\n".join(lines).encode()], name="usage.csv", media_type="text/csv")
    request = LookAtUsage(file=file, carrier=CARRIERS[0], **asked)
    return meters.act(look_at_usage, request, blobs=meters.blobs)


def codes(notes: Any) -> list[str]:
    return [note.code for note in notes]


def test_it_says_what_the_file_tells_and_how_that_compares(known: Meters) -> None:
    seen = look(known, 3, head="流量(MB)", measured_in="MB")

    assert (seen.problem, seen.notes, seen.rows) == (None, [], 40)
    assert [str(note.message) for note in seen.told] == [
        "前 40 行：40 张卡，2026-11-02 至 2026-11-02，合计 120.00 MB，每卡每日平均 3.00 MB（按 MB 读取）",
        "其中 40 张卡 2026-10 有数据：本次每日平均为当时的 1.5 倍",
    ]


@pytest.mark.parametrize(("size", "measured_in"), [(2048, "B"), (2048, "MB"), (2, "GB"), (2, "KB")])
def test_a_unit_that_makes_the_figures_absurd_is_told_of_before_anything_is_sent(
    known: Meters, size: int, measured_in: str
) -> None:
    seen = look(known, size, measured_in=measured_in)

    assert codes(seen.notes) == ["usage_look_unit_unsaid", "usage_units_mixed"]
    assert seen.problem is None
    assert known.run("SELECT count(*) AS n FROM loads WHERE state <> 'taken'")[0].n == 0


def test_the_unit_that_fits_draws_no_warning_but_that_the_file_does_not_say_it(known: Meters) -> None:
    assert codes(look(known, 2048, measured_in="KB").notes) == ["usage_look_unit_unsaid"]
    assert codes(look(known, 2048, head="流量（KB）", measured_in="KB").notes) == []


def test_a_head_with_another_unit_must_be_answered_first(known: Meters) -> None:
    seen = look(known, 2, head="流量(MB)", measured_in="KB")

    assert seen.problem
    assert (seen.problem.code, seen.problem.params) == ("usage_look_unit_differs", {"said": "MB", "chosen": "KB"})


def test_rows_that_will_be_refused_are_counted(known: Meters) -> None:
    seen = look(known, "1_0", head="流量(MB)", measured_in="MB")

    assert (codes(seen.told), codes(seen.notes)) == ([], ["usage_look_refused"])
    assert seen.notes[0].params == {"rows": 40, "count": 40, "first_row": 2}


def test_a_file_without_the_columns_says_so_and_can_be_read_as_chosen(known: Meters) -> None:
    missing = look(known, 2, head="数字")
    chosen = look(known, 2, head="数字", measured_in="MB", choice=FileChoice(columns={"volume": 3}))

    assert missing.problem
    assert (chosen.problem, codes(chosen.told)) == (None, ["usage_look_sum", "usage_look_past"])


def test_of_a_long_file_the_first_rows_are_looked_at(known: Meters) -> None:
    seen = look(known, 2, head="流量(MB)", numbers=list(range(60)) * 500, measured_in="MB")

    assert seen.rows == 30_000
    assert FIRST_ROWS <= int(seen.told[0].params["rows"]) < 30_000
    assert codes(look(known, 2, numbers=range(900, 960), measured_in="MB").told) == ["usage_look_sum"]
