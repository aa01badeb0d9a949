"""Reservations, cancelled orders, contested freezes, silent devices (IME-02, IME-14, IME-18, IME-19)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.imei.acts import FreezeSerials, SwapSerial, TransferSerials, UndoScan, WakeSerials
from kernel.contracts.imei.freezes import AppealFreeze, ExtendFreeze, ListFreezes, ReviewAppeal
from kernel.contracts.imei.orders import CancelRedemption, ReleaseReservation, ReserveSerial
from kernel.contracts.imei.redemption import CheckRedemption, RedeemSerial
from kernel.model.actor import system_actor
from kernel.model.errors import DomainError
from services.imei import appeals, freezing, redemption, reserving, scanning, silence, swapping
from tests.integration.imei.shops import COUNTY, NOW, OTHER_CITY, PROVINCE, Shops, imei, person

SECOND = person("99", "admin")


def reserve(shops: Shops, serial: str, order: str = "D-1", kind: str = "terminal", **more: Any) -> Any:
    asked = ReserveSerial(**{"kind": kind, "serial": serial, "organisation": "shop-1", "order_no": order, **more})
    return shops.act(reserving.reserve, asked)


def redeem(shops: Shops, serial: str, order: str = "D-1", kind: str = "terminal") -> Any:
    asked = RedeemSerial(kind=kind, serial=serial, organisation="shop-1", order_no=order)
    return shops.act(redemption.redeem, asked)


def cancel(shops: Shops, serial: str, order: str = "D-1", **more: Any) -> Any:
    return shops.act(reserving.cancel, CancelRedemption(serial=serial, order_no=order, reason="用户退单"), **more)


def freeze(shops: Shops, *serials: str) -> None:
    shops.act(freezing.freeze, FreezeSerials(serials=list(serials), cause="audit", reason="抽查"), PROVINCE)


def appeal(shops: Shops, serial: str, **more: Any) -> Any:
    return shops.act(appeals.appeal, AppealFreeze(serial=serial, grounds="本店销售", evidence="发票 0001"), **more)


@pytest.mark.req("IME-19")
def test_a_reserved_device_is_free_for_nothing_but_its_order(shops: Shops) -> None:
    one, two = shops.have(1, 2)
    shops.scan([one, two])
    reserve(shops, one)

    refusals = [
        shops.sell([one]).refused[0].code,
        shops.act(scanning.transfer, TransferSerials(serials=[one], to_organisation="shop-2")).refused[0].code,
    ]
    for act in (lambda: redeem(shops, one, "D-2"), lambda: reserve(shops, one, "D-2")):
        with pytest.raises(DomainError) as refused:
            act()
        refusals.append(refused.value.code)
    asked = CheckRedemption(kind="terminal", serials=[one, two], organisation="shop-1")
    verdicts = shops.act(redemption.check, asked)

    assert refusals == ["serial_reserved"] * 4
    assert [it.code for it in verdicts.items] == ["serial_reserved", None]
    assert redeem(shops, one).done == 1
    assert shops.sql("SELECT * FROM reservations") == []


@pytest.mark.req("IME-19")
def test_a_reserved_device_is_not_handed_over_in_a_swap(shops: Shops) -> None:
    one, two = shops.have(1, 2)
    shops.scan([one, two])
    shops.sell([one])
    reserve(shops, two)

    asked = SwapSerial(serial=one, replacement=two, organisation="centre", document="H-1")
    with pytest.raises(DomainError, match="serial_reserved"):
        shops.act(swapping.swap, asked, PROVINCE)


@pytest.mark.req("IME-19")
def test_a_reservation_ends_by_itself_and_by_its_order(shops: Shops) -> None:
    one, two = shops.have(1, 2)
    shops.scan([one, two])
    kept = reserve(shops, one, days=2)
    reserve(shops, two)

    shops.act(reserving.release, ReleaseReservation(serial=two, order_no="D-1"))
    shops.now = kept.expires_at

    assert shops.sell([one, two]).done == 2
    with pytest.raises(DomainError, match="reservation_not_found"):
        shops.act(reserving.release, ReleaseReservation(serial=one, order_no="D-1"))


@pytest.mark.req("IME-19")
def test_of_orders_that_reserve_one_device_at_once_exactly_one_gets_it(shops: Shops) -> None:
    (one,) = shops.have(1)
    shops.scan([one])
    begin = Barrier(6)

    def race(number: int) -> bool:
        begin.wait(30)
        try:
            return bool(reserve(shops, one, f"D-{number}"))
        except DomainError:
            return False

    with ThreadPoolExecutor(6) as pool:
        won = list(pool.map(race, range(6)))

    assert sum(won) == 1
    assert shops.sql("SELECT order_no FROM reservations")[0].order_no == f"D-{won.index(True)}"


@pytest.mark.req("IME-19")
@pytest.mark.parametrize("kind", ["terminal", "airtime"])
def test_a_cancelled_order_leaves_the_device_exactly_as_it_was(shops: Shops, kind: str) -> None:
    (one,) = shops.have(1)
    shops.scan([one])
    shops.now += timedelta(hours=1)
    if kind == "airtime":
        shops.sell([one])
    before = shops.row(one)
    shops.now += timedelta(hours=1)
    redeem(shops, one, kind=kind)
    shops.now += timedelta(hours=1)

    cancel(shops, one)

    assert {**shops.row(one)._mapping, "version": 0} == {**before._mapping, "version": 0}
    with pytest.raises(DomainError, match=r"serial_state_wrong|redemption_not_found"):
        cancel(shops, one)
    assert redeem(shops, one, "D-2", kind).done == 1


@pytest.mark.req("IME-19", "GTW-02")
def test_a_redemption_is_cancelled_by_its_own_order_before_anything_follows(shops: Shops) -> None:
    one, two = shops.have(1, 2)
    shops.scan([one, two])
    shops.sell([one, two])
    redeem(shops, one, kind="airtime")
    redeem(shops, two, kind="airtime")

    with pytest.raises(DomainError, match="redemption_not_found"):
        cancel(shops, one, "D-2")
    with pytest.raises(DomainError, match="organisation_not_found"):
        cancel(shops, one, by=OTHER_CITY)
    shops.have(3)
    asked = SwapSerial(serial=two, replacement=imei(3), organisation="centre", document="H-1")
    shops.act(swapping.swap, asked, PROVINCE)
    with pytest.raises(DomainError, match="serial_state_wrong"):
        cancel(shops, two)


@pytest.mark.req("IME-18")
def test_an_appeal_is_reviewed_by_somebody_else_and_granted_it_thaws_the_device(shops: Shops) -> None:
    (one,) = shops.have(1)
    shops.scan([one])
    freeze(shops, one)
    made = appeal(shops, one)
    review = ReviewAppeal(appeal_id=made.appeal_id, granted=True, outcome="发票属实")

    with pytest.raises(DomainError, match="appeal_open"):
        appeal(shops, one)
    with pytest.raises(DomainError, match="appeal_not_found"):
        shops.act(appeals.review, review, OTHER_CITY)
    with pytest.raises(DomainError, match="appeal_own"):
        shops.act(appeals.review, review, COUNTY)
    answer = shops.act(appeals.review, review, PROVINCE)

    assert (answer.state, answer.reviewer_name, shops.row(one).state) == ("granted", "李伟", "claimed")
    assert shops.look(one).events[-1].reason == "发票属实"
    with pytest.raises(DomainError, match="appeal_reviewed"):
        shops.act(appeals.review, review, SECOND)


@pytest.mark.req("IME-18")
def test_a_rejected_appeal_leaves_the_device_frozen_and_another_may_follow_in_time(shops: Shops) -> None:
    (one,) = shops.have(1)
    shops.scan([one])
    freeze(shops, one)
    made = appeal(shops, one)

    shops.act(appeals.review, ReviewAppeal(appeal_id=made.appeal_id, granted=False, outcome="发票不符"), PROVINCE)

    assert shops.row(one).state == "frozen"
    assert appeal(shops, one).state == "open"
    shops.now += timedelta(days=16)
    with pytest.raises(DomainError, match="appeal_too_late"):
        appeal(shops, one)


@pytest.mark.req("IME-18")
def test_a_deadline_is_moved_with_a_reason_and_only_later(shops: Shops) -> None:
    (one,) = shops.have(1)
    shops.scan([one])
    freeze(shops, one)
    first = shops.sql("SELECT decide_by FROM freezes")[0].decide_by

    shops.act(appeals.extend, ExtendFreeze(serial=one, until=date(2027, 1, 31), reason="等待外省答复"), PROVINCE)
    with pytest.raises(DomainError, match="freeze_deadline_earlier"):
        shops.act(appeals.extend, ExtendFreeze(serial=one, until=date(2027, 1, 31), reason="再等"), PROVINCE)

    (moved,) = shops.sql("SELECT * FROM freeze_extensions")
    assert (first - NOW, moved.decide_by.isoformat()) == (timedelta(days=30), "2027-01-31T16:00:00+00:00")
    assert (moved.reason, moved.by_name) == ("等待外省答复", "李伟")


@pytest.mark.req("IME-18")
def test_a_freeze_that_nobody_decided_about_is_overdue(shops: Shops) -> None:
    one, two = shops.have(1, 2)
    shops.scan([one, two])
    freeze(shops, one, two)
    made = appeal(shops, two)
    shops.act(appeals.review, ReviewAppeal(appeal_id=made.appeal_id, granted=True, outcome="属实"), PROVINCE)
    shops.now += timedelta(days=31)

    with UnitOfWork(shops.engine).begin(PROVINCE) as tx:
        found = appeals.FREEZES.answer(tx, ListFreezes(overdue=True), by=PROVINCE, now=shops.now)

    assert [it.serial for it in found.items] == [one]


@pytest.mark.req("IME-02", "IME-14")
def test_what_stayed_unsold_for_a_year_falls_silent_and_is_woken_by_hand(shops: Shops) -> None:
    one, two, three = shops.have(1, 2, 3)
    shops.scan([one, two, three])
    shops.sell([two])
    reserve(shops, three)
    nightly = system_actor("imei")

    def night() -> int:
        with UnitOfWork(shops.engine).begin(nightly, "test") as tx:
            done = silence.fall_silent(tx, by=nightly, now=shops.now)
            tx.commit()
        return done

    shops.now = NOW + timedelta(days=334)
    assert night() == 0
    shops.now = NOW + timedelta(days=336)
    reserve(shops, three)

    assert night() == 1
    assert [shops.row(it).state for it in (one, two, three)] == ["silent", "sold", "claimed"]
    assert shops.sell([one]).refused[0].code == "serial_state_wrong"
    woken = shops.act(silence.wake, WakeSerials(serials=[one, two], reason="重新上架"), PROVINCE)
    assert (woken.done, woken.refused[0].code, shops.row(one).state) == (1, "serial_state_wrong", "claimed")
    assert night() == 0


@pytest.mark.req("IME-19")
def test_what_was_redeemed_since_its_scan_cannot_be_undone_until_the_order_is_cancelled(shops: Shops) -> None:
    (one,), scan = shops.have(1), uuid4()
    shops.scan([one], client_id=scan)
    redeem(shops, one)
    undo = UndoScan(organisation="shop-1", client_id=scan)

    with pytest.raises(DomainError, match="scan_moved_on"):
        shops.act(scanning.undo, undo)
    cancel(shops, one)

    with pytest.raises(DomainError, match="scan_moved_on"):
        shops.act(scanning.undo, undo)
