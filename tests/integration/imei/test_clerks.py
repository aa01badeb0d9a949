"""A shop's clerk sees and touches his shop, and nothing else of his unit (GTW-02, IME-07, IME-09)."""

from typing import Any
from uuid import uuid4

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.imei.acts import FreezeSerials, ScanSerials, TransferSerials, UndoScan
from kernel.contracts.imei.audits import ListUnredeemed
from kernel.contracts.imei.clerks import BindClerk, ReleaseClerk
from kernel.contracts.imei.devices import GetSerial, GetTransferTargets, ListOrganisations, ListSerials
from kernel.contracts.imei.orders import ReleaseReservation, ReserveSerial
from kernel.contracts.imei.redemption import CheckRedemption, ListRedemptions, RedeemSerial
from kernel.contracts.imei.reports import CountSerials
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.imei import (
    clerks,
    device_list,
    freezing,
    organisations,
    redemption,
    registrations,
    reports,
    reserving,
    scanning,
)
from tests.integration.imei.shops import COUNTY, NOW, PROVINCE, Shops, person

pytestmark = pytest.mark.req("GTW-02", "IME-07")
CLERK = Actor("shop.one", "店员", "990101", COUNTY.permissions | {"serial.freeze"})
DEALER = Actor("dealer.a", "代理商", "990101", COUNTY.permissions)
OTHER_PROVINCE = person("98", "province_clerk")


def bind(shops: Shops, login: str = "shop.one", organisation: str = "shop-1", by: Actor = PROVINCE) -> Any:
    return shops.act(clerks.bind, BindClerk(login=login, organisation=organisation), by)


def release(shops: Shops, login: str, by: Actor = PROVINCE) -> Any:
    return shops.act(lambda tx, asked, *, by, now: clerks.release(tx, asked, by=by), ReleaseClerk(login=login), by)


def listed(shops: Shops, spec: Any, request: Any, by: Actor = CLERK) -> list[Any]:
    with UnitOfWork(shops.engine).begin(by) as tx:
        return list(spec.answer(tx, request, by=by, now=shops.now).items)


def two_shops(shops: Shops) -> tuple[str, str]:
    mine, his = shops.have(1, 2)
    shops.scan([mine], "shop-1")
    shops.scan([his], "shop-2")
    bind(shops)
    return mine, his


def refusal(act: Any) -> str:
    with pytest.raises(DomainError) as refused:
        act()
    return refused.value.code


def test_a_bound_clerk_sees_the_devices_of_his_shop_only(shops: Shops) -> None:
    mine, his = two_shops(shops)

    assert [it.serial for it in listed(shops, device_list.SERIALS, ListSerials())] == [mine]
    assert [it.code for it in listed(shops, organisations.ORGANISATIONS, ListOrganisations())] == ["shop-1"]
    assert listed(shops, device_list.SERIALS, ListSerials(organisation="shop-2")) == []
    with UnitOfWork(shops.engine).begin(CLERK) as tx:
        assert device_list.get(tx, GetSerial(serial=mine), by=CLERK).organisation == "shop-1"
        assert refusal(lambda: device_list.get(tx, GetSerial(serial=his), by=CLERK)) == "serial_not_found"
        counted = reports.count(tx, CountSerials(per="organisation"), by=CLERK, now=NOW)
    assert [(it.organisation, it.total) for it in counted.items] == [("shop-1", 1)]
    assert len(listed(shops, device_list.SERIALS, ListSerials(), COUNTY)) == 2


@pytest.mark.req("IME-09")
def test_a_bound_clerk_scans_redeems_and_reserves_for_his_shop_only(shops: Shops) -> None:
    mine, his = two_shops(shops)
    order = {"kind": "terminal", "order_no": "DD-1"}

    asked = CheckRedemption(kind="terminal", serials=[his], organisation="shop-2")

    for act in (
        lambda: shops.act(redemption.check, asked, CLERK),
        lambda: shops.act(redemption.redeem, RedeemSerial(**order, serial=his, organisation="shop-2"), CLERK),
        lambda: shops.act(reserving.reserve, ReserveSerial(**order, serial=his, organisation="shop-2"), CLERK),
        lambda: shops.act(
            scanning.scan_in, ScanSerials(serials=[his], organisation="shop-2", client_id=uuid4()), CLERK
        ),
        lambda: shops.act(scanning.undo, UndoScan(organisation="shop-2", client_id=uuid4()), CLERK),
    ):
        assert refusal(act) == "organisation_not_found"
    shops.act(reserving.reserve, ReserveSerial(**order, serial=his, organisation="shop-2"))
    gone = ReleaseReservation(serial=his, order_no="DD-1")
    assert refusal(lambda: shops.act(reserving.release, gone, CLERK)) == "reservation_not_found"
    assert shops.act(redemption.redeem, RedeemSerial(**order, serial=mine, organisation="shop-1"), CLERK).done == 1
    shops.act(redemption.redeem, RedeemSerial(**order, serial=his, organisation="shop-2"))
    assert [it.serial for it in listed(shops, redemption.REDEMPTIONS, ListRedemptions())] == [mine]


