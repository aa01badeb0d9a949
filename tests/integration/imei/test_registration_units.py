"""A registration is shown to the unit of its device, wherever that goes; until one has the code, to its place's."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.imei.acts import TransferSerials, UndoScan
from kernel.contracts.imei.audits import ListRegistrations, ReportRegistrations
from kernel.contracts.imei.edits import EditSerial
from services.imei import editing, registrations, scanning
from tests.integration.imei.shops import COUNTY, NOW, OTHER_CITY, PROVINCE, Shops, imei

pytestmark = pytest.mark.req("IME-11", "GTW-02")


def tell(shops: Shops, serial: str, place: str = "9902") -> None:
    row = {"serial": serial, "registered_at": NOW.isoformat(), "place": place}
    assert shops.act(registrations.report, ReportRegistrations(rows=[row]), PROVINCE).done == 1


def told(shops: Shops, by: Any) -> list[tuple[str, str]]:
    with UnitOfWork(shops.engine).begin(by) as tx:
        page = registrations.REGISTRATIONS.answer(tx, ListRegistrations(), by=by, now=shops.now)
    return [(it.serial, it.unit) for it in page.items]


def test_a_registration_goes_with_its_device(shops: Shops) -> None:
    (serial,) = shops.have(1)
    tell(shops, serial)
    assert (told(shops, COUNTY), told(shops, PROVINCE)) == ([], [(serial, "99")])

    shops.scan([serial])
    assert told(shops, COUNTY) == [(serial, "990101")]
    shops.act(scanning.transfer, TransferSerials(serials=[serial], to_organisation="shop-3"))
    assert (told(shops, COUNTY), told(shops, PROVINCE)) == ([], [(serial, "990102")])


def test_a_scan_taken_back_takes_the_registration_back(shops: Shops) -> None:
    (serial,) = shops.have(1)
    tell(shops, serial)
    scan = uuid4()
    shops.scan([serial], client_id=scan)

    shops.act(scanning.undo, UndoScan(organisation="shop-1", client_id=scan))

    assert (told(shops, COUNTY), told(shops, PROVINCE)) == ([], [(serial, "99")])


def test_a_code_given_to_a_device_brings_its_registrations_and_takes_them_away_again(shops: Shops) -> None:
    (serial,) = shops.scan_new(1)
    tell(shops, imei(2))
    assert told(shops, OTHER_CITY) == [(imei(2), "9902")]

    for serials, seen in (([serial, imei(2)], [(imei(2), "990101")]), ([serial], [])):
        shops.act(editing.edit, EditSerial(serial=serial, reason="补录", serials=serials), PROVINCE)
        assert told(shops, COUNTY) == seen
    assert told(shops, OTHER_CITY) == [(imei(2), "9902")]


def test_what_was_told_while_its_device_moved_is_found_in_the_night(shops: Shops) -> None:
    (serial,) = shops.scan_new(1)
    tell(shops, serial)
    shops.sql("UPDATE registrations SET unit = '9902'")  # as if neither act had seen the other

    with UnitOfWork(shops.engine).begin(PROVINCE) as tx:
        registrations.mark_late(tx, now=NOW + timedelta(days=2))
        tx.commit()

    assert (told(shops, COUNTY), told(shops, OTHER_CITY)) == ([(serial, "990101")], [])
