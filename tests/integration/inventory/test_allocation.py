"""分卡: a range moves whole or not at all (INV-03)."""

import threading
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel.contracts.errors import text
from kernel.contracts.inventory.acts import AllocateCards, ListAllocations, PreviewAllocation
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.number_range import NumberRange
from services.inventory import allocation
from services.inventory.allocation import IN_RANGE, allocate, list_allocations, preview, range_params
from services.inventory.lifecycle import CardAction
from tests.integration.inventory.stock import CITY, COUNTY, PROVINCE, STRANGER, Batch, Stock

A = CardAction


def asked(iccids: list[str], **fields: Any) -> dict[str, Any]:
    return {
        "application_month": "2026-11",
        "carrier": "china_mobile",
        "card_spec": "plug_in",
        "start_iccid": iccids[0],
        "end_iccid": iccids[-1],
        "to_unit": "9901",
        **fields,
    }


def give(stock: Stock, iccids: list[str], *, by: Actor = PROVINCE, **fields: Any):
    return stock.do(allocate, AllocateCards(**asked(iccids, **fields)), by=by).allocation


def dry_run(stock: Stock, iccids: list[str], *, by: Actor = PROVINCE, **fields: Any):
    return stock.do(preview, PreviewAllocation(**asked(iccids, **fields)), by=by)


def refusal(stock: Stock, iccids: list[str], *, by: Actor = PROVINCE, **fields: Any) -> DomainError:
    with pytest.raises(DomainError) as refused:
        give(stock, iccids, by=by, **fields)
    return refused.value


def owners(stock: Stock, batch: Batch) -> dict[str, int]:
    rows = stock.all("SELECT owner_unit, count(*) AS n FROM cards WHERE delivery_id = :id GROUP BY 1", id=batch.id)
    return {row["owner_unit"]: row["n"] for row in rows}


@pytest.mark.req("INV-03")
def test_a_range_goes_to_the_unit_below_and_is_recorded(stock: Stock):
    batch = stock.stocked(10)

    done = give(stock, batch.iccids[2:8], operator="赵六", contact="13900000000")

    assert owners(stock, batch) == {"99": 4, "9901": 6}
    assert (done.card_count, done.from_unit, done.to_unit, done.operator) == (6, "99", "9901", "赵六")
    assert done.recorded_by == PROVINCE.name
    entry = stock.log(batch.iccids[2])[-1]
    assert (entry["action"], entry["from_unit"], entry["to_unit"]) == ("allocate", "99", "9901")
    assert (entry["reference_kind"], entry["reference_id"]) == ("allocation", str(done.id))
    assert entry["from_state"] == entry["to_state"] == "in_stock"
    assert stock.card(batch.iccids[2])["allocated_at"] == stock.now


@pytest.mark.req("INV-03")
def test_the_operator_is_who_is_logged_in_unless_somebody_else_is_named(stock: Stock):
    batch = stock.stocked(1)

    assert give(stock, batch.iccids).operator == PROVINCE.name


@pytest.mark.req("INV-03")
def test_cities_give_on_to_their_counties(stock: Stock):
    batch = stock.stocked(4, unit="9901")

    assert give(stock, batch.iccids, by=CITY, to_unit="990101").from_unit == "9901"
    # The province may act for the city that owns the cards.
    other = stock.stocked(2, unit="9901")
    assert give(stock, other.iccids, from_unit="9901", to_unit="990102").card_count == 2


def offending(stock: Stock, batch: Batch) -> dict[str, int]:
    """A range in which cards break each rule; the counts by reason."""
    stock.move(A.ALLOCATE, batch.iccids[0:3], owner_unit="9901")
    stock.move(A.ISSUE, batch.iccids[3:17], issued_to_unit="99")
    return {"card_not_in_stock": 14, "card_other_owner": 3}


@pytest.mark.req("INV-03")
def test_one_offending_card_refuses_the_whole_range_and_the_first_ten_are_named(stock: Stock):
    batch = stock.stocked(30)
    expected = offending(stock, batch)

    error = refusal(stock, batch.iccids)

    assert error.code == "allocation_refused"
    assert error.params["count"] == 17
    assert {reason["code"]: reason["count"] for reason in error.params["reasons"]} == expected
    by_code = {reason["code"]: reason["first"] for reason in error.params["reasons"]}
    assert by_code["card_not_in_stock"] == batch.iccids[3:13]
    assert by_code["card_other_owner"] == batch.iccids[0:3]
    assert owners(stock, batch) == {"99": 27, "9901": 3}
    assert "17" in text(error.code, error.params)


