"""Months are rated, closed and corrected; sums are sums of cards; bills are compared (TRF-05, TRF-09, TRF-10)."""

import random
from collections import Counter
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.traffic.costs import DecideBill, GetBill, ListBillDifferences, ListBills, PreviewBill
from kernel.contracts.traffic.tariffs import CloseMonth, ListCostMonths, ListTariffs, RateMonth
from kernel.model.actor import Actor, system_actor
from kernel.model.errors import DomainError
from services.traffic.bill_gate import decide_bill, get_bill, preview_bill
from services.traffic.bill_list import list_bill_differences, list_bills
from services.traffic.bills import run_bill
from services.traffic.cost_months import list_cost_months
from services.traffic.cost_rating import close_month, rate_due, rate_month
from services.traffic.tariff_list import list_tariffs
from tests.integration.traffic.costs_office import BOSS, MB, OCTOBER, Office
from tests.integration.traffic.meters import CITY, MOBILE, Meters, day, iccid

NOVEMBER = "2026-11"


@pytest.fixture
def office(meters: Meters) -> Office:
    office = Office(meters)
    meters.run("TRUNCATE tariffs, cost_months, cost_entries, cost_sums, bills, bill_lines")
    return office


@pytest.mark.req("TRF-05", "TRF-10")
@pytest.mark.parametrize("seed", range(4))
def test_cards_cities_province_and_line_of_the_bill_are_one_sum(office: Office, seed: int) -> None:
    dice = random.Random(seed)
    pool = dice.choice([None, "P1"])
    office.tariff(pool=pool, per_mb=Decimal("0.137"))
    office.tariff(carrier="china_unicom", monthly_fee=Decimal("0.333"), silent_fee=Decimal("0.1"))
    rows = [(iccid(card), day(each, 10), dice.randint(0, 90 * MB)) for card in MOBILE for each in (1, 2)]
    dice.shuffle(rows)
    for start in range(0, len(rows), 5):
        office.meters.push(rows[start : start + 5])
    result = office.rate()

    entries = office.costs()
    cities, county = office.cities(), office.cities(unit="9901")
    own = office.cities(by=CITY)

    assert (result["cards"], len(entries)) == (12, 12)
    total = sum(entry.amount for entry in entries)
    assert total == sum(item.cost for item in cities.items) == cities.totals["cost"]
    assert cities.items[0].cost == county.totals["cost"] == own.totals["cost"]
    by_city = Counter[str]()
    for entry in entries:
        by_city[entry.unit[:4]] += int(entry.amount * 100)
    assert {item.unit: int(item.cost * 100) for item in cities.items} == dict(by_city)
    exact = office.meters.run(
        "SELECT sum(exact) AS yuan, sum(fen) AS fen FROM cost_entries GROUP BY carrier, pool, line_spec"
    )
    assert all(abs(row.yuan * 100 - row.fen) <= Decimal("0.51") for row in exact)
    lines = "\n".join(f"{entry.iccid},{entry.amount}" for entry in entries if entry.carrier == "china_mobile")
    office.bill(f"ICCID,费用\n{lines}")
    (bill,) = office.meters.act(list_bills, ListBills(), BOSS).items
    assert (bill.difference, bill.rows, bill.refused) == (0, len(MOBILE), 0)


@pytest.mark.req("TRF-09")
def test_rating_a_month_twice_changes_nothing_and_a_correction_of_an_open_month_stays_in_it(office: Office) -> None:
    office.tariff()
    office.meters.push([(iccid(card), day(1, 10), 40 * MB) for card in MOBILE])
    office.rate()
    before = office.costs()
    again = office.rate()
    assert (again["entries"], office.costs()) == (0, before)

    office.meters.push([(iccid(0), day(1, 10), 50 * MB)])
    changed = office.rate()
    (entry,) = office.costs(corrections=True)
    first = next(item for item in before if item.iccid == iccid(0))

    assert changed["entries"] == 1
    assert (entry.amount, entry.posted_in, entry.corrects) == (Decimal("2.90"), OCTOBER, first.number)


