"""Reminders of what is not redeemed, and spot checks by lot (IME-11)."""

from datetime import timedelta
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.imei.acts import TransferSerials
from kernel.contracts.imei.audits import ListViolations
from kernel.contracts.imei.clerks import BindClerk
from kernel.contracts.imei.redemption import RedeemSerial
from kernel.contracts.imei.stocktakes import (
    CountSpotCheck,
    DrawSpotCheck,
    ListReminders,
    ListSpotCheckDevices,
    ReadReminder,
)
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.imei import clerks, redemption, reminders, scanning, spot_checks, violations
from tests.integration.imei.shops import COUNTY, OTHER_CITY, PROVINCE, Shops, imei, person

pytestmark = pytest.mark.req("IME-11")
CITY = person("9901", "city_clerk")
DAY = timedelta(days=1)


def night(shops: Shops, days: int = 1) -> int:
    shops.now += days * DAY
    with UnitOfWork(shops.engine).begin() as tx:
        reminded = reminders.remind(tx, now=shops.now)
        tx.commit()
    return reminded


def listed(shops: Shops, spec: Any, request: Any, by: Actor = COUNTY) -> list[Any]:
    with UnitOfWork(shops.engine).begin(by) as tx:
        return list(spec.answer(tx, request, by=by, now=shops.now).items)


def reminded(shops: Shops, by: Actor = COUNTY, **more: Any) -> list[tuple[str, str, int, int]]:
    found = listed(shops, reminders.REMINDERS, ListReminders(**more), by)
    return [(it.organisation, it.state, it.devices, it.times) for it in found]


def redeem(shops: Shops, serial: str) -> None:
    order = RedeemSerial(kind="airtime", serial=serial, organisation="shop-1", order_no=f"D-{serial[-6:]}")
    shops.act(redemption.redeem, order)


def test_a_shop_is_reminded_every_night_until_all_is_redeemed(shops: Shops) -> None:
    one, two, _ = shops.scan_new(1, 2, 3)
    shops.sell([one, two])
    first_sale = shops.now
    assert night(shops, 0) == 0, "what was sold today may still be redeemed today"
    shops.now += timedelta(hours=1)

    assert [night(shops), night(shops)] == [1, 1]
    assert reminded(shops) == [("shop-1", "open", 2, 2)]
    assert listed(shops, reminders.REMINDERS, ListReminders())[0].oldest_at == first_sale
    assert night(shops, 0) == 0, "the same night again adds nothing"
    redeem(shops, one)
    night(shops)
    assert reminded(shops) == [("shop-1", "open", 1, 3)]
    redeem(shops, two)
    assert night(shops) == 0
    assert reminded(shops) == [("shop-1", "settled", 1, 3)]


def test_who_has_read_it_is_reminded_anew_while_something_is_left(shops: Shops) -> None:
    shops.sell(shops.scan_new(1))
    night(shops, 2)
    first = listed(shops, reminders.REMINDERS, ListReminders())[0]
    assert first.can == ["read"]

    read = shops.act(reminders.read, ReadReminder(reminder_id=first.reminder_id))
    with pytest.raises(DomainError, match="reminder_closed"):
        shops.act(reminders.read, ReadReminder(reminder_id=first.reminder_id))
    night(shops)

    assert (read.state, read.read_by_name, read.can) == ("read", COUNTY.name, [])
    assert reminded(shops) == [("shop-1", "open", 1, 1), ("shop-1", "read", 1, 1)]


@pytest.mark.req("GTW-02")
def test_sales_units_see_their_shops_reminders_and_other_cities_none(shops: Shops) -> None:
    mine, his = shops.have(1, 2)
    shops.scan([mine], "shop-1")
    shops.scan([his], "shop-2")
    shops.sell([mine], "shop-1")
    shops.sell([his], "shop-2")
    night(shops, 2)
    shops.act(clerks.bind, BindClerk(login="shop.one", organisation="shop-1"), PROVINCE)
    clerk = Actor("shop.one", "店员", "990101", COUNTY.permissions)

    assert len(reminded(shops, CITY)) == len(reminded(shops)) == 2
    assert reminded(shops, OTHER_CITY) == []
    assert [it[0] for it in reminded(shops, clerk)] == ["shop-1"]
    other = next(it for it in listed(shops, reminders.REMINDERS, ListReminders()) if it.organisation == "shop-2")
    for by in (clerk, OTHER_CITY):
        with pytest.raises(DomainError, match="reminder_not_found"):
            shops.act(reminders.read, ReadReminder(reminder_id=other.reminder_id), by)


