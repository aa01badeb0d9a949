"""Cards from the carrier's file to the crew, over REST, as province, city and county."""

import time

import psycopg
import pytest

from tests.e2e.story import as_csv, delivery_of, finished, get, numbers, post, upload
from tests.running_stack import RunningStack

pytestmark = pytest.mark.stack
COUNTY = "990101"


@pytest.fixture(scope="module")
def province(running_stack: RunningStack):
    return running_stack.login("province")


@pytest.fixture(scope="module")
def county(running_stack: RunningStack):
    return running_stack.login("county1")


@pytest.fixture(scope="module")
def stocked(province):
    """A hundred cards in stock of the province."""
    cards = numbers(100)
    batch = f"E2E-{cards[0][6:19]}"
    upload(province, "delivery.csv", as_csv(cards), batch)
    delivery = delivery_of(province, batch)
    post(
        province,
        f"deliveries/{delivery['id']}/inspection",
        {"inspected_on": "2026-11-20", "inspector": "李伟", "result": "qualified", "remark": "抽检"},
    )
    post(province, f"deliveries/{delivery['id']}/stock-in", {})
    return cards


def allocate(client, cards: list[str], to_unit: str = COUNTY, **more):
    return post(
        client,
        "allocations",
        {
            "application_month": "2026-11",
            "carrier": "china_mobile",
            "card_spec": "plug_in",
            "start_iccid": cards[0],
            "end_iccid": cards[-1],
            "to_unit": to_unit,
            **more,
        },
    )


@pytest.mark.req("INV-01", "INV-02")
def test_a_file_with_bad_rows_brings_in_the_good_ones_and_names_the_others(province):
    good = numbers(40)
    wrong_digit = good[0][:-1] + str((int(good[0][-1]) + 5) % 10)
    bad = ["8.986E+18", wrong_digit, good[3], "898601" + good[0][6:], good[1][:-2]]
    batch = f"BAD-{good[0][6:19]}"

    job = upload(province, "delivery.csv", as_csv([*good, *bad], "gbk"), batch)

    delivery = delivery_of(province, batch)
    rows = get(province, f"deliveries/{delivery['id']}/refused-rows", size=100)["items"]
    assert job["state"] == "done"
    assert (delivery["received_count"], delivery["refused_count"]) == (40, 5)
    assert {row["row"]: row["code"] for row in rows} == {
        42: "iccid_scientific",
        43: "iccid_check_digit",
        44: "iccid_twice",
        45: "iccid_wrong_carrier",
        46: "iccid_length",
    }
    assert "8.986E+18" in rows[0]["message"]


@pytest.mark.req("INV-01")
def test_sending_a_delivery_again_changes_nothing(province):
    cards = numbers(20)
    batch = f"TWICE-{cards[0][6:19]}"
    upload(province, "delivery.csv", as_csv(cards), batch)
    before = delivery_of(province, batch)

    upload(province, "delivery.csv", as_csv(cards), batch)

    after = delivery_of(province, batch)
    assert (after["received_count"], after["refused_count"]) == (before["received_count"], before["refused_count"])
    assert len(get(province, f"cards/{cards[0]}/run-log")["items"]) == 1


@pytest.mark.req("INV-03", "INV-04", "INV-05")
def test_a_card_goes_from_the_province_to_a_crew_and_its_run_log_tells_the_way(province, county, stocked):
    mine = stocked[:20]
    allocate(province, mine)

    issued = post(
        county, "requisitions", {"unit": COUNTY, "recipient": "张强", "phone": "13800000000", "iccids": mine[:10]}
    )
    returned = post(county, "cards/return-to-stock", {"iccids": mine[:2], "reason": "多领"})
    scrapped = post(county, "cards/mark-pending-scrap", {"iccids": [mine[2], mine[12]], "reason": "损坏"})

    assert (issued["done"], returned["done"], scrapped["done"]) == (10, 2, 2)
    log = get(county, f"cards/{mine[0]}/run-log")["items"]
    assert [(entry["action"], entry["to_state"]) for entry in log] == [
        ("receive", "received"),
        ("inspect", "received"),
        ("stock_in", "in_stock"),
        ("allocate", "in_stock"),
        ("issue", "pending_install"),
        ("return_to_stock", "in_stock"),
    ]
    assert log[3]["to_unit"] == COUNTY
    assert get(county, f"cards/{mine[2]}")["state"] == "pending_scrap"