@pytest.mark.req("TRF-09")
def test_a_closed_month_is_corrected_in_the_open_one_with_its_reason(office: Office) -> None:
    office.tariff()
    office.meters.push([(iccid(card), day(1, 10), 40 * MB) for card in MOBILE])
    office.rate()
    billed = office.cities(month=OCTOBER).totals["cost"]
    closed = office.meters.act(close_month, CloseMonth(month=OCTOBER), BOSS)
    office.meters.push([(iccid(0), day(1, 10), 50 * MB)])
    with pytest.raises(DomainError, match="cost_reason_missing"):
        office.meters.act(rate_month, RateMonth(month=OCTOBER), BOSS)
    office.rate(reason="运营商更正")
    (entry,) = office.costs(corrections=True)
    november, october = office.meters.act(list_cost_months, ListCostMonths(), BOSS).items

    assert closed.state == "closed"
    assert (entry.about, entry.posted_in, entry.reason) == (OCTOBER, NOVEMBER, "运营商更正")
    assert office.cities(month=OCTOBER).totals["cost"] == billed == october.billed
    assert office.cities(month=OCTOBER, view="known").totals["cost"] == billed + Decimal("2.90") == october.known
    assert (november.billed, november.corrections, november.known) == (Decimal("2.90"), Decimal("2.90"), 0)
    assert office.rate(reason="再算")["entries"] == 0


@pytest.mark.req("TRF-05")
def test_the_check_of_a_month_names_units_whose_cost_is_not_what_its_entries_say(office: Office) -> None:
    office.tariff()
    office.meters.push([(iccid(0), day(1, 10), 40 * MB)])
    office.rate()
    assert office.meters.differences(OCTOBER) == []

    office.meters.run("UPDATE cost_sums SET fen = fen + 7 WHERE unit = '990101'")
    ((_, code, said),) = office.meters.differences(OCTOBER)

    assert (code, said["unit"]) == ("cost_sums_differ", "990101")
    assert Decimal(said["said"]) == Decimal(said["found"]) + Decimal("0.07")


@pytest.mark.req("TRF-09")
def test_what_happens_to_a_card_afterwards_does_not_change_its_month(office: Office) -> None:
    office.tariff(prorated=True)
    office.meters.push([(iccid(0), day(1, 10), 40 * MB)])
    office.rate()
    office.meters.run("UPDATE cards SET owner_unit = '990301', state = 'terminated', changed_at = '2026-11-09'")

    assert office.rate()["entries"] == 0
    assert {entry.unit for entry in office.costs()} == {"990101", "990201"}


@pytest.mark.req("TRF-05")
def test_a_line_explains_itself_and_a_silent_card_pays_the_silent_price(office: Office) -> None:
    office.tariff(silent_fee=Decimal("0.5"))
    office.meters.push([(iccid(0), day(1, 10), 40 * MB)])
    office.rate()
    entries = {entry.iccid: entry for entry in office.costs()}

    assert entries[iccid(1)].amount == Decimal("0.50")
    assert "31 天" in entries[iccid(0)].why
    assert "超出 10 MB × 0.29" in entries[iccid(0)].why
    assert entries[iccid(0)].amount == Decimal("3.91")  # 1.005 + 10 x 0.29 = 3.905; seven others of 0.5 round nothing


@pytest.mark.req("TRF-05")
def test_a_card_without_tariff_is_named_and_all_others_are_rated(office: Office) -> None:
    office.tariff()
    office.meters.push([(iccid(0), day(1, 10), 1)])
    result = office.rate()
    refused = office.meters.run("SELECT key, code FROM job_rows ORDER BY key")

    assert result["cards"] == len(MOBILE)
    assert [row.key for row in refused] == [iccid(number) for number in range(12) if number not in MOBILE]
    assert {row.code for row in refused} == {"tariff_missing"}


