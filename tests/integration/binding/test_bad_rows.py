"""What stations really send: a broken row costs only itself, a bad read is never another card (BND-01)."""

from datetime import timedelta
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.binding.readings import ReportReadings
from kernel.contracts.binding.terminals import ReportTerminals
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.binding.reporting import report_readings
from services.binding.terminals import report_terminals
from tests.integration.binding.nights import NOW, STATION, Network, at, card, row, terminal


def outcomes(network: Network) -> dict[str, tuple[str, str | None]]:
    with network.read() as tx:
        return {each.asset_no: (each.outcome, each.iccid) for each in tx.execute("SELECT * FROM readings")}


def swapped(number: str) -> str:
    return "".join(number[i : i + 2][::-1] for i in range(0, len(number), 2))


@pytest.mark.req("BND-01")
@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ("a text", "row", "row_not_an_object"),
        ({"terminal": None}, "terminal", "terminal_malformed"),
        ({"terminal": "x" * 40}, "terminal", "terminal_malformed"),
        ({"slot": 0}, "slot", "slot_out_of_range"),
        ({"slot": True}, "slot", "slot_out_of_range"),
        ({"read_at": None}, "read_at", "time_missing"),
        ({"read_at": "2026-11-02 02:00"}, "read_at", "time_without_offset"),
        ({"read_at": 1761000000}, "read_at", "time_malformed"),
        ({"read_at": "9999-12-31T23:59:59-14:00"}, "read_at", "time_malformed"),
        ({"read_at": "9999-12-31T23:59:59Z"}, "read_at", "time_malformed"),
        ({"read_at": "0001-01-01T00:00:00Z"}, "read_at", "time_malformed"),
        ({"received_at": "9999-12-31T23:59:59Z"}, "received_at", "time_malformed"),
        ({"iccid": 89860012345678901238}, "iccid", "iccid_not_text"),
        ({"iccid": None}, "iccid", "iccid_or_fault_missing"),
        ({"iccid": None, "fault": []}, "fault", "fault_malformed"),
        ({"read_at": "2024-01-01T00:00:00+08:00", "received_at": "2024-01-01T00:00:09+08:00"}, "read_at",
         "reading_too_old"),
    ],
)  # fmt: skip
def test_a_broken_row_costs_only_itself_and_names_its_field(network: Network, change: Any, field: str, code: str):
    network.know(cards=[1, 2], terminals=[1, 2])
    good = row(1, at(0), card(1))
    broken = change if isinstance(change, str) else {**row(2, at(0), card(2)), **change}

    taken = network.report([good, broken])

    (refusal,) = taken.refused
    assert (taken.taken, refusal.row_no, refusal.field, refusal.code) == (1, 2, field, code)
    assert refusal.message
    assert network.where(1) == terminal(1)


@pytest.mark.req("BND-01", "BND-12")
@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (card(1), ("read", card(1))),
        (card(1) + "\x00\x00", ("read", card(1))),
        (f"  {card(1)} ", ("read", card(1))),
        (card(1)[:19], ("read", card(1))),
        (card(1)[:19] + "F", ("read", card(1))),
        (swapped(card(1)), ("read", card(1))),
        (card(1)[:12], ("malformed", None)),
        (card(1)[:-1] + str((int(card(1)[-1]) + 1) % 10), ("malformed", None)),
        ("FFFFFFFFFFFFFFFFFFFF", ("malformed", None)),
        (card(77)[:18] + "FF", ("malformed", None)),
        (card(77)[:18] + "F", ("malformed", None)),
        (card(77)[:12] + "ffffffff", ("malformed", None)),
        (card(77)[:19] + "f", ("read", card(77)[:19])),
        ("\x00" * 20, ("malformed", None)),
        ("8986-garbled", ("malformed", None)),
        (card(77), ("read", card(77))),
    ],
)
def test_a_number_is_a_known_card_or_a_fault_and_never_another_card(
    network: Network, written: str, expected: tuple[str, str | None]
):
    network.know(cards=[1], terminals=[1])

    network.report([row(1, at(0), written)])

    assert outcomes(network) == {terminal(1): expected}


