"""The search box: one place to ask for whatever one has in the hand (GTW-05)."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

from tests.portal.e2e import axe, cards
from tests.portal.e2e.helpers import Portal

if TYPE_CHECKING:
    from tests.running_stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def _ask(portal: Portal, text: str) -> Locator:
    """Types into the box, opened by its shortcut; what it lists."""
    expect(portal.menu).to_be_visible()
    portal.page.keyboard.press("Control+k")
    portal.page.get_by_role("combobox", name="查找").fill(text)
    return portal.page.get_by_role("listbox", name="查找结果").get_by_role("option")


@pytest.mark.req("GTW-05")
def test_ctrl_k_finds_a_card_by_its_last_six_digits_and_enter_opens_it(
    clerk: Callable[..., Portal], running_stack: "RunningStack", tmp_path: Path
) -> None:
    with closing(running_stack.login("province")) as client:
        batch_no, (iccid, *_) = cards.delivered(client, tmp_path, 2)
    portal = clerk("province", "home")
    found = _ask(portal, iccid[-6:]).filter(has_text=iccid)
    expect(found).to_contain_text("库存")
    axe.install()
    assert axe.violations(portal.page) == []
    portal.page.get_by_role("combobox", name="查找").fill(iccid)
    expect(_options(portal)).to_have_count(1)
    portal.page.keyboard.press("Enter")
    expect(portal.page.get_by_role("heading", name=iccid)).to_be_visible()
    _ask(portal, batch_no).filter(has_text=batch_no).click()
    portal.expect_total(1)


def _options(portal: Portal) -> Locator:
    return portal.page.get_by_role("listbox", name="查找结果").get_by_role("option")


@pytest.mark.req("GTW-05", "GTW-02")
def test_a_county_does_not_find_the_provinces_card_nor_its_people(
    clerk: Callable[..., Portal], running_stack: "RunningStack", tmp_path: Path
) -> None:
    with closing(running_stack.login("province")) as client:
        _, (iccid, *_) = cards.delivered(client, tmp_path, 1)
    portal = clerk("county1", "home")
    _ask(portal, iccid)
    expect(portal.page.get_by_text("没有找到，请核对号码是否完整")).to_be_visible()
    portal.page.get_by_role("combobox", name="查找").fill("county")
    expect(portal.page.get_by_text("没有找到，请核对号码是否完整")).to_be_visible()


@pytest.mark.req("GTW-05")
def test_people_and_pages_are_found_too(clerk: Callable[..., Portal]) -> None:
    portal = clerk("admin", "home")
    expect(_ask(portal, "county1").filter(has_text="county1 ·")).to_be_visible()
    portal.page.get_by_role("combobox", name="查找").fill("各状态SIM")
    _options(portal).filter(has_text="各状态SIM统计").click()
    expect(portal.page.get_by_role("navigation", name="当前位置")).to_contain_text("各状态SIM统计")
