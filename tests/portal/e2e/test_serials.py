"""串码管理 as a shop's clerk meets it: a scanner types codes, every one is answered, the last can be taken back."""

import re
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Route, expect

from kernel.model.iccid import luhn_digit
from tests.portal.e2e import cards
from tests.portal.e2e.helpers import Portal

if TYPE_CHECKING:
    from tests.running_stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser]
PASSWORD = "Walk-Password-12"
_NUMBERS = count(int(uuid4().hex[:8], 16) % 900_000)


def fresh_serials(how_many: int) -> list[str]:
    bodies = [f"35880011{next(_NUMBERS):06d}" for _ in range(how_many)]
    return [body + luhn_digit(body) for body in bodies]


def a_shop_and_its_goods(stack: "RunningStack", serials: list[str]) -> str:
    """A terminal centre of the first county, which is all the shop that this needs, and claimed devices."""
    shop = f"S{uuid4().hex[:8]}"
    with closing(stack.login("admin")) as admin:
        body = {"code": shop, "name": f"门店{shop}", "unit": "990101"}
        admin.post("serial-organisations", json=body).raise_for_status()
        for kind in ("province_entry", "claim"):
            file = ("串码.csv", "\n".join(["串码", *serials]).encode(), "text/csv")
            answer = admin.post("serial-lists", data={"kind": kind, "province": "99"}, files={"file": file})
            cards.wait_for_job(admin, answer.raise_for_status().json()["job_id"])
    return shop


def read(portal: Portal, serial: str) -> None:
    """What a scanner does: types into whatever has the cursor, and Enter."""
    portal.page.keyboard.type(serial)
    portal.page.keyboard.press("Enter")


def log(portal: Portal) -> Locator:
    return portal.page.get_by_role("region", name="扫码记录").locator("tbody tr")


@pytest.mark.req("IME-07", "IME-19", "GTW-05")
def test_a_scanner_reads_goods_into_a_shop_and_the_last_scan_is_taken_back(
    clerk: Callable[..., Portal], running_stack: "RunningStack"
) -> None:
    serials = fresh_serials(3)
    shop = a_shop_and_its_goods(running_stack, serials[:2])
    portal = clerk("county1", "serial-scan")
    portal.pick(portal.page.locator("main"), "库存组织", f"门店{shop}")
    expect(portal.page.get_by_label("串码", exact=True)).to_be_focused()

    for serial in (*serials, serials[0], serials[1][:14] + "x"):
        read(portal, serial)

    expect(log(portal)).to_have_count(5)
    expect(log(portal).filter(has_text=re.compile("^(?=.*" + serials[0] + ")(?=.*成功)"))).to_have_count(1)
    expect(log(portal).filter(has_text="本次已扫过该串码")).to_have_count(1)
    expect(log(portal).filter(has_text=serials[2])).to_contain_text("拒绝")
    expect(portal.page.get_by_text("成功 2，重复 1，拒绝 2")).to_be_visible()
    expect(portal.page.get_by_label("串码", exact=True)).to_be_focused()

    portal.page.get_by_role("button", name="撤销上一次").click()

    expect(log(portal).filter(has_text="已恢复到扫码前")).to_contain_text(serials[1])
    portal.open(f"serial-pool?organisation={shop}").expect_total(1)
    portal.page.get_by_role("link", name=serials[0]).click()
    expect(portal.page.get_by_role("row").filter(has_text="扫码入库")).to_contain_text(f"门店{shop}")


@pytest.mark.req("IME-19")
def test_scans_without_a_network_go_out_once_when_it_is_back(
    clerk: Callable[..., Portal], running_stack: "RunningStack"
) -> None:
    serials = fresh_serials(2)
    shop = a_shop_and_its_goods(running_stack, serials)
    portal = clerk("county1", "serial-scan")
    portal.pick(portal.page.locator("main"), "库存组织", f"门店{shop}")
    answered: list[int] = []
    lines = ["down"]

    def lose_the_answer(route: Route) -> None:
        """The server does it and nobody hears of it."""
        if lines == ["down"]:
            answered.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    portal.page.route("**/api/v1/serial-scans", lose_the_answer)
    for serial in serials:
        read(portal, serial)
    expect(portal.page.get_by_text("2 次扫码尚未上传")).to_be_visible()
    lines.append("up again")
    portal.page.reload()

    expect(portal.page.get_by_text("成功 2，重复 0，拒绝 0")).to_be_visible()
    assert answered[0] == 200
    with closing(running_stack.login("county1")) as client:
        events = client.get(f"serials/{serials[0]}/events").raise_for_status().json()["items"]
    assert [it["action"] for it in events] == ["enter", "claim", "scan_in"]