@pytest.mark.req("BND-01")
@pytest.mark.parametrize("name", ["33t0000001", " 33T 000 0001", "３３Ｔ００００００１", "33T0000001\x00"])
def test_an_asset_number_has_one_form(network: Network, name: str):
    network.know(cards=[1], terminals=[1])

    network.report([{**row(1, at(0), card(1)), "terminal": name}])

    assert network.where(1) == terminal(1)


@pytest.mark.req("BND-11")
@pytest.mark.parametrize("away", [timedelta(days=365), timedelta(days=-365), timedelta(hours=-2)])
def test_a_clock_that_is_off_is_kept_and_binds_nothing_and_the_next_good_reading_does(
    network: Network, away: timedelta
):
    network.know(cards=[1], terminals=[1])
    heard = at(0).isoformat()

    network.report([{**row(1, at(0) + away, card(1)), "received_at": heard}])
    assert (outcomes(network)[terminal(1)][0], network.where(1)) == ("clock_off", None)

    network.report([row(1, at(1), card(1))])
    assert network.where(1) == terminal(1)
    assert [each[-1] for each in network.tables()["exceptions"] if each[2] == "clock_off"] == [away.days > 0]


@pytest.mark.req("BND-01")
def test_a_batch_over_the_limit_is_refused_whole_with_the_limit(network: Network):
    request = ReportReadings(rows=[row(1, at(0), card(1))] * 5_001)

    with UnitOfWork(network.engine).begin(STATION, "test") as tx, pytest.raises(DomainError) as refusal:
        report_readings(tx, request, by=STATION, now=NOW)

    assert (refusal.value.code, refusal.value.params) == ("batch_too_large", {"rows": 5001, "limit": 5000})


@pytest.mark.req("BND-01")
def test_a_terminal_nobody_reported_is_an_exception_until_it_is(network: Network):
    network.know(cards=[1])

    network.report([row(1, at(0), card(1))])

    assert [each[2] for each in network.tables()["exceptions"] if each[-1]] == ["terminal_unknown"]
    assert network.where(1) == terminal(1)
    with UnitOfWork(network.engine).begin(STATION, "test") as tx:
        rows = [{"terminal": terminal(1), "unit": "990101", "kind": "集中器", "state": "running"}]
        report_terminals(tx, ReportTerminals(as_of=at(1), rows=rows), by=STATION, now=NOW)
        tx.commit()
    assert [each[4] for each in network.tables()["exceptions"] if not each[-1]] == ["990101"]


@pytest.mark.req("BND-01", "BND-11")
@pytest.mark.parametrize("away", [timedelta(days=2), timedelta(days=-2 * 365), timedelta(days=-40)])
def test_a_time_that_only_the_terminal_says_and_that_cannot_be_is_never_the_newest(network: Network, away: timedelta):
    """Without the station's own time: in the future, two years back, or older than a reading can be on its way."""
    network.know(cards=[1, 2], terminals=[1])
    network.report([row(1, at(1), card(1))])
    odd = {"terminal": terminal(1), "read_at": (NOW + away).isoformat(), "iccid": card(2)}

    taken = network.report([odd])

    assert (taken.taken, taken.refused, network.where(1), network.where(2)) == (1, [], terminal(1), None)
    assert sorted(each[4] for each in network.tables()["readings"]) == ["clock_off", "read"]


@pytest.mark.req("BND-11")
def test_a_reading_that_even_the_station_heard_too_long_ago_is_refused_with_its_field(network: Network):
    network.know(cards=[1], terminals=[1])
    long_ago = NOW - timedelta(days=2 * 365)

    taken = network.report([row(1, long_ago, card(1)), row(1, at(0), card(1))])

    assert [(each.row_no, each.field, each.code) for each in taken.refused] == [(1, "read_at", "reading_too_old")]
    assert taken.taken == 1


