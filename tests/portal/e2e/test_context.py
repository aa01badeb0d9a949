"""Where one is and what one looks at stays clear: menu, breadcrumb, names instead of ids, dialogs (GTW-05)."""

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

from tests.portal.e2e import cards
from tests.portal.e2e.helpers import Portal, act

if TYPE_CHECKING:
    from tests.running_stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def _crumbs(portal: Portal) -> Locator:
    return portal.page.get_by_role("navigation", name="当前位置")


@pytest.mark.req("GTW-05")
def test_a_page_below_a_list_keeps_the_menu_and_leads_back_to_the_list_as_it_was(clerk: Callable[..., Portal]) -> None:
    portal = clerk("province", "issue?carrier=china_mobile")
    portal.listing.get_by_role("row").get_by_role("link", name=re.compile("^89")).first.click()
    expect(_crumbs(portal)).to_contain_text("卡片详情")
    portal.page.reload()
    expect(portal.menu.get_by_role("link", name="领用", exact=True)).to_have_attribute("aria-current", "page")
    _crumbs(portal).get_by_role("link", name="领用", exact=True).click()
    portal.page.wait_for_url("**issue?carrier=china_mobile")


@pytest.mark.req("GTW-05", "INV-01")
def test_the_cards_of_a_batch_are_called_by_its_number_and_never_by_its_id(
    clerk: Callable[..., Portal], running_stack: "RunningStack", tmp_path: Path
) -> None:
    with closing(running_stack.login("province")) as client:
        batch_no, iccids = cards.delivered(client, tmp_path, 3, stock_in=False)
    portal = clerk("province", f"stock-in?batch_no={batch_no}")
    portal.number(portal.row(batch_no), "接收数量").get_by_role("link").click()
    portal.expect_total(len(iccids))
    expect(portal.filters).to_contain_text(batch_no)
    portal.filters.get_by_role("button", name="不再限定到货批次").click()
    expect(portal.filters).not_to_contain_text(batch_no)
    assert "delivery_id" not in portal.address


@pytest.mark.req("INV-04", "INV-05")
def test_a_requisitions_quantity_opens_its_cards_and_the_run_log_leads_there_and_names_the_recipient(
    clerk: Callable[..., Portal], running_stack: "RunningStack", tmp_path: Path
) -> None:
    with closing(running_stack.login("province")) as client:
        _, iccids = cards.delivered(client, tmp_path, 2)
        crew = {"unit": "99", "recipient": f"李班长{iccids[0][-6:]}", "phone": "13800000000"}
        client.post("requisitions", json={**crew, "iccids": iccids}).raise_for_status()
    portal = clerk("province", f"requisitions?recipient={crew['recipient']}")
    portal.number(portal.row(crew["recipient"]), "数量").get_by_role("link").click()
    portal.expect_total(2)
    expect(_crumbs(portal)).to_contain_text("领用记录")
    expect(portal.page.get_by_role("main")).to_contain_text(crew["recipient"])
    act(portal.row(iccids[0]), "运行日志")
    log = portal.page.get_by_role("region", name="运行日志")
    log.get_by_role("link", name=f"领用单 领用人 {crew['recipient']}").click()
    portal.expect_total(2)


@pytest.mark.req("GTW-05")
def test_a_dialog_says_what_it_makes_takes_the_keys_at_once_and_goes_with_its_page(
    clerk: Callable[..., Portal],
) -> None:
    portal = clerk("province", "stock-in")
    portal.press("上传到货清单")
    expect(portal.dialog.get_by_role("combobox", name="运营商")).to_be_focused()
    portal.open("cards")
    expect(portal.page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.req("GTW-03", "GTW-05")
def test_the_export_centre_says_whose_each_job_is(clerk: Callable[..., Portal], running_stack: "RunningStack") -> None:
    with closing(running_stack.login("province")) as client:
        body = {"resource": "cards", "filters": {"state": ["in_stock"]}, "format": "csv", "scope": "all"}
        job = client.post("exports", json=body).raise_for_status().json()["job_id"]
        owner = cards.wait_for_job(client, job)["created_by_name"]
    portal = clerk("province", "jobs")
    table = portal.page.get_by_role("region", name="任务", exact=True)
    expect(table.get_by_role("columnheader", name="创建人")).to_be_visible()
    of_the_export = table.get_by_role("row").filter(has=portal.page.get_by_role("cell", name="卡片", exact=True))
    expect(of_the_export.get_by_role("cell", name=owner, exact=True).first).to_be_visible()
