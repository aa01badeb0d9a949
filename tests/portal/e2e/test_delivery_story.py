"""A province clerk takes a delivery in: upload with bad rows, inspection, stock-in (INV-01, INV-02)."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.portal.e2e import cards
from tests.portal.e2e.helpers import Portal, act

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def _upload(portal: Portal, batch_no: str, file: Path) -> None:
    portal.go("入库").press("上传到货清单")
    portal.pick(portal.dialog, "运营商", cards.CARRIER_NAME)
    portal.fill(portal.dialog, "批次号", batch_no)
    portal.pick(portal.dialog, "卡片规格", cards.SPEC_NAME)
    portal.attach("到货清单", file)
    portal.confirm()


@pytest.mark.req("INV-01", "GTW-03")
def test_an_upload_names_each_bad_row_and_takes_the_good_ones(clerk: Callable[..., Portal], tmp_path: Path) -> None:
    good = cards.fresh_iccids(30)
    batch_no = f"坏行-{good[0][6:]}"
    wrong_digit = good[7][:-1] + str((int(good[7][-1]) + 1) % 10)
    file = cards.write_csv(tmp_path / "到货.csv", [*good[:20], "8.986E+18", *good[20:], wrong_digit, good[3]])
    portal = clerk("province")
    _upload(portal, batch_no, file)

    job = portal.expect_job()
    expect(job.get_by_role("row").filter(has_text="8.986E+18")).to_contain_text("22")
    expect(job.get_by_role("row").filter(has_text=wrong_digit)).to_be_visible()
    with portal.download() as saved:
        job.get_by_role("button", name="下载失败清单").click()
    assert "8.986E+18" in saved[0].read_text("utf-8-sig")
    portal.close_job()

    portal.fill(portal.filters, "批次号", batch_no).query().expect_total(1)
    row = portal.row(batch_no)
    expect(portal.number(row, "接收数量")).to_have_text("30")
    expect(portal.number(row, "拒收行数")).to_have_text("3")
    portal.number(row, "拒收行数").get_by_role("link").click()
    portal.expect_total(3)


@pytest.mark.req("INV-02")
def test_a_batch_is_inspected_and_stocked_in_and_the_unqualified_cards_stay_out(
    clerk: Callable[..., Portal], running_stack, tmp_path: Path
) -> None:
    with closing(running_stack.login("province")) as client:
        batch_no, iccids = cards.delivered(client, tmp_path, 25, stock_in=False)
    portal = clerk("province", f"stock-in?batch_no={batch_no}")

    portal.number(portal.row(batch_no), "接收数量").get_by_role("link").click()
    portal.expect_total(25)
    portal.tick(iccids[4]).tick(iccids[5]).press("不合格")
    expect(portal.dialog).to_contain_text("对选中的 2 张卡执行“不合格”")
    portal.confirm()
    expect(portal.dialog.get_by_text("请输入不合格原因")).to_be_visible()
    portal.fill(portal.dialog, "不合格原因", "读卡失败").confirm()
    portal.expect_toast("操作成功").expect_toast("共 2 条")

    portal.open(f"stock-in?batch_no={batch_no}")
    row = portal.row(batch_no)
    expect(portal.number(row, "不合格数量")).to_have_text("2")
    act(row, "检测")
    expect(portal.dialog.get_by_label("检测人")).to_have_value("王建国")
    portal.confirm().expect_toast("操作成功")
    expect(portal.row(batch_no)).to_contain_text("已检测")

    act(portal.row(batch_no), "入库")
    portal.confirm()
    expect(portal.dialog).to_contain_text("成功 23 条，失败 2 条")
    expect(portal.dialog).to_contain_text("不合格")
    portal.dialog.get_by_role("button", name="知道了").click()
    expect(portal.number(portal.row(batch_no), "已入库数量")).to_have_text("23")
    portal.number(portal.row(batch_no), "合格数量").get_by_role("link").click()
    portal.expect_total(23)


@pytest.mark.req("INV-01")
def test_a_delivery_is_pulled_from_the_carrier_on_demand(clerk: Callable[..., Portal]) -> None:
    portal = clerk("province", "stock-in")
    portal.press("从运营商接口拉取")
    portal.pick(portal.dialog, "运营商", "中国电信").confirm()
    portal.expect_job()
