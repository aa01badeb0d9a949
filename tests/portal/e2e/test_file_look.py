"""A file shows what it holds before it is taken, and a person can change how it is read (INV-01)."""

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.portal.e2e import cards
from tests.portal.e2e.helpers import Portal

pytestmark = [pytest.mark.stack, pytest.mark.browser, pytest.mark.req("INV-01")]


def _book(path: Path, iccids: list[str]) -> Path:
    """Title rows, a head that nobody declared, one hidden row, a hidden sheet with another card."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "清单"
    sheet.append(["交付清单"])
    sheet.append(["识别编号", "IMSI", "MSISDN"])
    for place, iccid in enumerate(iccids):
        sheet.append([iccid, f"46004{iccid[9:19]}", f"1064{iccid[10:19]}"])
        sheet.row_dimensions[place + 3].hidden = place == 1
    old = book.create_sheet("旧")
    old.append(["ICCID", "IMSI", "MSISDN"])
    old.append([iccids[0], "", ""])
    old.sheet_state = "hidden"
    book.save(path)
    return path


def test_a_file_is_looked_at_mapped_and_only_then_taken(clerk: Callable[..., Portal], tmp_path: Path) -> None:
    iccids = cards.fresh_iccids(5)
    batch_no = f"看-{iccids[0][6:]}"
    portal = clerk("province")
    portal.go("入库").press("上传到货清单")
    portal.pick(portal.dialog, "运营商", cards.CARRIER_NAME)
    portal.fill(portal.dialog, "批次号", batch_no)
    portal.pick(portal.dialog, "卡片规格", cards.SPEC_NAME)
    portal.attach("到货清单", _book(tmp_path / "到货.xlsx", iccids))
    look = portal.dialog.get_by_role("region", name="文件内容")
    send = portal.dialog.get_by_role("button", name="确定")

    expect(look.get_by_role("alert").filter(has_text="旧")).to_be_visible()
    expect(send).to_be_disabled()
    portal.pick(look, "工作表", "清单")
    portal.pick(look, "ICCID", f"1 · 识别编号 · {iccids[0]}")
    expect(look).to_contain_text("1 行被筛选或隐藏")
    expect(send).to_be_disabled()
    look.get_by_text("跳过", exact=True).click()
    expect(look.get_by_role("alert").filter(has_text="请选择")).to_have_count(0)
    portal.confirm()

    portal.expect_job()
    portal.close_job()
    portal.fill(portal.filters, "批次号", batch_no).query().expect_total(1)
    expect(portal.number(portal.row(batch_no), "接收数量")).to_have_text("4")


def test_a_template_can_be_downloaded_and_filled_in(clerk: Callable[..., Portal]) -> None:
    portal = clerk("province")
    portal.go("入库").press("上传到货清单")

    with portal.download() as saved:
        portal.dialog.get_by_role("button", name="下载模板（XLSX）").click()

    sheet = openpyxl.load_workbook(io.BytesIO(saved[0].read_bytes())).active
    assert [cell.value for cell in next(sheet.iter_rows(max_row=1))] == ["ICCID", "IMSI", "MSISDN"]
