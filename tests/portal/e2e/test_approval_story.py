"""The manual's month in the portal: six clerks take applications through three levels (issue 4)."""

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from kernel.model.period import BUSINESS_ZONE, month_of, next_month
from tests.portal.e2e.approvals import (
    NOT_SEALED,
    PASSED,
    PHONE,
    Clerk,
    Scans,
    generate,
    line,
    number_of,
    part,
    press,
    return_papers,
    set_rules,
    submit,
    view,
    view_too_early,
)
from tests.portal.e2e.first_page import opens, tile
from tests.portal.e2e.helpers import Portal

if TYPE_CHECKING:
    from tests.running_stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser]

OPINION = "数量与台账不符，请核对"


@pytest.mark.req(
    "ACT-01", "ACT-02", "ACT-03", "ACT-04", "ACT-05", "ACT-06", "ACT-07", "ACT-08", "ACT-09", "ACT-11", "ACT-12"
)
def test_an_order_of_cards_goes_from_counties_to_the_internet_department(
    clerk: Clerk, running_stack: "RunningStack", scans: Scans
) -> None:
    month = next_month(month_of(datetime.now(BUSINESS_ZONE)))
    province = clerk("province", "activation-province")
    set_rules(province, opens_day=1, closes_day=32)
    county = clerk("county1", "activation-county")
    _too_early(county, province, running_stack)
    _apply(county)
    for login, applicant, quantity in (("county2", "郑国华", "120"), ("county5", "韩梅", "75")):
        _applies(clerk(login, "activation-county"), applicant, quantity)

    set_rules(province, closes_day=1)
    county.open("activation-county")
    expect(county.page.get_by_text(f"{month} 的开卡申请已汇总到市级，不能再新增、修改或删除")).to_be_visible()
    expect(county.row("插拔卡")).to_contain_text("已提交市级")
    for gone in ("修改", "删除", "新建"):
        expect(county.listing.get_by_role("button", name=gone, exact=True)).to_have_count(0)

    _province_opens_the_month_again(province, county, month)
    with running_stack.workflow_at(datetime.now(BUSINESS_ZONE).replace(hour=12) + timedelta(days=1)):
        set_rules(province, closes_day=1)
    county.page.reload()
    expect(county.row("插拔卡")).to_contain_text("已提交市级")
    number = _city_seals(clerk("city1", "activation-city"), scans)
    city2 = clerk("city2", "activation-city")
    other = _city_passes_on(city2)
    _province_sends_back(province, other)
    _city_goes_round(city2, other)
    ordered = _province_orders(province, number, scans)

    province.open(f"activation-orders?month={month}")
    expect(province.row("东江市供电公司")).to_contain_text("390")
    _first_page_shows_the_order(province.open("home"))
    province.open(f"form?number={ordered}")
    history = province.page.get_by_role("region", name="办理历史")
    expect(history.get_by_role("row").filter(has_text="回传单校验通过")).to_contain_text("提交互联网部")
    expect(province.page.get_by_role("heading", name=f"开卡申请单（省级） {ordered}")).to_be_visible()
    province.page.emulate_media(media="print")
    expect(history.get_by_text("打印人：王建国")).to_be_visible()
    expect(province.menu).to_be_hidden()


def _too_early(county: Portal, province: Portal, running_stack: "RunningStack") -> None:
    """On the 19th an application that was begun is refused, and the page says when it is time (ACT-01)."""
    _fills_in(county, "吴静", "300")
    eve = datetime.now(BUSINESS_ZONE).replace(day=19, hour=12)
    with running_stack.workflow_at(eve):
        set_rules(province, opens_day=20, closes_day=22)
        county.confirm()
        refusal = f"开卡申请时间为 {eve:%Y-%m}-20 00:00 至 {eve:%Y-%m}-22 00:00，现在不能新增、修改或删除"
        expect(county.dialog.get_by_role("alert")).to_contain_text(refusal)
        county.page.reload()
        expect(county.page.get_by_text(refusal)).to_be_visible()
        expect(county.listing.get_by_role("button", name="新建", exact=True)).to_have_count(0)
        county.expect_total(0)
    set_rules(province, opens_day=1, closes_day=32)
    county.page.reload()


