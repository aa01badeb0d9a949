"""Terminals and cards: readings, binding changes, exceptions, and reads on demand (BND-04 to BND-06)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from gateway.calls import Call, calling
from gateway.reads import watch
from gateway.rest import parse
from gateway.routes import Route, serve
from gateway.row_files import serve_template
from gateway.uploads import receive_upload, upload_form
from kernel.contracts.binding import carrier_counts as counting
from kernel.contracts.binding import (
    changes,
    exceptions,
    held_lists,
    imeis,
    locks,
    mismatches,
    nights,
    on_demand,
    registry,
    settling,
    terminals,
)

router = APIRouter(prefix="/binding", tags=["终端与卡"])

serve(
    router,
    Route(
        "GET", "/statistics/readings", nights.COUNT_READINGS, "召测统计",
        "Readings per unit and day by how they went. Days default to today.",
    ),
    Route("GET", "/readings", nights.LIST_READINGS, "召测明细", "The readings behind the statistic."),
    Route(
        "GET", "/statistics/changes", changes.COUNT_CHANGES, "自动绑定统计",
        "Bindings added, removed and changed per unit and day, also by cause.",
    ),
    Route("GET", "/changes", changes.LIST_CHANGES, "自动绑定明细", "The changes behind the statistic."),
    Route(
        "GET", "/bindings", changes.LIST_BINDINGS, "绑定历史",
        "Every terminal that a card was ever in, or every card of a terminal, by the whole ICCID or asset number.",
    ),
    Route("GET", "/exceptions", exceptions.LIST_EXCEPTIONS, "绑定异常", "What somebody has to look at, latest first."),
    Route(
        "GET", "/exceptions/{exception_id}/claims", exceptions.LIST_CLAIMS, "双方对照",
        "Who claims the card of a contradiction now, side by side, with reading times.",
    ),
    Route(
        "GET", "/exceptions/{exception_id}/notes", exceptions.LIST_NOTES, "处理记录",
        "Every step of handling an exception, the oldest first.",
    ),
    Route(
        "POST", "/exceptions/{exception_id}/handle", settling.HANDLE_EXCEPTION, "处理异常",
        "Takes an exception in hand, closes it with a note, or gives it back.",
        {"state": "closed", "note": "已更换天线"}, target="exception {exception_id}",
    ),
    Route(
        "POST", "/exceptions/{exception_id}/settle", exceptions.SETTLE_EXCEPTION, "裁定",
        "Decides which of two terminals has the card; who decides must see both.",
        {"to": "this", "reason": "现场核实"}, target="exception {exception_id}",
    ),
    Route(
        "POST", "/settlements", settling.SETTLE, "裁定一张卡",
        "The card belongs into this terminal's slot, whatever other terminals claim.",
        {"iccid": "89860012345678901237", "terminal": "33T0000001", "slot": 1, "reason": "现场核实"},
        target="card {iccid}",
    ),
    Route("GET", "/settlements", exceptions.LIST_SETTLEMENTS, "裁定记录", "Decisions on contradictions, latest first."),
    Route(
        "POST", "/settlements/{settlement_id}/undo", settling.UNDO_SETTLEMENT, "撤销裁定",
        "Takes a decision back: the rules decide again.", {"reason": "误判"}, target="settlement {settlement_id}",
    ),
    Route(
        "GET", "/imeis", imeis.LIST_IMEIS, "模块 IMEI 记录",
        "Which module a card was read in, and which a terminal had; ``changed=true`` for another than before.",
    ),
    Route("GET", "/locks", locks.LIST_LOCKS, "机卡锁定", "Cards held to a module or a terminal, latest first."),
    Route(
        "POST", "/locks", locks.LOCK_CARDS, "锁定机卡",
        "Holds cards to the module or terminal that they are in; read elsewhere, they are exceptions.",
        {"iccids": ["89860012345678901237"], "hold": "terminal", "reason": "高风险台区"},
        target=lambda asked: f"{len(asked.iccids)} cards, {asked.hold}",
    ),
    Route(
        "POST", "/locks/release", locks.RELEASE_LOCKS, "解除锁定", "Releases locks.",
        {"locks": [1], "reason": "终端轮换"}, target=lambda asked: f"{len(asked.locks)} locks",
    ),
    Route(
        "GET", "/statistics/terminals", registry.COUNT_TERMINALS, "各状态终端数量统计",
        "Terminals per unit and state, and those without a card.",
    ),
    Route(
        "GET", "/terminals", registry.LIST_TERMINALS, "终端明细",
        "Terminals behind the statistic; ``bound=false`` for those without a card.",
    ),
    Route(
        "GET", "/mismatches", mismatches.LIST_MISMATCHES, "终端与卡单位不一致",
        "Terminals that hold a card of another unit; a station counts as its county.",
    ),
    Route(
        "POST", "/mismatches/correct", mismatches.CORRECT_UNITS, "单位更正",
        "Gives cards their terminals' units, or terminals their cards'. Cards follow when inventory has moved them.",
        {"mismatches": [1], "side": "card", "reason": "现场核实"},
        target=lambda asked: f"{len(asked.mismatches)} mismatches, {asked.side}",
    ),
    Route("GET", "/corrections", mismatches.LIST_CORRECTIONS, "单位更正记录", "What was corrected, latest first."),
    Route(
        "POST", "/corrections/{correction_id}/undo", mismatches.UNDO_CORRECTION, "撤销单位更正",
        "Takes a correction back by one the other way.", {"reason": "误判"}, target="correction {correction_id}",
    ),
    Route(
        "GET", "/statistics/cards-terminals", counting.COMPARE_CARDS, "卡数与终端数比对",
        "The carriers' counts beside running terminals, with the difference in percent.",
    ),
    Route("GET", "/idle-cards", counting.LIST_IDLE_CARDS, "未在终端的卡", "The surplus as cards."),
    Route(
        "POST", "/carrier-counts", counting.PUSH_CARRIER_COUNTS, "上报运营商卡数",
        "Counts per unit, for carriers with their key; a newer count takes the place of an older.",
        {"carrier": "china_mobile", "month": "2026-11", "rows": [{"unit": "990101", "cards": 1200}]},
        target="counts of {carrier} {month}",
    ),
    Route(
        "POST", "/carrier-counts/pull", counting.PULL_CARRIER_COUNTS, "从运营商获取卡数",
        "Asks the carrier's interface for its counts of a month, now.", {"carrier": "china_mobile"}, target="{carrier}",
    ),
    Route(
        "GET", "/carrier-pulls", counting.LIST_CARRIER_PULLS, "运营商卡数获取记录",
        "How each carrier answered last, and when it last told a good count.",
    ),
    Route(
        "POST", "/reads", on_demand.ASK_READS, "召测",
        "Asks the stations to read terminals now; answers arrive at ``GET /binding/reads/{read_id}``.",
        {"terminals": ["33T0000001"], "minutes": 10},
        target=lambda asked: f"{len(asked.terminals)} terminals",
    ),
    Route("GET", "/reads", on_demand.LIST_ASKINGS, "召测记录", "Who asked which terminals to be read, latest first."),
    Route("GET", "/reads/{read_id}", on_demand.GET_READS, "召测结果", "An asking with its answers so far."),
    Route(
        "POST", "/reads/{read_id}/cancel", on_demand.CANCEL_READS, "取消召测",
        "Takes back what was not answered yet.", target="reads {read_id}",
    ),
    Route(
        "GET", "/terminal-lists", held_lists.LIST_TERMINAL_LISTS, "终端全量清单",
        "Full lists of terminals that stations sent, latest first.",
    ),
    Route(
        "GET", "/missing-terminals", held_lists.LIST_MISSING_TERMINALS, "清单缺少的终端",
        "The terminals that would be removed by accepting a held list.",
    ),
    Route(
        "POST", "/terminal-lists/{number}/decide", held_lists.DECIDE_HELD_LIST, "裁定终端全量清单",
        "Accepts or refuses a held list by its number.", {"decision": "discard", "reason": "主站导出不全"},
        target="terminal list {number}",
    ),
    Route(
        "POST", "/terminal-lists/decide", terminals.DECIDE_TERMINAL_LIST, "裁定终端清单",
        "Applies or discards a full list of terminals that shrank too much.",
        {"station": "demo", "list_id": "20261102", "decision": "discard", "reason": "主站导出不全"},
        target="terminal list {list_id}",
    ),
)  # fmt: skip


@router.get("/reads/{read_id}/events", response_class=StreamingResponse, summary="召测进度（SSE）")
async def events(read_id: int, call: Annotated[Call, Depends(calling(on_demand.GET_READS))]) -> Response:
    """``text/event-stream``: the asking with the answers that are news since the last event; ends when none is open."""
    request = on_demand.GetReads(read_id=read_id)
    first = await call.ask(request)
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    return StreamingResponse(watch(call, request, first), media_type="text/event-stream", headers=headers)


_COUNTS_FORM = upload_form(
    "CSV 或 XLSX：单位编码、卡数",
    required=("carrier", "month"),
    carrier={"type": "string", "examples": ["china_mobile"]},
    month={"type": "string", "examples": ["2026-11"]},
    counted_on={"type": "string", "format": "date"},
)
_COUNTS_LIMIT_BYTES = 5 * 1024 * 1024


serve_template(router, "/carrier-counts/template", counting.GET_COUNT_TEMPLATE, "卡数文件模板")


@router.post(
    "/carrier-counts/upload", response_model=counting.CountsTaken, summary="上传运营商卡数", openapi_extra=_COUNTS_FORM
)
async def import_counts(
    request: Request, call: Annotated[Call, Depends(calling(counting.IMPORT_CARRIER_COUNTS))]
) -> Response:
    """A file of unit codes and numbers of cards for one carrier and month."""
    upload = await receive_upload(request, call.gateway.blobs, _COUNTS_LIMIT_BYTES)
    asked = parse(counting.ImportCarrierCounts, upload.values())
    return await call.command(asked, target=f"counts of {asked.carrier} {asked.month}")
