"""The morning after a night of readings: exceptions, both sides of a contradiction, a read on demand, and exports."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from kernel.chassis.data.database import create_engine
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.process.settings import DatabaseSettings
from kernel.contracts.binding.on_demand import TakeReadRequests, WantedRead
from kernel.contracts.binding.readings import ReportReadings
from kernel.contracts.binding.terminals import ReportTerminals
from kernel.model.actor import Actor
from services.binding import on_demand
from services.binding.reporting import report_readings
from services.binding.terminals import report_terminals
from tests.portal.e2e.helpers import Portal, act

if TYPE_CHECKING:
    from tests.running_stack import RunningStack

pytestmark = [pytest.mark.stack, pytest.mark.browser]
COUNTY = "990101"


@dataclass
class Station:
    """A master station of this test's own: what it reports is what the station's client sends, past the broker."""

    engine: Engine
    name: str

    @property
    def _actor(self) -> Actor:
        return Actor(f"station-{self.name}", self.name, "99", frozenset({"reading.report", "terminal.report"}))

    def _do(self, what: Callable[..., Any], request: Any) -> Any:
        with UnitOfWork(self.engine).begin(self._actor, "morning") as tx:
            answer = what(tx, request, by=self._actor, now=datetime.now(UTC))
            tx.commit()
        return answer

    def has(self, terminals: Iterable[str]) -> None:
        rows = [{"terminal": name, "unit": COUNTY, "kind": "集中器", "state": "running"} for name in terminals]
        self._do(report_terminals, ReportTerminals(as_of=datetime.now(UTC), rows=rows))

    def reads(self, terminal: str, iccid: str | None, minutes_ago: float = 0, request: int | None = None) -> None:
        at = (datetime.now(UTC) - timedelta(minutes=minutes_ago)).isoformat()
        row = {"terminal": terminal, "read_at": at, **({"iccid": iccid} if iccid else {"fault": "E05"})}
        self._do(report_readings, ReportReadings(rows=[row | ({"request": request} if request else {})]))

    def wanted(self) -> list[WantedRead]:
        return self._do(on_demand.take, TakeReadRequests()).requests


@pytest.fixture(scope="module")
def station(running_stack: "RunningStack") -> Iterator[Station]:
    settings = DatabaseSettings(database_url=running_stack.env["SIMKEEP_DATABASE_URL"])
    engine = create_engine("binding", "write", settings)
    yield Station(engine, uuid4().hex[:6].upper())
    engine.dispose()


@pytest.fixture(scope="module")
def night(station: Station, running_stack: "RunningStack") -> dict[str, str]:
    """Terminal A holds a card that B read, too; C did not answer; D holds nothing."""
    with closing(running_stack.login("city1")) as client:
        found = client.get("cards", params={"state": "pending_install", "size": 20}).raise_for_status().json()["items"]
    card = found[0]["iccid"]
    names = {each: f"M{station.name}{each}" for each in "ABCD"}
    station.has(names.values())
    station.reads(names["A"], card, 30)
    station.reads(names["B"], card, 20)
    station.reads(names["A"], card, 10)
    station.reads(names["C"], None, 10)
    return {**names, "card": card, "all": f"M{station.name}"}


@pytest.mark.req("BND-06", "GTW-05")
def test_a_county_clerk_takes_an_exception_in_hand_and_closes_it_with_a_note(
    clerk: Callable[..., Portal], night: dict[str, str]
) -> None:
    portal = clerk("county1", f"binding-exceptions?terminal={night['all']}")
    fault = portal.row(night["C"])
    expect(fault).to_contain_text("召测失败")

    act(fault, "接手")
    portal.confirm()
    portal.expect_toast("操作成功")
    expect(portal.row(night["C"])).to_contain_text("处理中")
    act(portal.row(night["C"]), "关闭")
    portal.fill(portal.dialog, "处理说明", "已更换天线").confirm()
    expect(portal.row(night["C"])).to_contain_text("已关闭")
    act(portal.row(night["C"]), "处理记录")
    expect(portal.listing).to_contain_text("已更换天线")


@pytest.mark.req("BND-03", "BND-05", "GTW-05")
def test_a_contradiction_is_settled_with_both_sides_in_view_and_taken_back(
    clerk: Callable[..., Portal], night: dict[str, str]
) -> None:
    portal = clerk("city1", f"binding-exceptions?terminal={night['B']}")
    expect(portal.row(night["B"])).to_contain_text(night["A"])
    act(portal.row(night["B"]), "双方对照")
    for side, terminal in (("本终端", night["B"]), ("对方终端", night["A"])):
        expect(portal.listing.get_by_role("row").filter(has_text=terminal)).to_contain_text(side)

    portal.open(f"binding-exceptions?terminal={night['B']}")
    act(portal.row(night["B"]), "裁定")
    portal.pick(portal.dialog, "归属", "归本终端")
    portal.fill(portal.dialog, "原因", "现场核实").confirm()
    portal.expect_toast("操作成功")
    portal.open(f"bindings?iccid={night['card']}")
    expect(portal.row(night["B"])).to_be_visible()

    portal.open(f"binding-settlements?terminal={night['B']}")
    act(portal.row(night["B"]), "撤销裁定")
    portal.fill(portal.dialog, "原因", "误判").confirm()
    expect(portal.row(night["B"])).to_contain_text("误判")


@pytest.mark.req("BND-04", "BND-07", "GTW-05")
def test_ticked_terminals_are_read_now_and_their_answers_arrive_while_one_watches(
    clerk: Callable[..., Portal], night: dict[str, str], station: Station
) -> None:
    station.wanted()  # it is there
    portal = clerk("county1", f"terminals-list?terminal={night['all']}")
    portal.expect_total(4)
    for name in (night["A"], night["C"]):
        portal.tick(name)
    portal.press("召测")
    portal.confirm()

    answers = portal.page.get_by_role("region", name="召测结果")
    expect(answers.get_by_role("status")).to_contain_text("共 2 台：已读到 0，未读到 0，等待 2")
    wanted = {each.terminal: each.request_id for each in station.wanted()}
    assert set(wanted) == {night["A"], night["C"]}
    station.reads(night["A"], night["card"], request=wanted[night["A"]])
    expect(answers.get_by_role("status")).to_contain_text("已读到 1")
    station.reads(night["C"], None, request=wanted[night["C"]])
    expect(answers).to_contain_text("召测已完成")
    expect(answers.get_by_role("row").filter(has_text=night["A"])).to_contain_text(night["card"])
    expect(answers.get_by_role("row").filter(has_text=night["C"])).to_contain_text("未读到")


@pytest.mark.req("BND-04", "GTW-05")
def test_a_station_that_is_away_is_said_so_and_what_cannot_be_asked_is_named(
    clerk: Callable[..., Portal], night: dict[str, str], station: Station
) -> None:
    with UnitOfWork(station.engine).begin() as tx:
        tx.execute("UPDATE stations SET seen_at = seen_at - interval '1 hour'")
        tx.commit()
    portal = clerk("county1", "reads")
    portal.page.get_by_label("终端资产编号", exact=True).fill(f"{night['D']}\n没有这台")
    portal.page.get_by_role("main").get_by_role("button", name="召测", exact=True).click()

    expect(portal.page.get_by_role("alert").filter(has_text="采集主站离线")).to_be_visible()
    expect(portal.page.get_by_role("listitem").filter(has_text="没有这台")).to_contain_text("终端资产编号应为")
    portal.page.get_by_role("button", name="取消未答复的召测").click()
    expect(portal.page.get_by_role("region", name="召测结果")).to_contain_text("已取消")


@pytest.mark.req("BND-06", "BND-07", "GTW-03")
def test_the_morning_ends_with_numbers_that_open_their_lists_and_a_file(
    clerk: Callable[..., Portal], night: dict[str, str]
) -> None:
    portal = clerk("county1", "terminals-by-state")
    row = portal.listing.get_by_role("row").filter(has_text="本级").or_(
        portal.listing.get_by_role("row").filter(has_text="东江城区")
    ).first  # fmt: skip
    unbound = portal.number(row, "未绑卡")
    expect(unbound).to_have_text(re.compile(r"[1-9]"))
    number = int(unbound.inner_text().replace(",", ""))
    unbound.get_by_role("link").click()
    portal.expect_total(number)

    portal.open(f"terminals-unbound?terminal={night['D']}").expect_total(1)
    portal.open(f"bindings?terminal={night['A']}")
    expect(portal.row(night["A"])).to_contain_text(night["card"])
    portal.open(f"binding-exceptions?terminal={night['all']}")
    portal.press("导出")
    with portal.download() as found:
        portal.page.get_by_role("menuitem", name="导出全部 CSV").click()
    assert night["C"] in found[0].read_text("utf-8-sig")