def test_a_bound_clerk_moves_and_freezes_what_lies_in_his_shop_only(shops: Shops) -> None:
    mine, his = two_shops(shops)

    moved = shops.act(scanning.transfer, TransferSerials(serials=[his, mine], to_organisation="shop-3"), CLERK)
    frozen = shops.act(freezing.freeze, FreezeSerials(serials=[his], cause="other", reason="x"), CLERK)

    assert (moved.done, [it.code for it in moved.refused]) == (1, ["serial_not_found"])
    assert [it.code for it in frozen.refused] == ["serial_not_found"]
    assert shops.row(mine).organisation == "shop-3"
    assert listed(shops, device_list.SERIALS, ListSerials()) == []


def test_a_dealers_clerk_has_all_shops_of_the_dealer(shops: Shops) -> None:
    mine, his = two_shops(shops)
    bind(shops, "dealer.a", "dealer-a")
    shops.sell([mine], "shop-1")
    shops.sell([his], "shop-2")

    assert {it.serial for it in listed(shops, registrations.UNREDEEMED, ListUnredeemed(), DEALER)} == {mine, his}
    assert [it.serial for it in listed(shops, registrations.UNREDEEMED, ListUnredeemed())] == [mine]
    places = listed(shops, organisations.ORGANISATIONS, ListOrganisations(), DEALER)
    assert [it.code for it in places] == ["dealer-a", "shop-1", "shop-2"]
    assert None not in {it.parent_name for it in places}


def test_a_clerk_is_bound_elsewhere_and_released_by_the_province_and_not_by_himself(shops: Shops) -> None:
    mine, his = two_shops(shops)
    bind(shops, " Shop.One ", organisation="shop-2")
    assert [it.serial for it in listed(shops, device_list.SERIALS, ListSerials())] == [his]

    himself = Actor("shop.one", "店员", "99", PROVINCE.permissions)
    assert refusal(lambda: release(shops, "shop.one", himself)) == "clerk_own"
    assert refusal(lambda: bind(shops, by=himself)) == "organisation_not_found"
    assert refusal(lambda: bind(shops, organisation="shop-2", by=himself)) == "clerk_own"
    assert refusal(lambda: release(shops, "shop.one", person("9902", "admin"))) == "clerk_not_found"
    assert refusal(lambda: bind(shops, organisation="nowhere")) == "organisation_not_found"
    release(shops, "shop.one")
    assert {it.serial for it in listed(shops, device_list.SERIALS, ListSerials())} == {mine, his}
    assert refusal(lambda: release(shops, "shop.one")) == "clerk_not_found"


def test_another_province_binds_nobody_here(shops: Shops) -> None:
    """Logins are known to the gateway only: somebody elsewhere may name any."""
    mine, his = shops.scan_new(1, 2)
    foreign = Actor("shop.one", "店员", "98", CLERK.permissions)
    shops.sql("INSERT INTO organisations (code, name, level, parent, unit) VALUES ('far', 'far', 1, NULL, '98')")

    bind(shops, "shop.one", "far", OTHER_PROVINCE)

    assert {it.serial for it in listed(shops, device_list.SERIALS, ListSerials())} == {mine, his}
    assert bind(shops).organisation == "shop-1"
    assert [it.code for it in listed(shops, organisations.ORGANISATIONS, ListOrganisations(), foreign)] == ["far"]


def test_the_key_of_a_bound_clerk_is_bound_too(shops: Shops) -> None:
    mine, _ = two_shops(shops)
    key = Actor("key:0badcafe@shop.one", "收银机", "990101", CLERK.permissions)

    assert [it.serial for it in listed(shops, device_list.SERIALS, ListSerials(), key)] == [mine]


def test_a_bound_clerk_chooses_among_all_shops_of_the_province_and_no_others(shops: Shops) -> None:
    two_shops(shops)
    shops.sql("UPDATE organisations SET suspended_at = now() WHERE code = 'shop-2'")

    def targets(by: Actor) -> list[str]:
        with UnitOfWork(shops.engine).begin(by) as tx:
            return [it.code for it in organisations.targets(tx, GetTransferTargets(), by=by).items]

    assert targets(CLERK) == ["shop-1", "shop-3"]
    assert targets(COUNTY) == ["sales", "dealer-a", "dealer-b", "shop-1", "shop-3"]
    assert targets(OTHER_PROVINCE) == []
