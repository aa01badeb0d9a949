"""开卡申请: county lines, city lines, the province's summary, and what became of an order (ACT-01 to ACT-12)."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from gateway.calls import Call, calling, json_response
from gateway.rest import Model, etag, if_match, if_match_given, named, parse
from gateway.routers.forms import FormReply, flat_answer
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


class ApplicationChange(BaseModel):
    """What is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    quantity: Quantity | None = None
    applicant: Person | None = None
    phone: Phone | None = None


class WindowChange(BaseModel):
    """Days at whose 00:00 (Asia/Shanghai) the window opens and closes, the same day for none at all.

    ``minimum_cards``: a new termination needs more cards than that.
    """

    model_config = ConfigDict(extra="forbid")
    opens_day: int = Field(ge=1, le=28)
    closes_day: int = Field(ge=1, le=32)
    remind_hours: int = Field(ge=0, le=120)
    minimum_cards: int = Field(ge=0, le=2000)


class CityForm(BaseModel):
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


def _change(model: type[Model], id: int, request: Request, body: BaseModel | None) -> Model:  # noqa: A002
    given = body.model_dump(exclude_unset=True) if body is not None else {}
    return parse(model, {"id": id, "version": if_match(request), **given})


@router.get("/applications", response_model=ApplicationPage, summary="开卡申请列表")
async def list_applications(
    query: Annotated[activation.ListApplications, Query()],
    call: Annotated[Call, Depends(calling(activation.LIST_APPLICATIONS))],
) -> Response:
    """The counties' lines in one's own units, newest first."""
    return await call.answer(query, _totalled)


@router.post(
    "/applications", status_code=201, response_model=named(activation.ApplicationAnswer), summary="新建开卡申请"
)
async def create_application(
    body: Annotated[activation.CreateApplication, Body(examples=[_APPLICATION])],
    call: Annotated[Call, Depends(calling(activation.CREATE_APPLICATION))],
) -> Response:
    """By a county, while the window is open (409 window_closed)."""
    return await call.command(body, status=201, target=f"{body.carrier} {body.card_spec}")


@router.get("/applications/{application_id}", response_model=named(activation.ApplicationView), summary="开卡申请")
async def get_application(
    application_id: int, call: Annotated[Call, Depends(calling(activation.GET_APPLICATION))]
) -> Response:
    """One line; its ETag is needed to change it."""
    found = await call.ask(activation.GetApplication(id=application_id))
    return json_response(found, headers=etag(found["version"]))


@router.patch(
    "/applications/{application_id}", response_model=named(activation.ApplicationAnswer), summary="修改开卡申请"
)
async def change_application(
    application_id: int,
    request: Request,
    body: Annotated[ApplicationChange, Body(examples=[{"quantity": 1500}])],
    call: Annotated[Call, Depends(calling(activation.CHANGE_APPLICATION))],
) -> Response:
    """In state 新建. Needs If-Match."""
    asked = _change(activation.ChangeApplication, application_id, request, body)
    return await call.command(asked, target=f"application {application_id}")


@router.delete("/applications/{application_id}", response_model=activation.Deleted, summary="删除开卡申请")
async def delete_application(
    application_id: int,
    request: Request,
    call: Annotated[Call, Depends(calling(activation.DELETE_APPLICATION))],
) -> Response:
    """In state 新建. Needs If-Match."""
    asked = _change(activation.DeleteApplication, application_id, request, None)
    return await call.command(asked, target=f"application {application_id}")


@router.get("/window", response_model=notices.Window, summary="开卡申请时间")
async def get_window(call: Annotated[Call, Depends(calling(notices.GET_WINDOW))]) -> Response:
    """When applications are taken, for which month, and whether now by this caller (``can``)."""
    found = await call.ask(notices.GetWindow())
    return json_response(found, headers=etag(found["version"]))


