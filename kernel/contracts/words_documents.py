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
FINDING_KINDS = vocabulary(
    "finding_kinds",
    {
        "changed": ("内容不一致", "not what was issued"),
        "missing": ("内容缺失", "is missing"),
        "added": ("印有原单没有的内容", "print that the original does not have"),
        "foreign_ink": ("有原单没有的字迹", "ink that the original does not have"),
        "unreadable": ("看不清", "cannot be read"),
        "rule_missing": ("表格线缺失，可能被遮盖", "a line of the table is missing, perhaps covered"),
        "code_unreadable": ("页面识别码无法识别", "the page's code cannot be read"),
        "code_differs": ("条码不一致", "another code"),
        "page_missing": ("缺页", "the page is missing"),
        "page_doubled": ("重复的页", "the page is there twice"),
        "page_foreign": ("不是本申请单的页", "not a page of this form"),
        "page_superseded": ("是本申请单其他版次的页", "a page of another revision of this form"),
        "page_blank": ("空白页", "a blank page"),
        "page_unknown": ("无法识别的页", "cannot be told which page this is"),
        "page_order": ("页序与原单不同", "pages in another order than issued"),
        "seal_missing": ("没有公章", "no seal"),
        "seal_invalid": ("不是有效的公章", "not a valid seal"),
        "seal_misplaced": ("公章不在盖章处", "the seal is not where it belongs"),
        "seal_unclear": ("公章看不清", "the seal cannot be made out"),
        "no_colour": ("扫描件不是彩色", "the scan has no colour"),
        "low_resolution": ("扫描分辨率过低", "the scan is too coarse"),
        "not_registered": ("页面无法与原单对齐", "the page cannot be aligned with the original"),
        "renderings_differ": ("不同软件显示的内容不同", "two programs show this page differently"),
        "not_drawn_twice": (
            "页面不只是图像，且未能用第二种软件核对",
            "the page is more than pictures and could not be drawn by a second program",
        ),
        "mark": ("有与内容无关的痕迹", "a mark that touches no content"),
        "outside_ink": ("纸面以外有字迹", "ink outside the sheet"),
        "unsigned": ("没有找到签字", "no signature found"),
        "overwritten_label": ("签字写到了栏名上", "handwriting over the label"),
        "seal_over_content": ("公章盖住了内容", "a seal lies over content"),
        "seal_different": ("与预留印鉴不符", "not the unit's registered seal"),
        "seal_not_seen": ("看不清是否与预留印鉴相符", "not enough seen to compare it with the registered seal"),
        "seal_reused": ("印迹曾用于其他单据", "the very impression was used on another form"),
        "seal_same": ("与预留印鉴一致", "same as the registered seal"),
        "seal_not_compared": ("未与预留印鉴比对", "not compared with a specimen"),
        "refused": ("文件无法处理", "the file cannot be processed"),
    },
)
"""What a scan's findings are called, and how its seal compares with a specimen."""
LABEL_LAYOUTS = vocabulary(
    "label_layouts",
    {
        "a4_3x8": ("A4 3×8（70×37 毫米，24 个）", "A4 3 x 8 (70 x 37 mm, 24 labels)"),
        "a4_3x7": ("A4 3×7（63.5×38.1 毫米，21 个）", "A4 3 x 7 (63.5 x 38.1 mm, 21 labels)"),
        "a4_2x7": ("A4 2×7（99.1×38.1 毫米，14 个）", "A4 2 x 7 (99.1 x 38.1 mm, 14 labels)"),
        "a4_2x4": ("A4 2×4（99.1×67.7 毫米，8 个）", "A4 2 x 4 (99.1 x 67.7 mm, 8 labels)"),
        "roll_70x40": ("标签卷 70×40 毫米（每页 1 个）", "Roll of 70 x 40 mm (one a page)"),
    },
)
