"""Choices for forms, by name."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from gateway.calls import Call, json_response, language_of, permitted
from gateway.roles import PERMISSION_NAMES, ROLE_NAMES, ROLES
from kernel.chassis.process.clock import now
from kernel.contracts.inventory import cards
from kernel.model.errors import DomainError
from kernel.model.period import BUSINESS_ZONE

router = APIRouter(prefix="/options", tags=["选项"])

MONTHS = 36

Pairs = tuple[tuple[str, str, str], ...]

_FORM_STATES: Pairs = (
    ("drafted", "新建", "Drafted"),
    ("city_summarised", "市级汇总", "Summed up by the city"),
    ("county_reviewing", "区县级审核中", "In county review"),
    ("city_reviewing", "市级审核中", "In city review"),
    ("city_approved", "市级审核通过", "Approved by the city"),
    ("submitted_to_city", "提交市级", "Submitted to the city"),
    ("submitted_to_province", "提交省级", "Submitted to the province"),
    ("sent_back_by_city", "市级退回", "Sent back by the city"),
    ("sent_back_by_province", "省级退回", "Sent back by the province"),
    ("province_summarised", "省级汇总", "Summed up by the province"),
    ("province_reviewing", "省级审核中", "In province review"),
    ("submitted_to_internet_department", "提交互联网部", "Submitted to the internet department"),
    ("completed", "已完成", "Completed"),
    ("dissolved", "已作废", "Dissolved"),
)
_HANDED_OVER = ("submitted_to_city", "已提交市级", "Submitted to the city")


def _states(*names: str) -> Pairs:
    return tuple(pair for pair in _FORM_STATES if pair[0] in names)


_ENDED = ("submitted_to_internet_department", "completed", "dissolved")
_TERMINATION = ("drafted", "submitted_to_province", "sent_back_by_province", *_ENDED)
_OF_COUNTY = ("county_reviewing", "submitted_to_city", "sent_back_by_city")
_CITY_OPENING = ("city_summarised", "city_reviewing", "city_approved", "sent_back_by_province", "province_summarised")
FIXED: dict[str, Pairs] = {
    "card_states": (
        ("received", "待入库", "Awaiting stock-in"),
        ("unqualified", "不合格", "Unqualified"),
        ("in_stock", "库存", "In stock"),
        ("pending_install", "待装", "Pending installation"),
        ("running", "运行", "Running"),
        ("pending_scrap", "待报废", "Pending scrap"),
        ("terminating", "销卡中", "Terminating"),
        ("terminated", "已销卡", "Terminated"),
    ),
    "delivery_states": (
        ("receiving", "接收中", "Receiving"),
        ("held", "有差异", "Held"),
        ("received", "待检测", "Received"),
        ("inspected", "已检测", "Inspected"),
        ("stocked_in", "已入库", "Stocked in"),
    ),
    "application_states": (("drafted", "新建", "Drafted"), _HANDED_OVER),
    "city_line_states": (_HANDED_OVER, *_states(*_CITY_OPENING)),
    "form_states": _FORM_STATES,
    "city_opening_states": _states(*_CITY_OPENING),
    "province_opening_states": _states("province_summarised", "province_reviewing", _ENDED[0]),
    "county_termination_states": _states(*_TERMINATION, *_OF_COUNTY),
    "city_termination_states": _states(*_TERMINATION, "city_reviewing"),
    "termination_states": _states(*_TERMINATION, *_OF_COUNTY, "city_reviewing"),
    "termination_kinds": (
        ("county_termination", "区县级销卡申请", "Termination of a county"),
        ("city_termination", "市级销卡申请", "Termination of a city"),
    ),
    "attempt_states": (
        ("verifying", "校验中", "Being verified"),
        ("passed", "校验通过", "Passed"),
        ("differs", "内容不一致", "Differs"),
        ("unclear", "待人工判定", "For a person to decide"),
        ("refused", "文件不合格", "File refused"),
        ("outdated", "已过时", "Outdated"),
    ),
    "follow_states": (
        ("listed", "已添加", "Listed"),
        ("waiting", "转销卡中", "Being followed"),
        ("settled", "销卡中", "Terminating"),
        ("refused", "不能销卡", "Cannot follow"),
        ("answered_done", "已答复销卡", "Answered: done"),
        ("answered_refused", "运营商拒绝", "Refused by the carrier"),
        ("terminated", "已销卡", "Terminated"),
    ),
    "notice_kinds": (
        ("window_closes", "申请即将截止", "Window closes soon"),
        ("handed_over", "汇总到市级", "Handed over"),
        ("form_moved", "申请单流转", "Form moved"),
        ("form_not_issued", "申请单未能出具", "Form not issued"),
        ("signed_form_judged", "回传单校验结果", "Signed form judged"),
        ("cards_refused", "不能销卡的卡", "Cards that cannot follow"),
        ("cards_reopened", "销卡后仍有流量", "Traffic after termination"),
    ),
    "export_formats": (("xlsx", "Excel（XLSX）", "Excel (XLSX)"), ("csv", "CSV", "CSV")),
    "roles": tuple((role, ROLE_NAMES[role], role.replace("_", " ").capitalize()) for role in ROLES),
    "permissions": tuple((permission, *names) for permission, names in PERMISSION_NAMES.items()),
}


class Option(BaseModel):
    value: str
    label: str


@router.get("/{name}", response_model=list[Option], summary="选项")
async def options(name: str, request: Request, call: Annotated[Call, Depends(permitted())]) -> Response:
    """Of carriers, card_specs, units, months, roles, permissions, export_formats, and every kind of states."""
    english = language_of(request) == "en"
    if name in FIXED:
        return _answer([(value, en if english else zh) for value, zh, en in FIXED[name]])
    if name == "units":
        await call.gateway.units.load()
        return _answer(_flat(call.gateway.units.tree(call.user.unit)))
    if name == "months":
        return _answer(_months(now()))
    if name not in ("carriers", "card_specs"):
        raise DomainError("options_unknown", name=name)
    reply = await call.ask(cards.ListOptions(name=name), cards.LIST_OPTIONS, service="inventory")
    return _answer([(it["value"], it["label_en"] if english else it["label"]) for it in reply["items"]])


def _answer(pairs: list[tuple[str, str]]) -> Response:
    return json_response([{"value": value, "label": label} for value, label in pairs])


def _flat(nodes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [pair for node in nodes for pair in [(node["code"], node["name"]), *_flat(node["children"])]]


def _months(moment: datetime) -> list[tuple[str, str]]:
    """The present month, the next one (applications run ahead) and those before, newest first."""
    today = moment.astimezone(BUSINESS_ZONE)
    newest = today.year * 12 + today.month
    numbers = [divmod(newest - back, 12) for back in range(MONTHS)]
    return [(f"{year:04d}-{month + 1:02d}", f"{year}年{month + 1}月") for year, month in numbers]
