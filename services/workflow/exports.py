"""导出: the lists of workflow as files, with the lists' own filters and order (requirements, section 0).

Heads are Chinese with the field's name beside it: a clerk reads the one, a program the other. Names of units
stand beside their codes.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, get_args

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.exports import Column, ExportSpec, unit_columns
from kernel.contracts.inventory.cards import State
from kernel.contracts.paging import MAX_PAGE_SIZE, PageRequest
from kernel.contracts.workflow.activation import ListApplications, ListCityLines, ListFulfilment
from kernel.contracts.workflow.forms import ListForms
from kernel.contracts.workflow.termination import ListFormCards, ListPendingScrap, ListTerminationList
from kernel.model.actor import Actor
from services.workflow import applications, card_list, catalogue, city, form_list, fulfilment, scrap_list
from services.workflow.lifecycles import APPLICATION_STATE_NAMES, STATE_NAMES

Listing = Callable[..., Any]

FORM_STATES = {str(state): name for state, name in STATE_NAMES.items()}
APPLICATION_STATES = {str(state): name for state, name in APPLICATION_STATE_NAMES.items()}
LINE_STATES = {**FORM_STATES, **APPLICATION_STATES}
ATTEMPTS = {
    "verifying": "校验中",
    "passed": "校验通过",
    "differs": "内容不一致",
    "unclear": "待人工判定",
    "refused": "文件不合格",
    "outdated": "已过时",
}
FOLLOWING = {
    "listed": "已添加",
    "waiting": "转销卡中",
    "settled": "销卡中",
    "refused": "不能销卡",
    "answered_done": "已答复销卡",
    "answered_refused": "运营商拒绝",
    "terminated": "已销卡",
}
CHANGES = {"unit": "单位", "state": "状态"}


class _Line:
    """A row, flat: attributes by name."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)


def _flat(item: Any) -> _Line:
    """A list's item with its inner values as columns: figures, kinds, changes."""
    values = item.model_dump()
    for name in ("devices", "cards_now", "not_activated"):
        values.setdefault(name, (values.get("figures") or {}).get(name))
    if "kinds" in values:
        values["kinds"] = "；".join(f"{it['carrier']} {it['card_spec']} {it['quantity']}" for it in values["kinds"])
    if isinstance(values.get("changed"), list):
        values["changed"] = "、".join(CHANGES.get(name, name) for name in values["changed"])
    return _Line(values)


def _every(listing: Listing, tx: Tx, filters: PageRequest, by: Actor, now: datetime) -> Iterator[_Line]:
    """The page that the filters point at, or every page of all that matches, some rows in memory at a time."""
    only = bool(filters.model_fields_set & {"cursor", "size"})
    request = filters if only else filters.model_copy(update={"size": MAX_PAGE_SIZE})
    while True:
        page = listing(tx, request, by=by, now=now)
        yield from map(_flat, page.items)
        if only or page.next_cursor is None:
            return
        request = request.model_copy(update={"cursor": page.next_cursor})


def _column(name: str, title: str, **more: Any) -> Column:
    return Column(name, f"{title} {name}", **more)


def _number(name: str, title: str) -> Column:
    return _column(name, title, number=True, width=14)


_CARRIER = (_column("carrier", "运营商", width=16), _column("card_spec", "卡片规格", width=12))
_KIND = (_column("month", "月份", width=10), *_CARRIER)
_UNIT = unit_columns("unit", "单位")
_PERSON = (_column("applicant", "申请人", width=12), _column("phone", "联系电话", width=16))

