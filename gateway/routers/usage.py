"""流量: loads of daily usage (TRF-01)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ConfigDict, Field

from gateway.calls import Call, calling
from gateway.rest import Accepted, accepted, parse
from gateway.routers.costs import serve_costs
from gateway.routes import Route, serve
from gateway.row_files import CHOICE, look, serve_template
from gateway.uploads import receive_upload, upload_form
from kernel.contracts.carriers import Carrier
from kernel.contracts.files import FileLook
from kernel.contracts.plain import Plain
from kernel.contracts.traffic import anomalies, card_use, counters, days, loads, pulls, rules
from kernel.contracts.traffic import distribution as spread

router = APIRouter(tags=["流量"])

_SAID: Any = {
    "carrier": {"type": "string", "examples": ["china_mobile"]},
    "source": {"type": "string", "enum": ["carrier", "terminal"]},
    "measured_in": {"type": "string", "enum": ["B", "KB", "MB", "GB"]},
}
_LOOK_FORM = upload_form("CSV、TXT 或 XLSX", choice=CHOICE, **_SAID)
_UPLOAD_FORM = upload_form(
    "CSV 或 XLSX",
    **_SAID,
    as_of={"type": "string", "format": "date-time"},
    whole={"type": "boolean", "description": "含当日全部卡片"},
    choice=CHOICE,
)


class RuleChange(Plain):
    """``threshold``: percent of a plan, days, or times the usual spread."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "达 90%", "threshold": 90, "enabled": True}]}
    )
    name: str = Field(min_length=1, max_length=60)
    threshold: int = Field(ge=1, le=1000)
    carrier: Carrier | None = None
    card_spec: str | None = Field(default=None, min_length=1, max_length=64)
    enabled: bool


class Decision(Plain):
    """``take``: the load is taken as it is; else it is dropped."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"take": True, "remark": "促销月"}]})
    take: bool
    remark: str = Field(min_length=1, max_length=500)


class CounterDecision(Plain):
    """What happened to the counter: it ran over, or was set back."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"decision": "wrapped"}]})
    decision: counters.Decision


def _accepted(reply: dict[str, Any]) -> dict[str, Any]:
    return accepted("traffic", reply)


serve_template(router, "/usage-loads/template", loads.GET_USAGE_TEMPLATE, "流量文件模板")


@router.post("/usage-loads", status_code=202, response_model=Accepted, summary="上传流量", openapi_extra=_UPLOAD_FORM)
async def import_usage(request: Request, call: Annotated[Call, Depends(calling(loads.IMPORT_USAGE))]) -> Response:
    """A file of ICCID, day and volume; a job takes the good rows in, or holds the file for a person."""
    upload = await receive_upload(request, call.gateway.blobs, call.gateway.settings.upload_limit_bytes)
    asked = parse(loads.ImportUsage, upload.values())
    return await call.command(asked, status=202, target=f"usage {asked.carrier or asked.source}", shape=_accepted)


@router.post("/usage-loads/look", response_model=FileLook, summary="查看流量文件", openapi_extra=_LOOK_FORM)
async def look_at_usage(
    request: Request, call: Annotated[Call, Depends(calling(loads.LOOK_AT_USAGE_FILE))]
) -> Response:
    """How a file would be read, what its first rows say in the chosen unit, and how that compares with the past."""
    return await look(request, call, call.gateway.settings.upload_limit_bytes, loads.LookAtUsage)


@router.post("/carrier-usage", status_code=202, response_model=Accepted, summary="运营商推送流量")
async def push_usage(body: loads.PushUsage, call: Annotated[Call, Depends(calling(loads.PUSH_USAGE))]) -> Response:
    """For carriers, with their own API key; another carrier's figures are refused (403)."""
    return await call.command(body, status=202, target=f"usage {body.carrier}", shape=_accepted)


@router.post("/usage-pulls", status_code=202, response_model=Accepted, summary="立即拉取流量")
async def pull_usage(body: pulls.PullUsage, call: Annotated[Call, Depends(calling(pulls.PULL_USAGE))]) -> Response:
    """Looks now what the carrier has and gets what is missing."""
    return await call.command(body, status=202, target=f"usage pull {body.carrier}", shape=_accepted)


@router.post("/usage-checks", status_code=202, response_model=Accepted, summary="流量核对")
async def check_usage(body: loads.CheckUsage, call: Annotated[Call, Depends(calling(loads.CHECK_USAGE))]) -> Response:
    """Recomputes a month from its days; the rows of the job are what differs."""
    return await call.command(body, status=202, target=f"usage {body.month}", shape=_accepted)


