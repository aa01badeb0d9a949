"""A batch is packed and labelled; its boxes are scanned, opened, allocated and issued (INV-11)."""

import io
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import expect

from tests.portal.e2e import axe, cards
from tests.portal.e2e.helpers import Portal, act

if TYPE_CHECKING:
    from tests.running_stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.req("INV-11")]


def _codes(file: Path) -> list[str]:
    """What a scanner reads on the first printed sheet, in the order of the places."""
    page = pypdfium2.PdfDocument(io.BytesIO(file.read_bytes()))[0]
    found = zxingcpp.read_barcodes(page.render(scale=200 / 72).to_pil())
    at = {code.text: (code.position.top_left.y // 50, code.position.top_left.x) for code in found}
    return sorted(at, key=lambda text: at[text])


def _scan(portal: Portal, text: str) -> None:
    """As a keyboard-wedge scanner does it: the digits and Enter, to whatever has the cursor."""
    expect(portal.page.get_by_label("箱码或批次码")).to_be_focused()
    portal.page.keyboard.type(text)
    portal.page.keyboard.press("Enter")


def _printed(portal: Portal, button: str, start: int) -> list[str]:
    portal.press(button)
    portal.fill(portal.dialog, "起始位置", str(start))
    with portal.download() as saved:
        portal.confirm()
    portal.close_job()
    return _codes(saved[0])


def test_boxes_are_packed_labelled_scanned_allocated_and_issued(
    clerk: Callable[..., Portal], running_stack: "RunningStack", tmp_path: Path
) -> None:
    with closing(running_stack.login("province")) as client:
        batch_no, iccids = cards.delivered(client, tmp_path, 25)
    province = clerk("province", f"stock-in?batch_no={batch_no}")
    act(province.row(batch_no), "装箱与标签")
    province.press("装箱")
    province.fill(province.dialog, "每箱张数", "10").confirm().expect_toast("操作成功").expect_total(3)

    codes = _printed(province, "打印全部箱标签", 5)
    assert len(codes) == 3
    expect(province.row(iccids[10])).to_contain_text(codes[1])

    province.open("box-scan")
    for code in (codes[0], codes[0], codes[1], iccids[0], "not a box"):
        _scan(province, code)
    log = province.page.get_by_role("region", name="已扫的箱")
    expect(log.get_by_role("row").filter(has_text="可办理")).to_have_count(2)
    expect(log.get_by_role("row").filter(has_text="第 1 行已扫描")).to_have_count(1)
    expect(log.get_by_role("row").filter(has_text="是一张卡的 ICCID")).to_have_count(1)
    expect(log.get_by_role("row").filter(has_text="不是本系统的箱码")).to_have_count(1)
    axe.install()
    assert axe.violations(province.page) == []
    province.page.get_by_role("button", name="分卡", exact=True).click()
    province.pick_unit(province.dialog, "接收单位", "东江城区供电公司")
    province.fill(province.dialog, "联系方式", "13800000000").confirm()
    expect(log.get_by_role("row").filter(has_text="成功")).to_have_count(2)

    county = clerk("county1", "box-scan")
    for code in codes:
        _scan(county, code)
    log = county.page.get_by_role("region", name="已扫的箱")
    expect(log.get_by_role("row").filter(has_text="可办理")).to_have_count(2)
    expect(log.get_by_role("row").filter(has_text="没有本单位范围内的卡")).to_have_count(1)
    county.page.get_by_role("button", name="领用", exact=True).click()
    county.fill(county.dialog, "领用人", "张强").fill(county.dialog, "联系电话", "13800000000").confirm()
    expect(log.get_by_role("row").filter(has_text="成功")).to_have_count(2)
    _scan(county, codes[0])
    expect(log.get_by_role("row").filter(has_text="第 1 行已扫描")).to_have_count(1)
    county.page.get_by_role("button", name="清空记录").click()
    _scan(county, codes[0])
    expect(log.get_by_role("row").filter(has_text="没有库存状态的卡")).to_have_count(1)
    _scan(county, codes[1])
    log.get_by_role("link", name=f"{batch_no} 箱 2").first.click()
    county.expect_total(10)
    expect(county.row(iccids[10])).to_contain_text("待装")


def test_packing_again_asks_first_and_a_label_that_is_scanned_into_the_search_box_opens(
    clerk: Callable[..., Portal], running_stack: "RunningStack", tmp_path: Path
) -> None:
    with closing(running_stack.login("province")) as client:
        batch_no, iccids = cards.delivered(client, tmp_path, 6)
    province = clerk("province", f"stock-in?batch_no={batch_no}")
    act(province.row(batch_no), "装箱与标签")
    for size, boxes in (("3", 2), ("2", 3)):
        province.press("装箱")
        province.fill(province.dialog, "每箱张数", size).confirm()
        if boxes == 3:
            expect(province.page.get_by_role("dialog", name="提示")).to_contain_text("原有标签全部作废")
            province.page.get_by_role("dialog", name="提示").get_by_role("button", name="继续", exact=True).click()
        province.expect_total(boxes)
    (own,) = _printed(province, "打印批次标签", 24)

    province.page.keyboard.press("Control+k")
    expect(province.page.get_by_role("combobox", name="查找")).to_be_focused()
    province.page.keyboard.type(own)
    province.page.keyboard.press("Enter")
    province.expect_total(6)
    expect(province.row(iccids[5])).to_be_visible()


@pytest.mark.req("GTW-02")
def test_who_may_not_move_cards_may_look_into_a_box_and_nothing_else(clerk: Callable[..., Portal]) -> None:
    viewer = clerk("viewer", "box-scan")
    expect(viewer.page.get_by_label("箱码或批次码")).to_be_focused()
    for label in ("领用", "分卡"):
        expect(viewer.page.get_by_role("main").get_by_role("button", name=label, exact=True)).to_have_count(0)
