"""Words for what people may do, and for the fields that they fill in: pages and messages take them here."""

from kernel.contracts.words import vocabulary

ROLE_NAMES = vocabulary(
    "roles",
    {
        "viewer": ("查询人员", "Viewer"),
        "county_clerk": ("区县卡管理员", "County clerk"),
        "city_clerk": ("市级卡管理员", "City clerk"),
        "province_clerk": ("省级卡管理员", "Province clerk"),
        "admin": ("系统管理员", "Admin"),
        "carrier": ("运营商接口", "Carrier"),
        "station": ("采集主站接口", "Collection master station"),
    },
)

PERMISSION_NAMES = vocabulary(
    "permissions",
    {
        "card.view": ("查询卡片", "See cards"),
        "report.view": ("查看统计", "See statistics"),
        "job.view": ("查看任务与导出", "See jobs and export"),
        "card.issue": ("领用", "Issue cards"),
        "card.return": ("返库", "Return cards to stock"),
        "card.scrap": ("待报废与恢复", "Mark cards for scrap, restore them"),
        "card.redirect": ("待装卡分流", "Redirect pending cards"),
        "card.allocate": ("分卡", "Allocate cards"),
        "delivery.import": ("接收批次", "Take deliveries in"),
        "delivery.inspect": ("检测", "Inspect deliveries"),
        "delivery.stock_in": ("入库与放行", "Stock in and release deliveries"),
        "delivery.push": ("运营商推送批次", "Push deliveries (carriers)"),
        "activation.apply": ("开卡申请-区县", "Apply for cards (county)"),
        "activation.city": ("开卡申请-市", "Applications for cards (city)"),
        "activation.province": ("开卡申请-省", "Applications for cards (province)"),
        "termination.county": ("销卡申请-区县", "Terminations (county)"),
        "termination.city": ("销卡申请-市", "Terminations (city)"),
        "termination.province": ("销卡申请-省", "Terminations (province)"),
        "termination.confirm": ("确认销卡", "Confirm terminations"),
        "document.verify": ("核验申请单", "Verify forms"),
        "document.issue": ("签发申请单", "Issue forms"),
        "document.decide": ("判定核验结果", "Decide verifications"),
        "binding.handle": ("处理绑定异常", "Handle binding exceptions"),
        "reading.ask": ("召测", "Ask for on-demand reads"),
        "binding.settle": ("裁定卡与终端的归属", "Settle contested cards"),
        "usage.view": ("查看流量", "View usage"),
        "usage.load": ("上报流量", "Report usage"),
        "terminal.decide": ("裁定终端清单", "Decide held lists of terminals"),
        "terminal.report": ("采集主站上报终端", "Report terminals (stations)"),
        "reading.report": ("采集主站上报抄读", "Report readings (stations)"),
        "serial.view": ("查看串码", "See serials"),
        "serial.scan": ("扫码、调拨与销售", "Scan, transfer and sell serials"),
        "serial.redeem": ("串码核销", "Redeem serials"),
        "serial.import": ("串码清单导入", "Import lists of serials"),
        "serial.freeze": ("串码冻结与解冻", "Freeze and thaw serials"),
        "serial.swap": ("售后换机", "Swap serials"),
        "serial.organise": ("库存组织维护", "Manage organisations"),
        "serial.edit": ("串码编辑", "Edit serials"),
        "audit.view": ("操作审计", "See the audit log"),
        "people.manage": ("人员、单位与密钥", "Manage people, units and keys"),
        "limits.set": ("设置异常天数", "Set the limits of abnormal cards"),
        "parking.replay": ("重放停放事件", "Replay parked events"),
    },
)

FIELD_NAMES = vocabulary(
    "fields",
    {
        "unit": ("单位", "Unit"),
        "owner_unit": ("资产单位", "Owner unit"),
        "serial": ("串码", "Serial"),
        "province": ("省级单位", "Province"),
        "from_unit": ("分卡单位", "Allocating unit"),
        "to_unit": ("接收单位", "Receiving unit"),
        "issued_to_unit": ("领用单位", "Issued-to unit"),
        "start_iccid": ("开始号段", "Start number"),
        "end_iccid": ("结束号段", "End number"),
        "application_month": ("申请月份", "Application month"),
        "month": ("月份", "Month"),
        "day_from": ("起始日期", "First day"),
        "carrier": ("运营商", "Carrier"),
        "card_spec": ("卡片规格", "Card spec"),
        "expected_count": ("交货单数量", "Count of the note"),
        "code": ("单位编码", "Unit code"),
        "actor": ("操作人", "Actor"),
        "on": ("日期", "Date"),
        "inspected_on": ("检测日期", "Inspected on"),
        "day": ("日期", "Day"),
        "opinion": ("审核说明", "Opinion"),
        "remark": ("说明", "Remark"),
        "note": ("备注", "Note"),
        "iccid": ("ICCID", "ICCID"),
        "imsi": ("IMSI", "IMSI"),
        "msisdn": ("MSISDN", "MSISDN"),
        "until": ("期限", "deadline"),
    },
)
CARRIER_NAMES = vocabulary(
    "carrier_names",
    {
        "china_mobile": ("中国移动", "China Mobile"),
        "china_unicom": ("中国联通", "China Unicom"),
        "china_telecom": ("中国电信", "China Telecom"),
    },
)
"""The carriers that a new system begins with; inventory's catalogue rules, and has those added later."""
CARD_SPEC_NAMES = vocabulary(
    "card_spec_names",
    {
        "plug_in": ("插拔卡", "Plug-in"),
        "smd": ("贴片卡", "SMD (patch)"),
        "nano": ("Nano卡", "Nano"),
        "esim": ("eSIM", "eSIM"),
    },
)
"""As CARRIER_NAMES, of card specs."""
