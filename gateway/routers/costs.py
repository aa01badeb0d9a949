"""费用: tariffs, months that close, what cards cost, and the carriers' bills (TRF-05, TRF-09, TRF-10)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ConfigDict, Field

from gateway.calls import Call, calling
from gateway.rest import Accepted, accepted, parse
from gateway.routes import Route, serve
from gateway.row_files import CHOICE, serve_template
from gateway.uploads import receive_upload, upload_form
from kernel.contracts.plain import Plain
from kernel.contracts.traffic import costs, pools, tariffs

_BILL_FORM = upload_form(
    "CSV 或 XLSX：ICCID、费用（元）",
    required=("carrier", "month"),
    carrier={"type": "string", "examples": ["china_mobile"]},
    month={"type": "string", "examples": ["2026-10"]},
    choice=CHOICE,
)


class Rating(Plain):
    """``reason``: needed for a month that is closed."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "运营商更正流量"}]})
    reason: str = Field(default="", max_length=200)


def _accepted(reply: dict[str, Any]) -> dict[str, Any]:
    return accepted("traffic", reply)


async def _import_bill(request: Request, call: Annotated[Call, Depends(calling(costs.IMPORT_BILL))]) -> Response:
    """A carrier's bill of a month, a line per card; a later one takes the earlier one's place."""
    upload = await receive_upload(request, call.gateway.blobs, call.gateway.settings.upload_limit_bytes)
    asked = parse(costs.ImportBill, upload.values())
    return await call.command(asked, status=202, target=f"bill {asked.carrier} {asked.month}", shape=_accepted)


class BillDecision(Plain):
    """``take``: the bill is taken as it is; else it is dropped."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"take": True, "remark": "已核实销卡"}]})
    take: bool
    remark: str = Field(min_length=1, max_length=500)


_ROUTES = (
    Route("GET", "/tariffs", tariffs.LIST_TARIFFS, "资费", "Prices of the province's cards, newest first."),
    Route(
        "POST", "/tariffs", tariffs.ADD_TARIFF, "登记资费",
        "Ends the open tariff of the same cards where it begins itself.", status=201,
        example={
            "carrier": "china_mobile", "card_spec": "plug_in", "valid_from": "2026-01-01", "monthly_fee": "2.00",
            "included": 31457280, "per_mb": "0.29",
        },
        target="tariff {carrier} {card_spec}",
    ),
    Route("GET", "/usage-pools", pools.LIST_POOLS, "流量池", "What is agreed upon for pools, newest first."),
    Route(
        "POST", "/usage-pools", pools.AGREE_POOL, "登记流量池约定",
        "Holds from the month on, until something else is agreed; without any, a pool is what its cards bring.",
        status=201,
        example={"carrier": "china_mobile", "name": "贴片池", "valid_from": "2026-10-01", "size": 1099511627776},
        target="pool {carrier} {name}",
    ),
    Route("GET", "/cost-months", tariffs.LIST_COST_MONTHS, "费用月份", "Months as billed and as known now."),
    Route(
        "POST", "/cost-months/{month}/rating", tariffs.RATE_MONTH, "计算费用",
        "Rates the month; of a closed one what differs is appended in the open month.", body=Rating, bare=True,
        target="costs {month}",
    ),
    Route(
        "POST", "/cost-months/{month}/closing", tariffs.CLOSE_MONTH, "关闭月份",
        "The month changes only by corrections in later months from now on.", target="costs {month}",
    ),
    Route(
        "GET", "/city-costs", costs.COUNT_CITY_COSTS, "各市SIM卡费用统计",
        "Cost of the units below, beside last month and last year.",
    ),
    Route("GET", "/costs", costs.LIST_COSTS, "费用明细", "Entries of cost, each with how it came about."),
    Route("GET", "/carrier-bills", costs.LIST_BILLS, "运营商账单", "Bills beside our own sums, newest first."),
    Route("GET", "/carrier-bills/{bill_id}", costs.GET_BILL, "运营商账单详情", "One bill, and why it is held."),
    Route(
        "GET", "/carrier-bills/{bill_id}/preview", costs.PREVIEW_BILL, "运营商账单预览",
        "A bill beside the one before it and our own costs.",
    ),
    Route(
        "POST", "/carrier-bills/{bill_id}/decision", costs.DECIDE_BILL, "确认运营商账单",
        "A person takes a held bill as it is, or drops it.", body=BillDecision, target="bill {bill_id}",
    ),
    Route(
        "GET", "/bill-differences", costs.LIST_BILL_DIFFERENCES, "账单差异",
        "Cards that do not cost the same on the carrier's newest bill and with us.",
    ),
)  # fmt: skip


def serve_costs(router: APIRouter) -> None:
    """Adds the routes of cost to those of usage."""
    serve_template(router, "/carrier-bills/template", costs.GET_BILL_TEMPLATE, "账单文件模板")
    router.add_api_route(
        "/carrier-bills",
        _import_bill,
        methods=["POST"],
        name="import_bill",
        status_code=202,
        response_model=Accepted,
        summary="导入运营商账单",
        openapi_extra=_BILL_FORM,
    )
    serve(router, *_ROUTES, tag="费用")
