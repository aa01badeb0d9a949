"""Choices that only the portal knows, and the colour of every state. All others come from ``/api/v1/options``."""

# Sent with the specs; the browser asks the API for every other name.
OPTIONS: dict[str, tuple[tuple[str, str], ...]] = {
    "inspection_results": (("qualified", "合格"), ("unqualified", "不合格")),
    "redirect_states": (("in_stock", "库存"), ("pending_scrap", "待报废")),
    "abnormal_states": (("unqualified", "不合格"), ("pending_install", "待装"), ("pending_scrap", "待报废")),
    "delivery_sources": (("pull", "接口拉取"), ("push", "运营商推送"), ("upload", "人工上传")),
    "yes_no": (("true", "是"), ("false", "否")),
    "active_states": (("true", "启用"), ("false", "停用")),
    "job_states": (
        ("queued", "排队中"), ("running", "进行中"), ("done", "已完成"), ("failed", "失败"), ("cancelled", "已取消"),
    ),
    "waiting": (
        ("deliveries_held", "有差异待放行的批次"), ("deliveries_to_inspect", "待检测的批次"),
        ("deliveries_to_stock_in", "待入库的批次"), ("cards_to_issue", "可领用的库存卡"),
        ("abnormal_unqualified", "长期不合格的卡"), ("abnormal_pending_install", "长期待装的卡"),
        ("abnormal_pending_scrap", "长期待报废的卡"),
    ),
    "login_refusals": (("401", "用户名或密码不正确"), ("429", "次数过多，已暂停")),
    "outcomes": (("done", "成功"), ("refused", "被拒绝"), ("failed", "出错"), ("unknown", "未知")),
    "run_log_actions": (
        ("receive", "接收"), ("mark_unqualified", "置不合格"), ("inspect_again", "重新检测"), ("stock_in", "入库"),
        ("allocate", "分卡"), ("issue", "领用"), ("bind", "绑定"), ("unbind", "解绑"), ("return_to_stock", "返库"),
        ("redirect_to_stock", "分流到库存"), ("redirect_to_scrap", "分流到待报废"), ("mark_pending_scrap", "待报废"),
        ("restore_to_stock", "恢复库存"), ("restore_to_pending_install", "恢复待装"), ("put_on_form", "列入销卡单"),
        ("take_off_form", "移出销卡单"), ("terminate", "销卡"), ("reopen", "重新办理销卡"),
    ),
    "reference_kinds": (
        ("delivery", "到货批次"), ("allocation", "分卡记录"), ("requisition", "领用单"), ("reading", "召测记录"),
        ("form", "申请单"), ("inspection", "检测记录"),
    ),
    "review_verdicts": (("pass", "通过"), ("reject", "不通过")),
    "carrier_answers": (("done", "已销卡"), ("refused", "拒绝")),
    "order_levels": (("city", "按市统计"), ("province", "全省合计")),
    "changed_fields": (("unit", "单位"), ("state", "状态")),
    "read_states": (("true", "已读"), ("false", "未读")),
    "scan_outcomes": (
        ("waiting", "等待核验"), ("passed", "通过"), ("differs", "不一致"), ("unclear", "看不清"),
        ("refused", "无法处理"),
    ),
    "scan_decisions": (("passed", "与原件一致，通过"), ("differs", "与原件不一致")),
    "issued_form_states": (
        ("issuing", "签发中"), ("current", "有效"), ("superseded", "已被替代"), ("failed", "签发失败"),
    ),
    "issued_form_kinds": (
        ("city_opening", "开卡申请单（市级）"), ("province_opening", "开卡申请单（省级）"),
        ("county_termination", "销卡申请单（区县级）"), ("city_termination", "销卡申请单（市级）"),
        ("swap_list", "售后换机串码清单"), ("box_labels", "卡盒标签"),
    ),
    "network_states": (("active", "正常"), ("stopped", "停机"), ("unknown", "未知"), ("not_activated", "未激活")),
}

# Element Plus tag types; the text always stands in the tag as well, colour alone tells nothing to some of us.
TONES: dict[str, str] = {
    "received": "info", "unqualified": "danger", "in_stock": "success", "pending_install": "warning",
    "running": "primary", "pending_scrap": "danger", "terminating": "warning", "terminated": "info",
    "receiving": "info", "inspected": "warning", "stocked_in": "success", "held": "danger",
    "queued": "info", "done": "success", "failed": "danger", "cancelled": "info",
    "drafted": "info", "city_summarised": "primary", "county_reviewing": "warning", "city_reviewing": "warning",
    "city_approved": "success", "submitted_to_city": "primary", "submitted_to_province": "primary",
    "sent_back_by_city": "danger", "sent_back_by_province": "danger", "province_summarised": "primary",
    "province_reviewing": "warning", "submitted_to_internet_department": "success", "completed": "success",
    "dissolved": "info", "verifying": "info", "passed": "success", "differs": "danger", "unclear": "warning",
    "outdated": "info", "listed": "info", "waiting": "warning", "settled": "primary", "answered_done": "success",
    "answered_refused": "danger",
    "current": "success", "superseded": "info", "issuing": "info",
    "refused": "warning", "unknown": "info", "qualified": "success", "true": "success", "false": "info",
}


def plain_options() -> dict[str, list[dict[str, str]]]:
    """The choices as the API would answer them."""
    return {name: [{"value": value, "label": label} for value, label in pairs] for name, pairs in OPTIONS.items()}
