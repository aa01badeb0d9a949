"""English for every Chinese word of the portal. The Chinese is the key; a test fails on a missing one.

What only one module of pages says has its English there (``ENGLISH``); what several say, and the scripts, has it here.
"""

from gateway.portal.pages import MODULES
from gateway.portal.texts_binding import BINDING
from gateway.portal.texts_boxes import BOXES
from gateway.portal.texts_clerk import CLERK
from gateway.portal.texts_documents import DOCUMENTS
from gateway.portal.texts_files import FILES
from gateway.portal.texts_frame import FRAME
from gateway.portal.texts_serials import SERIALS
from gateway.portal.texts_usage import USAGE
from gateway.portal.texts_workflow import WORKFLOW
from kernel.contracts.words import VOCABULARIES

PAGES: dict[str, str] = {
    # menu and page titles
    "首页": "Home", "基础采集": "Metering network", "SIM卡管理": "SIM cards", "串码管理": "Serial registry",
    "系统管理": "Administration", "分卡": "Allocation", "领用": "Issue", "查询": "Query",
    "开卡申请-区县": "Activation: county", "开卡申请-市": "Activation: city", "开卡申请-省": "Activation: province",
    "销卡申请-区县": "Termination: county", "销卡申请-市": "Termination: city",
    "销卡申请-省": "Termination: province", "终端SIM卡召测查询": "Terminal readings",
    "自动绑定记录": "Binding changes", "绑定异常查看": "Binding exceptions",
    "开卡销卡数量统计": "Activations and terminations", "卡流量分布": "Card traffic",
    "各市SIM卡费用统计": "Cost per city", "各状态终端数量统计": "Terminals by state",
    "终端流量分布": "Terminal traffic", "长期异常状态卡": "Long abnormal cards",
    "卡数与终端数比对": "Cards against terminals", "终端与卡单位不一致": "Unit mismatches",
    "各状态SIM统计": "Cards by state",
    "非运行流量异常卡": "Idle cards with traffic", "卡片台账核对": "Card ledger", "串码池": "Serial pool",
    "串码核销": "Redemptions", "盘库与稽核": "Stocktakes and audits",
    "人员与单位": "People and units", "操作审计": "Audit log", "事件停放区": "Parked events",
    "导出中心与任务": "Exports and jobs", "拒收明细": "Refused rows", "差异报告": "Discrepancies",
    "领用记录": "Requisitions", "卡片详情": "Card",
    "长期异常状态卡明细": "Long abnormal cards: list", "待领用卡": "Cards to issue",
    "按单位与状态统计": "By unit and state", "明细": "Cards",
    "人员": "People", "单位": "Unit", "操作代码": "Code of the act",
    # fields and columns
    "供电单位": "Unit", "领用单位": "Issued to",
    "分出单位": "From unit", "申请月份": "Month", "手机号": "MSISDN",
    "卡片状态": "State", "入库时间": "Stocked in", "接收时间": "Received", "批次号": "Batch",
    "接收数量": "Received", "合格数量": "Qualified", "不合格数量": "Unqualified", "已入库数量": "Stocked in",
    "拒收行数": "Refused", "差异": "Diff.", "检测人": "Inspector", "检测时间": "Inspected",
    "检测结果": "Result", "送货单数量": "Count on note",
    "到货清单": "Delivery list", "放行说明": "Remark", "行号": "Row", "原因代码": "Code", "原因": "Reason",
    "差异类型": "Kind", "分卡时间": "Allocated", "开始号段": "First number",
    "结束号段": "Last number", "数量": "Cards", "操作人": "Operator", "联系方式": "Contact",
    "在库天数": "Days in stock", "领用人": "Recipient", "领用人电话": "Recipient's phone", "联系电话": "Phone",
    "ICCID 清单": "ICCID list", "领用清单": "Issue list", "领用时间": "Issued", "首张 ICCID": "First ICCID",
    "终端资产编号": "Terminal", "状态天数": "Days in state", "仅本级": "This unit only",
    "到货批次标识": "Delivery id", "最近操作时间": "Last operation", "网络状态": "Network state", "日期": "Date",
    "不合格原因": "Reason", "统计日期": "As of",
    "合计": "Total", "统计月份": "Month", "当月开卡数量": "Opened this month", "累计开卡数量": "Opened in all",
    "当月销卡数量": "Terminated this month", "累计销卡数量": "Terminated in all",
    "时限（天）": "Limit (days)",
    "超时卡数": "Cards over limit", "不合格（天）": "Unqualified (days)", "待装（天）": "Pending install (days)",
    "待报废（天）": "Pending scrap (days)", "停留天数": "Days in state",
    "张": "cards", "各单位卡片状态": "Cards by unit and state",
    "姓名": "Name", "登录名": "Login name", "仅超过时限": "Over the limit only",
    "来源地址": "Address", "下次重试": "Next try", "含自动重试中": "Also those retried", "丢弃": "Drop",
    "丢弃该事件？丢弃后不再处理，操作会记入审计。":
        "Drop this event? It will not be handled any more; the audit log keeps it.",
    "已丢弃": "Dropped",
    "角色": "Roles", "最近登录": "Last login", "初始密码": "First password",
    "新密码": "New password", "操作": "Action", "时间": "Time", "结果": "Result", "对象": "Subject",
    "追踪号": "Trace id", "停放时间": "Parked", "服务": "Service", "事件类型": "Event type", "尝试次数": "Attempts",
    "最后错误": "Last error",
    # actions
    "从运营商接口拉取": "Pull from carrier", "上传到货清单": "Upload delivery", "检测": "Inspect", "放行": "Release",
    "原始文件": "File", "新建": "New", "按号段领用": "Issue a range", "粘贴号码领用": "Issue a pasted list",
    "上传清单领用": "Issue from a file", "批量领用": "Issue ticked cards", "返库": "Return to stock",
    "撤销待报废": "Restore",
    "运行日志": "Run log", "设置时限": "Set limits", "新建人员": "New person", "修改": "Edit",
    "重置密码": "Reset password", "新建下级": "New unit below", "改名": "Rename",
    "删除": "Delete", "修改密码": "Change password", "单位编码": "Code", "单位名称": "Name",
    "当前密码": "Present password", "删除成功": "Deleted",
    "上级编码后加两位数字": "The code above it and two more digits",
    "上级单位：{name}（{code}）": "Below {name} ({code})", "删除单位 {name}（{code}）？": "Delete {name} ({code})?",
    "修改后所有已登录的窗口都要重新登录。": "Every window must log in again afterwards.",
    "重放": "Replay",
    # sentences
    "操作成功": "Done", "新增成功": "Added", "已重放": "Replayed", "至少 10 位": "At least 10 characters",
    "停用 {name}（{login}）？该账号立即无法登录，其接口密钥同时作废（需要保留的请先转交）。":
        "Disable {name} ({login})? The account can no longer log in and its API keys end; pass on what must stay.",
    "启用 {name}（{login}）？": "Enable {name} ({login})?", "重放该事件？": "Replay this event?",
    "多次重试仍失败的事件停放在此，不会丢失。排除原因后可重放。":
        "Events that failed every retry wait here; none is lost. Replay them once the cause is gone.",
    "向所选运营商的接口查询新的开卡信息，已接收过的批次不会重复入账。":
        "Asks the carrier for new cards. A batch that has already arrived is not counted again.",
    "填写后会与清单行数核对，不一致的批次将被挂起":
        "Compared with the rows of the list; a batch that differs is held",
    "CSV 或 XLSX，首行为表头，必须有 ICCID 列；ICCID 列请设为文本格式":
        "CSV or XLSX with a head row and an ICCID column, which must be formatted as text",
    "CSV 或 XLSX，必须有 ICCID 列": "CSV or XLSX with an ICCID column",
    "对批次 {batch_no} 待入库的 {waiting_count} 张卡录入检测信息。":
        "Record the inspection of the {waiting_count} cards of {batch_no} that wait for stock-in.",
    "新建分卡记录": "New allocation", "新建开卡申请": "New application",
    "检测说明": "Remark", "结果为不合格时填写不合格原因": "With an unqualified result: the reason",
    "批次 {batch_no} 待入库的 {waiting_count} 张卡将全部变为不合格，是否继续？":
        "All {waiting_count} cards of {batch_no} that wait for stock-in become unqualified. Go on?",
    "将批次 {batch_no} 的 {qualified_count} 张合格卡入库？":
        "Stock in {qualified_count} qualified cards of {batch_no}?",
    "批次 {batch_no} 与送货单有差异，放行后可继续检测和入库。":
        "Batch {batch_no} differs from its note. Once released it can be inspected and stocked in.",
    "起止号段的 ICCID 均包含在内": "Both ends are included",
    "号段内的卡必须全部为库存状态、同一月份、运营商和规格，且资产属于本单位；资产单位要么全部变更，要么都不变更。":
        "All cards of the range must be in stock, of this month, carrier and spec, yours; all move or none.",
    "每行一个，最多 200 个": "One per line, 200 at most",
    "留空为当前；填写则按运行日志回溯到当日结束时": "Empty: now. Otherwise the end of that day, from the run log",
    "卡片在该状态停留达到天数即视为长期异常。": "A card this long in the state counts as abnormal.",
    # states and other choices
    "待入库": "Received", "待装": "Pending install",
    "已完成": "Done",
    "区县专责": "County clerk",
    "已接收": "Received",
    "已入库": "Stocked in", "挂起": "Held",
}

TABLES: tuple[dict[str, str], ...] = (
    BINDING, BOXES, CLERK, DOCUMENTS, FILES, FRAME, PAGES, SERIALS, USAGE, WORKFLOW,
    *(getattr(module, "ENGLISH", {}) for module in MODULES),
)  # fmt: skip
"""A word that stands in two of them says the same in both."""
CONTRACTS = {word.zh: word.en for words in VOCABULARIES.values() for word in words.values()}
"""Words for codes are said in the contracts, in both languages; a label that says the same needs no second entry."""
ENGLISH: dict[str, str] = {**CONTRACTS, **{zh: en for table in TABLES for zh, en in table.items()}}


def english(text: str) -> str:
    """The English of a Chinese text; what is not in the table (a name, a number) stays as it is."""
    return ENGLISH.get(text, text)
