"""A long list brings its devices on a shelf of their own; nobody who asks for a device sees a difference (IME-01)."""

from pathlib import Path

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from services.imei import checking
from services.imei.lists import entering, shelves, straight
from tests.integration.imei.office import Office
from tests.integration.imei.shops import PROVINCE, Shops, imei
from tests.integration.imei.test_straight import state

_HEAD = "IMEI1,IMEI2,厂商,型号"
_COUNTED = """
SELECT (SELECT array_agg(x ORDER BY x) FROM (SELECT unit || coalesce(organisation, '') || state || count(*) AS x
        FROM devices GROUP BY unit, organisation, state) AS a)
     = (SELECT array_agg(x ORDER BY x) FROM (SELECT unit || coalesce(organisation, '') || state || sum(devices) AS x
        FROM device_counts GROUP BY unit, organisation, state HAVING sum(devices) > 0) AS b) AS same
"""


@pytest.fixture
def office(shops: Shops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr("kernel.chassis.files.tables.BATCH_ROWS", 4)
    monkeypatch.setattr(straight.take, "__kwdefaults__", {"at_once": 4})
    return Office(shops, tmp_path)


def on_shelves(shops: Shops) -> list[int]:
    return [row.n for row in shops.sql("SELECT count(*) AS n FROM devices GROUP BY shelf ORDER BY shelf")]


def keep(shops: Shops) -> None:
    with UnitOfWork(shops.engine).begin() as tx:
        shelves.keep(tx)
        tx.commit()


def long_list(first: int) -> list[str]:
    return [f"{imei(n)},{imei(n + 500) if n % 3 else ''},华星,H{n % 2}" for n in range(first, first + 10)]


@pytest.mark.req("IME-01", "IME-02", "IME-16")
def test_devices_act_on_a_shelf_as_on_any_other_and_stay_the_same_when_it_is_emptied(
    office: Office, shops: Shops, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.upload("province_entry", [imei(1)])
    shops.sql(
        "INSERT INTO registrations (code, registered_at, place, received_at)"
        " VALUES (:code, '2026-11-20 08:00+08', '9901', now())", code=int(imei(612)[:14], 16),
    )  # fmt: skip
    office.upload("claim", long_list(110), head=_HEAD)
    office.upload("province_entry", long_list(210), head=_HEAD)
    assert on_shelves(shops) == [1, 10, 10]
    assert shops.row(imei(112)).registered_at is not None
    shops.scan([imei(110), imei(112)])
    assert on_shelves(shops) == [3, 8, 10], "what has a place leaves its list's shelf"
    assert shops.sql("SELECT unit FROM registrations")[0].unit == "990101"
    shops.sell([imei(112)])
    office.upload("claim", [f"{imei(n)}" for n in range(208, 215)])
    before = state(shops)

    monkeypatch.setattr(shelves, "KEPT", 0)
    monkeypatch.setattr(shelves, "SLICE", 6)
    for _ in range(8):
        keep(shops)

    assert state(shops) == before
    assert len(on_shelves(shops)) == 1
    assert shops.sql("SELECT relname FROM pg_class WHERE relname ~ '^devices_[1-9]'") == []
    assert shops.sql(_COUNTED)[0].same
    shops.sell([imei(110)])
    assert [it.action for it in shops.look(imei(610)).events] == ["enter_claimed", "scan_in", "sell"]
    shops.act(lambda tx, _, *, by, now: checking.ask(tx, by=by), None, PROVINCE)
    assert office.run() == {"findings": 0}


@pytest.mark.req("IME-01")
def test_an_import_that_dies_leaves_no_shelf(office: Office, shops: Shops, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(entering.Entry, "note", dies)
    with pytest.raises(RuntimeError, match="killed"):
        office.upload("claim", long_list(110), head=_HEAD)

    assert on_shelves(shops) == []
    assert shops.sql("SELECT relname FROM pg_class WHERE relname ~ '^devices_[1-9]'") == []


@pytest.mark.req("IME-01", "IME-17")
def test_a_device_that_lies_on_a_shelf_is_not_entered_again(office: Office, shops: Shops) -> None:
    office.upload("province_entry", long_list(110), head=_HEAD)

    again = office.upload("province_entry", [*long_list(115), f"{imei(900)},{imei(612)},,"], head=_HEAD)

    assert (again["entered"], again["refused"]) == (5, 6)
    assert {code for code, _ in office.verdicts().values()} == {"serial_known"}


@pytest.mark.req("IME-01")
def test_when_there_are_enough_shelves_a_long_list_goes_to_the_first(
    office: Office, shops: Shops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelves, "MOST", 1)

    office.upload("province_entry", long_list(110), head=_HEAD)
    office.upload("province_entry", long_list(210), head=_HEAD)

    assert [tuple(it) for it in shops.sql("SELECT shelf, count(*) FROM devices GROUP BY 1 ORDER BY 1")] == [
        (0, 10), (1, 10),
    ]  # fmt: skip


@pytest.mark.req("IME-02", "IME-17")
def test_a_device_that_lies_on_two_shelves_is_found_at_night(office: Office, shops: Shops) -> None:
    office.upload("province_entry", long_list(110), head=_HEAD)
    shops.have(111)  # as nobody can: a list would have looked

    shops.act(lambda tx, _, *, by, now: checking.ask(tx, by=by), None, PROVINCE)
    office.run()

    code = int(imei(111)[:14], 16)
    assert (code, "code_of_two") in [tuple(it) for it in shops.sql("SELECT device_id, code FROM findings")]
