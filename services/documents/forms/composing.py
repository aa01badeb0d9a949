"""One function per kind of form: which fields, tables and totals stand where. `compose` answers the whole layout."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

from services.documents.forms.codes import check_line
from services.documents.forms.content import (
    LABEL_SMALL,
    LABEL_WIDTH,
    TITLES,
    Box,
    BoxLabels,
    CityDemand,
    CityOpeningForm,
    CityTerminationForm,
    CountyTerminationForm,
    FormContent,
    ProvinceOpeningForm,
    SwapListForm,
)
from services.documents.forms.flow import BODY, LEFT, RIGHT, SMALL, TOP, Column, Flow
from services.documents.forms.fonts import wrap
from services.documents.forms.sheet import Cell, Code, Layout, Rule, SealRule

CODE_SIDE, CODE_X, CODE_Y = 24.0, 174.0, 9.0
LABELS_PER_COLUMN = 4


def compose(content: FormContent) -> Layout:
    """The pages of a form without their codes' signatures (codes have empty text until issued)."""
    flow = Flow(TITLES[content.kind], content.unit, content.number, signed=content.kind != "box_labels")
    _COMPOSERS[content.kind](flow, content)
    digest = content.digest()
    for page, sheet in enumerate(flow.sheets, start=1):
        footer = f"第 {page} 页 共 {len(flow.sheets)} 页"
        sheet.cells += [
            Cell("页码", 95.0, 286.5, SMALL, footer),
            Cell("校验码", LEFT, 286.5, SMALL, f"校验码 {check_line(digest, page)}"),
            Cell("版次", 150.0, 286.5, SMALL, f"第 {content.revision} 版"),
        ]
        sheet.codes.insert(0, Code("page", "", CODE_X, CODE_Y, CODE_SIDE))
    seals = [] if content.kind == "box_labels" else [SealRule(page=1)]
    return Layout(content.number, content.revision, content.kind, digest.hex(), flow.sheets, seals)


def _common_fields(content: FormContent, *more: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        ("单位", content.unit),
        ("日期", content.issued_on.isoformat()),
        ("申请人", content.applicant),
        ("联系电话", content.phone),
        *more,
    ]


def _demand_table(flow: Flow, section: str, demands: Iterable[CityDemand]) -> None:
    columns = [
        Column("运营商", 46), Column("卡片规格", 42), Column("旧卡更换数量", 30), Column("新增卡数量", 30),
        Column("合计", 30),
    ]  # fmt: skip
    rows = [(d.carrier, d.card_spec, str(d.replacement), str(d.new), str(d.total)) for d in demands]
    flow.table(section, columns, rows)


def _city_opening(flow: Flow, content: CityOpeningForm) -> None:
    total = sum(demand.total for demand in content.demands)
    flow.fields(_common_fields(content, ("申请月份", content.month), ("需求数量合计", str(total))))
    flow.heading("汇总标题", "汇总")
    _demand_table(flow, "汇总", content.demands)
    if not content.counties:
        return
    flow.heading("区县明细标题", "区县申请明细")
    columns = [
        Column("单位", 54), Column("运营商", 26), Column("卡片规格", 28), Column("数量", 20),
        Column("申请人", 22), Column("联系电话", 28),
    ]  # fmt: skip
    rows = [(c.unit, c.carrier, c.card_spec, str(c.quantity), c.applicant, c.phone) for c in content.counties]
    flow.table("区县明细", columns, rows)


def _province_opening(flow: Flow, content: ProvinceOpeningForm) -> None:
    totals: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for city in content.cities:
        for line in city.demands:
            totals[line.carrier, line.card_spec][0] += line.replacement
            totals[line.carrier, line.card_spec][1] += line.new
    demand = sum(city.demand for city in content.cities)
    flow.fields(_common_fields(content, ("申请月份", content.month), ("需求数量合计", str(demand))))
    flow.heading("汇总标题", "全省汇总")
    _demand_table(
        flow,
        "全省汇总",
        [CityDemand(carrier=k[0], card_spec=k[1], replacement=v[0], new=v[1]) for k, v in sorted(totals.items())],
    )
    flow.heading("各市情况标题", "各市情况")
    columns = [
        Column("单位", 58), Column("设备数量", 30), Column("目前卡数量", 30), Column("未激活数量", 30),
        Column("需求数量", 30),
    ]  # fmt: skip
    rows = [(c.unit, _known(c.devices), str(c.cards_now), str(c.not_activated), str(c.demand)) for c in content.cities]
    flow.table("各市情况", columns, rows)
    for city in content.cities:
        flow.heading(f"{city.unit}标题", f"{city.unit}申请明细")
        _demand_table(flow, f"{city.unit}明细", city.demands)


