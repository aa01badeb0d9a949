"""串码: devices and their history, scans, redemptions, freezes, lists of serials, organisations (IME-01 to IME-10)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from gateway.calls import Call, calling
from gateway.rest import Accepted, accepted, parse
from gateway.routes import Route, serve
from gateway.row_files import CHOICE, serve_template
from gateway.uploads import receive_upload, upload_form
from kernel.contracts.imei import (
    acts,
    audits,
    clerks,
    contacts,
    devices,
    edits,
    freezes,
    lists,
    orders,
    ownership,
    redemption,
    reports,
    stocktakes,
    swaps,
    tacs,
)

router = APIRouter(tags=["串码"])

_UPLOAD_FORM = upload_form(
    "CSV、TXT 或 XLSX",
    required=("kind", "province"),
    kind={"type": "string", "enum": list(lists.ListKind.__args__)},  # type: ignore[attr-defined]
    province={"type": "string", "examples": ["99"]},
    source={"type": "string", "enum": list(lists.Source.__args__)},  # type: ignore[attr-defined]
    document={"type": "string", "maxLength": 128, "description": "依据文件"},
    preview={"type": "boolean", "description": "只试算，不生效"},
    choice=CHOICE,
)


_REPORT_FORM = upload_form(
    "CSV、TXT 或 XLSX",
    document={"type": "string", "maxLength": 128, "description": "依据文件"},
    choice=CHOICE,
)


def _accepted(reply: dict[str, Any]) -> dict[str, Any]:
    return accepted("imei", reply)


serve_template(router, "/serial-lists/template", lists.GET_SERIAL_LIST_TEMPLATE, "串码清单模板")
serve_template(router, "/serial-tacs/template", tacs.GET_TAC_TEMPLATE, "TAC 表模板")
serve_template(router, "/serial-reports/template", contacts.GET_REPORT_TEMPLATE, "串码报送模板")


@router.post(
    "/serial-lists", status_code=202, response_model=Accepted, summary="上传串码清单", openapi_extra=_UPLOAD_FORM
)
async def import_serials(request: Request, call: Annotated[Call, Depends(calling(lists.IMPORT_SERIALS))]) -> Response:
    """A job takes the good rows in, in one transaction; each bad row is a row of the job, with what it should be."""
    upload = await receive_upload(request, call.gateway.blobs, call.gateway.settings.upload_limit_bytes)
    asked = parse(lists.ImportSerials, upload.values())
    return await call.command(asked, status=202, target=f"serial list {asked.kind}", shape=_accepted)


@router.post(
    "/serial-reports", status_code=202, response_model=Accepted, summary="报送串码", openapi_extra=_REPORT_FORM
)
async def report_serials(
    request: Request, call: Annotated[Call, Depends(calling(contacts.REPORT_SERIALS))]
) -> Response:
    """Of a vendor's registered contact; the list waits until the terminal centre lets it in."""
    upload = await receive_upload(request, call.gateway.blobs, call.gateway.settings.upload_limit_bytes)
    asked = parse(contacts.ReportSerials, upload.values())
    return await call.command(asked, status=202, target="serial report", shape=_accepted)


@router.post(
    "/serial-tacs", status_code=202, response_model=Accepted, summary="导入 TAC 表",
    openapi_extra=upload_form("CSV、TXT 或 XLSX", choice=CHOICE),
)  # fmt: skip
async def import_tacs(request: Request, call: Annotated[Call, Depends(calling(tacs.IMPORT_TACS))]) -> Response:
    """Rows of TAC, maker and model; what the table says of the same TACs is replaced."""
    upload = await receive_upload(request, call.gateway.blobs, call.gateway.settings.upload_limit_bytes)
    return await call.command(parse(tacs.ImportTacs, upload.values()), status=202, target="TAC table", shape=_accepted)


_SCAN = {
    "serials": ["490154203237518"], "organisation": "shop-1", "client_id": "7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11",
}  # fmt: skip


def _serials(asked: Any) -> str:
    return f"{len(asked.serials)} serials"