_APPLICATIONS = (
    *_UNIT,
    *_KIND,
    _number("quantity", "SIM卡数量"),
    *_PERSON,
    _column("state", "状态", labels=APPLICATION_STATES, width=12),
    _column("created_at", "创建时间"),
    _column("city_form", "市级申请单"),
    _column("province_form", "省级申请单"),
)
_CITY_LINES = (
    *_UNIT,
    *_KIND,
    _number("original_quantity", "区县申请数量"),
    _number("quantity", "SIM卡数量"),
    _number("replacement", "旧卡更换数量"),
    _number("new_quantity", "新增卡数量"),
    *_PERSON,
    _column("state", "状态", labels=LINE_STATES, width=14),
    _column("form", "申请单号"),
)
_FORMS = (
    _column("number", "申请单号"),
    *_UNIT,
    _column("month", "月份", width=10),
    _column("drafted_on", "日期", width=12),
    _column("state", "状态", labels=FORM_STATES, width=14),
    _number("quantity", "数量"),
    _column("kinds", "各规格数量", width=40),
    _number("devices", "设备数量"),
    _number("cards_now", "目前卡数量"),
    _number("not_activated", "未激活数量"),
    _number("cards_waiting", "待转销卡中"),
    _number("cards_refused", "不能销卡"),
    *_PERSON,
    _column("last_attempt", "回传单校验", labels=ATTEMPTS, width=14),
    _column("reviewer", "审核人", width=12),
    _column("reviewed_at", "审核时间"),
    _column("last_opinion", "审核意见", width=30),
    _column("state_since", "状态时间"),
    _column("issue_problem", "未能出单的原因", width=30),
)
_CARD = (_column("iccid", "ICCID"), _column("msisdn", "手机号", width=16), *_CARRIER)
_CARD_STATES = {state: catalogue.card_state(state, "zh") for state in get_args(State)}
_SCRAP = (
    *_CARD,
    *unit_columns("owner_unit", "资产单位"),
    _column("state", "卡片状态", labels=_CARD_STATES, width=10),
    _column("reason", "报废原因", width=30),
    _column("changed_at", "最近一次操作时间"),
)
_LISTED = (
    *_CARD,
    _column("state", "状态", labels=FORM_STATES, width=12),
    _column("reason", "报废原因", width=30),
    _column("number", "批次号"),
    _column("follow", "转销卡中", labels=FOLLOWING, width=12),
    _column("refusal", "不能销卡的原因", width=30),
    _column("added_by", "添加人", width=12),
    _column("added_at", "添加时间"),
)
_FORM_CARDS = (
    _number("row", "序号"),
    *_CARD,
    _column("reason", "报废原因", width=30),
    *unit_columns("unit_then", "提交时单位"),
    _column("state_then", "提交时状态", labels=_CARD_STATES, width=12),
    *unit_columns("unit_now", "现单位"),
    _column("state_now", "现状态", labels=_CARD_STATES, width=12),
    _column("changed", "变化", width=14),
    _column("follow", "销卡进度", labels=FOLLOWING, width=12),
    _column("refusal", "不能销卡的原因", width=30),
    _column("answered_at", "登记时间"),
    _column("terminal", "终端资产编号"),
    _column("last_traffic_at", "最近流量时间"),
    _column("reopened_month", "销卡后流量月份", width=14),
    _column("reopened_traffic_mb", "销卡后流量（MB）", width=14),
    _column("cost", "费用（元）", width=12),
    _column("reopened_remark", "销卡后流量说明", width=30),
    _column("reopened_by", "重新办理人", width=12),
    _column("reopened_at", "重新办理时间"),
)
_FULFILMENT = (
    *_KIND,
    *_UNIT,
    _number("applied", "申请数量"),
    _number("ordered", "订单数量"),
    _number("delivered", "到货数量"),
    _number("stocked_in", "入库数量"),
    _number("open", "未到数量"),
)


def _spec(
    title: str, columns: tuple[Column, ...], filters: type[PageRequest], listing: Listing, permission: str = "card.view"
) -> ExportSpec:
    return ExportSpec(title, permission, columns, filters, rows=partial(_every, listing))


EXPORTS: dict[str, ExportSpec] = {
    "activation/applications": _spec(
        "开卡申请", _APPLICATIONS, ListApplications, applications.list_applications
    ),
    "activation/city-lines": _spec("市级汇总", _CITY_LINES, ListCityLines, city.list_city_lines),
    "activation/fulfilment": _spec(
        "开卡订单跟踪", _FULFILMENT, ListFulfilment, fulfilment.list_fulfilment, "report.view"
    ),
    "forms": _spec("申请单", _FORMS, ListForms, form_list.list_forms),
    "forms/cards": _spec("销卡申请单明细", _FORM_CARDS, ListFormCards, card_list.list_form_cards),
    "termination/pending-scrap": _spec("待报废卡", _SCRAP, ListPendingScrap, scrap_list.list_pending_scrap),
    "termination/list": _spec("销卡明细", _LISTED, ListTerminationList, scrap_list.list_termination_list),
}
"""Resource > how it is exported; the gateway's list of that name uses the same filters."""
