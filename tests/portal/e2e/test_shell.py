"""Logging in, the menu, the language: the frame around every page (GTW-02, GTW-05)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.portal.e2e.helpers import Portal

pytestmark = [pytest.mark.stack, pytest.mark.browser]


@pytest.mark.req("GTW-02", "GTW-05")
def test_a_wrong_password_is_refused_and_the_right_one_leads_to_the_page_that_was_asked_for(
    window: Callable[[], Portal],
) -> None:
    portal = window().open("cards-by-state").log_in("county1", "surely-not-this")
    expect(portal.page.get_by_role("alert")).to_contain_text("密码")
    portal.log_in("county1")
    expect(portal.page.get_by_role("region", name="各状态SIM统计")).to_be_visible()
    expect(portal.page.get_by_role("banner")).to_contain_text("东江城区供电公司")


@pytest.mark.req("GTW-02")
def test_a_reload_keeps_the_login_and_leaving_ends_it(clerk: Callable[..., Portal]) -> None:
    portal = clerk("city1", "cards?state=in_stock")
    portal.page.reload()
    expect(portal.menu).to_be_visible()
    assert portal.address == "#/cards?state=in_stock"
    portal.page.get_by_role("banner").get_by_role("button", name=re.compile("东江市供电公司")).click()
    portal.page.get_by_role("menuitem", name="退出登录").click()
    expect(portal.page.get_by_role("form", name="登录")).to_be_visible()
    portal.page.reload()
    expect(portal.page.get_by_role("form", name="登录")).to_be_visible()


@pytest.mark.req("GTW-02")
def test_an_ended_session_asks_for_the_password_and_keeps_what_was_being_entered(
    clerk: Callable[..., Portal],
) -> None:
    portal = clerk("province", "stock-in")
    portal.press("从运营商接口拉取")
    portal.pick(portal.dialog, "运营商", "中国联通")
    # The same browser logs out in another tab.
    portal.page.context.request.post(portal.page.url.partition("#")[0] + "api/v1/auth/logout")
    portal.confirm()
    expect(portal.page.get_by_text("登录已过期，请重新登录，页面内容会保留")).to_be_visible()
    portal.log_in("province")
    portal.expect_job()


@pytest.mark.req("GTW-02", "GTW-05")
def test_a_county_clerk_is_not_offered_what_the_province_does(clerk: Callable[..., Portal]) -> None:
    portal = clerk("county1")
    expect(portal.menu.get_by_role("link", name="操作审计")).to_have_count(0)
    portal.go("入库")
    expect(portal.listing.get_by_role("button", name="上传到货清单")).to_have_count(0)
    portal.open("audit")
    expect(portal.page.get_by_text("页面不存在，或您没有权限查看")).to_be_visible()


@pytest.mark.req("GTW-05")
def test_the_portal_speaks_english_and_remembers_it(clerk: Callable[..., Portal]) -> None:
    portal = clerk("county1", "cards")
    portal.page.get_by_role("button", name="English").click()
    expect(portal.page.get_by_role("navigation", name="Main menu")).to_contain_text("Cards by state")
    expect(portal.page.get_by_role("columnheader", name="Owner unit")).to_be_visible()
    portal.page.reload()
    expect(portal.page.get_by_role("navigation", name="Main menu")).to_be_visible()
    assert portal.page.evaluate("document.documentElement.lang") == "en"
    portal.page.get_by_role("button", name="中文").click()
    expect(portal.menu).to_be_visible()
