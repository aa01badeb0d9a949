"""查询 and 待装卡分流: 返库, 待报废, 恢复, 分流, and the run log that tells of it (INV-05, INV-06)."""

from typing import Any

import pytest
from pydantic import ValidationError

from kernel.contracts.inventory.acts import MarkPendingScrap, Restore, ReturnToStock
from kernel.contracts.inventory.cards import GetRunLog, ListOptions
from kernel.contracts.inventory.redirection import Redirect
from kernel.model.errors import DomainError
from services.inventory.catalogues import list_options
from services.inventory.custody import mark_pending_scrap, restore, return_to_stock
from services.inventory.lifecycle import CardAction
from services.inventory.redirection import redirect
from services.inventory.run_log import get_run_log
from tests.integration.inventory.stock import CITY, COUNTY, PROVINCE, STRANGER, Stock

A = CardAction


def codes(answer: Any) -> list[tuple[str, str]]:
    return [(card.iccid, card.code) for card in answer.refused]


@pytest.mark.req("INV-05")
def test_a_returned_card_is_stock_again_and_belongs_to_no_crew(stock: Stock):
    batch, other = stock.issued(2), stock.stocked(1, unit="990101")

    answer = stock.do(return_to_stock, ReturnToStock(iccids=[*batch.iccids, *other.iccids], reason="未用"), by=COUNTY)

    card = stock.card(batch.iccids[0])
    assert (answer.done, codes(answer)) == (2, [(other.iccids[0], "card_state_refused")])
    assert card["state"] == "in_stock"
    assert [card[name] for name in ("issued_to_unit", "recipient", "recipient_phone", "issued_at")] == [None] * 4
    assert stock.log(batch.iccids[0])[-1]["reason"] == "未用"


@pytest.mark.req("INV-05")
def test_stock_and_pending_install_can_be_scrapped_and_go_back_where_they_came_from(stock: Stock):
    stocked, issued, received = stock.stocked(1), stock.issued(1), stock.deliver(1)
    all_three = [*stocked.iccids, *issued.iccids, *received.iccids]

    answer = stock.do(mark_pending_scrap, MarkPendingScrap(iccids=all_three))
    assert (answer.done, codes(answer)) == (2, [(received.iccids[0], "card_state_refused")])
    assert stock.states(all_three) == {"pending_scrap": 2, "received": 1}

    answer = stock.do(restore, Restore(iccids=all_three, reason="误操作"))
    assert (answer.done, codes(answer)) == (2, [(received.iccids[0], "card_state_refused")])
    assert stock.card(stocked.iccids[0])["state"] == "in_stock"
    back = stock.card(issued.iccids[0])
    assert (back["state"], back["recipient"], back["scrapped_from"]) == ("pending_install", "李强", None)


@pytest.mark.req("INV-05")
def test_a_running_card_is_neither_returned_nor_scrapped(stock: Stock):
    (iccid,) = stock.issued(1).iccids
    stock.move(A.BIND, [iccid], terminal_asset_no="T-1")

    returned = stock.do(return_to_stock, ReturnToStock(iccids=[iccid]))
    scrapped = stock.do(mark_pending_scrap, MarkPendingScrap(iccids=[iccid]))

    assert returned.refused[0].message == "卡片状态为“运行”，不能返库"
    assert scrapped.refused[0].message == "卡片状态为“运行”，不能待报废"
    assert stock.card(iccid)["state"] == "running"


@pytest.mark.req("INV-06")
@pytest.mark.parametrize(("to", "state"), [("in_stock", "in_stock"), ("pending_scrap", "pending_scrap")])
def test_redirected_cards_go_where_they_are_sent_and_the_log_says_redirected(stock: Stock, to: str, state: str):
    batch = stock.issued(2)
    other = stock.stocked(1, unit="990101")

    answer = stock.do(redirect, Redirect(iccids=[*batch.iccids, *other.iccids], to=to), by=COUNTY)

    assert (answer.done, codes(answer)) == (2, [(other.iccids[0], "card_state_refused")])
    assert stock.states(batch.iccids) == {state: 2}
    entry = stock.log(batch.iccids[0])[-1]
    assert entry["action"] == ("redirect_to_stock" if to == "in_stock" else "redirect_to_scrap")