def _fills_in(county: Portal, applicant: str, quantity: str) -> None:
    """The dialog 新建 as far as 确定."""
    county.press("新建")
    expect(county.page.get_by_role("dialog", name="新建开卡申请")).to_be_visible()
    expect(county.dialog.get_by_label("申请人")).to_have_value(applicant)
    county.pick(county.dialog, "运营商", "中国移动").pick(county.dialog, "卡片规格", "插拔卡")
    county.fill(county.dialog, "SIM卡数量", quantity).fill(county.dialog, "联系电话", PHONE)


def _applies(county: Portal, applicant: str, quantity: str) -> None:
    _fills_in(county, applicant, quantity)
    county.confirm().expect_toast("新增成功")
    expect(county.row("合计").last).to_contain_text(quantity)
    county.expect_total(1)


def _apply(county: Portal) -> None:
    """新建, 修改, 删除 with the manual's messages (ACT-01)."""
    for quantity in ("300", "7"):
        _fills_in(county, "吴静", quantity)
        county.fill(county.dialog, "联系电话", "12").confirm()
        expect(county.dialog).to_contain_text("格式不正确")
        county.fill(county.dialog, "联系电话", PHONE).confirm().expect_toast("新增成功")
    expect(county.row("合计").last).to_contain_text("307")
    press(county.listing.get_by_role("row").filter(has_text="300").first, "修改")
    county.fill(county.dialog, "SIM卡数量", "280").confirm().expect_toast("修改成功")
    press(county.listing.get_by_role("row").filter(has_text=" 7 ").or_(county.row("7张")).first, "删除")
    county.confirm().expect_toast("删除成功")
    county.expect_total(1)


def _city_seals(city: Portal, scans: Scans) -> str:
    """市级汇总 > 生成申请单 > 提交审核 > 审核回传单, first without a seal (ACT-03 to ACT-05)."""
    summary = part(city, "市级汇总")
    expect(summary.get_by_role("row").filter(has_text="插拔卡")).to_contain_text("400")
    press(summary, "修改")
    city.fill(city.dialog, "SIM卡数量", "390").fill(city.dialog, "联系电话", PHONE).confirm().expect_toast("修改成功")
    press(summary, "生成申请单")
    city.dialog.get_by_label(re.compile("^旧卡更换数量")).fill("90")
    city.dialog.get_by_label(re.compile("^新增卡数量")).fill("200")
    generate(city)
    expect(city.dialog).to_contain_text("旧卡更换数量 90 与新增卡数量 200 之和应等于 SIM 卡总数 390")
    city.dialog.get_by_label(re.compile("^新增卡数量")).fill("300")
    city.confirm().expect_toast("生成申请单成功")

    city.tab("审批单下载/回传")
    number = number_of(city, "KS")
    city.page.reload()  # nothing has asked for the names of carriers since
    expect(line(city, number)).to_contain_text("中国移动插拔卡 390")
    expect(line(city, number)).to_contain_text("市级汇总")
    view_too_early(city, number)
    pdf = submit(city, number)
    expect(line(city, number)).to_contain_text("市级审核中")
    view(city, number)
    return_papers(NOT_SEALED, (city, number, scans(pdf, sealed=False), "市级审核中"))
    return_papers(PASSED, (city, number, scans(pdf), "市级审核通过"))
    return number


def _city_passes_on(city: Portal) -> str:
    """提交省级 without paper (ACT-06)."""
    press(part(city, "市级汇总"), "生成申请单")
    generate(city).expect_toast("生成申请单成功").tab("审批单下载/回传")
    number = number_of(city, "KS")
    press(line(city, number), "提交省级")
    city.confirm()
    expect(line(city, number)).to_contain_text("市级审核通过")
    return number