def draw(shops: Shops, devices: int, organisation: str = "shop-1", by: Actor = CITY) -> Any:
    asked = DrawSpotCheck(organisation=organisation, devices=devices, reason="月度抽查")
    return shops.act(spot_checks.draw, asked, by)


def drawn(shops: Shops, check: Any) -> list[str]:
    found = listed(shops, spot_checks.SPOT_CHECK_DEVICES, ListSpotCheckDevices(check_id=check.check_id), CITY)
    return [it.serial for it in found]


def count(shops: Shops, check: Any, *serials: str, by: Actor = CITY) -> Any:
    return shops.act(spot_checks.count, CountSpotCheck(check_id=check.check_id, serials=list(serials)), by)


def test_a_spot_check_draws_of_the_stock_and_what_is_missing_is_a_finding(shops: Shops) -> None:
    stock = shops.scan_new(*range(1, 11))
    shops.sell(stock[:2])
    shops.have(50)

    check = draw(shops, 200)
    assert (check.devices, sorted(drawn(shops, check))) == (8, stock[2:])
    shops.sell([stock[9]])  # meanwhile, to a customer
    shops.act(scanning.transfer, TransferSerials(serials=[stock[8]], to_organisation="shop-2"))

    counted = count(shops, check, *stock[2:7], imei(50), "x", stock[2])

    assert (counted.found, counted.missing, counted.moved) == (5, 1, 2)
    assert [(it.row, it.code) for it in counted.refused] == [(6, "spot_check_other"), (7, "serial_characters")]
    (found,) = listed(shops, violations.VIOLATIONS, ListViolations(kind="missing_stock"), PROVINCE)
    assert (found.serial, found.organisation, str(found.ours)) == (stock[7], "shop-1", "shop-1，账上在库")
    assert found.theirs.en == f"spot check {check.check_id}: not seen"


def test_a_draw_is_by_lot_and_of_the_size_that_was_asked(shops: Shops) -> None:
    shops.scan_new(*range(1, 41))
    samples = set()
    for _ in range(4):
        check = draw(shops, 10)
        samples.add(tuple(drawn(shops, check)))
        assert check.devices == 10
        count(shops, check, *drawn(shops, check))

    assert len(samples) > 1  # four equal draws of ten of forty: one in 10^26


def test_a_check_is_counted_once_and_there_is_one_at_a_time(shops: Shops) -> None:
    shops.scan_new(1, 2)
    check = draw(shops, 5)
    with pytest.raises(DomainError, match="spot_check_open"):
        draw(shops, 5)
    count(shops, check)
    with pytest.raises(DomainError, match="spot_check_counted"):
        count(shops, check)
    with pytest.raises(DomainError, match="spot_check_empty"):
        draw(shops, 5, "shop-2")
    assert shops.sql("SELECT count(*) AS n FROM spot_checks WHERE organisation = 'shop-2'")[0].n == 0


@pytest.mark.req("GTW-02")
def test_another_city_neither_draws_nor_counts(shops: Shops) -> None:
    shops.scan_new(1)
    check = draw(shops, 1)

    with pytest.raises(DomainError, match="organisation_not_found"):
        draw(shops, 1, by=OTHER_CITY)
    with pytest.raises(DomainError, match="spot_check_not_found"):
        count(shops, check, by=OTHER_CITY)
    with pytest.raises(DomainError, match="spot_check_not_found"):
        listed(shops, spot_checks.SPOT_CHECK_DEVICES, ListSpotCheckDevices(check_id=check.check_id), OTHER_CITY)
