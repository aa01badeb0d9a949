"""Words for what imei's codes mean; states as in the operator's rules."""

from kernel.contracts.words import vocabulary

SERIAL_STATES = vocabulary(
    "serial_states",
    {
        "unclaimed": ("未领用", "Unclaimed"),
        "claimed": ("已领用未销售", "Claimed, not sold"),
        "sold": ("已销售未补贴", "Sold, not subsidised"),
        "subsidised": ("已补贴", "Subsidised"),
        "silent": ("沉默", "Silent"),
        "frozen": ("冻结", "Frozen"),
        "damaged": ("置坏", "Swapped out"),
    },
)
UNREDEEMED_STATES = vocabulary(
    "unredeemed_states",
    {
        "sold": ("已销售未核销", "Sold, not redeemed"),
        "claimed": ("已注册，账上仍未销售", "Registered, in stock by the books"),
    },
)
SERIAL_ACTIONS = vocabulary(
    "serial_actions",
    {
        "enter": ("录入", "enter"),
        "enter_claimed": ("录入并领用", "enter and claim"),
        "claim": ("领用", "claim"),
        "scan_in": ("扫码入库", "scan in"),
        "undo_scan": ("撤销扫码", "undo the scan"),
        "transfer": ("调拨", "transfer"),
        "sell": ("销售", "sell"),
        "undo_sale": ("撤销销售", "undo the sale"),
        "redeem_terminal": ("终补核销", "redeem the terminal subsidy"),
        "redeem_airtime": ("话补核销", "redeem the airtime subsidy"),
        "cancel_terminal": ("取消终补核销", "cancel the terminal subsidy"),
        "cancel_airtime": ("取消话补核销", "cancel the airtime subsidy"),
        "fall_silent": ("转沉默", "fall silent"),
        "wake": ("激活沉默", "wake"),
        "freeze": ("冻结", "freeze"),
        "thaw_unclaimed": ("解冻为未领用", "thaw to unclaimed"),
        "thaw_claimed": ("解冻为已领用未销售", "thaw to claimed"),
        "thaw_sold": ("解冻为已销售未补贴", "thaw to sold"),
        "thaw_silent": ("解冻为沉默", "thaw to silent"),
        "swap_out": ("售后换机退回", "swap out"),
        "hand_over": ("售后换机换出", "hand over as replacement"),
    },
)
POOLS = vocabulary("serial_pools", {"group": ("集团串码池", "Group pool"), "province": ("省串码池", "Provincial pool")})
REDEMPTION_KINDS = vocabulary(
    "redemption_kinds", {"terminal": ("终补", "Terminal subsidy"), "airtime": ("话补", "Airtime subsidy")}
)
FREEZE_CAUSES = vocabulary(
    "freeze_causes",
    {
        "national_list": ("全国已补贴串码", "Subsidised elsewhere"),
        "suspected_fraud": ("疑似套补", "Suspected fraud"),
        "complaint": ("投诉", "Complaint"),
        "audit": ("稽核", "Audit"),
        "other": ("其他", "Other"),
    },
)
APPEAL_STATES = vocabulary(
    "appeal_states",
    {"open": ("待复核", "Open"), "granted": ("申诉成立", "Granted"), "rejected": ("申诉驳回", "Rejected")},
)
FREEZE_CAUSES_BY_HAND = vocabulary(
    "freeze_causes_by_hand",
    {cause: (word.zh, word.en) for cause, word in FREEZE_CAUSES.items() if cause != "national_list"},
)
ORGANISATION_LEVELS = vocabulary(
    "organisation_levels",
    {
        "1": ("终端管理中心", "Terminal centre"),
        "2": ("销售单位", "Sales unit"),
        "3": ("代理商", "Dealer"),
        "4": ("门店", "Shop"),
    },
)
LIST_KINDS = vocabulary(
    "serial_list_kinds",
    {
        "group_entry": ("录入集团串码池", "Entry into the group pool"),
        "province_entry": ("录入省串码池", "Entry into the provincial pool"),
        "claim": ("领用", "Claim"),
        "push_down": ("集团下发", "Push-down by the group"),
        "national_full": ("全国已补贴串码（全量）", "Subsidised nationally (full)"),
        "national_delta": ("全国已补贴串码（增量）", "Subsidised nationally (delta)"),
    },
)
LIST_STATES = vocabulary(
    "serial_list_states",
    {
        "published": ("已生效", "Published"),
        "held": ("待确认", "Held"),
        "previewed": ("预览", "Preview"),
        "released": ("已确认", "Released"),
    },
)
OWNERSHIP_STATES = vocabulary(
    "ownership_states",
    {"pending": ("待集团审核", "For the group"), "approved": ("已变更", "Moved"), "refused": ("未通过", "Refused")},
)
REMINDER_STATES = vocabulary(
    "reminder_states", {"open": ("待处理", "Open"), "read": ("已阅", "Read"), "settled": ("已核销完", "Settled")}
)
SPOT_CHECK_STATES = vocabulary("spot_check_states", {"drawn": ("待登记", "Drawn"), "counted": ("已登记", "Counted")})
SPOT_CHECK_OUTCOMES = vocabulary(
    "spot_check_outcomes",
    {"found": ("见实物", "Seen"), "missing": ("未见实物", "Missing"), "moved": ("已销售或调出", "Sold or moved since")},
)
SWAP_LIST_STATES = vocabulary(
    "swap_list_states",
    {
        "issuing": ("签发中", "Being issued"),
        "not_issued": ("未能签发", "Not issued"),
        "issued": ("待盖章回传", "For the seal"),
        "passed": ("核验通过", "Verified"),
        "settled": ("已办理", "Swapped"),
    },
)
CONTACT_STATES = vocabulary(
    "contact_states",
    {
        "pending": ("待审核", "To be reviewed"),
        "approved": ("已审核", "Approved"),
        "refused": ("未通过", "Refused"),
        "revoked": ("已停用", "Revoked"),
    },
)
CONTACT_DECISIONS = vocabulary(
    "contact_decisions", {"approve": ("通过", "Approve"), "refuse": ("不通过", "Refuse"), "revoke": ("停用", "Revoke")}
)
VIOLATION_KINDS = vocabulary(
    "violation_kinds",
    {
        "double_subsidy": ("二次补贴", "Subsidised twice"),
        "diversion": ("窜货", "Diversion"),
        "phantom": ("非实物核销", "Phantom redemption"),
        "not_redeemed_same_day": ("当日未核销出库", "Not redeemed the same day"),
        "clone": ("疑似克隆", "Probable clone"),
        "missing_stock": ("账实不符", "Not in the shop"),
    },
)
VIOLATION_STATES = vocabulary(
    "violation_states",
    {"open": ("待认定", "Open"), "confirmed": ("已认定", "Confirmed"), "dismissed": ("不成立", "Dismissed")},
)
SANCTION_STEPS = vocabulary(
    "sanction_steps",
    {
        "criticism": ("通报批评", "Public criticism"),
        "disqualification": ("取消合作资格", "Disqualification"),
    },
)
SANCTION_STATES = vocabulary(
    "sanction_states",
    {
        "proposed": ("待申辩", "Proposed"),
        "heard": ("已申辩", "Heard"),
        "imposed": ("已处罚", "Imposed"),
        "dropped": ("不予处罚", "Dropped"),
        "lifted": ("已撤销", "Lifted"),
    },
)
SANCTION_DECISIONS = vocabulary(
    "sanction_decisions",
    {"impose": ("处罚", "Impose"), "drop": ("不予处罚", "Drop"), "lift": ("撤销处罚", "Lift")},
)
LIST_SOURCES = vocabulary(
    "serial_sources",
    {
        "erp": ("集采（ERP）", "Central purchase (ERP)"),
        "vendor": ("厂商、国包、连锁", "Vendor, distributor, chain"),
        "partner": ("社会合作商", "Partner"),
        "other": ("其他", "Other"),
    },
)
LIST_DOUBTS = vocabulary(
    "serial_list_doubts",
    {
        "shrinks": ("比上次少得多", "Much shorter than the last"),
        "vendor_report": ("厂商报送，待审核", "A vendor's report, to be reviewed"),
        "freezes_many": ("将冻结过多", "Would freeze too many"),
    },
)
EDITED_FIELDS = vocabulary(
    "serial_fields",
    {"serials": ("全部串码", "All codes"), "maker": ("厂商", "Maker"), "model": ("型号", "Model")},
)
AGES = vocabulary(
    "serial_ages",
    {
        "under_3": ("不足 3 个月", "Under 3 months"),
        "from_3": ("3 至 6 个月", "3 to 6 months"),
        "from_6": ("6 至 12 个月", "6 to 12 months"),
        "from_12": ("12 个月以上", "12 months and more"),
    },
)
