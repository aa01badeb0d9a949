"""串码统计: each number is the number of the devices that it opens (IME-16)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.imei.acts import FreezeSerials, SwapSerial, TransferSerials
from kernel.contracts.imei.devices import ListSerials
from kernel.contracts.imei.redemption import RedeemSerial
from kernel.contracts.imei.reports import CountedSerials, CountSerials
from kernel.contracts.words_imei import SERIAL_STATES
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.imei import ages, device_list, freezing, redemption, reports, scanning, swapping
from tests.integration.imei.shops import COUNTY, OTHER_CITY, PROVINCE, Shops

pytestmark = pytest.mark.req("IME-16")


@pytest.fixture
def busy(shops: Shops) -> Shops:
    """Devices of several sources and ages in every state."""
    serials = shops.have(*range(1, 21))
    for place, source in enumerate(("erp", "vendor", "partner", None)):
        shops.sql("UPDATE devices SET source = :source WHERE id % 4 = :place", source=source, place=place)
    for months, number in ((2, 1), (5, 2), (11, 3), (26, 4)):
        at = datetime(2026 - (months > 10) - (months > 22), (10 - months) % 12 + 1, 3, tzinfo=UTC)
        shops.sql("UPDATE devices SET entered_at = :at WHERE id % 7 = :number", at=at, number=number)
    shops.scan(serials[:12])
    shops.sell(serials[:6])
    shops.act(scanning.transfer, TransferSerials(serials=serials[6:8], to_organisation="shop-2"))
    order = RedeemSerial(kind="airtime", serial=serials[0], organisation="shop-1", order_no="DD-1")
    shops.act(redemption.redeem, order)
    shops.act(freezing.freeze, FreezeSerials(serials=serials[8:10], cause="audit", reason="抽查"), PROVINCE)
    swap = SwapSerial(serial=serials[1], replacement=serials[15], organisation="centre", document="HJ-1")
    shops.act(swapping.swap, swap, PROVINCE)
    return shops


def counted(shops: Shops, by: Actor = PROVINCE, **asked: Any) -> CountedSerials:
    with UnitOfWork(shops.engine).begin(by) as tx:
        return reports.count(tx, CountSerials(**asked), by=by, now=shops.now)


def listed(shops: Shops, by: Actor = PROVINCE, **asked: Any) -> int:
    with UnitOfWork(shops.engine).begin(by) as tx:
        page = device_list.SERIALS.answer(tx, ListSerials(**asked), by=by, now=shops.now)
    return len(page.items)


def opened(line: Any, grouped_by: str) -> dict[str, Any]:
    """The filters by which the portal opens a line, as its page says them."""
    if grouped_by == "unit":
        return {"unit": line.unit, "unit_exact": line.exact}
    if grouped_by == "organisation":
        return {"organisation": line.organisation, "unplaced": line.unplaced}
    return {grouped_by: getattr(line, grouped_by)}


@pytest.mark.parametrize("by", [PROVINCE, COUNTY], ids=["province", "county"])
@pytest.mark.parametrize("grouped_by", ["organisation", "source", "age", "unit"])
def test_every_number_opens_so_many_devices(busy: Shops, by: Actor, grouped_by: str) -> None:
    reply = counted(busy, by, per=grouped_by)
    assert reply.items
    for line in reply.items:
        same = opened(line, grouped_by)
        if same == {"source": None}:
            continue  # no filter names what is not known
        for state in SERIAL_STATES:
            assert getattr(line, state) == listed(busy, by, state=state, **same), (same, state)
        assert line.total == listed(busy, by, **same)
    assert reply.totals["total"] == listed(busy, by)


def test_adding_the_lines_up_changes_no_number(busy: Shops) -> None:
    before = [counted(busy, per=per) for per in ("organisation", "source", "age", "unit")]
    lines = busy.sql("SELECT count(*) AS n FROM device_counts")[0].n
    busy.act(lambda tx, *_, **__: reports.add_up(tx), None)
    assert [counted(busy, per=per) for per in ("organisation", "source", "age", "unit")] == before
    assert busy.sql("SELECT count(*) AS n FROM device_counts")[0].n < lines


def test_a_pool_is_counted_alone(busy: Shops) -> None:
    assert counted(busy, pool="province").totals["total"] == 20
    assert counted(busy, pool="group").items == []


def test_nobody_counts_what_lies_elsewhere(busy: Shops) -> None:
    assert counted(busy, OTHER_CITY).items == []
    with pytest.raises(DomainError, match="unit_out_of_scope"):
        counted(busy, COUNTY, unit="9902")


def test_an_age_begins_with_a_month() -> None:
    now = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)  # already December in Shanghai
    assert ages.first_months(now) == {"under_3": "2026-10", "from_3": "2026-07", "from_6": "2026-01"}
