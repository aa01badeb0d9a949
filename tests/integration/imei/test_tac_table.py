"""The TAC table gives maker and model, and marks devices that say otherwise (IME-15)."""

from pathlib import Path
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.imei.devices import ListSerials
from kernel.contracts.imei.edits import EditSerial
from kernel.contracts.imei.tacs import ImportTacs, ListTacs
from kernel.model.iccid import luhn_digit
from services.imei import device_list, editing, tac_table
from tests.integration.imei.office import Office
from tests.integration.imei.shops import PROVINCE, Shops

pytestmark = pytest.mark.req("IME-15")
HEAD = "TAC,厂商,型号"
HX, Y9 = "35900101", "35900202"


@pytest.fixture
def office(shops: Shops, tmp_path: Path) -> Office:
    return Office(shops, tmp_path)


def device(tac: str, number: int = 1) -> str:
    body = f"{tac}{number:06d}"
    return body + luhn_digit(body)


def table(office: Office, *rows: str, head: str = HEAD) -> dict[str, Any]:
    file = office.blobs.put_stream(["\n".join([head, *rows]).encode()], name="tac.csv")
    office.shops.act(
        lambda tx, asked, *, by, now: tac_table.import_tacs(tx, asked, by=by), ImportTacs(file=file), PROVINCE
    )
    return office.run()


def seen(shops: Shops, serial: str) -> tuple[str | None, str | None, bool | None]:
    row = shops.row(serial)
    return row.maker, row.model, row.model_differs


def test_a_device_without_maker_and_model_takes_them_from_the_table(office: Office, shops: Shops) -> None:
    table(office, f"{HX},华星,HX-200")

    office.upload("province_entry", [device(HX), device(Y9)])

    assert seen(shops, device(HX)) == ("华星", "HX-200", None)
    assert seen(shops, device(Y9)) == (None, None, None)
    table(office, f"{Y9},云岭,Y9 Pro")
    assert seen(shops, device(Y9))[:2] == ("云岭", "Y9 Pro")


def test_a_device_that_says_another_model_is_marked_and_not_refused(office: Office, shops: Shops) -> None:
    table(office, f"{HX},华星,HX-200", f"{Y9},云岭,Y9 Pro")
    rows = [
        f"{device(HX, 1)},华星,hx 200", f"{device(HX, 2)},华星,HX-200 (4G版)", f"{device(HX, 3)},华星,HX-900",
        f"{device(HX, 4)},长河,HX-200", f"{device(Y9, 5)},云岭,", f"{device('35900303', 6)},谁,知道",
    ]  # fmt: skip

    result = office.upload("province_entry", rows, head="串码,厂商,型号")

    assert result["entered"] == 6
    marks = [seen(shops, row.split(",")[0])[2] for row in rows]
    assert marks == [False, False, True, True, None, None]
    with UnitOfWork(shops.engine).begin(PROVINCE) as tx:
        asked = ListSerials(model_differs=True)
        found = device_list.SERIALS.answer(tx, asked, by=PROVINCE, now=shops.now).items
    assert [it.serial for it in found] == [device(HX, 3), device(HX, 4)]


def test_another_table_and_an_edit_by_hand_judge_anew(office: Office, shops: Shops) -> None:
    table(office, f"{HX},华星,HX-200")
    office.upload("province_entry", [f"{device(HX)},华星,HX-900"], head="串码,厂商,型号")
    assert seen(shops, device(HX))[2] is True

    edit = EditSerial(serial=device(HX), model="HX-200", reason="录入有误")
    shops.act(editing.edit, edit, PROVINCE)
    assert seen(shops, device(HX))[2] is False
    assert table(office, f"{HX},华星,HX-900") == {"rows": 1, "refused": 0, "changed": 1, "devices": 1}
    assert seen(shops, device(HX)) == ("华星", "HX-200", True)
    assert table(office, f"{HX},华星,HX-900") == {"rows": 1, "refused": 0, "changed": 0, "devices": 0}


def test_every_bad_row_of_a_table_says_why_and_the_good_ones_go_in(office: Office, shops: Shops) -> None:
    rows = [f"{HX},华星,HX-200", "3590010,华星,HX", "35９00303,x,y", f"{Y9},,Y9", f"{HX},别家,Z", "3590O101,a,b"]

    result = table(office, *rows)

    assert (result["changed"], result["refused"]) == (1, 5)
    assert {row: code for row, (code, _) in office.verdicts().items()} == {
        3: "tac_malformed", 4: "tac_malformed", 5: "tac_row_incomplete", 6: "tac_twice", 7: "tac_malformed",
    }  # fmt: skip
    with UnitOfWork(shops.engine).begin(PROVINCE) as tx:
        found = tac_table.TACS.answer(tx, ListTacs(tac=HX), by=PROVINCE, now=shops.now).items
    assert [(it.tac, it.maker, it.model) for it in found] == [(HX, "华星", "HX-200")]


def test_the_table_says_nothing_of_an_esn(office: Office, shops: Shops) -> None:
    """An ESN is tagged above the 56 bits; its upper digits are no TAC."""
    table(office, f"{HX},华星,HX-200")

    office.upload("province_entry", ["2321495F"])

    assert [it.maker for it in shops.sql("SELECT maker FROM devices")] == [None]
