"""English for the words of the approval workflow: its pages, its dialogs, its scripts."""

from kernel.contracts.documents.scans import MAX_UPLOAD_BYTES

_SCAN_MB = MAX_UPLOAD_BYTES >> 20
WORKFLOW: dict[str, str] = {
    "离开终端时间": "Left its terminal",
    # pages and tabs
    "开卡申请": "Applications", "开卡订单跟踪": "Activation orders",
    "区县申请明细": "Lines of the counties",
    "各市申请明细": "Lines of the cities", "区县明细": "County lines", "市级汇总": "City summary",
    "省级汇总": "Province summary", "各市申请单": "Forms of the cities", "市级开卡申请单": "City activation forms",
    "省级开卡申请单": "Province activation forms", "审批单下载/回传": "Forms: download and return",
    "待报废卡": "Cards pending scrap", "销卡明细": "Termination list", "区县级销卡申请": "Forms of the counties",
    "区县级销卡申请单": "County termination forms", "市级销卡申请": "Own cards of the city",
    "市级直属待报废卡": "The city's own cards pending scrap", "市级销卡申请单": "City termination forms",
    "销卡申请单明细": "Cards of a termination form", "申请单详情": "Form", "通知": "Notices",
    # fields and columns
    "申请人": "Applicant", "类别": "Kind", "仅待我处理": "Only what waits for me",
    "SIM卡数量": "SIM cards", "SIM卡总数": "SIM cards in all", "区县申请数量": "Applied for by counties",
    "旧卡更换数量": "Old cards replaced", "旧卡更换": "Replacement", "新增卡数量": "New cards",
    "市级申请单": "City form", "省级申请单": "Province form", "市级汇总标识": "City line id",
    "申请开始": "Opens", "申请截止": "Closes", "开始日": "First day", "截止日": "Closing day",
    "截止前提醒（小时）": "Reminder (hours before)", "销卡申请最少数量": "Minimum of a termination",
    "新生成的销卡申请须大于此数量": "A new termination form needs more cards than this",
    "需求数量": "Cards wanted", "各规格数量": "Cards per kind", "回传单校验": "Signed form",
    "未能出单的原因": "Why it was not issued", "状态时间": "In state since", "设备数量": "Devices",
    "目前卡数量": "Cards now", "未激活数量": "Not activated", "统计级别": "Level", "申请数量": "Applied for",
    "订单数量": "Ordered", "到货数量": "Delivered", "入库数量": "Stocked in", "未到数量": "Still to come",
    "最近一次操作时间": "Last operation", "报废原因": "Reason for scrap", "转销卡中": "Terminating?",
    "不能销卡的原因": "Why it cannot follow", "添加人": "Added by", "添加时间": "Added", "销卡日期": "Date",
    "销卡数量": "Cards", "待转销卡中": "Still waiting", "审核人": "Reviewer",
    "审核时间": "Reviewed", "审核意见": "Verdict", "已登记结果": "Answered",
    "销卡进度": "Progress", "有无变化": "Changed since", "序号": "No.", "提交时单位": "Unit then",
    "提交时状态": "State then", "现单位": "Unit now", "现状态": "State now", "变化": "Changed",
    "流量月份": "Month of the traffic", "销卡当月起、到本月止": "From the month of termination to this one",
    "流量（MB）": "Traffic (MB)", "流量和费用至少填一项": "Traffic or cost, at least one of them",
    "重新办理": "Opened again?", "销卡后流量月份": "Month after termination",
    "销卡后流量（MB）": "Traffic after (MB)", "销卡后流量说明": "Remark on it", "重新办理人": "Opened again by",
    "重新办理时间": "Opened again",
    "登记时间": "Recorded", "最近流量时间": "Last traffic", "费用（元）": "Cost (CNY)",
    "运营商答复": "Carrier's answer", "拒绝原因": "Reason of refusal", "运营商拒绝时必填": "Needed for a refusal",
    "签字盖章后的扫描件": "Signed and sealed scan", f"PDF 文件，最大 {_SCAN_MB} MB": f"PDF, {_SCAN_MB} MB at most",
    "内容": "Text", "仅未读": "Unread only",
    # actions
    "审核": "Review", "退回": "Send back", "提交审核": "Submit for review", "审核回传单": "Upload signed form",
    "提交省级": "Submit to the province", "查看": "View", "查看明细": "Cards", "详情": "Details", "作废": "Dissolve",
    "生成申请单": "Generate form", "重新生成申请单": "Generate form again", "修改数量": "Change quantities",
    "设置申请时间": "Set the window", "登记销卡结果": "Record answers", "其余全部已销卡": "All others are terminated",
    "标为已读": "Mark as read", "全部标为已读": "Mark all as read",
    "修改申请单": "Change form", "删除卡片": "Cards removed", "删除不能销卡的卡片": "Cards that cannot follow removed",
    "申请单无法出具": "Form not issued", "回传单校验通过": "Signed form passed", "审核通过": "Approved",
    "审核不通过": "Rejected", "退回区县": "Sent back to the county", "销卡完成": "Completed",
    "重新办理销卡": "Case opened again", "销卡后仍有流量/费用": "Traffic or cost after termination",
    # choices
    # sentences
    "申请月份：{month}": "For {month}",
    "删除这条开卡申请（{month}，{quantity} 张）？": "Delete this application ({month}, {quantity} cards)?",
    "{month} 市级汇总。旧卡更换数量与新增卡数量之和应等于 SIM 卡总数。":
        "Summary of {month}. Replaced and new cards must add up to all SIM cards.",
    "{month} 的申请单已被省级退回，重新生成后申请单号不变。":
        "The form of {month} was sent back by the province; it keeps its number.",
    "{month} 省级汇总生成申请单，生成后不能再退回各市。":
        "Makes the form of {month}; cities can no longer be sent back afterwards.",
    "区县申请数量 {original_quantity} 张，原数量保留。":
        "The counties applied for {original_quantity}; that number is kept.",
    "每月从开始日 0 时至截止日 0 时受理下月申请，截止时汇总到市级；两日相同则不受理。{effect}":
        "Applications for the coming month are taken from the first day 00:00 until the closing day 00:00; "
        "the same day twice: none are. {effect}",
    "尚未市级审核通过的单位：{still_missing}": "Not approved yet: {still_missing}",
    "订单数量为已提交互联网部的数量；到货、入库按卡片的申请月份和资产单位统计。":
        "Ordered: submitted to the internet department. Delivered: by the cards' month and owner.",
    "提交申请单 {number} 审核？提交后内容不能再修改，并下载 PDF 格式的申请单。":
        "Submit form {number}? Its content is then fixed, and its PDF is downloaded.",
    "将下载的申请单 {number} 打印、签字盖章后扫描成 PDF 文件上传，系统逐页校验内容和印章。":
        "Print form {number}, sign and seal it, scan it as PDF. Every page and the seals are verified.",
    "将申请单 {number} 直接提交省级？提交后状态为市级审核通过。":
        "Submit form {number} to the province directly? It then counts as approved by the city.",
    "是否确认退回？": "Do you confirm the return?",
    "{unit_name} {month} 申请单 {number}": "{unit_name} {month} {number}",
    "{unit_name} 申请单 {number}": "{unit_name}, form {number}",
    "{unit_name} 申请单 {number}，共 {quantity} 张卡": "{unit_name}, form {number}, {quantity} cards",
    "批次号 {number} 不变，不受最少数量限制。": "Batch {number} keeps its number; there is no minimum.",
    "作废申请单 {number}？单上的卡恢复为待报废。": "Dissolve form {number}? Its cards are pending scrap again.",
    "将选中的卡添加至销卡明细？": "Add the ticked cards to the termination list?",
    "所选的卡不属于本单位或已在销卡明细中": "The ticked cards are not your unit's, or listed already",
    "将选中的卡从销卡明细中删除？": "Take the ticked cards off the termination list?",
    "所选的卡已在审核中的申请单上，不能删除": "The ticked cards stand on a form in review",
    "批次号 {next_number}（自动生成），销卡日期为当前日期。": "Batch number {next_number}; the date is today.",
    "生成申请单成功": "The form was generated",
    "退回的卡删除后，到“审批单下载/回传”对该批次点击“生成申请单”。":
        "After taking cards off a form that was sent back, generate it again under “Forms: download and return”.",
    "只能对状态为“提交省级”的记录进行审核": "Only forms that were submitted to the province can be reviewed",
    "将申请单 {number} 中尚未登记结果的卡全部登记为已销卡？登记后不能撤销。":
        "Record all cards of form {number} without an answer as terminated? This cannot be undone.",
    "选中的卡退回运营商重新办理销卡，申请单回到“提交互联网部”。":
        "The ticked cards go back to the carrier, and the form with them.",
    "这些卡退回运营商重新办理销卡，所在的申请单回到“提交互联网部”。":
        "These cards go back to the carrier, and their forms with them.",
    # scripts
    "两者之和应为 {count}": "Both must add up to {count}", "；": "; ", "在新窗口打开": "Open in a new window",
    "关闭": "Close", "继续": "Go on", "{count} 项待办": "{count} waiting",
    "通知，{count} 条未读": "Notices, {count} unread",
    "对选中的 {count} 条记录执行“{label}”": "{label}: {count} ticked records",
    "申请单未能出具：{reason}": "The form could not be made: {reason}",
    "申请单仍在生成，请稍后点击“查看”": "The form is still being made; look at it in a moment",
    "校验未能完成，请重新上传": "It could not be verified; upload it again", "页": "Page", "位置": "Place",
    "问题": "Problem", "正在校验": "Being verified", "校验进度": "Progress",
    "上传的申请单与下载的申请单内容不一致或没有盖章，共 {count} 处问题，请更正后再次上传":
        "The upload differs from the form or is not sealed: {count} findings. Correct it and upload it again",
    "系统不能确定是否一致，已转人工判定，也可重新扫描后再次上传":
        "It is not certain that both agree; a person decides. You may also scan it again",
    "上传的文件无法校验，请更正后再次上传": "The file could not be verified; correct it and upload it again",
    "校验期间申请单已变化，本次回传单不再有效": "The form has changed meanwhile; this upload no longer counts",
    "文件已上传，正在校验内容和印章。可以关闭此窗口，结果会保留在申请单详情中。":
        "Uploaded; content and seals are being verified. You may close this; the form keeps the result.",
    "申请单 {number} 状态：{state}": "Form {number}: {state}",
    "在页面图像上查看标出的位置": "See the places on the pages", "审核回传单校验": "Verification of the signed form",
    "查看标出的位置": "See the places", "查看回传单": "View", "版次": "Revision", "填报人": "Drafted by",
    "出具时间": "Issued", "页数": "Pages", "申请明细": "Lines", "各市情况": "Cities",
    "申请单上的数字，箭头后为现在的数字": "As printed; after the arrow: now", "第 {revision} 版": "Revision {revision}",
    "{name} 人工判定：{remark}": "Decided by {name}: {remark}", "共 {count} 次": "{count} times",
    "办理历史": "History", "办理人": "By", "步骤": "Step", "内容摘要": "Digest", "打印": "Print",
    "打印人：{name}　打印时间：{time}": "Printed by {name}, {time}", "下载": "Download",
}
