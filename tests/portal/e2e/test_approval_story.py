"""The manual's month in the portal: six clerks take applications and a termination through three levels (issue 4)."""

import re
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

from deploy.local.demo_paper import signed_scan
from kernel.model.period import BUSINESS_ZONE, month_of, next_month
from tests.portal.e2e.helpers import Portal

if TYPE_CHECKING:
    from tests.running_stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser]

PHONE = "13800001234"
VERDICT_MS = 180_000
"""A verdict takes seconds; a machine that does much else at once takes its time."""
Clerk = Callable[..., Portal]


@pytest.fixture(scope="module")
def month(running_stack: "RunningStack") -> str:
    """The month applied for. On a first no window can be closed any more: then workflow lives a day later."""
    now = datetime.now(BUSINESS_ZONE)
    if now.day == 1:
        now += timedelta(days=1)
        running_stack.restart("workflow", SIMKEEP_CLOCK_OFFSET_SECONDS=str(24 * 3600))
    return next_month(month_of(now))


@pytest.fixture
def scans(tmp_path: Path) -> Callable[..., Path]:
    """``scans(pdf)``: the file of its signed paper; ``sealed=False``: somebody forgot the seal."""
    made = 0

    def make(pdf: Path, *, sealed: bool = True) -> Path:
        nonlocal made
        made += 1
        path = tmp_path / f"扫描件{made}.pdf"
        path.write_bytes(signed_scan(pdf.read_bytes(), sealed=sealed))
        return path

    return make


def _part(portal: Portal, name: str) -> Locator:
    """One of several lists on a page."""
    return portal.page.get_by_role("region", name=name, exact=True)


def _line(portal: Portal, number: str) -> Locator:
    return portal.listing.get_by_role("row").filter(has_text=number).first


def _press(place: Locator, label: str) -> None:
    place.get_by_role("button", name=label, exact=True).click()


def _set_window(portal: Portal, **values: int) -> None:
    """设置申请时间 by the province."""
    labels = {"opens_day": "开始日", "closes_day": "截止日", "minimum_cards": "销卡申请最少数量"}
    _press(_part(portal, "开卡申请-省"), "设置申请时间")
    for name, value in values.items():
        portal.fill(portal.dialog, labels[name], str(value))
    portal.confirm().expect_toast("操作成功")


def _generate(portal: Portal) -> None:
    """The dialog 生成申请单 as it is opened, with a phone."""
    portal.fill(portal.dialog, "联系电话", PHONE).confirm()


def _submit(portal: Portal, number: str) -> Path:
    """提交审核: the PDF comes as a download."""
    with portal.download() as files:
        _press(_line(portal, number), "提交审核")
        portal.confirm()
    assert files[0].read_bytes().startswith(b"%PDF-")
    return files[0]


def _return(portal: Portal, number: str, scan: Path, verdict: str) -> None:
    """审核回传单: upload, progress, verdict."""
    _press(_line(portal, number), "审核回传单")
    portal.attach("签字盖章后的扫描件", scan).confirm()
    result = portal.page.get_by_role("dialog", name="审核回传单校验")
    expect(result.get_by_role("alert")).to_contain_text(verdict, timeout=VERDICT_MS)
    result.get_by_role("button", name="关闭", exact=True).last.click()


def _number(portal: Portal, prefix: str) -> str:
    """Number of the form that heads the list."""
    link = portal.listing.get_by_role("link", name=re.compile(f"^{prefix}-")).first
    expect(link).to_be_visible()
    return link.inner_text()


@pytest.mark.req("ACT-01", "ACT-02", "ACT-03", "ACT-04", "ACT-05", "ACT-06", "ACT-08", "ACT-09", "ACT-11", "ACT-12")
def test_an_order_of_cards_goes_from_counties_to_the_internet_department(
    clerk: Clerk, running_stack: "RunningStack", month: str, scans: Callable[..., Path]
) -> None:
    province = clerk("province", "activation-province")
    _set_window(province, opens_day=1, closes_day=32)
    county = clerk("county1", "activation-county")
    _apply(county)
    for login, quantity in (("county2", 120), ("county5", 75)):
        body = {"carrier": "china_mobile", "card_spec": "plug_in", "quantity": quantity, "phone": PHONE}
        with closing(running_stack.login(login)) as client:
            client.post("activation/applications", json=body).raise_for_status()

    _set_window(province, closes_day=max(2, datetime.now(BUSINESS_ZONE).day))
    county.open("activation-county")
    expect(county.page.get_by_text(f"{month} 的开卡申请已汇总到市级，不能再新增、修改或删除")).to_be_visible()
    expect(county.row("插拔卡")).to_contain_text("已提交市级")
    for gone in ("修改", "删除", "新建"):
        expect(county.listing.get_by_role("button", name=gone, exact=True)).to_have_count(0)

    number = _city_seals(clerk("city1", "activation-city"), scans)
    city2 = clerk("city2", "activation-city")
    other = _city_passes_on(city2)
    _province_sends_back(province, other)
    _city_goes_round(city2, other)
    ordered = _province_orders(province, number, scans)

    province.open(f"activation-orders?month={month}")
    expect(province.row("东江市供电公司")).to_contain_text("390")
    province.open(f"form?number={ordered}")
    history = province.page.get_by_role("region", name="办理历史")
    expect(history.get_by_role("row").filter(has_text="回传单校验通过")).to_contain_text("提交互联网部")