def _province_sends_back(province: Portal, number: str) -> None:
    """退回, asked once more (ACT-08)."""
    province.open("activation-province")
    form = part(province, "各市申请单").get_by_role("row").filter(has_text=number).first
    press(form, "退回")
    expect(province.dialog).to_contain_text("是否确认退回？")
    province.fill(province.dialog, "审核说明", OPINION)
    press(province.dialog, "是")
    province.expect_toast("操作成功")
    expect(form).to_contain_text("省级退回")


def _city_goes_round(city: Portal, number: str) -> None:
    """省级退回 with the province's opinion: quantities changed, generated again under the same number (ACT-07)."""
    city.press("刷新")
    expect(line(city, number)).to_contain_text("省级退回")
    expect(line(city, number)).to_contain_text(OPINION)
    press(line(city, number), "修改数量")
    summary = part(city, "市级汇总")
    press(summary, "修改")
    city.fill(city.dialog, "SIM卡数量", "70").fill(city.dialog, "联系电话", PHONE).confirm().expect_toast("修改成功")
    press(summary, "重新生成申请单")
    generate(city).expect_toast("生成申请单成功").tab("审批单下载/回传")
    expect(line(city, number)).to_contain_text("市级汇总")


def _province_opens_the_month_again(province: Portal, county: Portal, month: str) -> None:
    """设置申请时间 says from when on it counts; 重新开放申请 with a reason that the county reads (ACT-01)."""
    province.open("activation-province")
    press(part(province, "开卡申请-省"), "设置申请时间")
    expect(province.dialog).to_contain_text(f"现在修改的起止日自 {month} 起生效")
    press(province.dialog, "取消")

    press(part(province, "开卡申请-省"), "重新开放申请")
    dialog = province.page.get_by_role("dialog", name="重新开放申请")
    expect(dialog).to_contain_text(f"重新开放 {month} 的开卡申请？各市的汇总将撤回")
    dialog.get_by_label("截止日").fill(f"{datetime.now(BUSINESS_ZONE):%Y-%m-%d}")
    dialog.get_by_label("截止日").press("Tab")
    province.fill(dialog, "原因", "东江城区漏报")
    press(dialog, "确定")
    province.expect_toast("操作成功")
    county.open("activation-county").page.reload()
    expect(county.page.get_by_text(re.compile("王建国 于 .* 重新开放，截止 .*，原因：东江城区漏报"))).to_be_visible()
    expect(county.row("插拔卡")).to_contain_text("新建")
    expect(county.listing.get_by_role("button", name="新建", exact=True)).to_be_visible()


def _first_page_shows_the_order(province: Portal) -> None:
    """What is still to come, and the sums of all orders, each with the list behind it."""
    orders = tile(province, "到货与订单")
    opens(province, orders.get_by_role("link", name="项未到齐"))
    opens(province, orders.locator(".glance-fact").filter(has_text="订单数量").get_by_role("link"), total="订单数量")


def _province_orders(province: Portal, number: str, scans: Scans) -> str:
    """生成申请单 without the missing city, which is asked; then sealed paper (ACT-09, ACT-11)."""
    province.open("activation-province")
    kinds = part(province, "省级汇总")
    expect(kinds).to_contain_text("尚未市级审核通过的单位：西岭市供电公司")
    press(kinds, "生成申请单")
    generate(province)
    question = province.page.get_by_role("dialog").filter(has_text="以下单位尚未市级审核通过：西岭市供电公司").last
    press(question, "继续")
    province.expect_toast("生成申请单成功")
    city_form = part(province, "各市申请单").get_by_role("row").filter(has_text=number).first
    expect(city_form).to_contain_text("省级汇总")
    expect(city_form.get_by_role("button", name="退回", exact=True)).to_have_count(0)
    province.tab("审批单下载/回传")
    ordered = number_of(province, "KP")
    view_too_early(province, ordered)
    pdf = submit(province, ordered)
    return_papers(NOT_SEALED, (province, ordered, scans(pdf, sealed=False), "省级审核中"))
    return_papers(PASSED, (province, ordered, scans(pdf), "提交互联网部"))
    return ordered