@pytest.mark.req("INV-03")
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"application_month": "2026-10"}, "card_other_month"),
        ({"carrier": "china_unicom"}, "card_other_carrier"),
        ({"card_spec": "esim"}, "card_other_spec"),
    ],
)
def test_all_cards_must_be_of_the_month_carrier_and_spec(stock: Stock, fields: dict[str, str], code: str):
    batch = stock.stocked(3)

    error = refusal(stock, batch.iccids, **fields)

    assert [(reason["code"], reason["count"]) for reason in error.params["reasons"]] == [(code, 3)]


@pytest.mark.req("INV-03")
def test_the_dry_run_says_what_allocate_then_does_and_moves_nothing(stock: Stock):
    batch = stock.stocked(12)

    shown = dry_run(stock, batch.iccids)

    assert (shown.allowed, shown.would_move, shown.span, shown.missing) == (True, 12, 12, 0)
    assert (shown.first_iccid, shown.last_iccid) == (batch.iccids[0], batch.iccids[-1])
    assert (shown.by_unit, shown.left_out) == ({"99": 12}, [])
    assert owners(stock, batch) == {"99": 12}
    assert give(stock, batch.iccids).card_count == shown.would_move


@pytest.mark.req("INV-03")
def test_the_dry_run_shows_gaps_owners_and_what_offends(stock: Stock):
    batch = stock.stocked(20)
    stock.deliver(5)
    after = stock.stocked(10)
    expected = offending(stock, batch)

    shown = dry_run(stock, [batch.iccids[0], stock.number(39)])

    assert (shown.allowed, shown.would_move) == (False, 0)
    assert (shown.span, shown.missing) == (40, 5)
    assert shown.by_unit == {"99": 32, "9901": 3}
    assert {left.code: left.count for left in shown.left_out} == {**expected, "card_not_in_stock": 19}
    assert all(len(left.first) <= 10 and left.message for left in shown.left_out)
    assert after.iccids[0] not in shown.left_out[0].first


@pytest.mark.req("INV-03")
def test_a_range_with_gaps_moves_the_cards_there_are(stock: Stock):
    batch = stock.stocked(5)

    assert give(stock, [batch.iccids[0], stock.number(900)]).card_count == 5


@pytest.mark.req("INV-03")
def test_overlapping_ranges_are_refused_the_second_time(stock: Stock):
    batch = stock.stocked(10)
    give(stock, batch.iccids[:6])

    error = refusal(stock, batch.iccids[4:])

    assert [(reason["code"], reason["count"]) for reason in error.params["reasons"]] == [("card_other_owner", 2)]


@pytest.mark.req("INV-03", "GTW-02")
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"start_iccid": "8986"}, "range_end_malformed"),
        ({"end_iccid": "8.986E+18"}, "range_end_scientific"),
        ({"start_iccid": ""}, "range_end_malformed"),
        ({"end_iccid": "89860312345678901234"}, "range_across_issuers"),
        ({"end_iccid": "8986011234567890123"}, "range_across_issuers"),
        ({"end_iccid": "89860012345678901234"}, "range_end_check_digit"),
        ({"application_month": "2026-13"}, "month_malformed"),
        ({"carrier": "china_tietong"}, "carrier_unknown"),
        ({"card_spec": "micro"}, "card_spec_unknown"),
        ({"to_unit": "99"}, "unit_not_below"),
        ({"to_unit": "98"}, "unit_out_of_scope"),
        ({"to_unit": "990"}, "unit_malformed"),
        ({"to_unit": "９９０１"}, "unit_malformed"),
        ({"from_unit": "98"}, "unit_out_of_scope"),
        ({"from_unit": "9902"}, "unit_not_below"),
        ({"from_unit": "x"}, "unit_malformed"),
    ],
)
def test_a_request_that_is_wrong_in_itself_is_refused_with_its_reason(stock: Stock, fields: dict[str, str], code: str):
    batch = stock.stocked(2)

    assert refusal(stock, batch.iccids, **fields).code == code


@pytest.mark.req("INV-03")
def test_a_reversed_range_is_refused(stock: Stock):
    batch = stock.stocked(2)

    assert refusal(stock, batch.iccids[::-1]).code == "range_reversed"


@pytest.mark.req("INV-03")
def test_full_width_digits_and_spaces_in_the_ends_are_understood(stock: Stock):
    batch = stock.stocked(2)
    wide = batch.iccids[0].translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})

    assert give(stock, [wide, f" {batch.iccids[1][:10]} {batch.iccids[1][10:]} "]).card_count == 2


@pytest.mark.req("INV-03")
def test_a_range_without_cards_is_refused(stock: Stock):
    assert refusal(stock, [stock.number(50_000), stock.number(50_010)]).code == "range_empty"


