"""Words for what inventory's codes mean."""

from kernel.contracts.words import part_of, vocabulary

CARD_STATES = vocabulary(
    "card_states",
    {
        "received": ("待入库", "Awaiting stock-in"),
        "unqualified": ("不合格", "Unqualified"),
        "in_stock": ("库存", "In stock"),
        "pending_install": ("待装", "Pending installation"),
        "running": ("运行", "Running"),
        "pending_scrap": ("待报废", "Pending scrap"),
        "terminating": ("销卡中", "Terminating"),
        "terminated": ("已销卡", "Terminated"),
    },
)
_ACTIONS = {
    "receive": ("接收", "Received", "cards_received"),
    "mark_unqualified": ("置不合格", "Marked unqualified", "cards_marked_unqualified"),
    "inspect": ("检测合格", "Passed inspection", ""),
    "inspect_again": ("重新检测", "Inspect again", "cards_to_inspect_again"),
    "stock_in": ("入库", "Stock in", "cards_stocked_in"),
    "allocate": ("分卡", "Allocation", "cards_allocated"),
    "issue": ("领用", "Issue", "cards_issued"),
    "bind": ("绑定", "Bound", "cards_bound"),
    "unbind": ("解绑", "Unbound", "cards_unbound"),
    "correct_unit": ("单位更正", "Unit corrected", "cards_unit_corrected"),
    "return_to_stock": ("返库", "Return to stock", "cards_returned_to_stock"),
    "redirect_to_stock": ("分流到库存", "Redirected to stock", "cards_returned_to_stock"),
    "redirect_to_scrap": ("分流到待报废", "Redirected to scrap", "cards_marked_for_scrap"),
    "mark_pending_scrap": ("待报废", "Pending scrap", "cards_marked_for_scrap"),
    "restore_to_stock": ("恢复库存", "Restored to stock", "cards_restored"),
    "restore_to_pending_install": ("恢复待装", "Restored to pending install", "cards_restored"),
    "put_on_form": ("列入销卡单", "Put on a form", "cards_put_on_form"),
    "take_off_form": ("移出销卡单", "Taken off the form", "cards_taken_off_form"),
    "terminate": ("销卡", "Terminated", "cards_terminated"),
    "reopen": ("重新办理销卡", "Case opened again", "cards_reopened"),
}
"""What can happen to a card: in Chinese and English, and the type of the event that tells of it; "": none does."""
CARD_ACTIONS = vocabulary("run_log_actions", {action: (zh, en) for action, (zh, en, _) in _ACTIONS.items()})
"""What happened to a card, as the run log says it."""
FACT_OF_ACTION = {action: fact for action, (_, _, fact) in _ACTIONS.items() if fact}
DELIVERY_STATES = vocabulary(
    "delivery_states",
    {
        "receiving": ("接收中", "Receiving"),
        "held": ("有差异", "Held"),
        "received": ("待入库", "Awaiting stock-in"),
        "inspected": ("已检测", "Inspected"),
        "stocked_in": ("已入库", "Stocked in"),
    },
)
DELIVERY_SOURCES = vocabulary(
    "delivery_sources",
    {
        "pull": ("接口拉取", "Pulled"),
        "push": ("运营商推送", "Pushed"),
        "upload": ("人工上传", "Uploaded"),
    },
)
INSPECTION_RESULTS = vocabulary(
    "inspection_results",
    {
        "qualified": ("合格", "Qualified"),
        "unqualified": ("不合格", "Unqualified"),
    },
)
REFERENCE_KINDS = vocabulary(
    "reference_kinds",
    {
        "delivery": ("到货批次", "Delivery"),
        "allocation": ("分卡记录", "Allocation"),
        "requisition": ("领用单", "Requisition"),
        "reading": ("召测记录", "Reading"),
        "form": ("申请单", "Form"),
        "inspection": ("检测记录", "Inspection"),
    },
)
"""What a line of the run log belongs to."""
NETWORK_STATES = vocabulary(
    "network_states",
    {
        "active": ("正常", "Active"),
        "stopped": ("停机", "Stopped"),
        "unknown": ("未知", "Unknown"),
        "not_activated": ("未激活", "Not activated"),
    },
)
WAITING = vocabulary(
    "waiting",
    {
        "deliveries_held": ("有差异待放行的批次", "Held batches to release"),
        "deliveries_to_inspect": ("待检测的批次", "Batches to inspect"),
        "deliveries_to_stock_in": ("待入库的批次", "Batches to stock in"),
        "cards_to_issue": ("可领用的库存卡", "Cards in stock to issue"),
        "abnormal_unqualified": ("长期不合格的卡", "Cards unqualified too long"),
        "abnormal_pending_install": ("长期待装的卡", "Cards pending too long"),
        "abnormal_pending_scrap": ("长期待报废的卡", "Cards waiting for scrap too long"),
    },
)
"""What waits on the first page."""
part_of("abnormal_states", CARD_STATES, "unqualified", "pending_install", "pending_scrap")
LABEL_KINDS = vocabulary("label_kinds", {"batch": ("批次", "Batch"), "box": ("箱", "Box")})