serve(
    router,
    Route("GET", "/serials", devices.LIST_SERIALS, "串码池", "Devices; any code finds its device."),
    Route("GET", "/serials/{serial}", devices.GET_SERIAL, "串码详情", "All codes of a device; as it stood ``at``."),
    Route(
        "GET", "/serials/{serial}/events", devices.LIST_SERIAL_EVENTS, "串码流转记录",
        "What happened to a device, the oldest first.",
    ),
    Route(
        "POST", "/serials/{serial}/edit", edits.EDIT_SERIAL, "修改串码",
        "Further codes, maker and model of a device; before and after are kept.",
        {"serials": ["490154203237518", "352099001761481"], "maker": "华星", "reason": "补录副串码"},
        target="serial {serial}",
    ),
    Route("GET", "/serial-edits", edits.LIST_SERIAL_EDITS, "串码修改记录", "What was edited by hand, newest first."),
    Route(
        "POST", "/serial-scans", acts.SCAN_SERIALS, "扫码入库",
        "Devices that no organisation holds fall to this one.", _SCAN, target=_serials,
    ),
    Route(
        "POST", "/serial-sales", acts.SELL_SERIALS, "扫码销售", "裸机销售 of devices that the organisation holds.",
        _SCAN, target=_serials,
    ),
    Route(
        "POST", "/serial-scans/undo", acts.UNDO_SCAN, "撤销扫码",
        "Takes the last scan or sale of an organisation back, exactly, or refuses because something followed.",
        {"organisation": "shop-1", "client_id": "7d9f3c1e-6a52-4b0e-9f3d-0a4f5b8c2d11"},
        target="scan {client_id}",
    ),
    Route(
        "POST", "/serial-transfers", acts.TRANSFER_SERIALS, "串码调拨",
        "Devices move to another organisation of the same level.",
        {"serials": ["490154203237518"], "to_organisation": "shop-2"}, target=_serials,
    ),
    Route(
        "GET", "/serial-transfers/targets", devices.GET_TRANSFER_TARGETS, "可调入组织",
        "Organisations of the province to which the caller may transfer.",
    ),
    Route(
        "POST", "/serial-freezes", acts.FREEZE_SERIALS, "冻结串码", "Devices cannot be sold or subsidised any more.",
        {"serials": ["490154203237518"], "cause": "audit", "reason": "稽核发现"}, target=_serials,
    ),
    Route(
        "POST", "/serial-thaws", acts.THAW_SERIALS, "解冻串码", "Back to the state in which each was frozen.",
        {"serials": ["490154203237518"], "reason": "复核无误"}, target=_serials,
    ),
    Route(
        "POST", "/serial-swaps", acts.SWAP_SERIAL, "售后换机",
        "One pair of a verified list: the returned device is 置坏, its replacement is with the customer.",
        {
            "serial": "490154203237518", "replacement": "352099001761481", "organisation": "centre",
            "document": "HJ-2026-001",
        },
        target="serial {serial}",
    ),
    Route(
        "POST", "/serial-redemptions/check", redemption.CHECK_REDEMPTION, "核销校验",
        "Whether a subsidy may be paid for each device, with the reason; changes nothing.",
        {"kind": "terminal", "serials": ["490154203237518"], "organisation": "shop-1"},
    ),
    Route(
        "POST", "/serial-redemptions", redemption.REDEEM_SERIAL, "核销",
        "The order takes the subsidy; of two orders for one device exactly one gets it.",
        {"kind": "terminal", "serial": "490154203237518", "organisation": "shop-1", "order_no": "DD-1"},
        target="order {order_no}",
    ),
    Route("GET", "/serial-redemptions", redemption.LIST_REDEMPTIONS, "核销记录",
        "Subsidies that were paid, newest first."),
    Route(
        "POST", "/serial-redemptions/cancel", orders.CANCEL_REDEMPTION, "取消核销",
        "The order is cancelled: the device is exactly what it was before, or the call is refused.",
        {"serial": "490154203237518", "order_no": "DD-1", "reason": "用户退单"}, target="order {order_no}",
    ),
    Route(
        "POST", "/serial-reservations", orders.RESERVE_SERIAL, "订单预留",
        "Only this order may redeem the device until the reservation expires by itself.",
        {"kind": "terminal", "serial": "490154203237518", "organisation": "shop-1", "order_no": "DD-1"}, status=201,
        target="order {order_no}",
    ),
    Route("GET", "/serial-reservations", orders.LIST_RESERVATIONS, "预留记录", "Those that still hold."),
    Route(
        "POST", "/serial-reservations/release", orders.RELEASE_RESERVATION, "释放预留",
        "The order does not need the device any more.", {"serial": "490154203237518", "order_no": "DD-1"},
        target="order {order_no}",
    ),
    Route(
        "POST", "/serial-wakes", acts.WAKE_SERIALS, "激活沉默串码", "Silent devices may be sold again.",
        {"serials": ["490154203237518"], "reason": "重新上架"}, target=_serials,
    ),
    Route("GET", "/serial-freezes", freezes.LIST_FREEZES, "冻结记录", "Freezes with their deadlines, newest first."),
    Route(
        "POST", "/serial-freezes/extend", freezes.EXTEND_FREEZE, "延长冻结期限",
        "The decision may wait until the end of that day.",
        {"serial": "490154203237518", "until": "2026-12-31", "reason": "等待外省答复"}, target="serial {serial}",
    ),
    Route(
        "POST", "/serial-appeals", freezes.APPEAL_FREEZE, "申诉", "The organisation that a freeze hits contests it.",
        {"serial": "490154203237518", "grounds": "本店销售", "evidence": "发票 0001"}, status=201,
        target="serial {serial}",
    ),
    Route("GET", "/serial-appeals", freezes.LIST_APPEALS, "申诉记录", "Appeals, newest first."),
    Route(
        "POST", "/serial-appeals/{appeal_id}/review", freezes.REVIEW_APPEAL, "复核申诉",
        "Somebody else decides; granted, the device is thawed.", {"granted": True, "outcome": "发票属实"},
        target="appeal {appeal_id}",
    ),
    Route(
        "POST", "/serial-registrations", audits.REPORT_REGISTRATIONS, "推送自注册数据",
        "Of the self-registration platform: which device announced itself when, where and with which card.",
        {"rows": [{
            "serial": "490154203237518", "registered_at": "2026-11-20T08:00:00+08:00", "place": "9901",
            "msisdn": "13800000000",
        }]},
        target=lambda asked: f"{len(asked.rows)} registrations",
    ),
    Route(
        "GET", "/serial-registrations", audits.LIST_REGISTRATIONS, "自注册记录",
        "What the self-registration platform told, newest first, with what the books say of each device.",
    ),
    Route(
        "GET", "/serial-unredeemed", audits.LIST_UNREDEEMED, "已销售未核销",
        "What dealers have to redeem, the oldest sale first.",
    ),
    Route(
        "POST", "/serial-analyses", audits.ANALYSE_MONTH, "稽核分析",
        "Looks for violations of a month; what was found before is not found again.", {"month": "2026-11"},
        target="month {month}",
    ),
    Route("GET", "/serial-violations", audits.LIST_VIOLATIONS, "稽核发现", "With both claims, newest first."),
    Route(
        "POST", "/serial-violations/{violation_id}/decision", audits.DECIDE_VIOLATION, "认定",
        "Confirmed, the next step against the organisation is proposed.", {"confirmed": True, "remark": "已核实"},
        target="violation {violation_id}",
    ),
    Route("GET", "/serial-sanctions", audits.LIST_SANCTIONS, "代理商处罚", "通报批评 and 取消合作资格, newest first."),
    Route(
        "POST", "/serial-sanctions/{sanction_id}/hearing", audits.HEAR_SANCTION, "申辩",
        "What the organisation says; before that nothing is imposed.", {"statement": "已整改"},
        target="sanction {sanction_id}",
    ),
    Route(
        "POST", "/serial-sanctions/{sanction_id}/decision", audits.DECIDE_SANCTION, "处罚决定",
        "Imposed by somebody else than who proposed it, dropped, or lifted.",
        {"decision": "impose", "remark": "情节属实"}, target="sanction {sanction_id}",
    ),
    Route("GET", "/serial-reports", contacts.LIST_REPORTS, "本人报送的串码", "Reports of the caller, newest first."),
    Route("GET", "/serial-contacts", contacts.LIST_CONTACTS, "串码提供人", "People who may report for vendors."),
    Route(
        "POST", "/serial-contacts", contacts.REGISTER_CONTACT, "登记串码提供人",
        "He may report after somebody else has approved him.",
        {
            "vendor": "华星通讯", "login": "huaxing", "name": "张敏", "phone": "13800000000", "mail": "zm@example.com",
            "unit": "99",
        },
        status=201, target="contact {login}",
    ),
    Route(
        "POST", "/serial-contacts/{contact_id}/decision", contacts.DECIDE_CONTACT, "审核串码提供人",
        "Approves, refuses or revokes.", {"decision": "approve", "remark": "资料齐全"}, target="contact {contact_id}",
    ),
    Route(
        "GET", "/serial-counts", reports.COUNT_SERIALS, "串码统计",
        "Devices per state, by organisation, source, age or unit.",
    ),
    Route("GET", "/serial-lists", lists.LIST_SERIAL_LISTS, "串码清单", "Lists that came, newest first."),
    Route(
        "POST", "/serial-lists/{list_id}/release", lists.RELEASE_SERIAL_LIST, "确认串码清单",
        "A person lets a held or previewed list be published.", target="serial list {list_id}",
    ),
    Route("GET", "/serial-organisations", devices.LIST_ORGANISATIONS, "库存组织",
        "Organisations of the caller's units."),
    Route(
        "GET", "/serial-ownership", ownership.LIST_OWNERSHIP_MOVES, "归属变更",
        "Claims of what another province owns, newest first.",
    ),
    Route(
        "POST", "/serial-ownership/review", ownership.REVIEW_OWNERSHIP, "审核归属变更",
        "The group decides; approved, the device belongs to the province that asked, and is claimed.",
        {"moves": [1, 2], "approved": True, "remark": "到货单已核对"}, target=lambda asked: f"{len(asked.moves)} moves",
    ),
    Route(
        "GET", "/serial-reminders", stocktakes.LIST_REMINDERS, "核销催办",
        "Organisations that have to redeem what is with customers, newest first.",
    ),
    Route(
        "POST", "/serial-reminders/{reminder_id}/read", stocktakes.READ_REMINDER, "阅知催办",
        "The organisation has seen it.", target="reminder {reminder_id}",
    ),
    Route("GET", "/serial-spot-checks", stocktakes.LIST_SPOT_CHECKS, "实物抽查", "Newest first."),
    Route(
        "POST", "/serial-spot-checks", stocktakes.DRAW_SPOT_CHECK, "抽取实物抽查",
        "Devices of an organisation's stock are drawn by lot.",
        {"organisation": "shop-1", "devices": 20, "reason": "月度抽查"}, status=201,
        target="organisation {organisation}",
    ),
    Route(
        "GET", "/serial-spot-checks/{check_id}/devices", stocktakes.LIST_SPOT_CHECK_DEVICES, "抽查清单",
        "The devices to look for.",
    ),
    Route(
        "POST", "/serial-spot-checks/{check_id}/count", stocktakes.COUNT_SPOT_CHECK, "登记抽查结果",
        "What was seen in the shop; what was drawn and not seen is a finding.", {"serials": ["490154203237518"]},
        target="spot check {check_id}",
    ),
    Route("GET", "/serial-swap-lists", swaps.LIST_SWAP_LISTS, "售后换机清单", "Newest first."),
    Route(
        "POST", "/serial-swap-lists", swaps.DRAFT_SWAP_LIST, "填报换机清单",
        "Pairs of returned device and replacement; the good ones become a form to print and seal.",
        {
            "organisation": "centre", "serials": ["490154203237518", "352099001761481"], "applicant": "张敏",
            "phone": "13800000000",
        },
        status=201, target="organisation {organisation}",
    ),
    Route("GET", "/serial-swap-lists/{number}/pairs", swaps.LIST_SWAP_PAIRS, "换机明细", "In the list's order."),
    Route(
        "POST", "/serial-swap-lists/{number}/settle", swaps.SETTLE_SWAP_LIST, "办理换机",
        "Makes the swaps of a list whose sealed paper has passed.", target="swap list {number}",
    ),
    Route("GET", "/serial-tacs", tacs.LIST_TACS, "TAC 表", "Maker and model by the first eight digits of an IMEI."),
    Route("GET", "/serial-clerks", clerks.LIST_CLERKS, "库存组织人员", "People who work in one organisation."),
    Route(
        "POST", "/serial-clerks", clerks.BIND_CLERK, "指定库存组织人员",
        "He sees and touches this organisation and what is below it, and nothing else of his unit.",
        {"login": "shop.clerk", "organisation": "shop-1"}, target="clerk {login}",
    ),
    Route(
        "POST", "/serial-clerks/{login}/release", clerks.RELEASE_CLERK, "解除指定",
        "He works for his whole unit again.", target="clerk {login}",
    ),
    Route(
        "POST", "/serial-organisations", devices.ADD_ORGANISATION, "新增库存组织",
        "One level below its parent; a terminal centre has none.",
        {"code": "shop-9", "name": "第九门店", "parent": "dealer-a", "unit": "990101"}, status=201,
        target="organisation {code}",
    ),
)  # fmt: skip
