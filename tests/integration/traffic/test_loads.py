"""Loads of usage (TRF-01): corrections replace and sums follow, bad rows by number, the safety stop."""

import random
from datetime import timedelta

import pytest

from kernel.contracts.traffic.days import ListUsageDays
from kernel.contracts.traffic.loads import DecideLoad, GetLoad, ListLoads, ListUnknownUsage, PreviewLoad, PushUsage
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.traffic.day_list import list_usage_days
from services.traffic.load_list import decide_load, get_load, list_loads, list_unknown_usage, preview_load
from services.traffic.loading import push_usage
from tests.integration.traffic.meters import CITY, MOBILE, NOW, PROVINCE, Meters, day, iccid

pytestmark = pytest.mark.req("TRF-01")
MB = 1 << 20


def month_to_date(meters: Meters, number: int) -> list[tuple]:
    return [
        tuple(row)
        for row in meters.run(
            "SELECT carrier_month, terminal_month FROM usage_days WHERE card_id = :id ORDER BY day DESC LIMIT 1",
            id=number + 1,
        )
    ]


def test_the_newest_day_carries_the_month_of_every_card(meters: Meters) -> None:
    meters.push([(iccid(0), day(1), 5), (iccid(1), day(1), 7)])
    meters.push([(iccid(0), day(2), 3)])
    meters.report([(iccid(0), day(2), 4)])

    assert month_to_date(meters, 0) == [(8, 4)]
    assert month_to_date(meters, 1) == [(7, None)]
    assert meters.differences("2026-11") == []


def test_a_correction_replaces_and_the_sums_follow_and_an_older_figure_changes_nothing(meters: Meters) -> None:
    meters.push([(iccid(0), day(1), 5 * MB), (iccid(0), day(2), 1)], as_of=NOW - timedelta(hours=3))
    corrected = meters.push([(iccid(0), day(1), 9 * MB)], as_of=NOW - timedelta(hours=1))
    older = meters.push([(iccid(0), day(1), 2)], as_of=NOW - timedelta(hours=2))

    assert (corrected.taken, corrected.replaced) == (1, 1)
    assert (older.taken, older.repeated) == (0, 1)
    assert month_to_date(meters, 0) == [(9 * MB + 1, None)]
    assert [row[-3:] for row in meters.state()["histogram"]] == [(1, 9 * MB + 1, [9 * MB + 1])]


@pytest.mark.req("TRF-04")
def test_a_days_list_has_both_figures_and_no_row_that_only_carries_the_month(meters: Meters) -> None:
    meters.push([(iccid(0), day(1), 5), (iccid(1), day(1), 7)])
    meters.report([(iccid(0), day(2), 3)])
    meters.push([(iccid(0), day(2), 4)])

    everything = meters.act(list_usage_days, ListUsageDays()).items
    second = meters.act(list_usage_days, ListUsageDays(day_from=day(2), terminal_from=3), CITY).items

    assert [(item.day.day, item.iccid) for item in everything] == [(2, iccid(0)), (1, iccid(1)), (1, iccid(0))]
    assert [(item.carrier_bytes, item.terminal_bytes, item.difference) for item in second] == [(4, 3, 1)]


def test_a_month_begins_anew_and_a_late_day_goes_to_its_own_month(meters: Meters) -> None:
    meters.push([(iccid(0), day(31, 10), 5)])
    meters.push([(iccid(0), day(1), 1)])
    meters.push([(iccid(0), day(30, 10), 10)])

    assert month_to_date(meters, 0) == [(1, None)]
    assert [row[2] for row in meters.state()["newest"]] == [15, 1]


