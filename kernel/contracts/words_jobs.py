"""What jobs and exported lists are called in English. A job keeps the Chinese title that it was asked for with.

A title made of parts names them in braces; a colon names the vocabulary that a part is a word of.
"""

import re
from functools import cache

from kernel.contracts import words_imei, words_people  # noqa: F401  they fill the vocabularies
from kernel.contracts.said import Said
from kernel.contracts.words import VOCABULARIES

TITLES: dict[str, str] = {
    # inventory
    "接收批次 {carrier:carrier_names} {batch}": "Take in {carrier} {batch}",
    "拉取 {carrier:carrier_names} 批次": "Pull the batches of {carrier}",
    "台账核对 {unit}": "Ledger check {unit}",
    "领用 {who} {first} - {last}": "Issue to {who}: {first} - {last}",
    "不合格 {carrier:carrier_names} {batch}": "Mark unqualified: {carrier} {batch}",
    "入库 {carrier:carrier_names} {batch}": "Stock in {carrier} {batch}",
    "分卡 {carrier:carrier_names} {first} - {last}": "Allocate {carrier} {first} - {last}",
    "卡片": "Cards",
    "入库批次": "Deliveries",
    "分卡记录": "Allocations",
    "领用记录": "Requisitions",
    "各状态SIM统计": "Cards by state",
    "待装卡分流": "Redirect pending cards",
    "开卡销卡数量统计": "Activations and terminations",
    "长期异常状态卡": "Long abnormal cards",
    # workflow
    "开卡申请": "Applications",
    "市级汇总": "City summary",
    "开卡订单跟踪": "Activation orders",
    "申请单": "Forms",
    "销卡申请单明细": "Cards of a termination form",
    "待报废卡": "Cards pending scrap",
    "销卡明细": "Termination list",
    # documents
    "核验 {number} 第 {revision} 版回传单": "Verify the scan of {number}, revision {revision}",
    "签发 {number} 第 {revision} 版": "Issue {number}, revision {revision}",
    "读取预留印鉴 {name}": "Read the registered seal {name}",
    "打印标签 {batch}（{count} 张）": "Print labels {batch} ({count})",
    "审批单核验": "Form verification",
    "已签发单据": "Issued forms",
    "预留印鉴": "Registered seals",
    "核验原因统计": "Causes of verdicts",
    # binding
    "获取运营商卡数 {month}": "Ask the carriers for their counts of {month}",
    "模块 IMEI 记录": "IMEIs of modules",
    "机卡锁定": "Cards locked to devices",
    "运营商卡数获取记录": "How carriers answered about counts",
    "终端SIM卡召测统计": "Readings by unit",
    "终端SIM卡召测明细": "Readings",
    "自动绑定统计": "Binding changes by unit",
    "自动绑定明细": "Binding changes",
    "绑定历史": "Binding history",
    "绑定异常": "Binding exceptions",
    "绑定裁定记录": "Decisions on bindings",
    "各状态终端数量统计": "Terminals by state",
    "终端明细": "Terminals",
    "终端与卡单位不一致": "Unit mismatches",
    "单位更正记录": "Unit corrections",
    "召测记录": "Readings on demand",
    "卡数与终端数比对": "Cards against terminals",
    "未在终端的卡": "Cards in no terminal",
    "终端全量清单": "Full lists of terminals",
    "清单缺少的终端": "Terminals that the list lacks",
    # traffic
    "流量数据 {carrier:carrier_names} {load}": "Usage data {carrier} {load}",
    "拉取流量 {carrier}": "Pull the usage of {carrier}",
    "获取全国已补贴串码": "Fetch the lists of nationally subsidised serials",
    "流量补采": "Usage fetched again",
    "运营商账单 {month}": "Carrier's bill {month}",
    "费用计算 {month}": "Rate {month}",
    "流量规则与已销卡核查": "Apply usage rules, look at terminated cards",
    "流量规则": "Usage rules", "流量告警": "Usage warnings",
    "流量核对 {month}": "Usage check {month}",
    "流量数据": "Usage data",
    "未知卡流量": "Usage of unknown cards",
    "SIM日流量明细": "Usage per card and day",
    "卡流量月明细": "Usage per card and month",
    "终端流量明细": "Usage per terminal and month",
    "卡流量分布": "Card traffic",
    "终端流量分布": "Terminal traffic",
    "各单位流量": "Traffic by unit",
    "资费": "Tariffs",
    "流量池": "Pools",
    "费用月份": "Months of cost",
    "各市SIM卡费用统计": "Cost per city",
    "费用明细": "Entries of cost",
    "运营商账单": "Carriers' bills",
    "账单差异": "Differences to the bill",
    "非运行流量异常卡": "Idle cards with traffic",
    "终端计数疑点": "Doubtful counters",
    "沉默卡": "Silent cards",
    "长期无流量卡": "Silent for long",
    "流量差异卡": "Figures that differ",
    # imei
    "TAC 表导入": "TAC table",
    "串码清单 {kind:serial_list_kinds}": "List of serials: {kind}",
    "串码台账核对": "Check of the serial pool",
    "串码统计": "Serials by state",
    "串码修改记录": "Edits of serials",
    "串码池": "Serial pool",
    "串码流转记录": "Serials' history",
    "核销记录": "Redemptions",
    "订单预留": "Reservations",
    "冻结记录": "Freezes",
    "冻结申诉": "Appeals",
    "自注册记录": "Registrations",
    "库存组织人员": "People of organisations",
    "归属变更": "Changes of owner",
    "TAC表": "TAC table",
    "售后换机清单": "Lists of swaps",
    "换机明细": "Swaps of a list",
    "核销催办": "Reminders",
    "实物抽查": "Spot checks",
    "抽查清单": "Drawn devices",
    "已销售未核销": "Sold, not redeemed",
    "串码稽核发现": "Findings",
    "代理商处罚": "Sanctions",
    "串码提供人": "Vendors' contacts",
    "本人报送的串码": "Serials that I reported",
    "库存组织": "Organisations",
    "串码清单": "Lists of serials",
    # any service
    "主站": "master station",
}
_HOLE = re.compile(r"\\\{(\w+)(?::(\w+))?\\\}")


@cache
def _patterns() -> list[tuple[re.Pattern[str], dict[str, str], str]]:
    """Pattern of the Chinese, vocabularies of its parts, English; titles without parts are looked up as they are."""
    return [
        (
            re.compile(_HOLE.sub(r"(?P<\1>.+?)", re.escape(zh)) + r"\Z", re.DOTALL),
            {name: words for name, words in _HOLE.findall(re.escape(zh)) if words},
            en,
        )
        for zh, en in TITLES.items()
        if "{" in zh
    ]


def _part(zh: str, words: str | None) -> str:
    said = {word.zh: word.en for word in VOCABULARIES[words].values()} if words else {}
    return said.get(zh) or TITLES.get(zh, zh)


def titled(zh: str) -> Said:
    """A title as it is kept, which knows its English; one that nobody wrote down here stays as it is."""
    if zh in TITLES:
        return Said(zh, TITLES[zh])
    for pattern, words, en in _patterns():
        if found := pattern.match(zh):
            parts = {name: _part(part, words.get(name)) for name, part in found.groupdict().items()}
            return Said(zh, en.format(**parts))
    return Said(zh, zh)