@pytest.mark.req("INV-03", "GTW-02")
def test_cards_of_strangers_are_never_seen_counted_or_moved(stock: Stock):
    mine = stock.stocked(4, unit="9901")
    theirs = stock.stocked(3, unit="9902")
    both = [mine.iccids[0], theirs.iccids[-1]]

    shown = dry_run(stock, both, by=CITY, to_unit="990101")
    assert (shown.would_move, shown.missing, shown.by_unit) == (4, 3, {"9901": 4})
    assert give(stock, both, by=CITY, to_unit="990101").card_count == 4
    assert owners(stock, theirs) == {"9902": 3}
    assert refusal(stock, theirs.iccids, by=CITY, to_unit="990101").code == "range_empty"
    assert refusal(stock, mine.iccids, by=STRANGER, to_unit="990101").code == "unit_out_of_scope"


@pytest.mark.req("INV-03")
def test_two_clerks_allocate_the_same_range_at_once_and_one_of_them_wins(stock: Stock):
    batch = stock.stocked(400)
    gate, outcomes = threading.Barrier(4), []

    def clerk(unit: str) -> None:
        gate.wait(10)
        try:
            outcomes.append(give(stock, batch.iccids, to_unit=unit).to_unit)
        except DomainError as error:
            outcomes.append((error.code, error.params["count"]))

    threads = [threading.Thread(target=clerk, args=(f"99{place:02d}",)) for place in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    (winner,) = [outcome for outcome in outcomes if isinstance(outcome, str)]
    assert owners(stock, batch) == {winner: 400}
    assert [outcome for outcome in outcomes if outcome != winner] == [("allocation_refused", 400)] * 3
    records = stock.all("SELECT * FROM allocations WHERE start_iccid = :start", start=batch.iccids[0])
    assert [record["to_unit"] for record in records] == [winner]


def test_a_card_that_moves_between_judgement_and_lock_refuses_all(stock: Stock, monkeypatch: pytest.MonkeyPatch):
    """The race that the second judgement is for, made to happen."""
    batch = stock.stocked(5)
    judge = allocation._judge

    def judged_and_then_somebody_issues_one(*args: Any) -> Any:
        found = judge(*args)
        stock.move(A.ISSUE, batch.iccids[:1])
        return found

    monkeypatch.setattr(allocation, "_judge", judged_and_then_somebody_issues_one)
    error = refusal(stock, batch.iccids)

    assert (error.code, error.params["count"]) == ("allocation_refused", 1)
    assert owners(stock, batch) == {"99": 5}


@pytest.mark.req("INV-03")
def test_allocations_are_listed_for_giver_and_receiver_and_nobody_else(stock: Stock):
    batch = stock.stocked(4)
    first = give(stock, batch.iccids[:2])
    second = give(stock, batch.iccids[2:], to_unit="9902")

    def listed(by: Actor, **filters: Any) -> list[int]:
        request = ListAllocations(application_month="2026-11", **filters)
        return [item.id for item in stock.do(list_allocations, request, by=by).items if item.id >= first.id]

    assert listed(PROVINCE, size=1000) == [second.id, first.id]
    assert listed(PROVINCE, size=1000, unit="9902") == [second.id]
    assert listed(CITY, size=1000) == [first.id]
    assert listed(COUNTY, size=1000) == []
    with pytest.raises(DomainError) as refused:
        listed(CITY, unit="9902")
    assert refused.value.code == "unit_out_of_scope"


LONG = st.sampled_from(["0", "1", "5", "9", "A", "F"])
NUMBERS = st.builds(lambda head, tail: head + "".join(tail), st.sampled_from(["8986", "8986007"]), st.lists(LONG))


@pytest.mark.req("INV-03")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(NUMBERS, min_size=1, max_size=5), st.integers(0, 4), st.integers(0, 4), st.sampled_from([19, 20]))
def test_the_database_and_the_model_agree_what_lies_in_a_range(
    stock: Stock, numbers: list[str], low: int, high: int, width: int
):
    """Text in the "C" order, letters and both lengths among them."""
    padded = sorted(number.ljust(width, "0")[:width] for number in numbers)
    first, last = sorted((padded[low % len(padded)], padded[high % len(padded)]))
    numbers_in = NumberRange(first, last)
    candidates = [*padded, *(number[:19].ljust(39 - width, "5") for number in padded)]

    found = stock.all(
        f"""
        WITH cards AS (SELECT x COLLATE "C" AS iccid, 1 AS delivery_id FROM unnest(CAST(:all AS text[])) AS x)
        SELECT iccid FROM cards WHERE {IN_RANGE}
        """,
        all=candidates,
        **range_params(numbers_in),
    )

    assert sorted(row["iccid"] for row in found) == sorted(number for number in candidates if number in numbers_in)
