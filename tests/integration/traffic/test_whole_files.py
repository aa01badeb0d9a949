"""Whole files that are not what they seem: of no known card, in another unit, with absurd volumes (TRF-01)."""

import pytest

from kernel.model.errors import DomainError
from services.traffic import rows
from tests.integration.traffic.meters import MOBILE, Meters, day, iccid

pytestmark = pytest.mark.req("TRF-01")
OTHERS = [number for number in range(12) if number not in MOBILE]
STRANGERS = range(500, 509)
MB = 1 << 20


@pytest.fixture(params=["0", str(1 << 40)], ids=["straight", "staged"], autouse=True)
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIMKEEP_USAGE_STRAIGHT_FROM_BYTES", request.param)


def a_file(*told: tuple[object, ...], head: str = "流量") -> bytes:
    return "\n".join([f"ICCID,日期,{head}", *(",".join(map(str, row)) for row in told)]).encode()


def days_kept(meters: Meters) -> list[object]:
    return [row.day.day for row in meters.run("SELECT DISTINCT day FROM usage_days ORDER BY 1")]


def test_a_file_is_kept_as_unknown_while_no_card_is_in_the_books(meters: Meters) -> None:
    meters.run("TRUNCATE cards CASCADE")
    load = meters.upload(a_file((iccid(0), day(1), 5), (iccid(1), day(1), 6)))

    assert (load.state, load.taken, load.unknown) == ("taken", 0, 2)
    assert days_kept(meters) == []


@pytest.mark.parametrize("numbers", [STRANGERS, OTHERS], ids=["unknown", "of another carrier"])
def test_a_file_without_any_figure_to_take_begins_no_day(meters: Meters, numbers: list[int]) -> None:
    meters.push([(iccid(number), day(1), 5) for number in MOBILE])
    before = meters.state()
    load = meters.upload(a_file(*[(iccid(number), day(2), 5) for number in numbers]), whole=False)
    after = meters.state()

    assert (load.state, load.taken, load.unknown + load.refused) == ("taken", 0, len(numbers))
    assert days_kept(meters) == [1]
    assert after | {"unknown": before["unknown"]} == before


@pytest.mark.parametrize("numbers", [STRANGERS, OTHERS], ids=["unknown", "of another carrier"])
def test_a_whole_file_that_tells_of_no_known_card_is_held(meters: Meters, numbers: list[int]) -> None:
    meters.push([(iccid(number), day(1, 10), 5) for number in MOBILE])
    before = meters.state()
    load = meters.upload(a_file(*[(iccid(number), day(2), 5) for number in numbers]), whole=True)

    assert (load.state, load.reasons) == ("held", [["usage_rows_few", {"cards": 0, "before": 8, "percent": 75}]])
    assert meters.state() == before


@pytest.mark.parametrize(
    ("head", "measured_in"),
    [
        ("流量(MB)", "B"),
        ("日流量（ＫＢ）", "MB"),
        ("使用流量(兆字节)", "GB"),
        ("流量_mb", "KB"),
        ("流量 单位：字节", "KB"),
    ],
)
def test_a_file_whose_head_names_another_unit_is_refused_with_both(meters: Meters, head: str, measured_in: str) -> None:
    with pytest.raises(DomainError) as refused:
        meters.upload(a_file((iccid(0), day(1), 5), head=head), measured_in=measured_in)

    assert refused.value.code == "usage_unit_differs"
    assert refused.value.params["chosen"] == measured_in
    assert days_kept(meters) == []


@pytest.mark.parametrize("head", ["流量(MB)", "日流量/M", "4G流量", "流量(兆)", "GPRS流量"])
def test_a_head_that_names_the_units_chosen_or_none_is_taken(meters: Meters, head: str) -> None:
    load = meters.upload(a_file((iccid(0), day(1), 5), head=head), measured_in="MB")

    assert load.taken == 1
    assert meters.run("SELECT carrier_bytes FROM usage_days")[0].carrier_bytes == 5 * MB


def test_a_volume_that_no_card_could_use_is_refused(meters: Meters) -> None:
    load = meters.upload(a_file((iccid(0), day(1), (1 << 44) + 1), (iccid(1), day(1), 1 << 44)))

    assert (load.taken, meters.refused(load)) == (1, [(2, "usage_volume_malformed")])


def test_the_sum_of_a_load_may_be_larger_than_the_figures_of_its_cards(
    meters: Meters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MOST_BYTES", 1 << 61)
    load = meters.upload(a_file(*[(iccid(number), day(1), 1 << 61) for number in MOBILE]))

    assert load.preview["days"][0]["bytes"] == len(MOBILE) << 61 > 1 << 63
    assert meters.differences("2026-11") == []


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("流量(TB)", "TB"),
        ("流量(太字节)", "TB"),
        ("流量(Mbit)", "Mbit"),
        ("流量(kbps)", "Kbit"),
        ("流量(万MB)", "万MB"),
        ("流量[KB/MB]", "KB、MB"),
    ],
)
def test_a_head_whose_unit_cannot_be_chosen_is_refused_with_the_units_that_can(
    meters: Meters, head: str, said: str
) -> None:
    with pytest.raises(DomainError) as refused:
        meters.upload(a_file((iccid(0), day(1), 5), head=head), measured_in="MB")

    assert (refused.value.code, refused.value.params) == ("usage_unit_unreadable", {"said": said})
    assert days_kept(meters) == []


def test_a_unit_in_a_line_above_the_head_counts_when_the_head_names_none(meters: Meters) -> None:
    above = "流量明细,,\n单位：KB,,\n".encode()
    with pytest.raises(DomainError, match="usage_unit_differs"):
        meters.upload(above + a_file((iccid(0), day(1), 5)), measured_in="MB")

    assert meters.upload(above + a_file((iccid(0), day(1), 5), head="流量(MB)"), measured_in="MB").taken == 1


@pytest.mark.parametrize("head", ["M2M流量", "流量(KiB)"])
def test_a_head_says_units_in_full_words_and_not_in_parts_of_them(meters: Meters, head: str) -> None:
    assert meters.upload(a_file((iccid(0), day(1), 5), head=head), measured_in="KB").taken == 1


def test_numbers_and_days_that_only_python_reads_are_refused_and_full_width_ones_read(meters: Meters) -> None:
    told = [(iccid(0), "1_000"), (iccid(1), "٣"), (iccid(3), "1 5"), (iccid(4), "１２"), (iccid(6), "1 000")]
    days = [(iccid(0), "2026-W44-7", 1), (iccid(1), "٢٠٢٦-١١-٠١", 1), (iccid(3), "２０２６-11-01", 1)]
    load = meters.upload(a_file(*[(number, day(2), volume) for number, volume in told], *days))

    assert [row for row, _ in meters.refused(load)] == [2, 3, 4, 7, 8]
    kept = meters.run("SELECT carrier_bytes FROM usage_days WHERE carrier_load IS NOT NULL ORDER BY day, card_id")
    assert [row.carrier_bytes for row in kept] == [1, 12, 1000]


def test_a_number_that_a_spreadsheet_spoilt_is_called_so(meters: Meters) -> None:
    load = meters.upload(
        a_file(("8.98604E+19", day(1), 5), ("٨٩٨٦٠٤٩٩٢٦٦٤٠٠٠٠٠٠٢٨", day(1), 5), ("1064640000000", day(1), 5))
    )

    assert meters.refused(load) == [(2, "iccid_scientific"), (3, "iccid_characters"), (4, "iccid_length")]