def _known(count: int | None) -> str:
    """A number, or a dash for one that nobody knows: that is not 0."""
    return "—" if count is None else str(count)


def _termination(flow: Flow, content: CountyTerminationForm | CityTerminationForm) -> None:
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for card in content.cards:
        counts[card.carrier, card.card_spec] += 1
    flow.fields(_common_fields(content, ("批次号", content.number), ("销卡数量合计", str(len(content.cards)))))
    flow.heading("汇总标题", "销卡数量汇总")
    columns = [Column("运营商", 70), Column("卡片规格", 68), Column("数量", 40)]
    flow.table("汇总", columns, [(*key, str(count)) for key, count in sorted(counts.items())])
    flow.new_page()
    columns = [
        Column("序号", 14), Column("ICCID", 48), Column("手机号", 32), Column("运营商", 26),
        Column("卡片规格", 26), Column("销卡原因", 32),
    ]  # fmt: skip
    rows = (
        (str(at), card.iccid, card.msisdn, card.carrier, card.card_spec, card.reason)
        for at, card in enumerate(content.cards, start=1)
    )
    flow.table("明细", columns, rows)


def _swap_list(flow: Flow, content: SwapListForm) -> None:
    flow.fields(_common_fields(content, ("库存组织", content.organisation), ("换机数量合计", str(len(content.swaps)))))
    columns = [
        Column("序号", 14), Column("退回串码", 42), Column("替换串码", 42), Column("机型", 32),
        Column("销售日期", 24), Column("换机日期", 24),
    ]  # fmt: skip
    rows = (
        (str(at), s.returned, s.replacement, s.model, s.sold_on.isoformat(), s.swapped_on.isoformat())
        for at, s in enumerate(content.swaps, start=1)
    )
    flow.table("换机明细", columns, rows)


def _box_labels(flow: Flow, content: BoxLabels) -> None:
    """Two columns of four labels a page; each label has its own QR of the box number for the scanner (INV-11)."""
    per_page = 2 * LABELS_PER_COLUMN
    for at, box in enumerate(content.boxes):
        if at and at % per_page == 0:
            flow.new_page()
        column, row = at % per_page // LABELS_PER_COLUMN, at % LABELS_PER_COLUMN
        _one_label(flow, box, at + 1, LEFT + column * 90, TOP + row * 57)


def _one_label(flow: Flow, box: Box, number: int, x: float, y: float) -> None:
    width, height = RIGHT - LEFT - 90.0, 54.0
    lines = (
        ("箱号", box.number),
        ("运营商", box.carrier),
        ("卡片规格", box.card_spec),
        ("申请月份", box.month),
        ("数量", str(box.quantity)),
        ("起始号", box.first),
        ("结束号", box.last),
    )
    for at, (label, value) in enumerate(lines):
        line = y + 7 + at * 7
        flow.text(f"第 {number} 个标签 栏名 {label}", label, x + 3, line, 9.5)
        _label_value(flow, f"第 {number} 个标签 {label}", value, x + 22, line)
    flow.sheet.codes.append(Code("label", f"BOX.{box.number}", x + width - 23, y + 9, 18.0))
    corners = ((x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y))
    for (x1, y1), (x2, y2) in pairwise(corners):
        flow.sheet.rules.append(Rule(x1, y1, x2, y2))


def _label_value(flow: Flow, name: str, value: str, x: float, y: float) -> None:
    """One line, or two of smaller type between its neighbours."""
    lines = wrap(value, BODY, LABEL_WIDTH)
    if len(lines) == 1 or (value.isalnum() and value.isascii()):
        flow.text(name, value, x, y, BODY)
        return
    for at, line in enumerate(wrap(value, LABEL_SMALL, LABEL_WIDTH)):
        flow.text(name, line, x, y - 1.7 + at * 3.2, LABEL_SMALL)


_COMPOSERS: dict[str, Callable[[Flow, Any], None]] = {
    "city_opening": _city_opening,
    "province_opening": _province_opening,
    "county_termination": _termination,
    "city_termination": _termination,
    "swap_list": _swap_list,
    "box_labels": _box_labels,
}
