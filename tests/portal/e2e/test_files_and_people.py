"""Exports with their jobs, people edited by one at a time, the audit log (GTW-01, GTW-02, GTW-03)."""

import csv
import io
import time
from collections.abc import Callable

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.portal.e2e.helpers import Portal, act

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def _export(portal: Portal, choice: str) -> bytes:
    portal.press("导出")
    with portal.download() as saved:
        portal.page.get_by_role("menuitem", name=choice).click()
    return saved[0].read_bytes()


@pytest.mark.req("GTW-03", "INV-05")
def test_an_export_of_all_rows_has_as_many_as_the_list_and_of_this_page_as_many_as_shown(
    clerk: Callable[..., Portal],
) -> None:
    portal = clerk("city1", "cards?state=in_stock")
    total = portal.total()
    content = _export(portal, "导出全部 CSV")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) - 1 == total
    assert "ICCID" in rows[0][0]
    assert all(len(row[0]) == 21 and row[0].endswith("\t") for row in rows[1:])  # a spreadsheet keeps all digits
    portal.close_job()

    sheet = openpyxl.load_workbook(io.BytesIO(_export(portal, "导出当前 XLSX"))).worksheets[0]
    assert sheet.max_row - 1 == min(total, 20)
    assert isinstance(sheet.cell(2, 1).value, str)
    portal.close_job()

    portal.go("导出中心与任务")
    portal.page.get_by_text("导出文件", exact=True).click()
    with portal.download() as saved:
        portal.page.get_by_role("row").nth(1).get_by_role("button", name="下载文件").click()
    assert saved[0].stat().st_size > 0


@pytest.mark.req("GTW-01", "GTW-02")
def test_two_administrators_cannot_overwrite_each_other(clerk: Callable[..., Portal]) -> None:
    login = f"zhang{int(time.time())}"
    first = clerk("admin", "people")
    first.press("新建人员")
    dialog = first.dialog
    first.fill(dialog, "登录名", login).fill(dialog, "姓名", "张三").fill(dialog, "初始密码", "long enough 1")
    first.pick_unit(dialog, "供电单位", "青石县供电公司")
    dialog.get_by_text("查询人员", exact=False).first.click()
    first.confirm().expect_toast("新增成功")

    second = clerk("admin", f"people?login={login}")
    first.fill(first.filters, "登录名", login).query().expect_total(1)
    for portal, name in ((first, "张三丰"), (second, "张三弟")):
        act(portal.row(login), "修改")
        portal.fill(portal.dialog, "姓名", name)
    first.confirm().expect_toast("操作成功")
    second.confirm()
    expect(second.dialog.get_by_role("alert")).to_be_visible()
    second.open(f"people?login={login}")
    expect(second.row(login)).to_contain_text("张三丰")
    act(second.row(login), "停用")
    expect(second.dialog).to_contain_text(f"停用 张三丰（{login}）")
    second.confirm().expect_toast("操作成功")

    first.open(f"audit?subject={login}")
    assert first.total() >= 1


@pytest.mark.req("GTW-02")
def test_a_key_for_another_system_is_shown_once_and_can_be_revoked(clerk: Callable[..., Portal]) -> None:
    name = f"计量系统{int(time.time())}"
    portal = clerk("admin", "api-keys")
    portal.press("新建密钥")
    portal.fill(portal.dialog, "名称", name)
    portal.dialog.get_by_text("查询卡片", exact=True).click()
    portal.confirm()
    shown = portal.page.get_by_label("密钥", exact=True)
    expect(shown).to_be_visible()
    assert len(shown.input_value()) > 30
    portal.page.get_by_role("button", name="我已保存").click()
    expect(portal.row(name)).to_contain_text("查询卡片")

    act(portal.row(name), "作废")
    expect(portal.dialog).to_contain_text(f"作废密钥 {name}")
    portal.confirm().expect_toast("操作成功")
    expect(portal.row(name).get_by_role("button", name="作废")).to_have_count(0)


@pytest.mark.req("GTW-04")
def test_the_parking_area_says_that_nothing_waits_there(clerk: Callable[..., Portal]) -> None:
    portal = clerk("admin", "parking")
    expect(portal.page.get_by_text("多次重试仍失败的事件停放在此")).to_be_visible()
    assert portal.total() >= 0
