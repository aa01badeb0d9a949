"""Registrations, findings with both claims, sanctions with their hearing (IME-11, IME-12, IME-13, IME-15)."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.imei.acts import TransferSerials
from kernel.contracts.imei.audits import (
    AnalyseMonth,
    DecideSanction,
    DecideViolation,
    HearSanction,
    ListRegistrations,
    ListSanctions,
    ListUnredeemed,
    ListViolations,
    ReportRegistrations,
)
from kernel.contracts.imei.redemption import RedeemSerial
from kernel.model.errors import DomainError
from services.imei import redemption, registrations, sanctions, scanning, violations
from tests.integration.imei.office import Office
from tests.integration.imei.shops import COUNTY, NOW, OTHER_CITY, PROVINCE, Shops, imei, person

SECOND = person("99", "admin")
PHONE, OTHER_PHONE = "13800000001", "13800000002"


def registered(shops: Shops, *rows: Any) -> None:
    """The platform tells it the next day."""
    told = [
        {"serial": serial, "registered_at": at.isoformat(), "place": place, "msisdn": phone}
        for serial, at, place, phone in rows
    ]
    before, shops.now = shops.now, shops.now + timedelta(days=1)
    assert shops.act(registrations.report, ReportRegistrations(rows=told), PROVINCE).done == len(rows)
    shops.now = before


def redeem(shops: Shops, serial: str, phone: str | None = PHONE, kind: str = "airtime") -> None:
    asked = RedeemSerial(kind=kind, serial=serial, organisation="shop-1", order_no=f"D-{serial[-6:]}", msisdn=phone)
    shops.act(redemption.redeem, asked)


def analyse(shops: Shops, month: str = "2026-11") -> dict[str, int]:
    found = shops.act(violations.analyse, AnalyseMonth(month=month), PROVINCE).found
    return {kind: count for kind, count in found.items() if count}


def listed(shops: Shops, **more: Any) -> list[Any]:
    with UnitOfWork(shops.engine).begin(PROVINCE) as tx:
        return violations.VIOLATIONS.answer(tx, ListViolations(**more), by=PROVINCE, now=shops.now).items


def elsewhere(shops: Shops, serial: str, claimant: str | None) -> None:
    shops.sql(
        "INSERT INTO subsidised (code, list_id, row_no, claimant, claimed_on)"
        " VALUES (:code, 7, 3, :claimant, '2026-10-01')",
        code=int(serial[:14], 16), claimant=claimant,
    )  # fmt: skip


@pytest.mark.req("IME-11")
def test_registrations_are_taken_row_by_row_and_once(shops: Shops) -> None:
    rows = [
        {"serial": imei(1), "registered_at": NOW.isoformat(), "place": "9901"},
        {"serial": imei(2)[:14] + "x", "registered_at": NOW.isoformat(), "place": "9901"},
        {"serial": imei(3), "registered_at": "gestern", "place": "9901"},
        {"serial": imei(4), "registered_at": (NOW + timedelta(days=1)).isoformat(), "place": "9901"},
        {"serial": imei(5), "registered_at": NOW.isoformat(), "place": "northern"},
        "not a row",
    ]

    first, second = (shops.act(registrations.report, ReportRegistrations(rows=rows), PROVINCE) for _ in range(2))

    assert [it.code for it in first.refused] == [
        "serial_characters", "registration_row_invalid", "registration_in_future", "registration_row_invalid",
        "registration_row_invalid",
    ]  # fmt: skip
    assert (first.done, second.done, [it.row for it in first.refused]) == (1, 1, [2, 3, 4, 5, 6])
    assert len(shops.sql("SELECT 1 FROM registrations")) == 1


@pytest.mark.req("IME-11")
def test_what_a_dealer_sold_and_did_not_redeem_is_listed_with_its_days(shops: Shops) -> None:
    one, two, three = shops.have(1, 2, 3)
    shops.scan([one, two, three])
    shops.sell([one, two])
    redeem(shops, two)
    shops.now += timedelta(days=3)

    assert [(it.serial, it.organisation, it.days) for it in _unredeemed(shops)] == [(one, "shop-1", 3)]
    assert _unredeemed(shops, days=4) == []


@pytest.mark.req("IME-11")
def test_what_registered_and_lies_in_stock_by_the_books_is_listed_as_unredeemed(shops: Shops) -> None:
    one, two, three = shops.have(1, 2, 3, more=(8,))
    shops.scan([one, two, three])
    shops.sell([two])
    registered(shops, (two, NOW, "9901", PHONE), (imei(8), NOW, "9901", OTHER_PHONE), (one, NOW, "9901", PHONE))
    shops.now += timedelta(days=5)

    assert [(it.serial, it.state, it.days) for it in _unredeemed(shops)] == [(one, "claimed", 5), (two, "sold", 5)]
    assert [(it.serial, it.sold_at, it.since) for it in _unredeemed(shops, state="claimed")] == [(one, None, NOW)]
    assert shops.row(one).registered_at == NOW
    redeem(shops, one, kind="terminal")
    assert [it.serial for it in _unredeemed(shops)] == [two]


@pytest.mark.req("IME-11")
def test_a_device_that_is_entered_after_it_registered_is_marked_too(shops: Shops, tmp_path: Path) -> None:
    registered(shops, (imei(1), NOW + timedelta(hours=2), "9901", PHONE), (imei(1), NOW, "9901", PHONE))
    Office(shops, tmp_path).upload("push_down", [imei(1), imei(2)])

    assert (shops.row(imei(1)).registered_at, shops.row(imei(2)).registered_at) == (NOW, None)
    shops.sql("UPDATE devices SET registered_at = NULL")  # as if both had come at the same moment
    with UnitOfWork(shops.engine).begin(PROVINCE) as tx:
        registrations.mark_late(tx, now=NOW + timedelta(days=2))
        tx.commit()
    assert shops.row(imei(1)).registered_at == NOW


@pytest.mark.req("IME-11", "GTW-02")
def test_registrations_are_listed_to_the_units_of_their_devices_or_else_of_their_place(shops: Shops) -> None:
    (mine,) = shops.scan_new(1)
    registered(shops, (mine, NOW, "9902", PHONE), (imei(70), NOW, "9902", PHONE), (imei(71), NOW, "9901", None))

    def told(by: Any, **more: Any) -> list[tuple[str, str | None]]:
        with UnitOfWork(shops.engine).begin(by) as tx:
            page = registrations.REGISTRATIONS.answer(tx, ListRegistrations(**more), by=by, now=shops.now)
        return sorted((it.serial, it.state) for it in page.items)

    assert told(COUNTY) == [(mine, "claimed")]
    assert told(OTHER_CITY) == [(imei(70), None)]
    assert told(PROVINCE) == [(mine, "claimed"), (imei(70), None), (imei(71), None)]
    assert told(PROVINCE, known=False, msisdn=PHONE) == [(imei(70), None)]
    assert told(PROVINCE, serial=mine) == [(mine, "claimed")]


def _unredeemed(shops: Shops, **more: Any) -> list[Any]:
    with UnitOfWork(shops.engine).begin(COUNTY) as tx:
        return registrations.UNREDEEMED.answer(tx, ListUnredeemed(**more), by=COUNTY, now=shops.now).items


def _a_month_of_trade(shops: Shops) -> tuple[list[str], dict[str, list[str]]]:
    """Honest devices and cheats. Answers the honest ones, and kind > device of each cheat."""
    serials = shops.have(*range(1, 31))
    shops.scan(serials)
    sold, unsold = serials[:26], serials[26:]
    shops.sell(sold)
    hour = timedelta(hours=1)
    for serial in sold[:20]:
        redeem(shops, serial, f"1390000{serial[-5:-1]}")
        registered(shops, (serial, NOW + hour, "9901", f"1390000{serial[-5:-1]}"))
    twice, own, phantom, real, diverted, cloned = sold[20:]
    redeem(shops, twice, None)
    elsewhere(shops, twice, "98")
    redeem(shops, own, None)
    elsewhere(shops, own, "99")
    redeem(shops, phantom, PHONE)
    registered(shops, (imei(900), NOW + 2 * hour, "9901", PHONE))
    redeem(shops, real, OTHER_PHONE)
    registered(shops, (real, NOW + hour, "9901", OTHER_PHONE), (imei(901), NOW + 9 * hour, "9901", OTHER_PHONE))
    registered(shops, (diverted, NOW + hour, "9801", None))
    registered(shops, (cloned, NOW + hour, "9901", None), (cloned, NOW + 2 * hour, "9905", None))
    registered(shops, (unsold[0], NOW + hour, "9901", None), (unsold[1], NOW + hour, "9901", None))
    shops.sell([unsold[1]])
    shops.now = NOW + timedelta(days=10)
    cheats = {
        "double_subsidy": [twice],
        "phantom": [imei(900)],
        "diversion": [diverted],
        "clone": [cloned],
        "not_redeemed_same_day": [unsold[0]],
    }
    return [*sold[:20], own, real, *unsold[1:]], cheats


@pytest.mark.req("IME-12", "IME-13", "IME-15")
def test_the_analysis_finds_exactly_the_cheats_and_each_once(shops: Shops) -> None:
    honest, cheats = _a_month_of_trade(shops)

    found = analyse(shops)
    again = analyse(shops)
    other_month = analyse(shops, "2026-10")

    assert found == {kind: len(devices) for kind, devices in cheats.items()}
    assert (again, other_month) == ({}, {})
    assert {kind: [it.serial for it in listed(shops, kind=kind)] for kind in cheats} == cheats
    assert not {it.serial for it in listed(shops, size=100)} & set(honest)


@pytest.mark.req("IME-12", "IME-13")
def test_a_finding_says_both_claims_in_words(shops: Shops) -> None:
    (one,) = shops.have(1)
    shops.scan([one])
    shops.sell([one])
    redeem(shops, one)
    elsewhere(shops, one, "98")
    analyse(shops)

    (found,) = listed(shops)

    assert found.ours == f"订单D-{one[-6:]}，shop-1，2026-11-20 10:00"
    assert found.theirs == "全国已补贴清单7第3行，98，2026-10-01"


def _confirm(shops: Shops, number: int) -> None:
    (serial,) = shops.have(number)
    shops.scan([serial])
    shops.sell([serial])
    redeem(shops, serial)
    elsewhere(shops, serial, "98")
    analyse(shops)
    (found,) = listed(shops, state="open")
    asked = DecideViolation(violation_id=found.violation_id, confirmed=True, remark="属实")
    shops.act(violations.decide, asked, PROVINCE)


def _sanction(shops: Shops) -> Any:
    with UnitOfWork(shops.engine).begin(PROVINCE) as tx:
        return sanctions.SANCTIONS.answer(tx, ListSanctions(), by=PROVINCE, now=shops.now).items[0]


def _decide(shops: Shops, decision: str, by: Any = SECOND) -> Any:
    asked = DecideSanction(sanction_id=_sanction(shops).sanction_id, decision=decision, remark="情节属实")
    return shops.act(sanctions.decide, asked, by)


@pytest.mark.req("IME-13")
def test_a_repeated_violation_leads_from_criticism_to_disqualification_each_after_its_hearing(shops: Shops) -> None:
    _confirm(shops, 1)
    with pytest.raises(DomainError, match="sanction_state_wrong"):
        _decide(shops, "impose")
    shops.act(sanctions.hear, HearSanction(sanction_id=_sanction(shops).sanction_id, statement="店员失误"), COUNTY)
    with pytest.raises(DomainError, match="sanction_own"):
        _decide(shops, "impose", PROVINCE)
    first = _decide(shops, "impose")

    _confirm(shops, 2)
    shops.act(sanctions.hear, HearSanction(sanction_id=_sanction(shops).sanction_id, statement="再次失误"), COUNTY)
    second = _decide(shops, "impose")

    assert [(it.step, it.violations, it.state) for it in (first, second)] == [
        ("criticism", 1, "imposed"),
        ("disqualification", 2, "imposed"),
    ]
    (three,) = shops.have(3)
    with pytest.raises(DomainError, match="organisation_suspended"):
        shops.scan([three])
    shops.scan([three], "shop-2")
    with pytest.raises(DomainError, match="organisation_suspended"):
        shops.act(scanning.transfer, TransferSerials(serials=[three], to_organisation="shop-1"))
    _decide(shops, "lift")
    assert shops.act(scanning.transfer, TransferSerials(serials=[three], to_organisation="shop-1")).done == 1


@pytest.mark.req("IME-13", "GTW-02")
def test_a_finding_is_decided_once_and_by_its_own_province(shops: Shops) -> None:
    _a_month_of_trade(shops)
    analyse(shops)
    number = listed(shops, kind="diversion")[0].violation_id
    asked = DecideViolation(violation_id=number, confirmed=False, remark="误报")

    with pytest.raises(DomainError, match="violation_not_found"):
        shops.act(violations.decide, asked, OTHER_CITY)
    decided = shops.act(violations.decide, asked, PROVINCE)
    with pytest.raises(DomainError, match="violation_decided"):
        shops.act(violations.decide, asked, PROVINCE)

    assert (decided.state, decided.decided_by_name) == ("dismissed", "李伟")
    assert shops.sql("SELECT 1 FROM sanctions") == []
    assert isinstance(decided.decided_at, datetime)
