"""开卡申请: county lines, city lines, the province's summary, and what became of an order (ACT-01 to ACT-12)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import ConfigDict, Field

from gateway.calls import Call, calling, language_of
from gateway.rest import named
from gateway.routers.forms import FormReply, flat_answer
from gateway.routes import Route, serve
from kernel.contracts.plain import Plain
from kernel.contracts.workflow import activation, notices
from kernel.contracts.workflow.fields import Person, Phone, Quantity

router = APIRouter(prefix="/activation", tags=["开卡申请"])

_APPLICATION = {"carrier": "china_mobile", "card_spec": "plug_in", "quantity": 1200, "phone": "13800000000"}
_CITY_FORM = {
    "month": "2026-12",
    "applicant": "李晓燕",
    "phone": "13800000000",
    "lines": [{"line_id": 7, "replacement": 300, "new_quantity": 900}],
}


class ApplicationChange(Plain):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    quantity: Quantity | None = None
    applicant: Person | None = None
    phone: Phone | None = None


class WindowChange(Plain):
    """Days at whose 00:00 (Asia/Shanghai) the window opens and closes, the same day for none at all.

    ``minimum_cards``: a new termination needs more cards than that. ``overdue_days``: after so many days in one state a
    form is overdue; left out: as before.
    """

    model_config = ConfigDict(extra="forbid")
    opens_day: int = Field(ge=1, le=28)
    closes_day: int = Field(ge=1, le=32)
    remind_hours: int = Field(ge=0, le=120)
    minimum_cards: int = Field(ge=0, le=2000)
    overdue_days: int | None = Field(default=None, ge=1, le=365)


class CityForm(Plain):
    """``lines`` left out: new cards only. Again after 省级退回: with If-Match, the version of the existing form."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    month: str
    applicant: Person | None = None
    phone: Phone
    lines: list[activation.LineSplit] = Field(default_factory=list, max_length=200)


class ProvinceSummary(activation.ProvinceSummary):
    """``still_missing``: the names of ``missing`` as one text, None when no city is missing."""

    still_missing: str | None
    totals: dict[str, int]


class ApplicationPage(named(activation.ApplicationPage)):  # type: ignore[misc]
    """``totals``: the sum over all that match."""

    totals: dict[str, int]


class CityLinePage(named(activation.CityLinePage)):  # type: ignore[misc]
    """``totals``: the sums over all that match."""

    totals: dict[str, int]


class FulfilmentPage(named(activation.FulfilmentPage)):  # type: ignore[misc]
    """``totals``: as ``sums``."""

    totals: dict[str, int]


_SUMMED = ("original_quantity", "quantity", "replacement", "new_quantity")


def _totalled(reply: dict[str, Any]) -> dict[str, Any]:
    return {**reply, "totals": {name: reply[name] for name in _SUMMED if name in reply}}


def _summed(reply: dict[str, Any]) -> dict[str, Any]:
    return {**reply, "totals": reply.get("sums", {})}


serve(
    router,
    Route(
        "GET", "/applications", activation.LIST_APPLICATIONS, "开卡申请列表",
        "The counties' lines in one's own units, newest first.", reply=ApplicationPage, shape=_totalled,
    ),
    Route(
        "POST", "/applications", activation.CREATE_APPLICATION, "新建开卡申请",
        "By a county, while the window is open (409 window_closed).",
        _APPLICATION, status=201, target="{carrier} {card_spec}",
    ),
    Route(
        "GET", "/applications/{application_id}", activation.GET_APPLICATION, "开卡申请",
        "One line; its ETag is needed to change it.",
    ),
    Route(
        "PATCH", "/applications/{application_id}", activation.CHANGE_APPLICATION, "修改开卡申请",
        "In state 新建. Needs If-Match.", {"quantity": 1500}, body=ApplicationChange, target="application {id}",
    ),
    Route(
        "DELETE", "/applications/{application_id}", activation.DELETE_APPLICATION, "删除开卡申请",
        "In state 新建. Needs If-Match.", target="application {id}",
    ),
    Route(
        "GET", "/window", notices.GET_WINDOW, "开卡申请时间",
        "When applications are taken, for which month, and whether now by this caller (``can``).",
    ),
    Route(
        "PUT", "/window", notices.SET_WINDOW, "设置开卡申请时间", "By the province. Needs If-Match.",
        {"opens_day": 20, "closes_day": 22, "remind_hours": 24, "minimum_cards": 50},
        body=WindowChange, target="window",
    ),
    Route(
        "POST", "/window/reopenings", notices.REOPEN_MONTH, "重新开放申请",
        "By the province: a month that was handed over and is on no form yet takes applications again.",
        {"month": "2026-12", "until": "2026-11-26", "reason": "两县漏报"}, target="reopening of {month}",
    ),
    Route(
        "GET", "/city-lines", activation.LIST_CITY_LINES, "市级汇总列表",
        "One line per city, month, carrier and spec.", reply=CityLinePage, shape=_totalled,
    ),
    Route(
        "GET", "/city-lines/{line_id}", activation.GET_CITY_LINE, "市级汇总明细",
        "One line; its ETag is needed to change it.",
    ),
    Route(
        "PATCH", "/city-lines/{line_id}", activation.CHANGE_CITY_LINE, "修改市级汇总",
        "Before the form is generated, or after 省级退回. Needs If-Match.",
        {"quantity": 1500}, body=ApplicationChange, target="city line {id}",
    ),
    Route(
        "POST", "/city-forms", activation.GENERATE_CITY_FORM, "生成市级申请单",
        "旧卡更换数量 + 新增卡数量 must be each line's quantity (422 demand_not_total).",
        _CITY_FORM, body=CityForm, reply=FormReply, shape=flat_answer, target="city form {month}",
    ),
    Route(
        "POST", "/province-forms", activation.GENERATE_PROVINCE_FORM, "生成省级申请单",
        "Cities that are not approved yet: 409 province_cities_missing names them, unless ``confirm_missing``.",
        {"month": "2026-12", "applicant": "王建国", "phone": "13800000000"},
        reply=FormReply, shape=flat_answer, target="province form {month}",
    ),
    Route(
        "GET", "/fulfilment", activation.LIST_FULFILMENT, "开卡订单跟踪",
        "Applied, ordered, delivered and stocked in per month, carrier, spec and unit (ACT-12).",
        reply=FulfilmentPage, shape=_summed,
    ),
)  # fmt: skip


@router.get("/province-summary", response_model=ProvinceSummary, summary="省级汇总")
async def get_province_summary(
    query: Annotated[activation.GetProvinceSummary, Query()],
    call: Annotated[Call, Depends(calling(activation.GET_PROVINCE_SUMMARY))],
) -> Response:
    """Approved city lines of a month per carrier and spec, and which cities are still missing."""

    def shape(reply: dict[str, Any]) -> dict[str, Any]:
        comma = ", " if language_of(call.request) == "en" else "、"
        names = comma.join(call.gateway.units.name(code) or code for code in reply["missing"])
        sums = {name: sum(it[name] for it in reply["items"]) for name in ("quantity", "replacement", "new_quantity")}
        return {**reply, "still_missing": names or None, "totals": sums}

    return await call.answer(query, shape)
