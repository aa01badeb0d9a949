"""Cards of a county and of its city are terminated in the portal, each after a round back (issue 4)."""

import re
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.portal.e2e.approvals import (
    NOT_SEALED,
    PASSED,
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
from tests.portal.e2e.helpers import Portal

if TYPE_CHECKING:
    from tests.running_stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser]

OPINION = "请核对卡片明细"
TOO_FEW = "新生成的销卡申请明细数量必须大于50才能生成申请单"
NOT_SUBMITTED = "只能对状态为“提交省级”的记录进行审核"
FORMS = "审批单下载/回传"


@pytest.mark.req("TER-01", "TER-02", "TER-03", "TER-04", "TER-05", "TER-06", "TER-07", "TER-08", "WFL-01", "WFL-03")
def test_cards_of_county_and_city_are_terminated_after_a_round_back(
    clerk: Clerk, running_stack: "RunningStack", scans: Scans
) -> None:
    of_county, of_city = (_pending(running_stack, login) for login in ("county3", "city1"))
    county = clerk("county3", "termination-county")
    _county_lists(county, of_county)
    city = clerk("city1", "termination-city-own")
    _city_lists(city, of_city)
    province = clerk("province", "activation-province")
    set_rules(province, minimum_cards=1)

    theirs, own = _county_generates(county), _city_generates(city)
    pdf, own_pdf = _submits(county, theirs), _submits(city, own)
    return_papers(
        NOT_SEALED,
        (county, theirs, scans(pdf, sealed=False), "区县级审核中"),
        (city, own, scans(own_pdf, sealed=False), "市级审核中"),
    )
    return_papers(PASSED, (county, theirs, scans(pdf), "提交市级"), (city, own, scans(own_pdf), "提交省级"))
    _city_rejects(city, theirs)
    _county_goes_round(county, theirs, of_county[0])
    return_papers(PASSED, (county, theirs, scans(_submits(county, theirs)), "提交市级"))
    _city_passes(city, theirs)

    _province_rejects(province, theirs, own)
    _city_goes_round(city, own, of_city[0])
    return_papers(PASSED, (city, own, scans(_submits(city, own)), "提交省级"))
    _city_returns_to_county(city, theirs)
    _county_gives_up(county, theirs)
    _province_passes(province, own, of_city[1])
    set_rules(province.open("activation-province"), minimum_cards=50)


def _pending(running_stack: "RunningStack", login: str) -> list[str]:
    """Three 待报废 cards of the unit itself that workflow knows of."""
    with closing(running_stack.login(login)) as client:
        unit = client.get("auth/me").raise_for_status().json()["unit"]
        own = {"unit": unit, "unit_exact": True, "size": 3}
        for _ in range(100):
            found = client.get("termination/pending-scrap", params=own).raise_for_status().json()["items"]
            if len(found) == 3:
                return [card["iccid"] for card in found]
            stock = {"owner_unit": unit, "unit_exact": True, "state": "in_stock", "size": 3}
            cards = client.get("cards", params=stock).raise_for_status().json()["items"]
            body = {"iccids": [card["iccid"] for card in cards], "reason": "卡体老化"}
            client.post("cards/mark-pending-scrap", json=body).raise_for_status()
            time.sleep(0.2)
    raise AssertionError(f"{login} has no cards to terminate")


def _county_lists(county: Portal, iccids: list[str]) -> None:
    """Ticked cards onto 销卡明细, one off again; too few for a form (TER-01, TER-02)."""
    for iccid in iccids:
        county.tick(iccid)
    county.press("确定").confirm().expect_toast("添加成功")
    county.tab("销卡明细")
    expect(county.page.get_by_text(TOO_FEW)).to_be_visible()
    press(county.listing, "生成申请单")
    expect(county.dialog).to_contain_text(re.compile(r"批次号 XQ-\d{8}-\d{6}-\d{2}"))
    generate(county)
    expect(county.dialog.get_by_role("alert")).to_contain_text(TOO_FEW)
    county.dialog.get_by_role("button", name="取消").click()
    county.page.get_by_role("dialog", name="提示").get_by_role("button", name="放弃").click()
    county.tick(iccids[2]).press("删除").confirm().expect_toast("删除成功")


def _city_lists(city: Portal, iccids: list[str]) -> None:
    """市级直属 cards, found by carrier and ICCID, onto the list below (TER-06)."""
    city.fill(city.filters, "ICCID", iccids[0]).pick(city.filters, "运营商", "中国移动").query()
    cards = part(city, "市级直属待报废卡")
    expect(cards.get_by_role("status").filter(has_text="共 1 条")).to_be_visible()
    city.filters.get_by_role("button", name="重置").click()
    for iccid in iccids:
        city.tick(iccid)
    press(cards, "确定")
    city.confirm().expect_toast("添加成功")
    listed = part(city, "销卡明细")
    expect(listed.get_by_text(TOO_FEW)).to_be_visible()
    expect(listed.get_by_role("row").filter(has_text=iccids[0])).to_contain_text("新建")
    city.tick(iccids[2])
    press(listed, "删除")
    city.confirm().expect_toast("删除成功")


def _county_generates(county: Portal) -> str:
    county.page.reload()
    county.press("生成申请单")
    generate(county).expect_toast("生成申请单成功").tab(FORMS)
    return number_of(county, "XQ")


def _city_generates(city: Portal) -> str:
    city.page.reload()
    press(part(city, "销卡明细"), "生成申请单")
    generate(city).expect_toast("生成申请单成功").tab(FORMS)
    number = number_of(city, "XS")
    expect(line(city, number)).to_contain_text("新建")
    return number


