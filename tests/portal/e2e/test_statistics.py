"""Every number that can be clicked opens a list with exactly that many cards (INV-06 to INV-10)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.portal.e2e.helpers import Portal

pytestmark = [pytest.mark.stack, pytest.mark.browser]


@pytest.mark.req("INV-06", "INV-07")
@pytest.mark.parametrize(
    ("login", "page"),
    [
        ("province", "cards-by-state"),
        ("province", "cards-by-state?carrier=china_mobile"),
        ("city1", "pending-install"),
        ("county1", "cards-by-state"),
    ],
)
def test_a_number_equals_the_total_of_the_list_it_opens(clerk: Callable[..., Portal], login: str, page: str) -> None:
    portal = clerk(login, page)
    unit_links = {"示范省电力公司", "东江市供电公司", "西岭市供电公司", "南湖市供电公司", "东江城区供电公司"}
    links = [
        (link.get_attribute("href") or "", link.inner_text())
        for link in portal.settled().get_by_role("link").all()
        if link.inner_text() and link.inner_text() not in unit_links and link.inner_text()[0].isdigit()
    ]
    assert links
    for address, number in links[:3] + links[-1:]:
        portal.open(address.removeprefix("#/"))
        expect(portal.page.get_by_role("columnheader", name="ICCID")).to_be_visible()
        portal.expect_total(int(number.replace(",", "")))


@pytest.mark.req("INV-07")
def test_a_unit_opens_its_own_units(clerk: Callable[..., Portal]) -> None:
    portal = clerk("province", "cards-by-state")
    portal.listing.get_by_role("link", name="东江市供电公司").click()
    expect(portal.listing.get_by_role("link", name="青石县供电公司")).to_be_visible()
    expect(portal.page.get_by_role("region", name="各单位卡片状态")).to_be_visible()


@pytest.mark.req("INV-08")
def test_activations_are_counted_for_this_month_unless_another_is_asked_for(clerk: Callable[..., Portal]) -> None:
    portal = clerk("city1", "activations-terminations")
    expect(portal.row("合计").last).to_be_visible()
    total = portal.number(portal.page.get_by_role("row").filter(has_text="合计").last, "累计开卡数量")
    assert int(total.inner_text().replace(",", "")) > 0


@pytest.mark.req("TRF-02", "TRF-05")
@pytest.mark.parametrize("page", ["card-usage", "terminal-usage", "city-costs"])
def test_a_month_left_empty_shows_the_newest_that_the_list_took(clerk: Callable[..., Portal], page: str) -> None:
    portal = clerk("province", page)
    portal.settled()
    month = portal.page.get_by_role("search").get_by_role("combobox", name="月份")
    expect(month).to_have_value("")
    expect(month).to_have_attribute("placeholder", re.compile(r"最近：20\d\d-\d\d"))


@pytest.mark.req("INV-09")
def test_the_limits_of_abnormal_states_are_shown_and_changed_by_the_administrator(
    clerk: Callable[..., Portal],
) -> None:
    portal = clerk("admin", "abnormal-cards")
    portal.press("设置时限")
    box = portal.dialog.get_by_label("待装（天）")
    expect(box).not_to_have_value("")
    before = box.input_value()
    box.fill("88")
    portal.confirm().expect_toast("操作成功")
    portal.press("设置时限")
    expect(portal.dialog.get_by_label("待装（天）")).to_have_value("88")
    portal.dialog.get_by_label("待装（天）").fill(before)
    portal.confirm().expect_toast("操作成功")


@pytest.mark.req("INV-10")
def test_the_ledger_balances_and_every_card_can_be_checked(clerk: Callable[..., Portal]) -> None:
    portal = clerk("province", "ledger")
    expect(portal.page.get_by_text("账实相符")).to_be_visible()
    portal.page.get_by_role("button", name="逐卡核对").click()
    portal.expect_job()
