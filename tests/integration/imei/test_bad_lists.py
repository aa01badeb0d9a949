"""Lists as people and platforms really send them: other encodings, broken rows, another day's, another province's."""

import random
from pathlib import Path

import pytest

from kernel.model.errors import DomainError
from tests.integration.imei.office import Office
from tests.integration.imei.shops import Shops, imei


@pytest.fixture
def office(shops: Shops, tmp_path: Path) -> Office:
    return Office(shops, tmp_path)


def live(shops: Shops) -> int:
    return int(shops.sql("SELECT count(*) AS n FROM devices")[0].n)


@pytest.mark.req("IME-01")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_list_comes_in_whatever_its_encoding_title_and_quoted_newlines(
    office: Office, shops: Shops, encoding: str
) -> None:
    text = f'2026年11月串码下发清单\n串码,厂商,型号\n{imei(1)},华星,"H1\n双卡版"\n{imei(2)},华星,H2\n'

    result = office.upload_file("push_down", text.encode(encoding))

    assert (result["claimed"], result["refused"]) == (2, 0)
    assert [" ".join(shops.row(imei(n)).model.split()) for n in (1, 2)] == ["H1 双卡版", "H2"]
    assert shops.row(imei(1)).maker == "华星"


@pytest.mark.req("IME-01")
@pytest.mark.parametrize(
    ("content", "code"), [(b"", "file_empty"), ("姓名,电话\n张强,138\n".encode(), "file_columns_missing")]
)
def test_a_file_without_rows_or_without_a_column_of_serials_is_refused_as_a_whole(
    office: Office, shops: Shops, content: bytes, code: str
) -> None:
    with pytest.raises(DomainError, match=code):
        office.upload_file("push_down", content)
    assert live(shops) == 0


@pytest.mark.req("IME-01", "IME-05")
def test_two_broken_rows_of_a_hundred_cost_nobody_elses_row(office: Office, shops: Shops) -> None:
    serials = [imei(n) for n in range(1, 1001)]
    broken = random.Random(7).sample(range(1000), 20)
    for place in broken:
        serials[place] = serials[place][:14] + str((int(serials[place][14]) + 3) % 10)

    result = office.upload("push_down", serials)

    assert (result["claimed"], result["refused"], live(shops)) == (980, 20, 980)
    assert office.verdicts() == {place + 2: ("serial_check_digit", imei(place + 1)) for place in broken}


@pytest.mark.req("IME-17")
def test_one_device_under_two_codes_is_entered_once_and_two_devices_are_not_made_one(
    office: Office, shops: Shops
) -> None:
    both = office.upload("claim", [f"{imei(1)},{imei(2)}", f"{imei(2)},", f"{imei(3)},{imei(1)}"], head="IMEI1,IMEI2")
    assert (both["entered"], office.verdicts()) == (1, {3: ("serial_twice", None), 4: ("serial_twice", None)})

    office.upload("province_entry", [imei(5), imei(6)])
    joined = office.upload("claim", [f"{imei(5)},{imei(6)}"], head="IMEI1,IMEI2")
    assert (joined["claimed"], office.verdicts()) == (0, {2: ("serial_codes_of_two", None)})


@pytest.mark.req("IME-17")
def test_a_meid_is_one_however_it_is_written_and_what_cannot_be_one_is_refused(office: Office, shops: Shops) -> None:
    written = ["a10000009296f2", "A1 00 00 00 92 96 F2", "270113177609606898", "999999999900703710", "0" * 15]

    result = office.upload("push_down", written)

    assert (result["claimed"], shops.look("A10000009296F2").serials) == (1, ["A10000009296F2"])
    assert {row: code for row, (code, _) in office.verdicts().items()} == {
        3: "serial_twice", 4: "serial_twice", 5: "serial_out_of_range", 6: "serial_placeholder",
    }  # fmt: skip


@pytest.mark.req("IME-17")
@pytest.mark.parametrize("kind", ["push_down", "national_delta"])
def test_a_laboratorys_code_is_refused_and_an_unknown_body_is_not(office: Office, shops: Shops, kind: str) -> None:
    good, unknown = imei(1), "02345678012345"
    written = [good, *(f"{tac}012345" for tac in ("00100101", "00440101")), unknown]

    result = office.upload(kind, written)

    assert (result["rows"], result["refused"]) == (4, 2)
    assert office.verdicts() == {3: ("serial_test_type", None), 4: ("serial_test_type", None)}


@pytest.mark.req("IME-17")
def test_further_codes_that_are_blank_are_no_fault_and_a_broken_one_refuses_its_row(
    office: Office, shops: Shops
) -> None:
    rows = [f"{imei(1)},,{imei(2)}", f"{imei(3)},x,", f"{imei(4)},{imei(4)}, ", f"y,{imei(5)},z"]

    result = office.upload("push_down", rows, head="IMEI1,IMEI2,IMEI3")

    assert (result["claimed"], [shops.look(imei(n)).serials for n in (1, 4)]) == (2, [[imei(1), imei(2)], [imei(4)]])
    assert {row: code for row, (code, _) in office.verdicts().items()} == {
        3: "serial_characters", 5: "serial_characters"
    }  # fmt: skip


@pytest.mark.req("IME-10")
def test_yesterdays_national_list_half_a_list_and_an_empty_one_wait_for_a_person(office: Office, shops: Shops) -> None:
    serials = [imei(n) for n in range(50, 60)]
    office.upload("national_full", serials[:8])
    office.upload("national_full", serials)

    for shrunk in (serials[:8], serials[:5]):
        result = office.upload("national_full", shrunk)
        assert (result["state"], result["held_because"]) == ("held", "shrinks")
    with pytest.raises(DomainError, match="file_empty"):
        office.upload("national_full", [])

    assert len(shops.sql("SELECT 1 FROM subsidised")) == 10


@pytest.mark.req("IME-10")
def test_a_doubled_national_list_freezes_each_device_once_and_anothers_province_is_left_alone(
    office: Office, shops: Shops
) -> None:
    one, two = shops.have(1, 2)
    shops.sql("UPDATE devices SET province = '97', unit = '97' WHERE id = :id", id=int(two[:14], 16))

    result = office.upload("national_full", [one, two, one, two])

    assert (result["state"], result["frozen"]) == ("published", 1)
    assert [shops.row(it).state for it in (one, two)] == ["frozen", "claimed"]
    assert len(shops.look(one).events) == 3
