"""What hurts a clerk in an ordinary day: wrong alarms, codes instead of names, acts without a question."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.portal.e2e import cards
from tests.portal.e2e.helpers import Portal, act

if TYPE_CHECKING:
    from tests.running_stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser]


def _held_batch(stack: "RunningStack", folder: Path) -> str:
    """A batch that contradicts its note and has a refused row."""
    iccids = cards.fresh_iccids(3)
    batch_no = f"挂起-{iccids[0][6:]}"
    note = {
        "carrier": cards.CARRIER, "batch_no": batch_no, "application_month": cards.month(), "card_spec": cards.SPEC,
        "expected_count": "9",
    }  # fmt: skip
    with closing(stack.login("province")) as client:
        with cards.write_csv(folder / "held.csv", [*iccids, "8.986E+18"]).open("rb") as file:
            answer = client.post("deliveries", data=note, files={"file": ("held.csv", file, "text/csv")})
        cards.wait_for_job(client, answer.raise_for_status().json()["job_id"])
    return batch_no


@pytest.mark.req("INV-01", "GTW-05")
def test_releasing_a_batch_with_refused_rows_is_told_as_the_success_that_it_is(
    clerk: Callable[..., Portal], running_stack: "RunningStack", tmp_path: Path
) -> None:
    batch_no = _held_batch(running_stack, tmp_path)
    portal = clerk("province", f"stock-in?batch_no={batch_no}")
    act(portal.row(batch_no), "放行")
    portal.fill(portal.dialog, "放行说明", "与送货员核对，实到 3 张").confirm()
    portal.expect_toast("操作成功")
    expect(portal.row(batch_no)).to_contain_text("待入库")
    expect(portal.page.get_by_text("失败 1 条")).to_have_count(0)


@pytest.mark.req("GTW-05")
def test_a_select_shows_nothing_while_its_options_are_on_their_way_and_then_the_name(
    clerk: Callable[..., Portal],
) -> None:
    portal = clerk("province")
    held = []
    portal.page.route("**/api/v1/options/carriers", lambda route: held.append(route))  # noqa: PLW0108 (a built-in has no signature)
    with portal.page.expect_request("**/api/v1/options/carriers"):
        portal.open(f"stock-in?carrier={cards.CARRIER}").page.reload()
    expect(portal.filters.get_by_label("批次号", exact=True)).to_be_visible()
    expect(portal.page.get_by_text(cards.CARRIER, exact=True)).to_have_count(0)
    for route in held:
        route.continue_()
    expect(portal.filters.get_by_text(cards.CARRIER_NAME, exact=True)).to_be_visible()


@pytest.mark.req("INV-02")
def test_an_unqualified_result_asks_for_its_reason_names_the_count_and_leaves_a_way_back(
    clerk: Callable[..., Portal], running_stack: "RunningStack", tmp_path: Path
) -> None:
    with closing(running_stack.login("province")) as client:
        batch_no, iccids = cards.delivered(client, tmp_path, 8, stock_in=False)
    portal = clerk("province", f"stock-in?batch_no={batch_no}")
    act(portal.row(batch_no), "检测")
    portal.pick(portal.dialog, "检测结果", "不合格").confirm()
    expect(portal.dialog).to_contain_text("请输入检测说明")
    portal.fill(portal.dialog, "检测说明", "整批无法读卡").confirm()
    question = portal.page.get_by_role("dialog").filter(has_text="待入库的 8 张卡将全部变为不合格，是否继续？").last
    question.get_by_role("button", name="是", exact=True).click()
    portal.expect_toast("操作成功")
    act(portal.row(batch_no), "重新检测")
    portal.expect_total(8)
    portal.tick(iccids[0]).press("重新检测")
    portal.fill(portal.dialog, "原因", "换读卡器复检").confirm().expect_toast("操作成功")
    portal.expect_total(7)