@pytest.mark.req("BND-01", "BND-10")
@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("352099081234565", "352099081234565"),
        ("3520990812345612", "352099081234565"),
        (352099081234565, "352099081234565"),
        ("  352099081234565 ", "352099081234565"),
        ("352099081234565F", "352099081234565"),
        ("35209908123456", "352099081234565"),
        ("352099081234560", "352099081234565"),
        ("３５２０９９０８１２３４５６５", "352099081234565"),
        ("352099081234566", None),
        ("3520990812345", None),
        ("35209908123456300", None),
        ("000000000000000", None),
        ("A0000000123456", None),
        ("not-a-number", None),
        (True, None),
        ([], None),
    ],
)
def test_an_imei_is_kept_in_its_one_form_and_a_garbled_one_costs_the_reading_nothing(
    network: Network, written: Any, kept: str | None
):
    network.know(cards=[1], terminals=[1])

    network.report([row(1, at(0), card(1), imei=written)])

    assert [each[7] for each in network.tables()["readings"]] == [kept]
    assert network.where(1) == terminal(1)


@pytest.mark.req("BND-01", "GTW-02")
def test_a_station_cannot_say_which_card_is_in_a_terminal_of_another_unit(network: Network):
    """Terminal 1 stands in unit 9901, terminal 9 is not known yet."""
    network.know(cards=[1, 2, 9], terminals=[1])
    network.report([row(1, at(0), card(1))])
    before = network.tables()
    stranger = Actor("station-2", "Station 2", "9902", STATION.permissions)

    taken = network.report([row(1, at(1), card(2)), row(1, at(2), None)], by=stranger)
    unknown = network.report([row(9, at(1), card(9)), row(1, at(1), card(2))], by=stranger)

    assert [(it.row_no, it.terminal, it.code) for it in taken.refused] == [
        (1, terminal(1), "terminal_elsewhere"),
        (2, terminal(1), "terminal_elsewhere"),
    ]
    assert (taken.taken, unknown.taken, [it.row_no for it in unknown.refused]) == (0, 1, [2])
    assert network.tables()["bindings"][: len(before["bindings"])] == before["bindings"]
    assert {it[1] for it in network.tables()["readings"]} == {terminal(1), terminal(9)}


@pytest.mark.req("BND-01", "BND-02")
def test_two_stations_that_read_the_same_terminal_end_in_one_reading_and_one_binding_whoever_comes_first(
    network: Network,
):
    """The same moment twice is one reading; where they contradict each other the same one stays in either order."""
    network.know(cards=[1, 2], terminals=[1])
    other = Actor("station-2", "Station 2", "99", STATION.permissions)
    same, contradicts = row(1, at(0), card(1)), row(1, at(0), card(2))
    ends = []
    for first, second in (((STATION, same), (other, contradicts)), ((other, contradicts), (STATION, same))):
        for who, sent in (first, second, first):
            with UnitOfWork(network.engine).begin(who, "test") as tx:
                report_readings(tx, ReportReadings(rows=[sent]), by=who, now=NOW)
                tx.commit()
        ends.append(network.tables())
        network.forget()
        network.know(cards=[1, 2], terminals=[1])

    assert ends[0] == ends[1]
    assert (len(ends[0]["readings"]), [each[2] for each in ends[0]["bindings"]]) == (1, [card(1)])


@pytest.mark.req("BND-01", "BND-02")
def test_a_terminal_that_changes_its_unit_between_reading_and_report_is_counted_where_it_was_known_then(
    network: Network,
):
    network.know(cards=[1], terminals=[1])
    network.report([row(1, at(0), card(1))])
    with UnitOfWork(network.engine).begin(STATION, "test") as tx:
        told = {"terminal": terminal(1), "unit": "990201", "kind": "集中器", "state": "running"}
        report_terminals(tx, ReportTerminals(as_of=at(0, 30), rows=[told]), by=STATION, now=NOW)
        tx.commit()
    network.report([row(1, at(0, 20), card(1)), row(1, at(1), card(1))])

    assert [(each[1], each[2]) for each in network.tables()["night_counts"]] == [
        ("990102", 1), ("990201", 1), ("990201", 1),
    ]  # fmt: skip
    assert network.where(1) == terminal(1)
    assert [each[5] for each in network.tables()["binding_changes"]] == ["added"]
