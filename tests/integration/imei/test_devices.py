"""Devices in shops: scanned, moved, sold, redeemed, frozen, swapped, undone (IME-07 to IME-10, IME-17, IME-19)."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.imei.acts import FreezeSerials, SwapSerial, ThawSerials, TransferSerials, UndoScan
from kernel.contracts.imei.devices import AddOrganisation
from kernel.contracts.imei.redemption import CheckRedemption, RedeemSerial, Verdicts
from kernel.model.errors import DomainError
from services.imei import checking, freezing, organisations, redemption, scanning, swapping
from tests.integration.imei.shops import COUNTY, NOW, OTHER_CITY, PROVINCE, Shops, imei


def why(answer: Any) -> list[str]:
    return [it.code for it in answer.refused]


def verdicts(shops: Shops, kind: str, serials: list[str], organisation: str = "shop-1") -> Verdicts:
    with UnitOfWork(shops.engine).begin(COUNTY) as tx:
        request = CheckRedemption(kind=kind, serials=serials, organisation=organisation)
        return redemption.check(tx, request, by=COUNTY, now=shops.now)


def redeem(shops: Shops, kind: str, serial: str, order: str = "D-1", organisation: str = "shop-1") -> Any:
    request = RedeemSerial(kind=kind, serial=serial, organisation=organisation, order_no=order)
    return shops.act(redemption.redeem, request)


def found_by_the_check(shops: Shops) -> list[Any]:
    with UnitOfWork(shops.engine).begin() as tx:
        tx.execute("DELETE FROM findings")
        tx.execute(checking._FIND, {"now": NOW})
        tx.commit()
    return [(row.device_id, row.code) for row in shops.sql("SELECT * FROM findings ORDER BY 1, 2")]


@pytest.mark.req("IME-07")
def test_scanned_goods_fall_to_the_shop_and_every_bad_row_says_why(shops: Shops) -> None:
    one, two = shops.have(1, 2)
    wrong = one[:14] + str((int(one[14]) + 1) % 10)

    answer = shops.scan([one, two, two, wrong, imei(9)])

    assert answer.done == 2
    assert why(answer) == ["serial_twice", "serial_check_digit", "serial_not_found"]
    assert answer.refused[1].repair == one
    assert (shops.row(one).organisation, shops.row(one).unit) == ("shop-1", "990101")


@pytest.mark.req("IME-19")
def test_a_scan_sent_twice_is_answered_twice_and_done_once(shops: Shops) -> None:
    serials = shops.have(1)
    once = uuid4()

    first, second = (shops.scan([*serials, imei(9)], client_id=once) for _ in range(2))

    assert first.model_dump() == second.model_dump()
    assert shops.row(serials[0]).version == 3
    with pytest.raises(DomainError, match="scan_differs"):
        shops.scan([imei(9)], client_id=once)


@pytest.mark.req("IME-19")
def test_undo_restores_exactly_or_refuses(shops: Shops) -> None:
    serials, sale = shops.have(1, 2), uuid4()
    shops.scan(serials)
    before = shops.row(serials[0])
    shops.now += timedelta(hours=1)
    shops.sell(serials, client_id=sale)

    undone = shops.act(scanning.undo, UndoScan(organisation="shop-1", client_id=sale))

    after = shops.row(serials[0])
    assert undone.done == 2
    assert {**after._mapping, "version": 0} == {**before._mapping, "version": 0}
    sold_again = uuid4()
    shops.sell(serials, client_id=sold_again)
    redeem(shops, "airtime", serials[1])
    with pytest.raises(DomainError, match="scan_moved_on"):
        shops.act(scanning.undo, UndoScan(organisation="shop-1", client_id=sold_again))
    assert shops.row(serials[0]).state == "sold"


@pytest.mark.req("IME-19")
def test_only_the_last_scan_of_a_shop_is_taken_back(shops: Shops) -> None:
    one, two = shops.have(1, 2)
    first = uuid4()
    shops.scan([one], client_id=first)
    shops.scan([two])

    with pytest.raises(DomainError, match="scan_not_last"):
        shops.act(scanning.undo, UndoScan(organisation="shop-1", client_id=first))


@pytest.mark.req("IME-19")
def test_a_scan_that_was_refused_does_not_stand_in_the_way_of_undoing_the_one_before(shops: Shops) -> None:
    (one,), first = shops.have(1), uuid4()
    shops.scan([one], client_id=first)
    assert why(shops.scan([imei(9)])) == ["serial_not_found"]

    undone = shops.act(scanning.undo, UndoScan(organisation="shop-1", client_id=first))

    assert (undone.done, shops.row(one).organisation) == (1, None)


@pytest.mark.req("IME-07")
def test_devices_move_between_organisations_of_one_level_only(shops: Shops) -> None:
    (one,) = shops.have(1)
    shops.scan([one])

    up = shops.act(scanning.transfer, TransferSerials(serials=[one], to_organisation="dealer-a"))
    across = shops.act(scanning.transfer, TransferSerials(serials=[one], to_organisation="shop-3"))
    back = shops.act(scanning.transfer, TransferSerials(serials=[one], to_organisation="shop-1"))

    assert (why(up), across.done) == (["serial_levels_differ"], 1)
    assert why(back) == ["serial_not_found"]  # it lies in another county now
    assert shops.row(one).unit == "990102"


@pytest.mark.req("IME-07")
def test_a_transfer_to_where_a_device_lies_already_is_refused_and_leaves_no_event(shops: Shops) -> None:
    (one,) = shops.have(1)
    shops.scan([one])

    himself = shops.act(scanning.transfer, TransferSerials(serials=[one], to_organisation="shop-1"))

    assert (himself.done, why(himself)) == (0, ["serial_lies_there"])
    assert [it.action for it in shops.look(one).events][-1] == "scan_in"


@pytest.mark.req("IME-09")
def test_a_device_that_was_passed_on_is_redeemed_by_who_has_it_now_and_not_by_who_had_it(shops: Shops) -> None:
    (one,) = shops.have(1)
    shops.scan([one])
    shops.act(scanning.transfer, TransferSerials(serials=[one], to_organisation="shop-2"))

    asked = [verdicts(shops, "terminal", [one], organisation).items[0].code for organisation in ("shop-1", "shop-2")]

    assert asked == ["serial_in_other_organisation", None]


@pytest.mark.req("IME-09")
def test_a_terminal_subsidy_asks_for_the_organisation_and_a_sellable_state(shops: Shops) -> None:
    one, two, three = shops.have(1, 2, 3)
    shops.scan([one, three])
    shops.scan([two], "shop-2")
    shops.sell([three])

    items = verdicts(shops, "terminal", [one, two, three]).items

    assert [it.code for it in items] == [None, "serial_in_other_organisation", "serial_state_wrong"]
    assert redeem(shops, "terminal", one).done == 1
    with pytest.raises(DomainError, match="serial_in_other_organisation"):
        redeem(shops, "terminal", two)


@pytest.mark.req("IME-09")
def test_an_airtime_subsidy_asks_for_sold_and_not_subsidised_wherever_it_was(shops: Shops) -> None:
    one, two = shops.have(1, 2)
    shops.scan([one, two])
    shops.sell([one])

    items = verdicts(shops, "airtime", [one, two], "shop-2").items

    assert [it.code for it in items] == [None, "serial_state_wrong"]
    redeem(shops, "airtime", one, organisation="shop-2")
    with pytest.raises(DomainError, match="serial_state_wrong"):
        redeem(shops, "airtime", one, "D-2", "shop-2")


@pytest.mark.req("IME-09")
def test_a_thousand_serials_are_checked_at_once(shops: Shops) -> None:
    shops.scan(shops.have(1, 2, 3))

    answer = verdicts(shops, "terminal", [imei(number) for number in range(1, 1001)])

    assert (len(answer.items), answer.allowed_count) == (1000, 3)


def _rivals(shops: Shops, serial: str, spare: str) -> list[Any]:
    serials = [serial]
    return [
        lambda: redeem(shops, "terminal", serial),
        lambda: redeem(shops, "terminal", serial, "D-2"),
        lambda: shops.act(scanning.transfer, TransferSerials(serials=serials, to_organisation="shop-3")),
        lambda: shops.act(freezing.freeze, FreezeSerials(serials=serials, cause="audit", reason="抽查"), PROVINCE),
        lambda: shops.act(
            swapping.swap,
            SwapSerial(serial=spare, replacement=serial, organisation="centre", document="H-1"),
            PROVINCE,
        ),
    ]


@pytest.mark.req("IME-09")
def test_of_redemption_transfer_freeze_and_swap_exactly_one_wins(shops: Shops) -> None:
    serials = shops.have(*range(1, 9))
    spares = shops.have(*range(101, 109))
    shops.scan([*serials, *spares])
    shops.sell(spares)

    for serial, spare in zip(serials, spares, strict=True):
        rivals = _rivals(shops, serial, spare)
        begin = Barrier(len(rivals))

        def race(act: Any, begin: Barrier = begin) -> bool:
            begin.wait(30)
            try:
                return act().done > 0
            except DomainError:
                return False

        with ThreadPoolExecutor(len(rivals)) as pool:
            won = list(pool.map(race, rivals))

        # A transfer leaves the device unsold and a swap makes it sold: what the lifecycle allows then may follow.
        first, second, _, frozen, swapped = won
        assert first + second + swapped + (frozen and not swapped) == 1
        assert len(shops.look(serial).events) == 3 + sum(won)
        assert shops.row(serial).state in ("subsidised", "frozen", "sold")
        assert len(shops.sql("SELECT 1 FROM redemptions WHERE device_id = :id", id=int(serial[:14], 16))) == sum(
            won[:2]
        )
    assert found_by_the_check(shops) == []


@pytest.mark.req("IME-10")
def test_a_frozen_serial_returns_to_the_state_it_was_frozen_in(shops: Shops) -> None:
    one, two = shops.have(1, 2)
    shops.scan([one, two])
    shops.sell([two])
    shops.act(freezing.freeze, FreezeSerials(serials=[one, two], cause="complaint", reason="用户投诉"), PROVINCE)

    with pytest.raises(DomainError, match="serial_state_wrong"):
        redeem(shops, "airtime", two)
    shops.act(freezing.thaw, ThawSerials(serials=[one, two], reason="核实无误"), PROVINCE)

    assert [shops.row(it).state for it in (one, two)] == ["claimed", "sold"]
    assert all(row.lifted_version == row.version + 1 for row in shops.sql("SELECT * FROM freezes"))


@pytest.mark.req("IME-08")
def test_a_swap_is_made_within_fifteen_days_by_the_first_level(shops: Shops) -> None:
    one, two, three, four = shops.have(1, 2, 3, 4)
    shops.scan([one, two])
    shops.sell([one, two])

    def swap(serial: str, replacement: str, organisation: str = "centre") -> Any:
        request = SwapSerial(serial=serial, replacement=replacement, organisation=organisation, document="H-1")
        return shops.act(swapping.swap, request, PROVINCE)

    with pytest.raises(DomainError, match="serial_swap_level"):
        swap(one, three, "sales")
    swap(one, three)
    shops.now += timedelta(days=16)
    with pytest.raises(DomainError, match="serial_swap_too_late"):
        swap(two, four)

    assert [shops.row(it).state for it in (one, two, three, four)] == ["damaged", "sold", "sold", "claimed"]
    assert shops.look(one).events[-1].reason == "售后换机"


@pytest.mark.req("IME-08")
@pytest.mark.parametrize(
    ("sold", "asked", "in_time"),
    [
        ("2026-11-20T00:00:00+08:00", "2026-12-05T23:59:59+08:00", True),
        ("2026-11-20T23:59:59+08:00", "2026-12-06T00:00:00+08:00", False),
        ("2026-11-20T15:59:59+00:00", "2026-12-05T16:00:00+00:00", False),
        ("2026-11-20T16:00:00+00:00", "2026-12-06T15:59:59+00:00", True),
        ("2026-11-20T10:00:00+08:00", "2026-11-20T09:59:00+08:00", True),
    ],
    ids=["all day", "one second late", "late by the province's day", "its day is not UTC's", "clocks that differ"],
)
def test_a_swap_may_be_asked_until_midnight_of_the_fifteenth_day_in_the_province(
    shops: Shops, sold: str, asked: str, in_time: bool
) -> None:
    one, two = shops.have(1, 2)
    shops.now = datetime.fromisoformat(sold)
    shops.scan([one])
    shops.sell([one])
    shops.now = datetime.fromisoformat(asked)
    request = SwapSerial(serial=one, replacement=two, organisation="centre", document="H-1")

    with nullcontext() if in_time else pytest.raises(DomainError, match="serial_swap_too_late"):
        shops.act(swapping.swap, request, PROVINCE)

    assert shops.row(one).state == ("damaged" if in_time else "sold")


@pytest.mark.req("IME-17")
def test_any_code_of_a_device_finds_it_and_every_rule_acts_on_the_device(shops: Shops) -> None:
    (one,) = shops.have(1, more=(51, 52))
    shops.scan([imei(52)])
    redeem(shops, "terminal", imei(51))

    history = shops.look(imei(52))

    assert history.serials == [one, imei(51), imei(52)]
    assert history.state == "subsidised"
    with pytest.raises(DomainError, match="serial_state_wrong"):
        redeem(shops, "terminal", one, "D-2")


@pytest.mark.req("IME-02")
def test_a_device_is_shown_as_it_stood_at_any_moment(shops: Shops) -> None:
    (one,) = shops.have(1)
    shops.scan([one])
    shops.now += timedelta(days=1)
    shops.sell([one])

    assert shops.look(one, NOW - timedelta(days=1)).organisation is None
    assert shops.look(one, NOW).state == "claimed"
    assert shops.look(one).state == "sold"


@pytest.mark.req("IME-02")
def test_the_nightly_check_finds_a_row_that_does_not_follow_from_its_events(shops: Shops) -> None:
    one, two = shops.have(1, 2)
    assert found_by_the_check(shops) == []

    shops.sql("UPDATE devices SET state = 'sold' WHERE id = :id", id=int(one[:14], 16))
    shops.sql("DELETE FROM further_events WHERE device_id = :id AND version = 1", id=int(two[:14], 16))

    assert found_by_the_check(shops) == [(int(one[:14], 16), "row_differs"), (int(two[:14], 16), "events_broken")]


@pytest.mark.req("GTW-02")
def test_another_unit_neither_scans_for_a_shop_nor_freezes_its_devices(shops: Shops) -> None:
    (one,) = shops.have(1)
    shops.scan([one])

    with pytest.raises(DomainError, match="organisation_not_found"):
        shops.act(scanning.undo, UndoScan(organisation="shop-1", client_id=uuid4()), OTHER_CITY)
    frozen = shops.act(freezing.freeze, FreezeSerials(serials=[one], cause="audit", reason="x"), OTHER_CITY)

    assert why(frozen) == ["serial_not_found"]


@pytest.mark.req("IME-07")
def test_organisations_stand_in_four_levels(shops: Shops) -> None:
    below = AddOrganisation(code="stall", name="柜台", parent="shop-1", unit="990101")

    with pytest.raises(DomainError, match="organisation_too_low"):
        shops.act(organisations.add, below, PROVINCE)
    assert [row.level for row in shops.sql("SELECT level FROM organisations ORDER BY code")] == [1, 3, 3, 2, 4, 4, 4]