@pytest.mark.req("TRF-05")
def test_a_terminated_card_that_costs_is_found_and_one_terminated_before_the_month_does_not(office: Office) -> None:
    office.tariff()
    office.meters.run("UPDATE cards SET state = 'terminated', changed_at = '2026-09-03' WHERE id IN (1, 2)")
    office.meters.push([(iccid(0), day(1, 10), 40 * MB)])
    office.rate()

    idle = office.costs(idle=True)
    assert [entry.iccid for entry in idle] == [iccid(0)]
    assert iccid(1) not in {entry.iccid for entry in office.costs()}
    assert office.cities(month=OCTOBER).totals["idle"] == idle[0].amount


@pytest.mark.req("TRF-05")
def test_tariffs_follow_each_other_and_do_not_overlap(office: Office) -> None:
    office.tariff()
    office.tariff(valid_from=date(2026, 11, 1), monthly_fee=Decimal(2))
    with pytest.raises(DomainError, match="tariff_overlaps"):
        office.tariff(valid_from=date(2026, 1, 1), valid_to=date(2026, 3, 1))
    with pytest.raises(DomainError, match="tariff_span"):
        office.tariff(valid_from=date(2026, 12, 3))
    found = office.meters.act(list_tariffs, ListTariffs(), BOSS).items
    elsewhere = Actor("x", "x", "98", BOSS.permissions)

    assert [(item.valid_from, item.valid_to) for item in found] == [
        (date(2026, 11, 1), None), (date(2025, 1, 1), date(2026, 11, 1)),
    ]  # fmt: skip
    assert office.meters.act(list_tariffs, ListTariffs(), elsewhere).items == []


@pytest.mark.req("TRF-10")
def test_a_bill_is_compared_card_by_card_and_bad_lines_are_named(office: Office) -> None:
    office.tariff(monthly_fee=Decimal(1), per_mb=Decimal(0))
    office.meters.push([(iccid(card), day(1, 10), 1) for card in MOBILE])
    office.rate()
    good = "\n".join(f"{iccid(card)},1.00" for card in MOBILE[2:])
    bill = office.bill(f"ICCID,费用\n{iccid(0)},2.50\n{iccid(77)},3\n{good}\n{iccid(0)},1\n{iccid(5)},1.005\nx,1")
    found = office.meters.act(list_bill_differences, ListBillDifferences(carrier="china_mobile", month=OCTOBER), BOSS)
    city = office.meters.act(list_bill_differences, ListBillDifferences(carrier="china_mobile", month=OCTOBER), CITY)

    assert [(item.iccid, item.kind, item.billed, item.ours) for item in found.items] == [
        (iccid(0), "differs", Decimal("2.50"), Decimal("1.00")),
        (iccid(MOBILE[1]), "only_ours", None, Decimal("1.00")),
        (iccid(77), "only_theirs", Decimal("3.00"), None),
    ]
    assert [item.iccid for item in city.items] == [iccid(0)]
    assert office.meters.act(list_bill_differences, ListBillDifferences(), BOSS) == found
    assert {(item.carrier, item.month) for item in found.items} == {("china_mobile", OCTOBER)}
    assert office.meters.act(list_bill_differences, ListBillDifferences(carrier="china_unicom"), BOSS).items == []
    refused = office.meters.run("SELECT row_no, code FROM job_rows WHERE job_id = :id ORDER BY 1", id=bill.job_id)
    assert [row.code for row in refused] == ["bill_twice", "bill_amount_malformed", "iccid_length"]