@pytest.mark.req("INV-05")
def test_an_act_on_many_cards_does_the_good_ones_and_says_why_not_the_others(county, province, stocked):
    mine = stocked[20:25]
    allocate(province, mine)

    answer = post(county, "cards/return-to-stock", {"iccids": [*mine, "89860200000000000000"]})

    assert answer["done"] == 0
    assert answer["refused_count"] == 6
    assert {row["code"] for row in answer["refused"]} == {"card_state_refused", "card_unknown"}


@pytest.mark.req("INV-03")
def test_a_range_with_one_card_missing_from_stock_moves_none_and_says_which(province, county, stocked):
    mine = stocked[30:40]
    allocate(province, mine[4:5])

    refusal = province.post(
        "allocations",
        json={
            "application_month": "2026-11",
            "carrier": "china_mobile",
            "card_spec": "plug_in",
            "start_iccid": mine[0],
            "end_iccid": mine[-1],
            "to_unit": COUNTY,
        },
        headers={"Idempotency-Key": f"range-{mine[0]}"},
    )

    assert refusal.status_code == 409
    assert refusal.headers["content-type"].startswith("application/problem+json")
    assert refusal.json()["code"] == "allocation_refused"
    assert get(province, f"cards/{mine[0]}")["owner_unit"] == "99"


@pytest.mark.req("INV-07")
def test_every_number_of_the_state_statistics_opens_a_list_of_that_many_cards(county):
    table = get(county, "statistics/cards-by-state")

    for row in table["items"]:
        for state in ("received", "in_stock", "pending_install", "pending_scrap"):
            listed = get(
                county, "cards", owner_unit=row["unit"], state=state, unit_exact=str(row.get("exact", False)).lower()
            )
            assert (listed["total"], listed["total_is"]) == (row[state], "exact")


@pytest.mark.req("INV-10")
def test_the_ledger_balances_and_its_check_finds_nothing(province):
    accepted = post(province, "statistics/ledger/check", {}, status=202)

    job = finished(province, accepted["job_id"])

    assert job["state"] == "done", job
    assert job["refused_count"] == 0
    assert get(province, "statistics/ledger")["balanced"] is True


@pytest.mark.req("GTW-03")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_list_is_exported_whole(county, kind: str):
    accepted = post(
        county,
        "exports",
        {"resource": "cards", "filters": {"state": ["in_stock"]}, "format": kind, "scope": "all"},
        202,
    )

    job = finished(county, accepted["job_id"])
    file = county.get(f"exports/{job['id']}/file")

    assert job["state"] == "done", job
    assert job["done"] == job["total"] == job["result"]["rows"] > 0
    assert file.content[:2] == (b"PK" if kind == "xlsx" else b"\xef\xbb")
    if kind == "csv":
        lines = file.content.decode("utf-8-sig").strip().splitlines()
        assert len(lines) - 1 == get(county, "cards", state="in_stock")["total"]


@pytest.mark.req("GTW-02")
def test_a_county_neither_sees_nor_moves_what_belongs_to_others(running_stack: RunningStack, province, stocked):
    elsewhere = running_stack.login("county2")
    allocate(province, stocked[50:52], to_unit="990102" if get(elsewhere, "auth/me")["unit"] != "990102" else COUNTY)

    assert elsewhere.get(f"cards/{stocked[0]}").status_code == 404
    answer = post(elsewhere, "cards/mark-pending-scrap", {"iccids": [stocked[60]]})
    assert [row["code"] for row in answer["refused"]] == ["card_unknown"]


@pytest.mark.req("OPS-04")
def test_what_inventory_says_arrives_in_bindings_own_picture(running_stack: RunningStack, province):
    def pictures() -> tuple[list, list]:
        with psycopg.connect(running_stack.env["SIMKEEP_DATABASE_URL"]) as connection:
            columns = "iccid, owner_unit, carrier, card_spec, state, version"
            return (
                connection.execute(f"SELECT {columns} FROM inventory.cards ORDER BY iccid").fetchall(),
                connection.execute(f"SELECT {columns} FROM binding.cards ORDER BY iccid").fetchall(),
            )

    deadline = time.monotonic() + 30
    source, picture = pictures()
    while source != picture and time.monotonic() < deadline:
        time.sleep(0.3)
        source, picture = pictures()

    assert source
    assert picture == source