def _submits(portal: Portal, number: str) -> Path:
    """提交审核 as soon as the cards are 销卡中; before it there is nothing to view (TER-03)."""
    view_too_early(portal, number)
    button = line(portal, number).get_by_role("button", name="提交审核", exact=True)
    for _ in range(60):
        if button.count():
            break
        portal.press("刷新")
        portal.page.wait_for_timeout(250)
    return submit(portal, number)


def _city_rejects(city: Portal, number: str) -> None:
    """What the county sent is looked at; of two windows the slower one is told (TER-05, WFL-01)."""
    city.open("termination-city")
    view(city, number)
    press(line(city, number), "审核")
    expect(city.dialog.get_by_label("审核人")).to_have_value("李晓燕")
    city.pick(city.dialog, "审核意见", "通过")
    quicker = city.beside("termination-city")
    press(line(quicker, number), "审核")
    quicker.pick(quicker.dialog, "审核意见", "不通过").fill(quicker.dialog, "审核说明", OPINION)
    quicker.confirm().expect_toast("审核成功")
    expect(line(quicker, number)).to_contain_text("市级退回")
    quicker.page.close()
    city.confirm()
    expect(city.dialog.get_by_role("alert")).to_contain_text("请刷新后重试")


def _city_passes(city: Portal, number: str) -> None:
    city.page.reload()
    press(line(city, number), "查看明细")
    city.expect_total(1)
    expect(city.page.get_by_role("navigation", name="当前位置")).to_contain_text("销卡申请-市")
    city.page.go_back()
    press(line(city, number), "审核")
    city.pick(city.dialog, "审核意见", "通过").confirm().expect_toast("审核成功")
    expect(line(city, number)).to_contain_text("提交省级")


def _county_goes_round(county: Portal, number: str, iccid: str) -> None:
    """市级退回: a card is taken off, the form made again under the same batch number (TER-04)."""
    county.press("刷新")
    expect(line(county, number)).to_contain_text("市级退回")
    expect(line(county, number)).to_contain_text(OPINION)
    county.tab("销卡明细")
    county.tick(iccid).press("删除").confirm().expect_toast("删除成功")
    press(line(county, number), "生成申请单")  # on 销卡明细 itself, for cards that came back
    generate(county).expect_toast("市级退回的卡已成功生成申请单")
    county.tab(FORMS)


def _province_rejects(province: Portal, *numbers: str) -> None:
    """Both at once: 不通过 > 省级退回 (TER-07)."""
    province.open("termination-province")
    for number in numbers:
        province.tick(number)
    province.press("审核").pick(province.dialog, "审核意见", "不通过").fill(province.dialog, "审核说明", OPINION)
    province.confirm().expect_toast("审核成功")
    for number in numbers:
        expect(line(province, number)).to_contain_text("省级退回")


def _city_goes_round(city: Portal, number: str, iccid: str) -> None:
    """省级退回: a card is taken off, the form made again under the same batch number (TER-06)."""
    city.open("termination-city-forms")
    expect(line(city, number)).to_contain_text("省级退回")
    expect(line(city, number)).to_contain_text(OPINION)
    city.tab("市级销卡申请")
    city.tick(iccid)
    press(part(city, "销卡明细"), "删除")
    city.confirm().expect_toast("删除成功")
    city.tab(FORMS)
    press(line(city, number), "生成申请单")
    generate(city).expect_toast("省级退回的卡已成功生成申请单")


def _city_returns_to_county(city: Portal, number: str) -> None:
    """退回 of what the province did not pass (TER-05)."""
    city.tab("区县级销卡申请")
    expect(line(city, number)).to_contain_text("省级退回")
    press(line(city, number), "退回")
    expect(city.dialog).to_contain_text("是否确认退回？")
    press(city.dialog, "是")
    expect(city.dialog).to_contain_text("请输入审核说明")
    city.fill(city.dialog, "审核说明", OPINION)
    press(city.dialog, "是")
    city.expect_toast("操作成功")
    expect(line(city, number)).to_contain_text("市级退回")


def _county_gives_up(county: Portal, number: str) -> None:
    """The county hears of it, and lets the form go."""
    county.open("notices")
    expect(county.row(number)).to_contain_text("市级退回")
    county.open("termination-county-forms")
    expect(line(county, number)).to_contain_text("市级退回")
    press(line(county, number), "作废")
    county.confirm().expect_toast("操作成功")
    expect(line(county, number)).to_contain_text("已作废")


def _province_passes(province: Portal, number: str, iccid: str) -> None:
    """审核 once; a second time is refused in the manual's words; the carrier confirms (TER-07, TER-08)."""
    province.press("刷新")
    expect(line(province, number)).to_contain_text("提交省级")
    province.tick(number).press("审核").pick(province.dialog, "审核意见", "通过").confirm()
    expect(line(province, number)).to_contain_text("提交互联网部")
    province.tick(number)
    expect(province.page.get_by_text(NOT_SUBMITTED)).to_be_visible()
    expect(province.listing.get_by_role("button", name="审核", exact=True)).to_be_disabled()
    press(line(province, number), "登记销卡结果")
    province.tick(iccid).press("登记销卡结果").pick(province.dialog, "运营商答复", "拒绝").confirm()
    expect(province.dialog).to_contain_text("运营商拒绝销卡时须填写原因")
    press(province.dialog, "知道了")
    province.press("其余全部已销卡").confirm()
    expect(province.page.get_by_text("已完成", exact=True).first).to_be_visible()
