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