def a_person(stack: "RunningStack", role: str, unit: str, organisation: str = "") -> str:
    """Somebody new with this role, who works in the organisation. His password is ``PASSWORD``."""
    login = f"p{uuid4().hex[:8]}"
    with closing(stack.login("admin")) as admin:
        person = {"login": login, "name": "赵新", "unit": unit, "roles": [role], "password": PASSWORD}
        admin.post("people", json=person).raise_for_status()
        if organisation:
            admin.post("serial-clerks", json={"login": login, "organisation": organisation}).raise_for_status()
    return login


@pytest.mark.req("IME-07", "GTW-05")
def test_a_shop_sees_serials_only_and_its_scanner_may_be_quick(
    window: Callable[[], Portal], running_stack: "RunningStack"
) -> None:
    serials = fresh_serials(20)
    shop = a_shop_and_its_goods(running_stack, serials)
    portal = window().open()
    portal.log_in(a_person(running_stack, "retailer", "990101", shop), PASSWORD)

    expect(portal.page.get_by_role("navigation", name="当前位置")).to_contain_text("串码池")
    expect(portal.menu.get_by_role("link", name="入库", exact=True)).to_have_count(0)
    portal.go("扫码").pick(portal.page.locator("main"), "库存组织", f"门店{shop}")
    expect(portal.page.get_by_label("串码", exact=True)).to_be_focused()
    for serial in serials:
        read(portal, serial)

    expect(portal.page.get_by_text("成功 20，重复 0，拒绝 0")).to_be_visible()
    portal.page.get_by_text("扫码销售", exact=True).click()
    expect(portal.page.get_by_label("串码", exact=True)).to_be_focused()
    read(portal, serials[0])
    expect(log(portal)).to_have_count(21)
    portal.page.get_by_text("话补校验", exact=True).click()
    read(portal, serials[0])
    expect(log(portal).first).to_contain_text("可")


@pytest.mark.req("IME-03", "GTW-05")
def test_the_group_gets_to_what_it_has_to_review_and_the_menu_shows_where_it_is(
    window: Callable[[], Portal], running_stack: "RunningStack"
) -> None:
    portal = window().open("serial-claims")
    portal.log_in(a_person(running_stack, "group_clerk", "99"), PASSWORD)

    portal.tab("归属变更")

    expect(portal.page.get_by_role("columnheader", name="申请归属省")).to_be_visible()
    expect(portal.menu.get_by_role("link", name="串码领用与下发")).to_be_in_viewport()


@pytest.mark.req("IME-06", "GTW-05")
def test_a_vendors_contact_begins_where_he_reports_and_is_told_of_serials_not_of_cards(
    window: Callable[[], Portal], running_stack: "RunningStack", tmp_path: Path
) -> None:
    login = a_person(running_stack, "vendor_contact", "99")
    with closing(running_stack.login("admin")) as admin:
        contact = {"vendor": "华星", "login": login, "name": "赵新", "phone": "13800000000", "mail": "z@x.cn"}
        made = admin.post("serial-contacts", json=contact | {"unit": "99"}).raise_for_status().json()
    with closing(running_stack.login("province")) as province:
        decision = {"decision": "approve", "remark": "已核对"}
        province.post(f"serial-contacts/{made['contact_id']}/decision", json=decision).raise_for_status()
    (good,) = fresh_serials(1)
    file = tmp_path / "报送.csv"
    file.write_text(f"串码,厂商\n{good},华星\n001001010000005,华星\n", encoding="utf-8")
    portal = window().open()
    portal.log_in(login, PASSWORD)

    portal.press("报送串码").attach("串码清单", file).confirm()

    expect(portal.expect_job().get_by_role("columnheader", name="对象")).to_be_visible()
    expect(portal.job.get_by_text("测试用串码")).to_be_visible()
