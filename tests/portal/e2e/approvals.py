"""What the clerks of all three levels do with a form in the portal."""

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.portal.e2e.helpers import Portal, act

PHONE = "13800001234"
PASSED = "校验通过"
NOT_SEALED = "内容不一致或没有盖章"
VERDICT_MS = 180_000
"""A verdict takes seconds; a machine that does much else at once takes its time."""
Clerk = Callable[..., Portal]
Scans = Callable[..., Path]


def part(portal: Portal, name: str) -> Locator:
    """One of several lists on a page."""
    return portal.page.get_by_role("region", name=name, exact=True)


def line(portal: Portal, number: str) -> Locator:
    """The form's row in the list at the end of the page."""
    return portal.listing.get_by_role("row").filter(has_text=number).first


def press(place: Locator, label: str) -> None:
    act(place, label)


def set_rules(province: Portal, **values: int) -> None:
    """设置申请时间 by the province, on its page 开卡申请-省."""
    labels = {"opens_day": "开始日", "closes_day": "截止日", "minimum_cards": "销卡申请最少数量"}
    press(part(province, "开卡申请-省"), "设置申请时间")
    for name, value in values.items():
        province.fill(province.dialog, labels[name], str(value))
    province.confirm().expect_toast("操作成功")


def generate(portal: Portal) -> Portal:
    """The dialog 生成申请单 as it is opened, with a phone."""
    return portal.fill(portal.dialog, "联系电话", PHONE).confirm()


def number_of(portal: Portal, prefix: str) -> str:
    """Number of the form that heads the list."""
    link = portal.listing.get_by_role("link", name=re.compile(f"^{prefix}-")).first
    expect(link).to_be_visible()
    return link.inner_text()


def view_too_early(portal: Portal, number: str) -> None:
    """查看 before 提交审核."""
    press(line(portal, number), "查看")
    portal.expect_toast("请提交审核单")


def view(portal: Portal, number: str) -> None:
    """查看: the PDF on the screen."""
    press(line(portal, number), "查看")
    expect(portal.page.locator("iframe.pdf-frame")).to_be_visible()
    press(portal.dialog, "关闭")


def submit(portal: Portal, number: str) -> Path:
    """提交审核: the PDF comes as a download."""
    with portal.download() as files:
        press(line(portal, number), "提交审核")
        portal.confirm()
    assert files[0].read_bytes().startswith(b"%PDF-")
    return files[0]


def return_papers(verdict: str, *papers: tuple[Portal, str, Path, str]) -> None:
    """审核回传单 in several windows at once: window, form, scan, and the state in which the verdict finds the form.

    A paper that is refused leaves the form where it is, to be uploaded again at will.
    """
    for portal, number, scan, _ in papers:
        press(line(portal, number), "审核回传单")
        portal.attach("签字盖章后的扫描件", scan).confirm()
    for portal, number, _, state in papers:
        result = portal.page.get_by_role("dialog", name="审核回传单校验")
        expect(result.get_by_role("alert")).to_contain_text(verdict, timeout=VERDICT_MS)
        press(result, "关闭")
        expect(line(portal, number)).to_contain_text(state)
