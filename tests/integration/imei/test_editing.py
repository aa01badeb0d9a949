"""Editing a device by hand (IME-14, IME-17)."""

from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.imei.acts import FreezeSerials, SwapSerial
from kernel.contracts.imei.edits import EDIT_SERIAL, EditedSerial, EditSerial, ListEdits
from kernel.model.errors import DomainError
from services.imei import checking, editing, freezing, swapping
from tests.integration.imei.shops import COUNTY, OTHER_CITY, PROVINCE, Shops, imei

pytestmark = pytest.mark.req("IME-14", "IME-17")


def edit(shops: Shops, serial: str, by: Any = PROVINCE, **fields: Any) -> EditedSerial:
    return shops.act(editing.edit, EditSerial(serial=serial, reason="补录", **fields), by)


def noted(shops: Shops, by: Any = PROVINCE, **asked: Any) -> list[tuple[str, str | None, str | None]]:
    with UnitOfWork(shops.engine).begin(by) as tx:
        page = editing.SERIAL_EDITS.answer(tx, ListEdits(**asked), by=by, now=shops.now)
    return [(it.field, it.before, it.after) for it in page.items]


def test_a_second_code_finds_the_device_and_what_was_before_is_kept(shops: Shops) -> None:
    (serial,) = shops.have(1)
    edited = edit(shops, serial, serials=[imei(2), serial], maker="华星", model="H1")
    assert edited.serials == [serial, imei(2)]
    assert set(edited.changed) == {"maker", "model", "serials"}
    assert shops.look(imei(2)).serials == [serial, imei(2)]
    assert set(noted(shops)) == {
        ("serials", serial, f"{serial}、{imei(2)}"),
        ("maker", None, "华星"),
        ("model", None, "H1"),
    }


def test_what_is_left_out_stays_and_null_takes_away(shops: Shops) -> None:
    (serial,) = shops.have(1, more=(2,))
    edit(shops, serial, maker="华星", model="H1")
    edited = edit(shops, imei(2), model=None)
    assert (edited.serials, edited.maker, edited.model) == ([serial, imei(2)], "华星", None)


def test_an_edit_that_changes_nothing_leaves_no_trace(shops: Shops) -> None:
    (serial,) = shops.have(1, more=(2,))
    assert edit(shops, serial, serials=[serial, imei(2)]).changed == []
    assert noted(shops) == []


@pytest.mark.parametrize(
    ("serials", "code"),
    [
        ([imei(1), imei(3)], "serial_of_other_device"),
        ([imei(2)], "serial_edit_entry"),
        ([imei(1), imei(2), imei(2)], "serial_twice"),
        ([imei(1), "12"], "serial_length"),
        ([imei(1), "490154203237517"], "serial_check_digit"),
    ],
    ids=["another-device", "without-entry", "twice", "too-short", "check-digit"],
)
def test_a_refused_edit_changes_nothing(shops: Shops, serials: list[str], code: str) -> None:
    serial, other = shops.have(1, 3)
    with pytest.raises(DomainError, match=code):
        edit(shops, serial, serials=serials, maker="别的")
    assert shops.look(serial).serials == [serial]
    assert shops.look(other).serials == [other]
    assert shops.row(serial).maker is None
    assert noted(shops) == []


def test_a_frozen_device_is_edited_and_thaws_as_before(shops: Shops) -> None:
    (serial,) = shops.have(1)
    shops.act(freezing.freeze, FreezeSerials(serials=[serial], cause="audit", reason="抽查"), PROVINCE)
    edit(shops, serial, maker="华星")
    shops.sql(checking._FIND, now=shops.now)
    assert shops.sql("SELECT * FROM findings") == []


def test_what_was_swapped_out_is_not_edited(shops: Shops) -> None:
    serial, other = shops.scan_new(1, 2)
    shops.sell([serial])
    swap = SwapSerial(serial=serial, replacement=other, organisation="centre", document="HJ-1")
    shops.act(swapping.swap, swap, PROVINCE)
    with pytest.raises(DomainError, match="serial_edit_damaged"):
        edit(shops, serial, maker="华星")


def test_nobody_edits_or_sees_what_lies_elsewhere(shops: Shops) -> None:
    (serial,) = shops.scan_new(1)
    edit(shops, serial, COUNTY, maker="华星")
    with pytest.raises(DomainError, match="serial_not_found"):
        edit(shops, serial, OTHER_CITY, maker="别的")
    assert noted(shops, COUNTY) == [("maker", None, "华星")]
    assert noted(shops, OTHER_CITY) == []


def test_scanning_does_not_let_anybody_edit() -> None:
    assert not EDIT_SERIAL.allows(frozenset({"serial.view", "serial.scan", "serial.import", "serial.freeze"}))
    assert EDIT_SERIAL.allows(frozenset({"serial.edit"}))