@pytest.mark.req("INV-06")
def test_cards_are_redirected_to_stock_or_scrap_only():
    with pytest.raises(ValidationError):
        Redirect(iccids=["1"], to="running")


@pytest.mark.req("INV-05", "GTW-02")
@pytest.mark.parametrize(
    ("act", "request_type", "more"),
    [
        (return_to_stock, ReturnToStock, {}),
        (mark_pending_scrap, MarkPendingScrap, {}),
        (restore, Restore, {}),
        (redirect, Redirect, {"to": "in_stock"}),
    ],
)
def test_cards_of_other_units_are_unknown(stock: Stock, act: Any, request_type: Any, more: dict[str, str]):
    batch = stock.issued(2)

    answer = stock.do(act, request_type(iccids=batch.iccids, **more), by=STRANGER)

    assert (answer.done, {code for _, code in codes(answer)}) == (0, {"card_unknown"})
    assert stock.states(batch.iccids) == {"pending_install": 2}


@pytest.mark.req("INV-05")
def test_no_more_than_a_thousand_cards_are_named_at_once():
    with pytest.raises(ValidationError):
        ReturnToStock(iccids=["1"] * 1001)
    with pytest.raises(ValidationError):
        ReturnToStock(iccids=[])


@pytest.mark.req("INV-05")
def test_the_run_log_tells_a_cards_whole_life(stock: Stock):
    (iccid,) = stock.issued(1).iccids
    stock.do(mark_pending_scrap, MarkPendingScrap(iccids=[iccid], reason="损坏"), by=COUNTY)

    log = stock.do(get_run_log, GetRunLog(iccid=f" {iccid} "), by=COUNTY)

    assert log.iccid == iccid
    assert [(entry.version, entry.action, entry.from_state, entry.to_state) for entry in log.items] == [
        (1, "receive", None, "received"),
        (2, "stock_in", "received", "in_stock"),
        (3, "allocate", "in_stock", "in_stock"),
        (4, "issue", "in_stock", "pending_install"),
        (5, "mark_pending_scrap", "pending_install", "pending_scrap"),
    ]
    assert [(entry.from_unit, entry.to_unit) for entry in log.items[2:4]] == [("99", "990101"), ("990101", "990101")]
    last = log.items[-1]
    assert (last.by, last.by_name, last.by_unit, last.reason) == (COUNTY.id, COUNTY.name, "990101", "损坏")


@pytest.mark.req("INV-05", "GTW-02")
@pytest.mark.parametrize("iccid", [None, "8986000000000000000", "", "x\ufffdy", "’"])
def test_the_run_log_of_an_unknown_card_or_anothers_is_not_found(stock: Stock, iccid: str | None):
    batch = stock.stocked(1, unit="9901")

    with pytest.raises(DomainError) as refused:
        stock.do(get_run_log, GetRunLog(iccid=batch.iccids[0] if iccid is None else iccid), by=STRANGER)

    assert refused.value.code == "card_not_found"


@pytest.mark.req("INV-01")
def test_the_catalogues_offer_carriers_and_specs_in_both_languages(stock: Stock):
    carriers = stock.do(list_options, ListOptions(name="carriers"), by=CITY)
    specs = stock.do(list_options, ListOptions(name="card_specs"), by=PROVINCE)

    assert {option.value: (option.label, option.label_en) for option in carriers.items} == {
        "china_mobile": ("中国移动", "China Mobile"),
        "china_telecom": ("中国电信", "China Telecom"),
        "china_unicom": ("中国联通", "China Unicom"),
    }
    assert {option.value for option in specs.items} >= {"plug_in", "smd", "nano", "esim"}