def _apply(county: Portal) -> None:
    """新建, 修改, 删除 with the manual's messages (ACT-01)."""
    for quantity in ("300", "7"):
        county.press("新建")
        expect(county.dialog.get_by_label("申请人")).to_have_value("吴静")
        county.pick(county.dialog, "运营商", "中国移动").pick(county.dialog, "卡片规格", "插拔卡")
        county.fill(county.dialog, "SIM卡数量", quantity).fill(county.dialog, "联系电话", "12")
        county.confirm()
        expect(county.dialog).to_contain_text("格式不正确")
        county.fill(county.dialog, "联系电话", PHONE).confirm().expect_toast("新增成功")
    expect(county.row("合计").last).to_contain_text("307")
    _press(county.listing.get_by_role("row").filter(has_text="300").first, "修改")
    county.fill(county.dialog, "SIM卡数量", "280").confirm().expect_toast("修改成功")
    _press(county.listing.get_by_role("row").filter(has_text=" 7 ").or_(county.row("7张")).first, "删除")
    county.confirm().expect_toast("删除成功")
    county.expect_total(1)


def _city_seals(city: Portal, scans: Callable[..., Path]) -> str:
    """市级汇总 > 生成申请单 > 提交审核 > 审核回传单, first without a seal (ACT-03 to ACT-05)."""
    summary = _part(city, "市级汇总")
    expect(summary.get_by_role("row").filter(has_text="插拔卡")).to_contain_text("400")
    _press(summary, "修改")
    city.fill(city.dialog, "SIM卡数量", "390").fill(city.dialog, "联系电话", PHONE).confirm().expect_toast("修改成功")
    _press(summary, "生成申请单")
    city.dialog.get_by_label(re.compile("^旧卡更换数量")).fill("90")
    city.dialog.get_by_label(re.compile("^新增卡数量")).fill("200")
    _generate(city)
    expect(city.dialog).to_contain_text("旧卡更换数量 90 与新增卡数量 200 之和应等于 SIM 卡总数 390")
    city.dialog.get_by_label(re.compile("^新增卡数量")).fill("300")
    city.confirm().expect_toast("生成申请单成功")

    city.tab("审批单下载/回传")
    number = _number(city, "KS")
    expect(_line(city, number)).to_contain_text("市级汇总")
    _press(_line(city, number), "查看")
    city.expect_toast("请提交审核单")
    pdf = _submit(city, number)
    expect(_line(city, number)).to_contain_text("市级审核中")
    _press(_line(city, number), "查看")
    expect(city.page.locator("iframe.pdf-frame")).to_be_visible()
    city.dialog.get_by_role("button", name="关闭", exact=True).last.click()
    _return(city, number, scans(pdf, sealed=False), "内容不一致或没有盖章")
    expect(_line(city, number)).to_contain_text("市级审核中")
    _return(city, number, scans(pdf), "校验通过")
    expect(_line(city, number)).to_contain_text("市级审核通过")
    return number


def _city_passes_on(city: Portal) -> str:
    """提交省级 without paper (ACT-06)."""
    _press(_part(city, "市级汇总"), "生成申请单")
    _generate(city)
    city.expect_toast("生成申请单成功").tab("审批单下载/回传")
    number = _number(city, "KS")
    _press(_line(city, number), "提交省级")
    city.confirm()
    expect(_line(city, number)).to_contain_text("市级审核通过")
    return number


def _province_sends_back(province: Portal, number: str) -> None:
    """退回, asked once more (ACT-08)."""
    province.open("activation-province")
    cities = _part(province, "各市申请单")
    _press(cities.get_by_role("row").filter(has_text=number).first, "退回")
    expect(province.dialog).to_contain_text("是否确认退回？")
    province.confirm().expect_toast("操作成功")
    expect(cities.get_by_role("row").filter(has_text=number).first).to_contain_text("省级退回")


def _city_goes_round(city: Portal, number: str) -> None:
    """省级退回: quantities changed, generated again under the same number (ACT-07)."""
    city.open("activation-city")
    _press(_part(city, "市级汇总"), "修改")
    city.fill(city.dialog, "SIM卡数量", "70").fill(city.dialog, "联系电话", PHONE).confirm().expect_toast("修改成功")
    _press(_part(city, "市级汇总"), "重新生成申请单")
    _generate(city)
    city.expect_toast("生成申请单成功").tab("审批单下载/回传")
    expect(_line(city, number)).to_contain_text("市级汇总")


