"""Lists of serials: judged by row, published as a whole or not at all (IME-01, IME-03, IME-04, IME-05, IME-10)."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.errors import DomainError
from services.imei.lists import publishing
from tests.integration.imei.office import Office
from tests.integration.imei.shops import Shops, imei


@pytest.fixture
def office(shops: Shops, tmp_path: Path) -> Office:
    return Office(shops, tmp_path)


def live(shops: Shops) -> int:
    return int(shops.sql("SELECT count(*) AS n FROM devices")[0].n)


@pytest.mark.req("IME-01", "IME-05")
def test_every_bad_row_has_its_verdict_and_repair_and_the_good_ones_go_in(office: Office, shops: Shops) -> None:
    good, other = imei(1), imei(2)
    wrong = good[:14] + str((int(good[14]) + 1) % 10)

    result = office.upload("province_entry", [good, wrong, "3.5E+14", good, other, "x"], source="erp")

    assert (result["state"], result["entered"], result["refused"]) == ("published", 2, 4)
    assert office.verdicts() == {
        3: ("serial_check_digit", good),
        4: ("serial_scientific", None),
        5: ("serial_twice", None),
        7: ("serial_characters", None),
    }
    assert (shops.row(good).state, shops.row(good).pool) == ("unclaimed", "province")


@pytest.mark.req("IME-01")
def test_the_two_pools_hold_a_device_once(office: Office, shops: Shops) -> None:
    office.upload("group_entry", [imei(1)])

    office.upload("province_entry", [imei(1), imei(2)])

    assert office.verdicts() == {2: ("serial_known", None)}
    assert live(shops) == 2


@pytest.mark.req("IME-03", "IME-04")
def test_claims_and_push_downs_claim_what_is_known_and_add_what_is_not(office: Office, shops: Shops) -> None:
    office.upload("province_entry", [imei(1)])
    office.upload("national_delta", [imei(3)])

    claimed = office.upload("claim", [imei(1), imei(2), imei(3)])
    verdicts = office.verdicts()
    pushed = office.upload("push_down", [imei(2), imei(4)])

    assert (claimed["claimed"], claimed["entered"]) == (2, 1)
    assert verdicts == {4: ("serial_subsidised_elsewhere", None)}
    assert (pushed["claimed"], office.verdicts()) == (1, {2: ("serial_state_wrong", None)})
    assert [it.action for it in shops.look(imei(2)).events] == ["enter_claimed"]
    assert {shops.row(imei(n)).state for n in (1, 2, 4)} == {"claimed"}


@pytest.mark.req("IME-17")
def test_a_row_with_two_codes_is_one_device(office: Office, shops: Shops) -> None:
    office.upload("claim", [f"{imei(1)},{imei(2)}"], head="IMEI1,IMEI2")

    assert shops.look(imei(2)).serials == [imei(1), imei(2)]
    assert live(shops) == 1


@pytest.mark.req("IME-01")
def test_the_same_file_again_does_nothing(office: Office, shops: Shops) -> None:
    first = office.upload("province_entry", [imei(1)])

    again = office.upload("province_entry", [imei(1)])

    assert (again["list_id"], again["same_file"]) == (first["list_id"], True)
    assert len(shops.sql("SELECT 1 FROM events")) == 1


@pytest.mark.req("IME-01")
def test_a_killed_import_leaves_nothing_live(office: Office, shops: Shops, monkeypatch: pytest.MonkeyPatch) -> None:
    publish = publishing.publish

    def killed(tx: Tx, *args: Any) -> None:
        publish(tx, *args)
        tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    monkeypatch.setattr(publishing, "publish", killed)
    with pytest.raises(DBAPIError):
        office.upload("claim", [imei(n) for n in range(1, 50)])

    counts = {table: len(shops.sql(f"SELECT 1 FROM {table}")) for table in ("devices", "codes", "events", "lists")}
    assert counts == dict.fromkeys(counts, 0)


@pytest.mark.req("IME-10")
def test_a_national_list_freezes_what_is_not_subsidised_here(office: Office, shops: Shops) -> None:
    one, two, three = shops.have(1, 2, 3)
    shops.scan([one])
    shops.sell([one])

    result = office.upload("national_full", [one, two, imei(9)])

    assert (result["state"], result["frozen"]) == ("published", 2)
    assert [(shops.row(it).state, shops.row(it).held_from) for it in (one, two, three)] == [
        ("frozen", "sold"), ("frozen", "claimed"), ("claimed", None),
    ]  # fmt: skip
    assert shops.look(one).events[-1].row == 2


@pytest.mark.req("IME-10")
def test_a_national_list_that_shrinks_or_freezes_many_waits_for_a_person(
    office: Office, shops: Shops, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.upload("national_full", [imei(8), imei(9)])
    shrunk = office.upload("national_full", [imei(9)])
    monkeypatch.setenv("SIMKEEP_SERIAL_FREEZE_FLOOR", "1")
    serials = shops.have(1, 2, 3)
    many = office.upload("national_delta", serials[:2])

    assert (shrunk["state"], shrunk["held_because"], shrunk["removed"]) == ("held", "shrinks", 1)
    assert (many["state"], many["held_because"], many["frozen"]) == ("held", "freezes_many", 2)
    assert {shops.row(it).state for it in serials} == {"claimed"}
    assert len(shops.sql("SELECT 1 FROM subsidised")) == 2
    assert office.release(many["list_id"])["state"] == "published"
    assert [shops.row(it).state for it in serials] == ["frozen", "frozen", "claimed"]
    with pytest.raises(DomainError, match="serial_list_not_held"):
        office.release(many["list_id"])


@pytest.mark.req("IME-10")
def test_a_preview_counts_and_changes_nothing(office: Office, shops: Shops) -> None:
    (one,) = shops.have(1)

    result = office.upload("national_full", [one], preview=True)

    assert (result["state"], result["frozen"]) == ("previewed", 1)
    assert (shops.row(one).state, shops.sql("SELECT 1 FROM subsidised")) == ("claimed", [])
