"""Tables on the screens that clerks have: what is seen at once, what a row offers, colours, and axe (GTW-05)."""

import re
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Locator, expect

from tests.portal.e2e import axe
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
    return portal.listing.get_by_role("row").filter(has=portal.page.get_by_role("cell"))


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
@pytest.mark.parametrize(
    ("address", "heads"), [("cards", ("ICCID", "卡片状态")), ("termination-province", ("批次号", "单位"))]
)
def test_key_columns_and_acts_stay_on_the_screen_at_150_percent(
    clerk: Callable[..., Portal], address: str, heads: tuple[str, ...]
) -> None:
    portal = clerk("province")
    portal.page.set_viewport_size(ZOOMED)
    portal.open(address)
    portal.page.reload()
    acts = portal.listing.get_by_role("columnheader", name="操作", exact=True)
    expect(_body_rows(portal).first).to_be_visible()
    edge = acts.bounding_box()
    assert edge
    assert _inside(acts, ZOOMED["height"], ZOOMED["width"])
    for name in heads:
        head = portal.listing.get_by_role("columnheader", name=name, exact=True)
        assert _inside(head, ZOOMED["height"], int(edge["x"])), name


@pytest.mark.req("GTW-05")
def test_more_than_three_acts_of_a_row_stand_in_a_menu_with_the_dangerous_ones_last(
    clerk: Callable[..., Portal],
) -> None:
    portal = clerk("admin", "people?login=county1")
    row = _body_rows(portal).filter(has_text="county1").first
    expect(row.get_by_role("button")).to_have_text(["修改", "重置密码", "停用"])
    portal = clerk("province", "termination-province?state=submitted_to_internet_department")
    row = _body_rows(portal).filter(has=portal.page.get_by_role("button", name="更多", exact=True)).first
    expect(row.get_by_role("link", name="登记销卡结果")).to_be_visible()
    act(row, "详情")
    expect(portal.page.get_by_role("navigation", name="当前位置")).to_contain_text("申请单详情")


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
    tile = tiles.get_by_role("link").filter(has_text="待报废")
    colour = _rgb(_colour(tile, "borderLeftColor"))
    portal.open("cards?state=pending_scrap")
    tag = _body_rows(portal).first.get_by_text("待报废", exact=True).locator("..")
    assert _rgb(_colour(tag, "color")) == colour
    portal.open("cards-by-state")
    bars = portal.page.locator("svg path[fill]")
    expect(bars.first).to_be_visible()
    assert colour in {_rgb(bar.get_attribute("fill") or "") for bar in bars.all()}


def _addresses(portal: Portal, stack: "RunningStack", login: str) -> list[str]:
    """Every page that this person has; those that show one thing with one that exists."""
    with closing(stack.login(login)) as client:

        def first(path: str, name: str) -> Any:
            answer = client.get(path, params={"size": 1})
            items = answer.json()["items"] if answer.status_code == 200 else []
            return items[0][name] if items else None

        pages = client.get(f"{stack.base_url}/api/ui").raise_for_status().json()["pages"]
        examples = {
            page: value and f"{page}?{name}={value}"
            for name, path, field, wanted in (
                ("number", "forms", "number", ("form", "form-cards")),
                ("iccid", "cards", "iccid", ("card", "bindings")),
                ("id", "deliveries", "id", ("refused-rows", "discrepancies")),
                ("id", "scans", "id", ("scan",)),
            )
            for value in [first(path, field)]
            for page in wanted
        }
    return [address for key in pages if (address := examples.get(key, key))]


@pytest.mark.req("GTW-05")
@pytest.mark.parametrize("login", ["province", "city1", "county1"])
def test_axe_finds_nothing_serious_on_any_page(
    clerk: Callable[..., Portal], running_stack: "RunningStack", login: str
) -> None:
    axe.install()
    portal = clerk(login)
    portal.page.set_viewport_size(SCREEN)
    found = {}
    for address in _addresses(portal, running_stack, login):
        portal.open(address)
        portal.page.wait_for_load_state("networkidle")
        expect(portal.page.get_by_role("main").locator("[aria-busy=true]")).to_have_count(0)
        if violations := axe.violations(portal.page):
            found[address] = violations
    assert found == {}


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