def _province_orders(province: Portal, number: str, scans: Callable[..., Path]) -> str:
    """生成申请单 without the missing city, which is asked; then sealed paper (ACT-09, ACT-11)."""
    province.open("activation-province")
    kinds = _part(province, "省级汇总")
    expect(kinds).to_contain_text("尚未市级审核通过的单位：西岭市供电公司")
    _press(kinds, "生成申请单")
    _generate(province)
    question = province.page.get_by_role("dialog").filter(has_text="以下单位尚未市级审核通过：西岭市供电公司").last
    _press(question, "继续")
    province.expect_toast("生成申请单成功")
    city_form = _part(province, "各市申请单").get_by_role("row").filter(has_text=number).first
    expect(city_form).to_contain_text("省级汇总")
    expect(city_form.get_by_role("button", name="退回", exact=True)).to_have_count(0)
    province.tab("审批单下载/回传")
    ordered = _number(province, "KP")
    _return(province, ordered, scans(_submit(province, ordered)), "校验通过")
    expect(_line(province, ordered)).to_contain_text("提交互联网部")
    return ordered


def _three_cards(running_stack: "RunningStack") -> list[str]:
    """待报废 cards of county3 that workflow knows of."""
    with closing(running_stack.login("county3")) as client:
        found = client.get("termination/pending-scrap", params={"size": 3}).raise_for_status().json()["items"]
        return [card["iccid"] for card in found]


@pytest.mark.req("TER-01", "TER-02", "TER-03", "TER-04", "TER-05", "TER-07", "TER-08", "WFL-03")
def test_cards_are_terminated_after_one_round_back(
    clerk: Clerk, running_stack: "RunningStack", scans: Callable[..., Path]
) -> None:
    iccids = _three_cards(running_stack)
    county = clerk("county3", "termination-county")
    for iccid in iccids:
        county.tick(iccid)
    county.press("确定").confirm().expect_toast("添加成功")
    county.tab("销卡明细")
    expect(county.page.get_by_text("新生成的销卡申请明细数量必须大于50才能生成申请单")).to_be_visible()
    expect(county.listing.get_by_role("button", name="生成申请单", exact=True)).to_have_count(0)
    county.tick(iccids[2]).press("删除").confirm().expect_toast("删除成功")

    province = clerk("province", "activation-province")
    _set_window(province, minimum_cards=1)
    county.page.reload()
    county.press("生成申请单")
    _generate(county)
    county.expect_toast("生成申请单成功").tab("审批单下载/回传")
    number = _number(county, "XQ")
    _sealed(county, number, scans)
    expect(_line(county, number)).to_contain_text("提交市级")

    city = clerk("city1", "termination-city")
    _review(city, number, "不通过", "市级退回")
    _county_goes_round(county, number, iccids[0])
    _sealed(county, number, scans)
    city.open("termination-city")
    _review(city, number, "通过", "提交省级")
    _province_decides(province, number)
    _set_window(province.open("activation-province"), minimum_cards=50)


def _sealed(county: Portal, number: str, scans: Callable[..., Path]) -> None:
    """提交审核 as soon as the cards are 销卡中, then the sealed paper."""
    button = _line(county, number).get_by_role("button", name="提交审核", exact=True)
    for _ in range(30):
        if button.count():
            break
        county.press("刷新")
        county.page.wait_for_timeout(500)
    _return(county, number, scans(_submit(county, number)), "校验通过")


def _review(city: Portal, number: str, verdict: str, state: str) -> None:
    """审核 by the city: reviewer and time are filled in (TER-05)."""
    _press(_line(city, number), "审核")
    expect(city.dialog.get_by_label("审核人")).to_have_value("李晓燕")
    city.pick(city.dialog, "审核意见", verdict)
    city.confirm().expect_toast("审核成功")
    expect(_line(city, number)).to_contain_text(state)


def _county_goes_round(county: Portal, number: str, iccid: str) -> None:
    """市级退回: a card is taken off, the form made again under the same batch number (TER-04)."""
    county.open("termination-county-list")
    county.tick(iccid).press("删除").confirm().expect_toast("删除成功")
    county.tab("审批单下载/回传")
    _press(_line(county, number), "生成申请单")
    _generate(county)
    county.expect_toast("市级退回的卡已成功生成申请单")


def _province_decides(province: Portal, number: str) -> None:
    """审核 once; a second time is refused in the manual's words; the carrier confirms (TER-07, TER-08)."""
    province.open("termination-province")
    province.tick(number).press("审核").pick(province.dialog, "审核意见", "通过").confirm()
    expect(_line(province, number)).to_contain_text("提交互联网部")
    province.tick(number)
    expect(province.page.get_by_text("只能对状态为“提交省级”的记录进行审核")).to_be_visible()
    expect(province.listing.get_by_role("button", name="审核", exact=True)).to_be_disabled()
    _line(province, number).get_by_role("link", name="登记销卡结果").click()
    province.press("其余全部已销卡").confirm()
    expect(province.page.get_by_text("已完成", exact=True).first).to_be_visible()