@pytest.mark.req("TRF-09")
def test_months_close_when_they_are_over_and_rated(office: Office) -> None:
    office.tariff()
    office.meters.push([(iccid(0), day(1), 1), (iccid(0), day(1, 10), 1)])
    with pytest.raises(DomainError, match="month_not_provisional"):
        office.meters.act(close_month, CloseMonth(month=OCTOBER), BOSS)
    office.rate(NOVEMBER)
    with pytest.raises(DomainError, match="month_not_over"):
        office.meters.act(close_month, CloseMonth(month=NOVEMBER), BOSS)
    with pytest.raises(DomainError, match="month_not_over"):
        office.meters.act(rate_month, RateMonth(month="2026-12"), BOSS)
    office.rate()
    office.meters.push([(iccid(0), day(1, 9), 1)])
    with pytest.raises(DomainError) as earlier:
        office.meters.act(close_month, CloseMonth(month=OCTOBER), BOSS)
    assert (earlier.value.code, earlier.value.params["before"]) == ("month_earlier_open", "2026-09")
    states = {it.month: (it.state, it.can) for it in office.meters.act(list_cost_months, ListCostMonths(), BOSS).items}
    viewer = office.meters.act(list_cost_months, ListCostMonths(), CITY).items

    assert states == {
        NOVEMBER: ("provisional", ["rate", "close"]),
        OCTOBER: ("provisional", ["rate", "close"]),
        "2026-09": ("open", ["rate"]),
    }
    assert {tuple(it.can) for it in viewer} == {()}


def due_now(meters: Meters, after_days: int) -> int:
    with UnitOfWork(meters.engine).begin() as tx:
        began = rate_due(tx, by=system_actor("traffic", may={"cost.manage"}), now=meters.now, after_days=after_days)
        tx.commit()
    return began


@pytest.mark.req("TRF-05")
def test_months_that_are_over_are_rated_by_themselves_once_their_figures_are_here(office: Office) -> None:
    meters = office.meters
    meters.push([(iccid(0), day(1), 1), (iccid(0), day(1, 10), 1)])
    nobody = due_now(meters, 3)
    office.tariff()
    meters.run("UPDATE loads SET state = 'waiting'")
    waiting = due_now(meters, 3)
    meters.run("UPDATE loads SET state = 'taken'")
    early = due_now(meters, 30)
    due = due_now(meters, 3)
    again = due_now(meters, 3)

    assert (nobody, waiting, early, due, again) == (0, 0, 0, 1, 0)
    (job,) = meters.run("SELECT * FROM jobs WHERE kind = 'rate_month'")
    assert (job.request["month"], job.created_unit) == (OCTOBER, "99")
    office.rate()
    meters.run("DELETE FROM jobs")
    assert due_now(meters, 3) == 0


def bills(office: Office) -> list[tuple[str, Decimal]]:
    return [(bill.state, bill.billed) for bill in office.meters.act(list_bills, ListBills(), BOSS).items]


@pytest.mark.req("TRF-10")
@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("ICCID,费用\nx,1\n", "bill_without_lines"),
        (f"ICCID,费用(分)\n{iccid(0)},100\n", "bill_unit_differs"),
        (f"ICCID,金额（万元）\n{iccid(0)},1\n", "bill_unit_differs"),
    ],
)
def test_a_bill_that_cannot_be_read_fails_and_the_one_before_it_stands(office: Office, lines: str, code: str) -> None:
    office.bill(f"ICCID,分摊费用\n{iccid(0)},2.50")
    with pytest.raises(DomainError, match=code):
        office.bill(lines)
    office.meters.run("UPDATE jobs SET state = 'failed' WHERE state = 'running'")

    assert bills(office) == [("failed", 0), ("taken", Decimal("2.50"))]


@pytest.mark.req("TRF-10", "INV-12")
def test_a_bill_without_check_digits_is_of_the_same_cards(office: Office) -> None:
    office.meters.have_cards(1, first=25)
    bill = office.bill(f"ICCID,费用\n{iccid(25)[:19]},2.50\n{iccid(25)},1\n8986{'7' * 15},3")
    lines = office.meters.run("SELECT iccid, fen FROM bill_lines ORDER BY 1")

    assert [tuple(row) for row in lines] == [(iccid(25), 250), (f"8986{'7' * 15}", 300)]
    refused = office.meters.run("SELECT row_no, code FROM job_rows WHERE job_id = :id", id=bill.job_id)
    assert [tuple(row) for row in refused] == [(3, "bill_twice")]


