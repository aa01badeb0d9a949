"""Files as people really have them, sent over HTTP to the running system (INV-01, INV-04, INV-12)."""

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from tests.e2e.story import MONTH, get, key, numbers, post, upload
from tests.running_stack import explain

if TYPE_CHECKING:
    from tests.running_stack import RunningStack

pytestmark = pytest.mark.stack
CASES = Path(__file__).resolve().parents[1] / "files" / "cases"
MADE = CASES.parent / "made"
DELIVERIES = {
    "parts-named-with-capitals.xlsx": 5,
    "escaped-carriage-return.xlsx": 5,
    "title-rows-above-head.xlsx": 5,
    "newline-in-quoted-remark.csv": 5,
    "newline-in-quoted-head.csv": 5,
    "invisible-characters.csv": 6,
    "msisdn-with-country-code.csv": 6,
}


def _delivered(client: httpx.Client, name: str, content: bytes) -> dict[str, Any]:
    batch_no = f"文件-{name}"
    upload(client, name, content, batch_no)
    (batch,) = get(client, "deliveries", batch_no=batch_no)["items"]
    return dict(batch)


def _looked_at(client: httpx.Client, path: str, file: Path, **choice: str) -> dict[str, Any]:
    answer = client.post(path, files={"file": (file.name, file.read_bytes())}, data=choice)
    assert answer.status_code == 200, explain(answer)
    return dict(answer.json())


@pytest.mark.req("INV-01", "INV-12")
@pytest.mark.parametrize(("name", "cards"), DELIVERIES.items(), ids=DELIVERIES)
def test_a_delivery_sent_over_http_gives_all_its_cards(running_stack: "RunningStack", name: str, cards: int) -> None:
    with closing(running_stack.login("province")) as province:
        seen = _looked_at(province, "deliveries/look", CASES / name)
        batch = _delivered(province, name, (CASES / name).read_bytes())
        listed = get(province, "cards", delivery_id=batch["id"], size=100)["items"]

    assert (seen["rows"], seen["problem"]) == (cards, None)
    assert (batch["received_count"], batch["refused_count"], len(listed)) == (cards, 0, cards)
    assert all(card["iccid"].isdigit() and len(card["iccid"]) == 20 for card in listed)
    assert all((card["msisdn"] or "1").startswith("1") for card in listed)


@pytest.mark.req("INV-12")
def test_the_same_cards_without_and_with_check_digits_are_one_set(running_stack: "RunningStack") -> None:
    with closing(running_stack.login("province")) as province:
        names = ("mobile-without-check-digit.csv", "mobile-with-check-digit.csv")
        short, whole = (_delivered(province, name, (CASES / name).read_bytes()) for name in names)
        refused = get(province, f"deliveries/{whole['id']}/refused-rows", size=100)["items"]
        found = get(province, "cards", iccid="898604992699000500", size=100)["total"]

    assert (short["received_count"], short["refused_count"]) == (40, 0)
    assert (whole["received_count"], whole["refused_count"]) == (0, 40)
    assert {row["code"] for row in refused} == {"card_known"}
    assert found <= 40


@pytest.mark.req("INV-04")
def test_lists_sent_over_http_issue_exactly_their_visible_cards(running_stack: "RunningStack") -> None:
    to = {"unit": "990101", "recipient": "王芳", "phone": "13900000000"}
    with closing(running_stack.login("province")) as province, closing(running_stack.login("county1")) as county:
        batch = _delivered(province, "list-stock.csv", (CASES / "list-stock.csv").read_bytes())
        inspected = {"inspector": "李伟", "inspected_on": "2026-11-20", "result": "qualified"}
        post(province, f"deliveries/{batch['id']}/inspection", inspected)
        post(province, f"deliveries/{batch['id']}/stock-in", {})
        stocked = [card["iccid"] for card in get(province, "cards", delivery_id=batch["id"], size=200)["items"]]
        ends = {"start_iccid": min(stocked), "end_iccid": max(stocked), "to_unit": "990101"}
        kind = {"application_month": MONTH, "carrier": "china_mobile", "card_spec": "plug_in"}
        post(province, "allocations", {**kind, **ends})
        issued = []
        for name in ("list-utf16.txt", "list-hidden-first-sheet.xlsx", "list-head-in-second-column.csv"):
            files = {"file": (name, (CASES / name).read_bytes())}
            answer = county.post("requisitions/upload", files=files, data=to, headers=key())
            assert answer.status_code == 200, explain(answer)
            issued.append((answer.json()["done"], answer.json()["refused"]))
        waiting = get(county, "cards", delivery_id=batch["id"], state="pending_install", size=100)["items"]

    assert issued == [(3, [])] * 3
    tails = {"0005", "0013", "0021", "0153", "0161", "0179", "0211", "0229", "0237"}
    assert {card["iccid"][-4:] for card in waiting} == tails


@pytest.mark.req("INV-04")
@pytest.mark.parametrize("file", sorted(MADE.iterdir()), ids=lambda file: file.stem)
def test_a_list_that_another_program_wrote_is_looked_at_over_http(running_stack: "RunningStack", file: Path) -> None:
    """Its hidden sheet is not taken, and its filtered row is asked about first."""
    with closing(running_stack.login("county1")) as county:
        seen = _looked_at(county, "requisitions/look", file)
        chosen = _looked_at(county, "requisitions/look", file, choice=json.dumps({"hidden_rows": "skip"}))

    assert (seen["sheet"], seen["rows"], seen["hidden_rows"]) == ("清单", 4, 1)
    assert seen["problem"]["code"] == "file_rows_hidden"
    assert chosen["problem"] is None


@pytest.mark.req("INV-04")
def test_a_list_of_one_card_that_is_not_in_stock_is_answered_by_its_row(running_stack: "RunningStack") -> None:
    (unknown,) = numbers(1)
    with closing(running_stack.login("county1")) as county:
        data = {"unit": "990101", "recipient": "王芳", "phone": "13900000000"}
        files = {"file": ("清单.csv", f"ICCID\n{unknown}\n".encode("gb18030"))}
        answer = county.post("requisitions/upload", files=files, data=data, headers=key())

    assert answer.status_code == 200, explain(answer)
    (row,) = answer.json()["refused"]
    assert (row["iccid"], row["row"], row["code"]) == (unknown, 2, "card_unknown")
