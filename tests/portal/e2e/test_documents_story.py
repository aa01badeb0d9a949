"""Upload and see: a scan of sealed paper is judged before the clerk's eyes (DOC-03, DOC-05, GTW-05)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from services.documents.forms.issuing import read_issued
from tests.portal.e2e.helpers import Portal
from tests.portal.e2e.paper import Paper, issue_paper
from tests.running_stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser]
JUDGED_MS = 90_000


@pytest.fixture(scope="module")
def paper(running_stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Paper:
    return issue_paper(running_stack, tmp_path_factory.mktemp("paper"))


def upload(portal: Portal, paper: Paper, name: str) -> Portal:
    """From the menu to the running verification."""
    portal.go("审批单核验").tab("上传核验")
    page = portal.page
    page.get_by_role("textbox", name="申请单号").fill(paper.number)
    page.get_by_role("option", name=re.compile(paper.number)).click()
    expect(page.get_by_role("region", name="上传核验").get_by_text("售后换机串码清单")).to_be_visible()
    page.get_by_label("扫描件", exact=True).last.set_input_files(getattr(paper, name))
    page.get_by_role("button", name="开始核验").click()
    return portal


def verdict(portal: Portal, text: str) -> Locator:
    said = portal.page.get_by_role("region", name="核验结果").get_by_role("status")
    expect(said).to_contain_text(text, timeout=JUDGED_MS)
    return said


def is_drawn(picture: Locator) -> bool:
    expect(picture).to_be_visible()
    return bool(picture.evaluate("image => image.decode().then(() => image.naturalWidth > 500)"))


@pytest.mark.req("DOC-03", "GTW-05")
def test_a_changed_digit_is_shown_on_the_scan_and_beside_the_original(
    clerk: Callable[..., Portal], paper: Paper
) -> None:
    portal = upload(clerk("city1"), paper, "forged")

    verdict(portal, "不一致：发现 1 处问题")
    findings = portal.page.get_by_role("region", name="发现的问题")
    finding = findings.get_by_role("button", name=re.compile(r"第 1 页 换机明细第 \d 条 (退回|替换)串码：内容不一致"))
    finding.click()
    expect(finding).to_have_attribute("aria-pressed", "true")
    assert is_drawn(portal.page.get_by_role("img", name="扫描件第 1 页"))
    assert is_drawn(portal.page.get_by_role("img", name="原件第 1 页"))
    portal.page.get_by_role("button", name="与原件对照").click()
    expect(portal.page.get_by_role("img", name="原件第 1 页")).to_have_count(0)


@pytest.mark.req("DOC-03", "DOC-05", "GTW-05")
def test_a_genuine_scan_passes_and_stands_in_the_list_with_its_file(clerk: Callable[..., Portal], paper: Paper) -> None:
    portal = upload(clerk("city1"), paper, "genuine")

    verdict(portal, "通过：内容与签发的单据一致")
    portal.page.get_by_role("link", name="返回").click()
    row = portal.row(paper.number)
    expect(row.get_by_text("通过", exact=True)).to_be_visible()
    with portal.download() as files:
        row.get_by_role("button", name="扫描件").click()
    assert files[0].read_bytes() == paper.genuine.read_bytes()
    portal.tab("已签发单据")
    with portal.download() as originals:
        portal.row(paper.number).get_by_role("button", name="下载").click()
    assert read_issued(originals[0].read_bytes()).layout.number == paper.number


@pytest.mark.req("DOC-03", "GTW-02", "GTW-05")
def test_an_unclear_scan_is_decided_by_somebody_else_who_saw_both(clerk: Callable[..., Portal], paper: Paper) -> None:
    portal = upload(clerk("city1"), paper, "scribbled")
    verdict(portal, "看不清：有 1 处不能确认")
    expect(portal.page.get_by_role("button", name="人工判定")).to_have_count(0)

    province = clerk("province", portal.address.removeprefix("#/"))
    province.page.get_by_role("button", name="第 1 页", exact=True).click()
    assert is_drawn(province.page.get_by_role("img", name="原件第 1 页"))
    province.page.get_by_role("button", name="人工判定").click()
    province.pick(province.dialog, "判定结果", "与原件一致，通过")
    province.fill(province.dialog, "判定依据", "第 2 页为便条，与单据无关").confirm().expect_toast("已判定")

    verdict(province, "王建国 已判定：与原件一致，通过")
    expect(province.page.get_by_text("第 2 页为便条，与单据无关")).to_be_visible()


@pytest.mark.req("DOC-03", "GTW-05")
def test_an_ordinary_signature_passes_at_the_first_try(clerk: Callable[..., Portal], paper: Paper) -> None:
    portal = upload(clerk("city1"), paper, "county")

    verdict(portal, "通过：内容与签发的单据一致")


@pytest.mark.req("DOC-03", "GTW-05")
def test_the_second_person_sees_the_first_place_at_once_and_both_sides_move_together(
    clerk: Callable[..., Portal], paper: Paper
) -> None:
    portal = upload(clerk("city1"), paper, "noted")
    verdict(portal, "看不清")
    second = clerk("province", portal.address.removeprefix("#/"))
    page = second.page
    assert is_drawn(page.get_by_role("img", name="扫描件第 1 页"))
    assert is_drawn(page.get_by_role("img", name="原件第 1 页"))

    chosen = page.locator(".finding[aria-pressed=true]")
    expect(chosen).to_have_count(1)
    expect(chosen).to_have_attribute("data-index", "0")
    expect(page.locator(".zoom")).to_have_text("200%")
    left, right = page.locator(".sheet").nth(0), page.locator(".sheet").nth(1)
    for sheet in (left, right):
        mark = sheet.locator(".mark.chosen")
        expect(mark).to_be_in_viewport()
        assert sheet.evaluate("(sheet, mark) => mark.offsetTop >= sheet.scrollTop"
            " && mark.offsetTop <= sheet.scrollTop + sheet.clientHeight", mark.element_handle())  # fmt: skip

    left.evaluate("sheet => sheet.scrollTo(40, 90)")
    together = (
        "([x, y]) => [...document.querySelectorAll('.sheet')].every(it => it.scrollLeft === x && it.scrollTop === y)"
    )
    page.wait_for_function(together, arg=[40, 90])
    page.keyboard.press("+")
    expect(page.locator(".zoom")).to_have_text("300%")
    page.wait_for_function(
        "() => new Set([...document.querySelectorAll('.sheet')].map((sheet) => sheet.scrollWidth)).size === 1"
    )
    page.keyboard.press("-")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(".finding[data-index='0']")).to_have_attribute("aria-pressed", "true")

    page.keyboard.press("d")
    second.pick(second.dialog, "判定结果", "与原件不一致")
    second.confirm()
    expect(second.dialog).to_contain_text("判定依据")
    expect(second.dialog).to_be_visible()
    second.fill(second.dialog, "判定依据", "有后加的笔迹").confirm().expect_toast("已判定")
    verdict(second, "已判定：与原件不一致")


@pytest.mark.req("DOC-03")
def test_a_wrong_number_and_a_missing_file_are_told_before_anything_is_sent(clerk: Callable[..., Portal]) -> None:
    portal = clerk("city1", "scan-upload")
    start = portal.page.get_by_role("button", name="开始核验")

    start.click()
    expect(portal.page.get_by_role("alert")).to_contain_text("请输入申请单号")
    portal.page.get_by_role("textbox", name="申请单号").fill("KS-0000-0000")
    start.click()
    expect(portal.page.get_by_role("alert")).to_contain_text("申请单 KS-0000-0000 不存在")
