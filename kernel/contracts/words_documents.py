"""Words for what documents' codes mean."""

from kernel.contracts.words import vocabulary

SCAN_OUTCOMES = vocabulary(
    "scan_outcomes",
    {
        "waiting": ("等待核验", "Waiting"),
        "passed": ("通过", "Pass"),
        "differs": ("不一致", "Differs"),
        "unclear": ("看不清", "Unclear"),
        "refused": ("无法处理", "Refused"),
    },
)
SCAN_DECISIONS = vocabulary(
    "scan_decisions",
    {
        "passed": ("与原件一致，通过", "As issued: passed"),
        "differs": ("与原件不一致", "Differs from what was issued"),
    },
)
SEAL_STATES = vocabulary(
    "seal_states",
    {
        "reading": ("读取中", "Being read"),
        "unusable": ("不可用", "Unusable"),
        "to_confirm": ("待复核", "To be confirmed"),
        "confirmed": ("已复核", "Confirmed"),
        "rejected": ("已退回", "Rejected"),
    },
)
SEAL_DECISIONS = vocabulary(
    "seal_decisions",
    {
        "confirmed": ("印鉴清晰无误，予以留存", "Clear and right: keep it"),
        "rejected": ("退回", "Rejected"),
    },
)
ISSUED_FORM_STATES = vocabulary(
    "issued_form_states",
    {
        "issuing": ("签发中", "Being issued"),
        "current": ("有效", "Current"),
        "superseded": ("已被替代", "Superseded"),
        "failed": ("签发失败", "Failed"),
    },
)
ISSUED_FORM_KINDS = vocabulary(
    "issued_form_kinds",
    {
        "city_opening": ("开卡申请单（市级）", "City opening form"),
        "province_opening": ("开卡申请单（省级）", "Province opening form"),
        "county_termination": ("销卡申请单（区县级）", "County termination form"),
        "city_termination": ("销卡申请单（市级）", "City termination form"),
        "swap_list": ("售后换机串码清单", "Serial swap list"),
        "box_labels": ("卡盒标签", "Box labels"),
    },
)
