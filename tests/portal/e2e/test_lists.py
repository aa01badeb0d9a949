"""Query forms, paging, sorting, and what the address keeps: the same on every list (GTW-01, GTW-05)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.portal.e2e.helpers import Portal

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def _keys(portal: Portal) -> list[str]:
    boxes = portal.settled().get_by_role("checkbox").all()
    return [box.get_attribute("aria-label") or "" for box in boxes][1:]


@pytest.mark.req("GTW-01", "GTW-05")
def test_pages_are_walked_to_the_end_and_back_and_the_address_keeps_the_place(clerk: Callable[..., Portal]) -> None:
    portal = clerk("province", "cards?state=in_stock")
    total = portal.total()
    assert total > 60
    first = _keys(portal)
    portal.page.get_by_role("button", name="下一页").click()
    expect(portal.listing.get_by_text("第 2 /")).to_be_visible()
    second = _keys(portal)
    assert len(second) == 20
    assert not set(first) & set(second)
    portal.page.reload()
    expect(portal.listing.get_by_text("第 2 /")).to_be_visible()
    assert _keys(portal) == second
    portal.page.get_by_role("button", name="末页").click()
    expect(portal.page.get_by_role("button", name="下一页")).to_be_disabled()
    portal.page.get_by_role("button", name="第一页").click()
    expect(portal.page.get_by_role("button", name="上一页")).to_be_disabled()
    assert _keys(portal) == first


@pytest.mark.req("GTW-05")
def test_back_returns_to_the_same_page_of_the_same_query(clerk: Callable[..., Portal]) -> None:
    portal = clerk("province", "cards?state=in_stock")
    portal.page.get_by_role("button", name="下一页").click()
    expect(portal.listing.get_by_text("第 2 /")).to_be_visible()
    before, keys = portal.address, _keys(portal)
    portal.listing.get_by_role("link", name="运行日志").first.click()
    expect(portal.page.get_by_role("region", name="运行日志")).to_be_visible()
    portal.page.get_by_role("button", name="返回").click()
    expect(portal.listing.get_by_text("第 2 /")).to_be_visible()
    assert (portal.address, _keys(portal)) == (before, keys)


@pytest.mark.req("GTW-05")
def test_enter_queries_reset_clears_and_a_new_question_starts_at_page_one(clerk: Callable[..., Portal]) -> None:
    portal = clerk("province", "cards?state=in_stock")
    total = portal.total()
    portal.page.get_by_role("button", name="下一页").click()
    iccid = _keys(portal)[3].split()[-1]
    box = portal.filters.get_by_label("ICCID", exact=True)
    box.fill(iccid)
    box.press("Enter")
    portal.expect_total(1)
    assert "page=" not in portal.address
    assert "cursor=" not in portal.address
    portal.filters.get_by_role("button", name="重置").click()
    expect(box).to_have_value("")
    assert portal.address == "#/cards"
    assert portal.total() >= total


@pytest.mark.req("GTW-05")
def test_a_query_without_result_says_so_and_helps_out(clerk: Callable[..., Portal]) -> None:
    portal = clerk("county1", "cards")
    portal.fill(portal.filters, "ICCID", "89860999999999999999").query()
    expect(portal.page.get_by_text("暂无数据")).to_be_visible()
    portal.page.get_by_role("button", name="清除查询条件试试").click()
    assert portal.total() > 0


@pytest.mark.req("GTW-05")
def test_a_head_sorts_and_the_address_keeps_it(clerk: Callable[..., Portal]) -> None:
    portal = clerk("province", "cards?state=in_stock")
    head = portal.page.get_by_role("columnheader", name="入库时间")
    head.get_by_text("入库时间").click(position={"x": 16, "y": 8})  # beside the arrows, which mean one order each
    expect(head).to_have_attribute("aria-sort", "ascending")
    assert "sort=stocked_in_at" in portal.address
    head.get_by_text("入库时间").click(position={"x": 16, "y": 8})  # beside the arrows, which mean one order each
    expect(head).to_have_attribute("aria-sort", "descending")
    assert "order=desc" in portal.address


@pytest.mark.req("GTW-05")
def test_columns_that_are_hidden_stay_hidden_for_this_person(clerk: Callable[..., Portal]) -> None:
    portal = clerk("county1", "cards")
    expect(portal.page.get_by_role("columnheader", name="手机号")).to_be_visible()
    portal.press("列设置")
    settings = portal.page.get_by_role("group", name="列设置")
    settings.get_by_text("手机号", exact=True).click()
    expect(portal.page.get_by_role("columnheader", name="手机号")).to_have_count(0)
    portal.page.reload()
    expect(portal.page.get_by_role("columnheader", name="ICCID")).to_be_visible()
    expect(portal.page.get_by_role("columnheader", name="手机号")).to_have_count(0)


@pytest.mark.req("GTW-05")
def test_the_selection_survives_turning_the_page_and_can_be_cleared(clerk: Callable[..., Portal]) -> None:
    portal = clerk("province", "cards?state=in_stock")
    scrap = portal.listing.get_by_role("button", name="待报废", exact=True)
    expect(scrap).to_be_disabled()
    portal.tick(_keys(portal)[0].split()[-1])
    portal.page.get_by_role("button", name="下一页").click()
    expect(portal.listing.get_by_text("第 2 /")).to_be_visible()
    portal.tick(_keys(portal)[0].split()[-1])
    expect(portal.listing.get_by_text("已选 2 项")).to_be_visible()
    expect(scrap).to_be_enabled()
    expect(portal.listing.get_by_role("button", name="返库", exact=True)).to_be_disabled()
    portal.listing.get_by_role("button", name="清空").click()
    expect(scrap).to_be_disabled()


@pytest.mark.req("GTW-05")
def test_a_dialog_keeps_the_keyboard_and_asks_before_it_drops_what_was_entered(clerk: Callable[..., Portal]) -> None:
    portal = clerk("province", "allocations")
    opener = portal.listing.get_by_role("button", name="新建", exact=True)
    opener.focus()
    portal.page.keyboard.press("Enter")
    expect(portal.dialog).to_be_visible()
    portal.page.keyboard.press("Escape")
    expect(portal.page.get_by_role("dialog")).to_have_count(0)
    expect(opener).to_be_focused()
    opener.click()
    portal.fill(portal.dialog, "开始号段", "8986")
    portal.page.keyboard.press("Escape")
    question = portal.page.get_by_role("dialog", name="提示")
    question.get_by_role("button", name="继续填写").click()
    expect(portal.dialog.get_by_label("开始号段")).to_have_value("8986")
    portal.dialog.get_by_role("button", name="取消").click()
    question.get_by_role("button", name="放弃").click()
    expect(portal.page.get_by_role("dialog")).to_have_count(0)