@pytest.mark.req("TRF-10")
def test_a_bill_of_a_month_that_has_not_begun_is_refused(office: Office) -> None:
    with pytest.raises(DomainError, match="month_not_begun"):
        office.bill(f"ICCID,费用\n{iccid(0)},1", month="2026-12")


@pytest.mark.req("TRF-09", "GTW-01")
def test_a_bill_of_the_province_is_no_countys_to_see(office: Office) -> None:
    office.bill("ICCID,金额\n" + f"{iccid(0)},1.00\n")
    county = Actor("k", "县", "990101", BOSS.permissions)

    assert office.meters.act(list_bills, ListBills(), county).items == []
    assert len(office.meters.act(list_bills, ListBills(), BOSS).items) == 1


def several(numbers: range, yuan: str) -> str:
    return "ICCID,费用\n" + "".join(f"{iccid(number)},{yuan}\n" for number in numbers)


@pytest.mark.req("TRF-10")
@pytest.mark.parametrize(
    ("lines", "codes"),
    [
        (several(range(20), "1.50"), ["bill_rows_few"]),
        (several(range(40), "0.40"), ["bill_total_jumps"]),
        (several(range(40), "2.00"), ["bill_total_jumps"]),
        (several(range(12), "1.00"), ["bill_rows_few", "bill_total_jumps"]),
        (several(range(31), "1.00"), []),  # 77 %
    ],
    ids=["fewer cards", "half", "twice", "both", "nearly all"],
)
def test_a_bill_unlike_the_one_before_it_waits_for_a_person(office: Office, lines: str, codes: list[str]) -> None:
    office.bill(several(range(40), "1.00"), month="2026-09")
    bill = office.bill(lines)
    found = office.meters.act(get_bill, GetBill(bill_id=bill.bill_id), BOSS)
    seen = office.meters.act(preview_bill, PreviewBill(bill_id=bill.bill_id), BOSS).items

    stored = office.meters.run("SELECT reasons, state FROM bills WHERE id = :id", id=bill.bill_id)[0]
    assert [code for code, _ in stored.reasons] == codes
    assert (found.state, found.can) == (("held", ["decide"]) if codes else ("taken", []))
    assert [(it.what, it.month, it.cards) for it in seen][1:2] == ([("before", "2026-09", 40)] if codes else [])


@pytest.mark.req("TRF-10")
@pytest.mark.parametrize("take", [True, False])
def test_a_held_bill_is_taken_or_dropped_by_a_person(office: Office, take: bool) -> None:
    office.bill(several(range(40), "1.00"))
    bill = office.bill(several(range(10), "1.00"))
    before = bills(office)
    decided = office.meters.act(decide_bill, DecideBill(bill_id=bill.bill_id, take=take, remark="已核实"), BOSS)
    if take:
        (job,) = office.meters.run("SELECT id, request FROM jobs WHERE id = :id", id=decided.job)
        office.work(run_bill, SimpleNamespace(job_id=job.id), job.request)
    with pytest.raises(DomainError, match="bill_not_held"):
        office.meters.act(decide_bill, DecideBill(bill_id=bill.bill_id, take=take, remark="再次"), BOSS)

    (told,) = office.meters.run("SELECT result FROM jobs WHERE id = :id", id=bill.job_id)
    assert [note["code"] for note in told.result["notes"]][:2] == ["held_for_a_person", "bill_rows_few"]
    assert before == [("held", Decimal("10.00")), ("taken", Decimal("40.00"))]
    states = ("taken", "replaced") if take else ("dropped", "taken")
    assert bills(office) == [(states[0], Decimal("10.00")), (states[1], Decimal("40.00"))]
    assert len(office.meters.run("SELECT FROM bill_lines WHERE bill_id = :id", id=bill.bill_id)) == (10 if take else 0)
