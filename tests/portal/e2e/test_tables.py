"""Tables on the screens that clerks have: what is seen at once, what a row offers, colours, and axe (GTW-05)."""

import re
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

from tests.portal.e2e import axe, cards
from tests.portal.e2e.helpers import Portal, act

if TYPE_CHECKING:
    from tests.running_stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser]

SCREEN = {"width": 1366, "height": 768}
ZOOMED = {"width": 911, "height": 512}
"""The same screen at 150 %."""


def _inside(part: Locator, height: int, width: int) -> bool:
    box = part.bounding_box()
    return bool(box) and box["y"] + box["height"] <= height and box["x"] + box["width"] <= width


def _body_rows(portal: Portal) -> Locator:
    """Those of the table that stays: the first rows of a page are replaced while it is looked at."""
    return portal.settled().get_by_role("row").filter(has=portal.page.get_by_role("cell"))


@pytest.mark.req("GTW-05")
@pytest.mark.parametrize("address", ["cards", "issue", "audit"])
def test_twelve_of_twenty_rows_are_seen_on_a_clerks_screen(clerk: Callable[..., Portal], address: str) -> None:
    portal = clerk("province")
    portal.page.set_viewport_size(SCREEN)
    portal.open(address)
    expect(_body_rows(portal)).to_have_count(20)
    pager = portal.listing.get_by_role("navigation", name="分页").bounding_box()
    assert pager
    seen = [row for row in _body_rows(portal).all() if _inside(row, int(pager["y"]), 10**4)]
    assert len(seen) >= 12


@pytest.mark.req("GTW-05")
@pytest.mark.parametrize(("address", "heads"), [("cards", ("ICCID", "卡片状态")), ("stock-in", ("批次号", "运营商"))])
def test_key_columns_and_acts_stay_on_the_screen_at_150_percent(
    clerk: Callable[..., Portal], address: str, heads: tuple[str, ...]
) -> None:
    portal = clerk("province")
    portal.page.set_viewport_size(ZOOMED)
    portal.open(address)
    portal.page.reload()
    expect(_body_rows(portal).first).to_be_visible()
    acts = portal.listing.get_by_role("columnheader", name="操作", exact=True)
    edge = acts.bounding_box()
    assert edge
    assert _inside(acts, ZOOMED["height"], ZOOMED["width"])
    for name in heads:
        head = portal.listing.get_by_role("columnheader", name=name, exact=True)
        assert _inside(head, ZOOMED["height"], int(edge["x"])), name


@pytest.mark.req("GTW-05", "TRF-10")
def test_all_columns_of_pools_are_seen_on_a_clerks_screen(clerk: Callable[..., Portal]) -> None:
    portal = clerk("province")
    portal.page.set_viewport_size(SCREEN)
    portal.open("usage-pools")
    expect(portal.settled()).to_be_visible()
    last = portal.listing.get_by_role("columnheader", name="登记时间", exact=True)
    tools = portal.listing.get_by_role("button", name="列设置", exact=True).bounding_box()
    assert tools
    assert _inside(last, SCREEN["height"], int(tools["x"] + tools["width"]) + 1)


@pytest.mark.req("GTW-05")
def test_more_than_three_acts_of_a_row_stand_in_a_menu_with_the_dangerous_ones_last(
    clerk: Callable[..., Portal], running_stack: "RunningStack", tmp_path: Path
) -> None:
    with closing(running_stack.login("province")) as client:
        batch_no, iccids = cards.delivered(client, tmp_path, 2, stock_in=False)
        found = {"operator": "李伟", "on": f"{cards.month()}-01", "reason": "读卡失败"}
        client.post("cards/mark-unqualified", json={"iccids": iccids[:1], **found}).raise_for_status()
    portal = clerk("admin", "people?login=county1")
    row = _body_rows(portal).filter(has_text="county1").first
    expect(row.get_by_role("button")).to_have_text(["修改", "重置密码", "停用"])
    portal = clerk("province", f"stock-in?batch_no={batch_no}")
    row = _body_rows(portal).filter(has_text=batch_no).first
    expect(row.get_by_role("button", name="更多", exact=True)).to_be_visible()
    expect(row.get_by_role("button", name="原始文件")).to_have_count(0)
    with portal.download() as files:
        act(row, "原始文件")
    assert files


def _colour(part: Locator, property_: str) -> str:
    return str(part.evaluate(f"element => getComputedStyle(element).{property_}"))


def _rgb(colour: str) -> tuple[int, ...]:
    if colour.startswith("#"):
        return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return tuple(int(part) for part in re.findall(r"\d+", colour)[:3])


@pytest.mark.req("GTW-05")
def test_a_state_has_one_colour_in_tiles_lists_and_charts(clerk: Callable[..., Portal]) -> None:
    portal = clerk("province", "home")
    tiles = portal.page.get_by_role("region", name="各状态卡数", exact=True)
    tile = tiles.get_by_role("link").filter(has_text="库存")
    colour = _rgb(_colour(tile, "borderLeftColor"))
    portal.open("cards?state=in_stock")
    tag = _body_rows(portal).first.get_by_text("库存", exact=True).locator("..")
    assert _rgb(_colour(tag, "color")) == colour
    portal.open("cards-by-state")
    expect(portal.page.locator("svg path[fill]").first).to_be_visible()
    for _ in range(100):  # until all bars are drawn
        if colour in (fills := _fills(portal)):
            return
        portal.page.wait_for_timeout(100)
    pytest.fail(f"{colour} is not among {fills}")


def _fills(portal: Portal) -> set[tuple[int, ...]]:
    fills = portal.page.locator("svg path[fill]").evaluate_all("all => all.map(it => it.getAttribute('fill') || '')")
    return {_rgb(fill) for fill in fills}


@pytest.mark.req("GTW-05")
def test_axe_finds_nothing_serious_on_a_dialog_and_at_the_login(
    window: Callable[[], Portal], clerk: Callable[..., Portal]
) -> None:
    axe.install()
    stranger = window().open()
    expect(stranger.page.get_by_role("form", name="登录")).to_be_visible()
    assert axe.violations(stranger.page) == []
    portal = clerk("province", "stock-in")
    portal.press("上传到货清单")
    expect(portal.dialog.get_by_label("批次号", exact=True)).to_be_visible()
    assert axe.violations(portal.page) == []