def test_bad_rows_are_refused_by_their_number_and_the_good_are_taken(meters: Meters) -> None:
    content = "\n".join(
        [
            "ICCID,日期,流量",
            f"{iccid(0)},2026-11-01,1.5",
            f"{iccid(1)},2026-13-01,1",
            f"{iccid(1)},2026-11-01,-3",
            "898604,2026-11-01,3",
            f"{iccid(3)},2026-11-01,2",
            f"{iccid(3)},2026-11-01,2",
            f"{iccid(3)},2026-11-01,4",
            f"{iccid(2)},2026-11-01,4",
            f"{iccid(4)},2027-01-01,4",
            f"{iccid(4)},2026-11-02,many",
        ]
    )
    load = meters.upload(content.encode(), measured_in="MB")

    assert meters.refused(load) == [
        (3, "usage_day_malformed"),
        (4, "usage_volume_malformed"),
        (5, "iccid_length"),
        (8, "usage_twice"),
        (9, "usage_other_carrier"),
        (10, "usage_day_out_of_range"),
        (11, "usage_volume_malformed"),
    ]
    assert (load.state, load.rows, load.taken, load.repeated, load.refused) == ("taken", 10, 2, 1, 7)
    assert month_to_date(meters, 0) == [(3 * MB // 2, None)]


def test_figures_of_unknown_cards_are_kept_listed_and_taken_when_the_card_is_known(meters: Meters) -> None:
    load = meters.push([(iccid(12), day(1), 5), (iccid(0), day(1), 1)])
    listed = meters.act(list_unknown_usage, ListUnknownUsage())
    elsewhere = meters.act(list_unknown_usage, ListUnknownUsage(), CITY)
    meters.have_cards(1, first=12)
    meters.push([(iccid(0), day(1), 1)])

    assert (load.taken, load.unknown) == (1, 1)
    assert [(item.iccid, item.usage_bytes) for item in listed.items] == [(iccid(12), 5)]
    assert elsewhere.items == []
    assert month_to_date(meters, 12) == [(5, None)]
    assert meters.state()["unknown"] == []


def test_whoever_loads_reaches_cards_of_his_own_units_only(meters: Meters) -> None:
    load = meters.push([(iccid(0), day(1), 5), (iccid(1), day(1), 7)], by=CITY)

    assert (load.taken, load.unknown) == (1, 1)
    assert {row[2] for row in meters.state()["days"]} == {"990101"}


def test_a_carriers_key_speaks_for_its_own_carrier_only(meters: Meters) -> None:
    key = Actor("key:1", "联通", "99", frozenset({"usage.load", "carrier:china_unicom"}))
    with pytest.raises(DomainError) as refused:
        meters.push([(iccid(0), day(1), 5)], by=key)

    assert refused.value.code == "carrier_not_yours"
    assert meters.push([(iccid(2), day(1), 5)], carrier="china_unicom", by=key).taken == 1


@pytest.fixture(params=[0, 1 << 40], ids=["straight", "staged"])
def compared(meters: Meters, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Meters:
    """All cards of one carrier had 10 MB on each of three days of October."""
    monkeypatch.setenv("SIMKEEP_USAGE_COMPARED_CARDS", "4")
    monkeypatch.setenv("SIMKEEP_USAGE_STRAIGHT_FROM_BYTES", str(request.param))
    meters.push([(iccid(number), day(each, 10), 10 * MB) for number in MOBILE for each in (1, 2, 3)])
    return meters


@pytest.mark.parametrize(
    ("cards", "volume", "code"),
    [(5, 10, "usage_rows_few"), (8, 10 * 1024, "usage_units_mixed"), (8, 70, "usage_total_jumps")],
)
def test_an_unlikely_load_is_held_with_its_reason_and_changes_nothing(
    compared: Meters, cards: int, volume: int, code: str
) -> None:
    before = compared.state()
    load = compared.push([(iccid(number), day(1), volume) for number in MOBILE[:cards]], measured_in="MB", whole=True)
    view = compared.act(get_load, GetLoad(load_id=load.id))

    assert (load.state, [reason[0] for reason in load.reasons]) == ("held", [code])
    (told,) = view.preview["days"]
    assert (told["day"], told["cards"], told["bytes"]) == ("2026-11-01", cards, cards * volume * MB)
    assert (told["known_cards"], told["known_bytes"]) == (None, None)
    assert view.can == ["decide"]
    assert compared.state() == before


def test_a_preview_shows_the_days_and_cards_of_a_held_load_beside_what_is_known(compared: Meters) -> None:
    load = compared.push([(iccid(number), day(1, 10), 90) for number in MOBILE], measured_in="MB")
    lines = compared.act(preview_load, PreviewLoad(load_id=load.id)).items

    assert (lines[0].what, lines[0].cards, lines[0].known_cards) == ("2026-10-01", 8, 8)
    assert (lines[0].now_bytes, lines[0].known_bytes) == (8 * 90 * MB, 8 * 10 * MB)
    assert {(line.now_bytes, line.known_bytes) for line in lines[1:]} == {(90 * MB, 10 * MB)}
    with pytest.raises(DomainError) as foreign:
        compared.act(preview_load, PreviewLoad(load_id=load.id), CITY)
    assert foreign.value.code == "load_not_found"


def test_a_load_like_last_months_is_not_held(compared: Meters) -> None:
    load = compared.push([(iccid(number), day(1), 11) for number in MOBILE[:6]], measured_in="MB", whole=True)

    assert (len(MOBILE), load.state, load.reasons) == (8, "taken", [])


def test_a_person_takes_or_drops_a_held_load_once(compared: Meters) -> None:
    rows = [(iccid(number), day(1), 70 * MB) for number in MOBILE]
    held, other = compared.push(rows), compared.push(rows)
    taken = compared.take(compared.act(decide_load, DecideLoad(load_id=held.id, take=True, remark="促销月")))
    dropped = compared.act(decide_load, DecideLoad(load_id=other.id, take=False, remark="重复"))

    with pytest.raises(DomainError) as again:
        compared.act(decide_load, DecideLoad(load_id=held.id, take=False, remark="x"))
    with pytest.raises(DomainError) as foreign:
        compared.act(decide_load, DecideLoad(load_id=other.id, take=True, remark="x"), CITY)
    assert (taken.state, taken.taken, taken.decided_by) == ("taken", 8, PROVINCE.name)
    assert dropped.state == "dropped"
    assert (again.value.code, foreign.value.code) == ("load_not_held", "load_not_found")
    assert [load.id for load in compared.act(list_loads, ListLoads(state="dropped")).items] == [other.id]


def test_a_check_names_the_card_and_the_count_that_are_wrong(meters: Meters) -> None:
    meters.push([(iccid(0), day(1), 5), (iccid(1), day(1), 7)])
    meters.run("UPDATE usage_days SET carrier_month = 6 WHERE card_id = 1")

    card, *counts = meters.differences("2026-11")

    assert card == (
        iccid(0), "usage_month_differs", {"month": "2026-11", "source": "carrier", "said": 6, "found": 5}
    )  # fmt: skip
    assert {code for _, code, _ in counts} == {"usage_histogram_differs"}
    assert meters.differences("2026-11", "9902") == []


@pytest.mark.parametrize("seed", range(4))
def test_the_order_repetition_and_cut_of_loads_change_nothing(meters: Meters, seed: int) -> None:
    """Random figures with corrections for known and unknown cards, of both sources, in two orders."""
    dice = random.Random(seed)
    loads = [
        (
            dice.choice(["carrier", "terminal"]),
            [
                (
                    iccid(number),
                    day(dice.randint(1, 6), dice.choice([10, 11])),
                    dice.choice([0, 1, 1 << dice.randint(1, 40)]),
                )
                for number in dice.sample([*MOBILE, 21, 24], dice.randint(1, 6))
            ],
            NOW - timedelta(minutes=minutes),
        )
        for minutes in dice.sample(range(1, 500), 10)
    ]

    def play(order: list) -> dict:
        meters.forget()
        meters.have_cards(12)
        for source, rows, as_of in order:
            send = meters.push if source == "carrier" else meters.report
            send(rows, as_of=as_of)
            assert [*meters.differences("2026-10"), *meters.differences("2026-11")] == []
            assert meters.state()["counts"] == meters.counted_days()
        meters.have_cards(1, first=21)
        meters.push([(iccid(0), day(1), 1)], as_of=NOW - timedelta(days=300))
        meters.report([(iccid(0), day(1), 1)], as_of=NOW - timedelta(days=300))
        return meters.state()

    once = play(loads)
    again = [(source, dice.sample(rows, len(rows)), as_of) for source, rows, as_of in [*loads, *dice.sample(loads, 4)]]
    dice.shuffle(again)

    assert play(again) == once


def test_a_page_that_is_no_rows_at_all_costs_only_its_rows(meters: Meters) -> None:
    accepted = meters.act(
        push_usage,
        PushUsage(carrier="china_mobile", rows=[7, None, [1], meters.page([(iccid(0), day(1), 3)])[0]]),
        blobs=meters.blobs,
    )
    load = meters.take(accepted)

    assert (load.rows, load.taken, load.refused) == (4, 1, 3)