serve(
    router,
    Route(
        "GET", "/usage-days", days.LIST_USAGE_DAYS, "SIM日流量明细",
        "What each card used on each day: the carrier's figure beside the master station's.",
    ),
    Route(
        "GET", "/usage-distribution", spread.GET_USAGE_DISTRIBUTION, "卡流量分布",
        "Cards in each range of the month's traffic, by the carrier's and by the station's figure.",
    ),
    Route(
        "GET", "/terminal-distribution", spread.GET_TERMINAL_DISTRIBUTION, "终端流量分布",
        "Terminals in each range of what their cards used together.",
    ),
    Route("GET", "/usage-by-unit", spread.GET_USAGE_BY_UNIT, "各单位流量", "Cards and traffic of the units below."),
    Route("GET", "/usage-months", spread.LIST_USAGE_MONTHS, "卡流量月明细", "What each card used in a month."),
    Route(
        "GET", "/terminal-months", spread.LIST_TERMINAL_MONTHS, "终端流量月明细",
        "What the cards of each terminal used together in a month.",
    ),
    Route("GET", "/settings/usage-ranges", spread.GET_USAGE_RANGES, "流量区间", "Where the province's ranges begin."),
    Route(
        "PUT", "/settings/usage-ranges", spread.SET_USAGE_RANGES, "设置流量区间",
        "Applies to all months at once.", example={"ranges": "1, 5, 10, 30, 50, 100"}, target="usage ranges",
    ),
    Route(
        "GET", "/idle-usage", anomalies.LIST_IDLE_USAGE, "非运行流量异常卡",
        "Cards that are not running and have traffic of the day.",
    ),
    Route(
        "GET", "/silent-counts", anomalies.COUNT_SILENT_CARDS, "长期无流量卡",
        "Running cards without traffic for months, per unit below.",
    ),
    Route("GET", "/silent-cards", anomalies.LIST_SILENT_CARDS, "沉默卡", "Running cards without traffic for months."),
    Route(
        "GET", "/usage-differences", anomalies.LIST_USAGE_DIFFERENCES, "流量差异卡",
        "Cards whose two figures of a month differ beyond a tolerance.",
    ),
    Route(
        "GET", "/usage-overview", card_use.GET_USAGE_OVERVIEW, "本月流量与费用",
        "Use of the newest month and cost of the newest that was rated, of the caller's units.",
    ),
    Route(
        "GET", "/counter-doubts", counters.LIST_COUNTER_DOUBTS, "终端计数疑点",
        "Readings of terminals' own counters that went down for a reason that is not clear.",
    ),
    Route(
        "POST", "/counter-doubts/{doubt_id}/decision", counters.DECIDE_COUNTER, "判定终端计数",
        "A person says whether the counter ran over or was set back.", body=CounterDecision,
        target="counter doubt {doubt_id}",
    ),
    Route("GET", "/usage-rules", rules.LIST_RULES, "流量规则", "Rules that warn of a card's use."),
    Route(
        "POST", "/usage-rules", rules.CREATE_RULE, "新建流量规则", "Watches the unit's cards from the next figures on.",
        status=201, example={"unit": "9901", "name": "达 90%", "kind": "plan_percent", "threshold": 90},
        target="usage rule {name}",
    ),
    Route("GET", "/usage-rules/{rule_id}", rules.GET_RULE, "流量规则详情", "One rule."),
    Route(
        "PUT", "/usage-rules/{rule_id}", rules.CHANGE_RULE, "修改流量规则", "Also ends it, or takes it up again.",
        body=RuleChange, target="usage rule {rule_id}",
    ),
    Route("GET", "/usage-warnings", rules.LIST_WARNINGS, "流量告警", "What rules found, each card once per period."),
    Route("GET", "/usage-pulls", pulls.LIST_USAGE_PULLS, "流量补采", "What is pulled from carriers, newest first."),
    Route("GET", "/usage-loads", loads.LIST_LOADS, "流量数据", "Loads of usage, newest first."),
    Route("GET", "/usage-loads/{load_id}", loads.GET_LOAD, "流量数据详情", "One load, why it is held, its preview."),
    Route(
        "GET", "/usage-loads/{load_id}/preview", loads.PREVIEW_LOAD, "流量数据预览",
        "Days and cards of a load beside what is known.",
    ),
    Route(
        "POST", "/usage-loads/{load_id}/decision", loads.DECIDE_LOAD, "确认流量数据",
        "A person takes a held load as it is, or drops it.", body=Decision, target="usage load {load_id}",
    ),
    Route(
        "GET", "/unknown-usage", loads.LIST_UNKNOWN_USAGE, "未知卡流量",
        "Figures of cards that are not in the books; they are taken with the first load after the card is known.",
    ),
)  # fmt: skip
serve_costs(router)