@router.put("/window", response_model=notices.Window, summary="设置开卡申请时间")
async def set_window(
    request: Request,
    body: Annotated[
        WindowChange, Body(examples=[{"opens_day": 20, "closes_day": 22, "remind_hours": 24, "minimum_cards": 50}])
    ],
    call: Annotated[Call, Depends(calling(notices.SET_WINDOW))],
) -> Response:
    """By the province. Needs If-Match."""
    asked = parse(notices.SetWindow, {"version": if_match(request), **body.model_dump()})
    return await call.command(asked, target="window")


@router.get("/city-lines", response_model=CityLinePage, summary="市级汇总列表")
async def list_city_lines(
    query: Annotated[activation.ListCityLines, Query()],
    call: Annotated[Call, Depends(calling(activation.LIST_CITY_LINES))],
) -> Response:
    """One line per city, month, carrier and spec."""
    return await call.answer(query, _totalled)


@router.get("/city-lines/{line_id}", response_model=named(activation.CityLineView), summary="市级汇总明细")
async def get_city_line(
    line_id: int, call: Annotated[Call, Depends(calling(activation.GET_CITY_LINE))]
) -> Response:
    """One line; its ETag is needed to change it."""
    found = await call.ask(activation.GetCityLine(id=line_id))
    return json_response(found, headers=etag(found["version"]))


@router.patch("/city-lines/{line_id}", response_model=named(activation.CityLineAnswer), summary="修改市级汇总")
async def change_city_line(
    line_id: int,
    request: Request,
    body: Annotated[ApplicationChange, Body(examples=[{"quantity": 1500}])],
    call: Annotated[Call, Depends(calling(activation.CHANGE_CITY_LINE))],
) -> Response:
    """Before the form is generated, or after 省级退回. Needs If-Match."""
    asked = _change(activation.ChangeCityLine, line_id, request, body)
    return await call.command(asked, target=f"city line {line_id}")


@router.post("/city-forms", response_model=FormReply, summary="生成市级申请单")
async def generate_city_form(
    request: Request,
    body: Annotated[CityForm, Body(examples=[_CITY_FORM])],
    call: Annotated[Call, Depends(calling(activation.GENERATE_CITY_FORM))],
) -> Response:
    """旧卡更换数量 + 新增卡数量 must be each line's quantity (422 demand_not_total)."""
    values = {**body.model_dump(exclude_unset=True), "version": if_match_given(request)}
    asked = parse(activation.GenerateCityForm, values)
    return await call.command(asked, target=f"city form {body.month}", shape=flat_answer)


@router.get("/province-summary", response_model=ProvinceSummary, summary="省级汇总")
async def get_province_summary(
    query: Annotated[activation.GetProvinceSummary, Query()],
    call: Annotated[Call, Depends(calling(activation.GET_PROVINCE_SUMMARY))],
) -> Response:
    """Approved city lines of a month per carrier and spec, and which cities are still missing."""

    def shape(reply: dict[str, Any]) -> dict[str, Any]:
        names = "、".join(call.gateway.units.name(code) or code for code in reply["missing"])
        sums = {name: sum(it[name] for it in reply["items"]) for name in ("quantity", "replacement", "new_quantity")}
        return {**reply, "still_missing": names or None, "totals": sums}

    return await call.answer(query, shape)


@router.post("/province-forms", response_model=FormReply, summary="生成省级申请单")
async def generate_province_form(
    body: Annotated[
        activation.GenerateProvinceForm,
        Body(examples=[{"month": "2026-12", "applicant": "王建国", "phone": "13800000000"}]),
    ],
    call: Annotated[Call, Depends(calling(activation.GENERATE_PROVINCE_FORM))],
) -> Response:
    """Cities that are not approved yet: 409 province_cities_missing names them, unless ``confirm_missing``."""
    return await call.command(body, target=f"province form {body.month}", shape=flat_answer)


@router.get("/fulfilment", response_model=FulfilmentPage, summary="开卡订单跟踪")
async def list_fulfilment(
    query: Annotated[activation.ListFulfilment, Query()],
    call: Annotated[Call, Depends(calling(activation.LIST_FULFILMENT))],
) -> Response:
    """Applied, ordered, delivered and stocked in per month, carrier, spec and unit (ACT-12)."""
    return await call.answer(query, lambda reply: {**reply, "totals": reply.get("sums", {})})
