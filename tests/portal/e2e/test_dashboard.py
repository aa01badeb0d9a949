"""首页 shows each role what it needs, and every number opens the list that it counts (GTW-05, WFL-03)."""

import re
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.portal.e2e.first_page import digits, opens, tile
from tests.portal.e2e.helpers import Portal

if TYPE_CHECKING:
    from tests.running_stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser]
ROLES = ("province", "city1", "county1")
TILES = ("各状态卡数", "本月开卡申请", "到货与订单", "超期申请单", "库存可用月数", "近 12 个月趋势", "待办事项")


@pytest.mark.req("GTW-05")
@pytest.mark.parametrize("login", ROLES)
def test_the_first_page_has_what_the_role_needs_and_no_code(clerk: Callable[..., Portal], login: str) -> None:
    portal = clerk(login)
    for name in TILES:
        tile(portal, name)
    main = portal.page.get_by_role("main")
    expect(main.locator("[aria-busy=true]")).to_have_count(0)
    said = main.inner_text()
    assert not re.search(r"[a-z]+_[a-z_]+", said), said
    assert "undefined" not in said
    assert "NaN" not in said


@pytest.mark.req("GTW-05")
@pytest.mark.parametrize("login", ROLES)
def test_each_number_of_the_stock_opens_as_many_cards(clerk: Callable[..., Portal], login: str) -> None:
    portal = clerk(login)
    states = tile(portal, "各状态卡数")
    for state in ("库存", "待装"):
        opens(portal, states.get_by_role("link").filter(has_text=state))
    cover = tile(portal, "库存可用月数")
    for row in range(min(2, cover.get_by_role("row").count() - 1)):
        opens(portal, cover.get_by_role("row").nth(row + 1).get_by_role("link"))
    trend = tile(portal, "近 12 个月趋势").get_by_role("row")
    opens(portal, trend.filter(has_text="开卡").get_by_role("link").last)
    opens(portal, trend.filter(has_text="月末库存").get_by_role("link").last)


@pytest.mark.req("GTW-05", "WFL-03")
def test_what_waits_says_how_long_it_has_and_opens_as_much(clerk: Callable[..., Portal]) -> None:
    portal = clerk("province")
    batches = tile(portal, "待办事项").get_by_role("link").filter(has_text="批次").first
    expect(batches).to_contain_text(re.compile(r"今天|\d+ 天"))
    number = digits(batches.locator("strong").inner_text())
    batches.click()
    portal.expect_total(number)


@pytest.mark.req("ACT-01", "GTW-05")
def test_a_county_sees_when_applications_are_taken_next(clerk: Callable[..., Portal]) -> None:
    portal = clerk("county1")
    window = tile(portal, "本月开卡申请")
    # Another story of this stack may have left rules by which the month has no day: then the reason is said.
    expect(window).to_contain_text(re.compile(r"受理中|下次开放\s*\d{4}-\d{2}-\d{2} 00:00|已汇总到市级"))
    window.get_by_role("link").click()
    expect(portal.page.get_by_role("navigation", name="当前位置")).to_contain_text("开卡申请-区县")


@pytest.mark.req("GTW-05")
def test_a_tile_that_fails_says_so_leaves_the_others_and_can_be_asked_again(window: Callable[[], Portal]) -> None:
    portal = window()
    cut = True
    portal.page.route("**/api/v1/statistics/cover", lambda route: route.abort() if cut else route.continue_())
    portal.enter("city1")
    cover = tile(portal, "库存可用月数")
    expect(cover.get_by_role("alert")).to_contain_text("加载失败")
    expect(tile(portal, "近 12 个月趋势").get_by_role("row").first).to_be_visible()
    cut = False
    cover.get_by_role("button", name="重试").click()
    expect(cover.get_by_role("row").first).to_be_visible()


@pytest.mark.req("GTW-05")
def test_a_unit_that_has_nothing_yet_is_told_so_in_every_tile(
    window: Callable[[], Portal], running_stack: "RunningStack"
) -> None:
    login = f"new{uuid4().hex[:8]}"
    with closing(running_stack.login("admin")) as admin:
        unit = {"code": "990190", "name": "新设县供电公司"}
        assert admin.post("units", json=unit).status_code in {201, 409}
        person = {"login": login, "name": "赵新", "unit": "990190", "roles": ["county_clerk"]}
        admin.post("people", json=person | {"password": "long enough 1"}).raise_for_status()
    portal = window().open()
    portal.log_in(login, "long enough 1")
    for name, said in {
        "到货与订单": "近 12 个月没有订单",
        "超期申请单": "没有超期的申请单",
        "库存可用月数": "没有库存，近期也没有领用",
        "近 12 个月趋势": "近 12 个月没有卡片",
    }.items():
        expect(tile(portal, name)).to_contain_text(said)
