"""English for the words of the pages of serials."""

SERIALS: dict[str, str] = {
    # pages
    "串码池": "Serial pool", "串码": "Serials", "串码详情": "Serial", "库存组织": "Organisations",
    "串码领用与下发": "Lists of serials", "串码拒收明细": "Refused serials", "串码核销": "Redemptions",
    "核销记录": "Redemptions", "扫码": "Scan", "流转记录": "What happened",
    # fields and columns
    "清单": "Lists", "未归入组织": "In no organisation", "库龄": "Age",
    "IMEI、MEID 或 ESN，任一码可查": "IMEI, MEID or ESN: any code finds the device", "厂商": "Maker", "型号": "Model",
    "进入状态时间": "In this state since", "销售时间": "Sold", "录入时间": "Entered", "调入组织": "To",
    "冻结原因": "Cause",
    "退回串码": "Returned serial", "换出串码": "Replacement", "换机清单编号": "Number of the swap list",
    "全部串码": "All codes", "依据文件": "Document", "清单行号": "Row of the list", "级别": "Level",
    "上级组织": "Parent",
    "组织编码": "Code", "组织名称": "Name", "字母、数字、下划线和连字符": "Letters, digits, underscore and hyphen",
    "留空为终端管理中心；下级依次为销售单位、代理商、门店":
        "Empty: a terminal centre. Below it come sales units, dealers and shops",
    "清单类型": "Kind of list", "清单编号": "List", "挂起原因": "Held because", "省份": "Province", "行数": "Rows",
    "录入数量": "Entered", "领用数量": "Claimed", "冻结数量": "Frozen", "移出数量": "Removed",
    "串码清单": "List of serials",
    "每行一台终端：串码，可另有串码2至串码4、厂商、型号；串码列请设为文本格式":
        "One device a row: its serial, perhaps serials 2 to 4, maker and model; make the serials text",
    "只试算，不生效": "Only try it out", "订单号": "Order", "补贴类型": "Subsidy", "核销日期": "Redeemed on",
    "核销时间": "Redeemed",
    # actions
    "调拨": "Transfer", "冻结": "Freeze", "解冻": "Thaw", "售后换机": "Swap", "新增库存组织": "New organisation",
    "上传串码清单": "Upload a list", "确认生效": "Publish", "核销": "Redeem",
    "所选串码不在库存组织中，或当前状态不能调拨": "None of these is in an organisation and may move",
    "所选串码的当前状态不能冻结": "None of these may be frozen as it is",
    "所选串码没有被冻结": "None of these is frozen",
    "销售后 15 日内，由终端管理中心办理：退回的串码置坏，换出的串码记为已销售。":
        "By the terminal centre within 15 days of the sale: the returned one is taken out, the other counts as sold.",
    "好的行全部生效，坏的行逐行说明原因和建议；全国清单缩水或将冻结过多时挂起，待人确认。":
        "Good rows take effect; each bad row says why and what it should be. A national list that shrinks or would"
        " freeze too many waits for a person.",
    "清单 {id} 共 {rows} 行：录入 {entered}，领用 {claimed}，冻结 {frozen}，移出 {removed}。确认生效？":
        "List {id} has {rows} rows: {entered} entered, {claimed} claimed, {frozen} frozen, {removed} removed. Publish?",
    "核销后该终端不能再次补贴。": "After this the device cannot be subsidised again.",
    "激活沉默": "Wake", "所选串码不是沉默状态": "None of these is silent", "取消核销": "Cancel",
    "订单 {order_no}：串码 {serial} 恢复到核销之前的状态。": "Order {order_no}: {serial} is again what it was before.",
    "订单预留": "Reservations", "预留": "Reserve", "预留时间": "Reserved", "到期时间": "Expires", "预留天数": "Days",
    "留空为 3 天，最多 30 天；到期自动释放": "Empty: 3 days; 30 at most; it ends by itself", "释放": "Release",
    "释放订单 {order_no} 对串码 {serial} 的预留？": "Release {serial}, kept for order {order_no}?",
    "冻结与申诉": "Freezes and appeals", "冻结记录": "Freezes", "冻结申诉": "Appeals", "申诉": "Appeal",
    "仍冻结": "Still frozen", "已超期": "Overdue", "冻结时间": "Frozen", "申诉截止": "Appeal until",
    "处理期限": "Decide by", "申诉理由": "Grounds", "证据": "Evidence",
    "发票、照片等的编号或存放处": "Numbers of invoices, photographs and the like, or where they are",
    "串码 {serial}：申诉由他人复核，成立后恢复到冻结前的状态。":
        "{serial}: somebody else reviews it; granted, the device is again what it was before the freeze.",
    "延长期限": "Extend", "申诉编号": "Appeal no.", "申诉时间": "Appealed", "申诉人": "By", "复核时间": "Reviewed",
    "复核人": "Reviewer", "复核说明": "Outcome", "申诉成立": "Grant", "驳回": "Reject",
    "串码 {serial} 将恢复到冻结前的状态。": "{serial} will be again what it was before the freeze.",
    "盘库与稽核": "Stocktakes and audits", "已销售未核销": "Sold, not redeemed", "未核销天数": "Days not redeemed",
    "至少这么多天": "At least so many days", "串码稽核发现": "Findings", "稽核发现": "Findings", "类型": "Kind",
    "发生日期": "Happened on", "编号": "No.", "本方记录": "Our record", "对方记录": "Their record",
    "发生时间": "Happened",
    "发现时间": "Found", "认定时间": "Decided", "认定人": "Decided by", "认定说明": "Remark", "稽核分析": "Analyse",
    "查找该月的二次补贴、窜货、非实物核销、当日未核销和疑似克隆；已发现的不会重复。":
        "Looks for double subsidies, diversions, phantom redemptions, what was not redeemed the same day, and clones.",
    "认定": "Confirm", "{ours}；{theirs}。认定后提出对库存组织的处罚。":
        "{ours}; {theirs}. Confirmed, a sanction of the organisation is proposed.",
    "不成立": "Dismiss", "{ours}；{theirs}。": "{ours}; {theirs}.", "代理商处罚": "Sanctions", "处罚": "Sanctions",
    "措施": "Measure", "一年内认定次数": "Confirmed in a year", "提出时间": "Proposed", "提出人": "Proposed by",
    "申辩内容": "Statement", "申辩时间": "Heard", "决定时间": "Decided", "决定人": "Decided by", "决定说明": "Remark",
    "申辩": "Hearing", "处罚决定": "Decide", "决定": "Decision",
    "处罚须先申辩，并由提出人以外的人决定；取消合作资格后该组织不能入库、销售、调入和核销。":
        "It must be heard first, and decided by somebody else than who proposed it; a disqualified organisation takes"
        " part in nothing.",
    "填写后可核对该号码是否用于此终端": "Then it can be seen whether that card was in this device",
    "串码提供人": "Vendors' contacts", "串码报送": "Report serials", "报送串码": "Report",
    "由登记并审核的串码提供人报送；终端管理中心确认后录入省串码池。":
        "By a registered and approved contact; the terminal centre then lets them into the pool.",
    "厂商或国代": "Vendor", "联系人": "Contact", "联系电话": "Phone", "邮箱": "Mail", "地址": "Address",
    "登记人": "Registered by", "登记串码提供人": "Register a contact", "停用": "Disable",
    "登记后须由他人审核；审核通过后，该登录名可为厂商报送串码。":
        "Somebody else must approve him; then this login may report serials for the vendor.",
    # scanning
    "扫码入库": "Scan in", "扫码销售": "Sell", "终补校验": "Check: terminal subsidy",
    "话补校验": "Check: airtime subsidy",
    "待上传": "Waiting", "已撤销": "Undone", "可以核销": "May be redeemed",
    "本次已扫过该串码": "Scanned already", "已恢复到扫码前": "As it was before",
    "请选择库存组织": "Choose an organisation",
    "请扫描串码": "Scan a serial", "请先选择库存组织": "Choose an organisation first", "撤销上一次": "Undo the last",
    "建议：{value}": "Perhaps: {value}",
    "{count} 次扫码尚未上传，将自动重试：{reason}": "{count} scans wait to be sent and will be tried again: {reason}",
    "扫码记录": "Scans", "本机扫码记录": "Scans of this computer",
    "成功 {done}，重复 {twice}，拒绝 {refused}": "{done} good, {twice} twice, {refused} refused", "清空记录": "Clear",
    "还没有扫码。将光标放在输入框中，用扫码枪逐台扫描。": "Nothing scanned yet. Keep the cursor in the field and scan.",
    "结果": "Result", "说明": "Remark",
}  # fmt: skip
