"""Refusals of workflow; where the manual has a message of its own, the Chinese text is that."""

from kernel.contracts.errors import Entry, register
from kernel.model.errors import Kind

BAD, N, C, F = Kind.INVALID, Kind.NOT_FOUND, Kind.CONFLICT, Kind.FORBIDDEN

register(
    {
        "level_refused": Entry(
            F,
            "此操作只对{level}账号有权限（本账号单位：{unit}）",
            "Only a {level} account can do this; yours belongs to unit {unit}",
        ),
        "window_closed": Entry(
            C,
            "开卡申请时间为 {opens_at} 至 {closes_at}，现在不能新增、修改或删除",
            "Applications are taken from {opens_at} until {closes_at}; none can be added, changed or deleted now",
        ),
        "window_rules_later": Entry(
            C,
            "本月申请已截止并汇总到市级，现在修改的起止日自 {month} 起生效",
            "This month's applications were handed over; new days count from {month} on",
        ),
        "applications_handed_over": Entry(
            C,
            "{month} 的开卡申请已汇总到市级，不能再新增、修改或删除",
            "The applications for {month} were handed over to the city; they cannot be added to, changed or deleted",
        ),
        "application_month_refused": Entry(
            BAD,
            "现在只能申请 {allowed} 的卡，不能申请 {month}",
            "Only cards for {allowed} can be applied for now, not for {month}",
        ),
        "application_not_found": Entry(
            N, "开卡申请 {id} 不存在或不在本单位范围内", "There is no application {id} in your units"
        ),
        "city_line_not_found": Entry(
            N, "汇总明细 {id} 不存在或不在本单位范围内", "There is no summary line {id} in your units"
        ),
        "city_line_fixed": Entry(
            C,
            "汇总明细已在状态为“{state:city_line_states}”的申请单上，不能修改",
            "The line stands on a form in state {state:city_line_states}; it cannot be changed",
        ),
        "catalogue_unknown": Entry(
            BAD,
            "{field:fields}：“{value}”不在目录中，可用：{allowed}",
            "{field:fields}: there is no {value}; known: {allowed}",
        ),
        "city_lines_missing": Entry(
            C, "{month} 没有可生成申请单的汇总明细", "There are no summary lines of {month} to make a form of"
        ),
        "city_form_exists": Entry(
            C,
            "{month} 的申请单 {number} 状态为“{state:form_states}”，不能重新生成",
            "Form {number} of {month} is in state {state:form_states} and cannot be generated again",
        ),
        "demand_not_total": Entry(
            BAD,
            "旧卡更换数量 {replacement} 与新增卡数量 {new_quantity} 之和应等于 SIM 卡总数 {quantity}"
            "（{carrier:carrier_names}，{card_spec:card_spec_names}）",
            "Replacement {replacement} and new {new_quantity} must add up to {quantity}"
            " ({carrier:carrier_names}, {card_spec:card_spec_names})",
        ),
        "province_lines_missing": Entry(
            C,
            "{month} 没有状态为“市级审核通过”的申请，不能生成申请单",
            "No city of {month} is approved; there is nothing to make a form of",
        ),
        "province_cities_missing": Entry(
            C,
            "以下单位尚未市级审核通过：{cities}。确认后可不含这些单位生成申请单",
            "Not approved yet: {cities}. Confirm to make the form without them",
        ),
        "form_not_found": Entry(
            N, "申请单 {number} 不存在或不在本单位范围内", "There is no form {number} in your units"
        ),
        "form_state_refused": Entry(
            C,
            "申请单 {number} 状态为“{state:form_states}”，不能{action:form_actions}",
            "Form {number} is in state {state:form_states}; not possible: {action:form_actions}",
        ),
        "form_moved_meanwhile": Entry(
            C,
            "申请单 {number} 已由 {by_name} 执行“{action:form_actions}”（现为“{state:form_states}”），请刷新后重试",
            "{by_name} was faster: «{action:form_actions}» on form {number} (now {state:form_states}); reload and try"
            " again",
        ),
        "review_only_submitted": Entry(
            C,
            "只能对状态为“提交省级”的记录进行审核",
            "Only forms that were submitted to the province can be reviewed",
        ),
        "own_form": Entry(
            F,
            "申请单 {number} 由您本人填报，须由他人审核",
            "You drafted or submitted form {number} yourself; somebody else must decide",
        ),
        "form_not_submitted": Entry(C, "请提交审核单", "Submit the form for review first"),
        "form_being_issued": Entry(
            C, "申请单正在生成，请稍后再试", "The form is being made; try again in a few seconds"
        ),
        "form_not_issued": Entry(
            C,
            "申请单未能生成（{reason}），请修改后重新提交审核",
            "The form could not be made ({reason}); correct it and submit it again",
        ),
        "form_cards_unsettled": Entry(
            C,
            "申请单上有卡片尚未转为销卡中或不能销卡，请查看明细",
            "Some cards of the form are not terminating yet or cannot be; look at its cards",
        ),
        "form_cards_not_refused": Entry(C, "申请单上没有不能销卡的卡片", "The form has no cards that cannot follow"),
        "form_empty": Entry(C, "申请单上没有卡片，请作废", "The form has no cards left; dissolve it"),
        "form_unchanged": Entry(BAD, "没有要修改的内容", "There is nothing to change"),
        "attempt_not_found": Entry(
            N, "申请单 {number} 没有可查看的审核回传单", "Form {number} has no signed scan to show"
        ),
        "termination_too_few": Entry(
            C,
            "新生成的销卡申请明细数量必须大于{minimum}才能生成申请单",
            "A new termination form needs more than {minimum} cards; the list has {count}",
        ),
        "termination_too_many": Entry(
            C,
            "一张销卡申请单最多 {maximum} 张卡，现有 {count} 张，请分批生成",
            "A termination form takes at most {maximum} cards; there are {count}; make several",
        ),
        "card_not_pending_scrap": Entry(
            C,
            "卡片状态为“{state:card_states}”，不是待报废，不能销卡",
            "The card is {state:card_states}, not pending scrap",
        ),
        "card_not_own": Entry(
            C, "卡片的资产单位（{owner_unit}）不是本单位", "The card is owned by {owner_unit}, not by your unit"
        ),
        "card_listed_already": Entry(
            C, "卡片已在销卡明细中（{where}）", "The card stands on a termination list already ({where})"
        ),
        "card_not_listed": Entry(C, "卡片不在本单位可删除的销卡明细中", "The card is not on a list you can change"),
        "card_follows_form": Entry(
            C,
            "申请单 {number} 未退回，只能删除不能销卡的卡片",
            "Form {number} was not sent back; only cards that cannot follow can be taken off",
        ),
        "card_not_printable": Entry(
            C,
            "卡片的{field:fields}“{value}”不能印在申请单上，请先更正卡片资料",
            "The card's {field:fields} {value} cannot be printed on the form; correct the card first",
        ),
        "card_on_other_form": Entry(C, "卡片在另一张销卡单上", "The card is on another termination form"),
        "card_not_on_form": Entry(C, "卡片不在该申请单上", "The card is not on this form"),
        "form_cards_not_terminated": Entry(C, "申请单上没有已销卡的卡片", "The form has no terminated cards"),
        "card_on_no_form": Entry(C, "卡片不在任何销卡申请单上", "The card is on no termination form"),
        "card_not_terminated": Entry(
            C,
            "卡片状态为“{state:card_states}”，不是已销卡",
            "The card is {state:card_states}, not terminated",
        ),
        "card_reopened_already": Entry(
            C,
            "卡片已因 {month} 的流量或费用重新办理销卡（申请单 {number}）",
            "The case was opened again already for {month} (form {number})",
        ),
        "traffic_missing": Entry(BAD, "流量和费用至少有一项须大于 0", "Traffic or cost must be more than zero"),
        "traffic_month_refused": Entry(
            BAD,
            "月份“{month}”应为 {first} 至 {last} 之间的月份（YYYY-MM）：销卡当月起、到本月止",
            "Month {month} must be from {first} (termination) to {last} (now), as YYYY-MM",
        ),
        "card_not_terminating": Entry(
            C,
            "卡片在库存中不是销卡中状态（{state:card_states}）",
            "The card is not terminating in the stock ({state:card_states})",
        ),
        "card_answered_already": Entry(C, "卡片的销卡结果已登记", "The carrier's answer for this card is recorded"),
        "opinion_missing": Entry(
            BAD,
            "审核不通过或退回时，请填写审核说明，对方据此修改",
            "Say in your opinion why it is sent back; the other side works by it",
        ),
        "answer_reason_missing": Entry(BAD, "运营商拒绝销卡时须填写原因", "A refusal by the carrier needs its reason"),
        "carrier_refused_card": Entry(C, "运营商拒绝销卡：{reason}", "The carrier refused: {reason}"),
        "month_not_handed_over": Entry(
            C,
            "{month} 的开卡申请尚未汇总到市级，无需重新开放",
            "The applications for {month} were not handed over yet; there is nothing to open again",
        ),
        "month_over": Entry(
            C, "{month} 已经过去，不能重新开放申请", "{month} is over; it cannot be opened again"
        ),
        "month_on_form": Entry(
            C,
            "{month} 已生成 {count} 份申请单（{numbers}），不能重新开放申请",
            "{month} stands on {count} forms ({numbers}); it cannot be opened again",
        ),
        "other_month_open": Entry(
            C,
            "{month} 的开卡申请正在受理，截止 {closes_at}；同一时间只能受理一个月份",
            "Applications for {month} are being taken until {closes_at}; only one month is open at a time",
        ),
        "reopening_days_refused": Entry(
            BAD,
            "重新开放的截止日应在 {first} 至 {last} 之间",
            "A month can be opened again until a day from {first} to {last}",
        ),
        "window_days_reversed": Entry(
            BAD, "开始日 {opens_day} 不能晚于截止日 {closes_day}", "Day {opens_day} must not be after day {closes_day}"
        ),
    }
)
