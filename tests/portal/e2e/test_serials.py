"""串码管理 as a shop's clerk meets it: a scanner types codes, every one is answered, the last can be taken back."""

import re
from collections.abc import Callable
from contextlib import closing
from itertools import count
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
