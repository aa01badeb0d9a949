"""A list that is written while it is read ends as if it were taken in at once, and as its preview said (IME-01)."""

import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from services.imei import checking
from services.imei.lists import straight
from tests.integration.imei.office import Office
from tests.integration.imei.shops import PROVINCE, Shops, imei

_WHAT = {
    "devices": "SELECT id, state, pool, province, unit, source, maker, model, version, registered_at FROM devices",
    "codes": "SELECT * FROM codes",
    "events": "SELECT device_id, version, action, from_state, to_state, unit, row_no FROM events",
    "registrations": "SELECT code, unit FROM registrations",
    "counts": "SELECT unit, state, pool, source, sum(devices) FROM device_counts GROUP BY 1, 2, 3, 4",
    "moves": "SELECT device_id, from_province, to_province, row_no, state FROM ownership_moves",
    "lists": "SELECT kind, state, rows, refused, entered, claimed, asked FROM lists WHERE state = 'published'",
}


@pytest.fixture
def office(shops: Shops, tmp_path: Path) -> Office:
    return Office(shops, tmp_path)


def a_list(chance: random.Random) -> list[str]:
    """Rows of one or two codes, many of them known, doubled, subsidised elsewhere, broken."""
    rows = []
    for _ in range(60):
        one, two = (imei(chance.randrange(1, 60)) for _ in range(2))
        words = chance.choice(["华星,H1", "华星,H2", ",", "远方,"])
        rows.append(
            f"{one if chance.random() > 0.05 else one[:-1] + 'x'},{two if chance.random() > 0.6 else ''},{words}"
        )
    return rows


def prepare(shops: Shops, office: Office) -> None:
    shops.close()
    shops.open()
    office.upload("province_entry", [imei(n) for n in range(1, 10)])
    office.upload("group_entry", [imei(n) for n in range(10, 14)], province="97")
    office.upload("push_down", [f"{imei(14)},{imei(15)}", f"{imei(16)},"], head="IMEI1,IMEI2")
    office.upload("national_delta", [imei(n) for n in (17, 18, 5)])
    for number in (20, 21, 30, 31, 2):
        shops.sql(
            "INSERT INTO registrations (code, registered_at, place, received_at)"
            " VALUES (:code, '2026-11-20 08:00+08', '9901', now())", code=int(imei(number)[:14], 16),
        )  # fmt: skip


def state(shops: Shops) -> dict[str, list[Any]]:
    return {name: sorted(map(repr, map(tuple, shops.sql(sql)))) for name, sql in _WHAT.items()}


@pytest.mark.req("IME-01", "IME-03", "IME-05", "IME-17")
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("kind", ["claim", "province_entry"])
def test_in_parts_of_a_few_rows_a_list_does_what_it_does_at_once_and_what_its_preview_said(
    office: Office, shops: Shops, monkeypatch: pytest.MonkeyPatch, kind: str, seed: int
) -> None:
    rows, ends = a_list(random.Random(seed)), []
    head = "IMEI1,IMEI2,厂商,型号"
    for batch, at_once in ((1_000, 100_000), (3, 3), (7, 14)):
        monkeypatch.setattr("kernel.chassis.files.tables.BATCH_ROWS", batch)
        monkeypatch.setattr(straight.take, "__kwdefaults__", {"at_once": at_once})
        prepare(shops, office)
        preview = office.upload(kind, rows, head=head, preview=True)
        said = office.verdicts()
        result = office.upload(kind, rows, head=head)
        figures = ("rows", "refused", "entered", "claimed", "asked")
        assert [result[it] for it in figures] == [preview[it] for it in figures]
        assert office.verdicts() == said
        ends.append((state(shops), office.verdicts()))

    assert ends[1:] == ends[:1] * 2


@pytest.mark.req("IME-17")
def test_the_database_itself_refuses_a_further_code_that_is_a_devices_first(shops: Shops) -> None:
    one, two = shops.have(1, 2)

    with pytest.raises(DBAPIError, match="first code of a device"):
        shops.sql("INSERT INTO further_codes VALUES (:code, :id, 2)", code=int(two[:14], 16), id=int(one[:14], 16))


@pytest.mark.req("IME-02", "IME-17")
def test_a_code_that_two_devices_have_is_found_at_night(office: Office, shops: Shops) -> None:
    (one,) = shops.have(1, more=(2,))
    shops.have(2)  # as nobody can: a list would have looked

    shops.act(lambda tx, _, *, by, now: checking.ask(tx, by=by), None, PROVINCE)

    assert office.run() == {"findings": 1}
    assert shops.sql("SELECT device_id, code FROM findings") == [(int(one[:14], 16), "code_of_two")]
