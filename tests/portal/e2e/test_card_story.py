"""Cards go from the province to a crew and back: 分卡, 领用, 返库, 待报废, 分流, 运行日志 (INV-03 to INV-06)."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.portal.e2e import cards
from tests.portal.e2e.helpers import Portal

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def _allocate(portal: Portal, first: str, last: str, unit: str) -> None:
    """Fills the dialog of a new allocation as far as the dry run."""
    portal.go("分卡").press("新建")
    dialog = portal.dialog
    portal.pick(dialog, "运营商", cards.CARRIER_NAME).pick(dialog, "卡片规格", cards.SPEC_NAME)
    portal.fill(dialog, "开始号段", first).fill(dialog, "结束号段", last).fill(dialog, "联系方式", "0571-88880000")
    portal.pick_unit(dialog, "接收单位", unit)
    expect(dialog.get_by_role("button", name="确定", exact=True)).to_be_disabled()
    dialog.get_by_role("button", name="试算").click()


def _recipient(portal: Portal, unit: str | None = None) -> Portal:
    if unit:
        portal.pick_unit(portal.dialog, "领用单位", unit)
    return portal.fill(portal.dialog, "领用人", "装表一班 王强").fill(portal.dialog, "联系电话", "13800138001")


def _owned_by_county(running_stack, folder: Path, count: int) -> list[str]:
    """Cards in stock of 东江城区供电公司 (county1)."""
    with closing(running_stack.login("province")) as client:
        _, iccids = cards.delivered(client, folder, count)
        range_ = {"start_iccid": iccids[0], "end_iccid": iccids[-1], "to_unit": "990101", "contact": "0571-88880000"}
        kind = {"application_month": cards.month(), "carrier": cards.CARRIER, "card_spec": cards.SPEC}
        client.post("allocations", json={**kind, **range_}).raise_for_status()
    return iccids


@pytest.mark.req("INV-03")
def test_a_range_goes_from_province_to_city_to_county_after_a_dry_run(
    clerk: Callable[..., Portal], running_stack, tmp_path: Path
) -> None:
    with closing(running_stack.login("province")) as client:
        _, iccids = cards.delivered(client, tmp_path, 40)
    province = clerk("province")
    _allocate(province, iccids[0], iccids[-1], "东江市供电公司")
    preview = province.page.get_by_role("region", name="试算结果")
    expect(preview).to_contain_text("可以分卡：40 张卡将变更资产单位")
    province.confirm().expect_toast("操作成功")
    expect(province.row(iccids[0])).to_contain_text("东江市供电公司")

    city = clerk("city1")
    _allocate(city, iccids[0], iccids[9], "青石县供电公司")
    city.confirm().expect_toast("操作成功")
    # Ten of the range are the county's now: the whole range moves no more, and the dry run says why.
    _allocate(city, iccids[0], iccids[-1], "东江城区供电公司")
    preview = city.page.get_by_role("region", name="试算结果")
    expect(preview).to_contain_text("不能分卡")
    expect(preview.get_by_role("row").filter(has_text=iccids[0])).to_contain_text("10")
    expect(city.dialog.get_by_role("button", name="确定", exact=True)).to_be_disabled()
    city.fill(city.dialog, "开始号段", iccids[10])
    expect(preview).to_contain_text("内容已修改，请重新试算")
    city.dialog.get_by_role("button", name="试算").click()
    expect(preview).to_contain_text("可以分卡：30 张卡将变更资产单位")
    city.confirm().expect_toast("操作成功")


@pytest.mark.req("INV-04", "INV-05", "INV-06")
def test_a_county_issues_cards_takes_one_back_scraps_one_and_reads_the_run_log(
    clerk: Callable[..., Portal], running_stack, tmp_path: Path
) -> None:
    iccids = _owned_by_county(running_stack, tmp_path, 30)
    stem = iccids[0][:16]
    portal = clerk("county1", f"issue?iccid={stem}")
    for iccid in iccids[:4]:
        portal.tick(iccid)
    portal.press("批量领用")
    expect(portal.dialog).to_contain_text("对选中的 4 张卡执行“批量领用”")
    _recipient(portal).confirm().expect_toast("操作成功").expect_toast("共 4 条")
    portal.expect_total(26)
    portal.tab("领用记录")
    expect(portal.row("装表一班 王强")).to_contain_text("东江城区供电公司")

    portal.open(f"cards?iccid={stem}&state=pending_install").expect_total(4)
    portal.tick(iccids[0]).press("返库")
    portal.fill(portal.dialog, "原因", "施工取消").confirm().expect_toast("操作成功").expect_toast("共 1 条")
    portal.expect_total(3)
    portal.tick(iccids[1]).press("待报废")
    portal.fill(portal.dialog, "原因", "卡片损坏").confirm().expect_toast("操作成功").expect_toast("共 1 条")
    portal.expect_total(2)

    portal.open(f"redirect?iccid={stem}").tick(iccids[2]).press("分流")
    portal.pick(portal.dialog, "变更状态为", "库存").fill(portal.dialog, "原因", "长期未装")
    portal.confirm().expect_toast("操作成功").expect_toast("共 1 条")

    portal.open(f"cards?iccid={iccids[1]}").row(iccids[1]).get_by_role("link", name="运行日志").click()
    log = portal.page.get_by_role("region", name="运行日志")
    expect(log).to_contain_text("卡片损坏")
    for step in ("接收", "入库", "分卡", "领用", "待报废"):
        expect(log).to_contain_text(step)


@pytest.mark.req("INV-04")
def test_a_pasted_list_is_issued_card_by_card_and_the_others_are_named(
    clerk: Callable[..., Portal], running_stack, tmp_path: Path
) -> None:
    iccids = _owned_by_county(running_stack, tmp_path, 6)
    unknown = cards.fresh_iccids(1)[0]
    portal = clerk("county1", "issue")
    portal.press("粘贴号码领用")
    portal.fill(portal.dialog, "ICCID 清单", "\n".join([*iccids[:3], unknown]))
    expect(portal.dialog).to_contain_text("已识别 4 个号码")
    _recipient(portal).confirm()
    expect(portal.dialog).to_contain_text("成功 3 条，失败 1 条")
    expect(portal.dialog.get_by_role("row").filter(has_text=unknown)).to_be_visible()
    with portal.download() as saved:
        portal.dialog.get_by_role("button", name="下载失败清单").click()
    assert unknown in saved[0].read_text("utf-8-sig")
    portal.dialog.get_by_role("button", name="知道了").click()

    portal.press("按号段领用")
    portal.fill(portal.dialog, "开始号段", iccids[3]).fill(portal.dialog, "结束号段", iccids[5])
    _recipient(portal).confirm().expect_toast("操作成功").expect_toast("共 3 条")

    portal.press("上传清单领用")
    portal.attach("领用清单", cards.write_csv(tmp_path / "领用.csv", iccids[:2]))
    _recipient(portal).confirm()
    expect(portal.dialog).to_contain_text("成功 0 条，失败 2 条")
