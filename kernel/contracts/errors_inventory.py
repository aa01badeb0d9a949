"""Refusals of inventory. Row codes (iccid_*, card_*) also stand in per-row reports."""

from kernel.contracts.errors import Entry, register
from kernel.model.errors import Kind

BAD, N, C = Kind.INVALID, Kind.NOT_FOUND, Kind.CONFLICT

register(
    {
        "iccid_blank": Entry(BAD, "ICCID 为空", "The ICCID is empty"),
        "iccid_scientific": Entry(
            BAD,
            "ICCID 被表格软件改成了科学计数法（{value}），末位数字已丢失；请把该列设为文本后重新导出",
            "A spreadsheet turned the ICCID into {value} and lost digits; format the column as text and export again",
        ),
        "iccid_characters": Entry(
            BAD,
            "ICCID“{value}”第 {place} 位的“{character}”不允许出现在此处",
            "ICCID {value}: character {place}, {character_en}, is not allowed there",
        ),
        "iccid_length": Entry(
            BAD,
            "ICCID“{value}”应为 19 或 20 位，实际 {length} 位",
            "ICCID {value} must have 19 or 20 characters, not {length}",
        ),
        "iccid_wrong_carrier": Entry(
            BAD, "ICCID“{value}”的号头不属于{carrier}", "ICCID {value} was not issued by {carrier_en}"
        ),
        "iccid_check_digit": Entry(
            BAD,
            "ICCID“{value}”校验位错误，应为 {expected}",
            "ICCID {value} has a wrong check digit; {expected} is right",
        ),
        "iccid_check_digit_missing": Entry(
            BAD,
            "文件中 19 位的 ICCID 没有校验位（不是校验位错误）",
            "The ICCIDs of 19 digits in the file have no check digit; it is missing, not wrong",
        ),
        "iccid_normalised": Entry(
            BAD,
            "ICCID 中的空格、全角、小写字符、填充位 F 或倒序半字节已自动更正",
            "Spaces, full-width or lower-case characters, F padding or swapped nibbles were corrected",
        ),
        "iccid_twice": Entry(
            BAD,
            "ICCID“{value}”在文件中重复，首次出现于第 {first_row} 行",
            "ICCID {value} stands twice; first in row {first_row}",
        ),
        "card_known": Entry(
            C, "卡 {value} 已在批次 {batch_no} 中登记", "Card {value} is already known from batch {batch_no}"
        ),
        "card_numbers_differ": Entry(
            C,
            "卡 {value} 在本批次中已登记，但 {field:fields} 为 {known}",
            "Card {value} is in this batch already, with {field:fields} {known}",
        ),
        "row_number_malformed": Entry(
            BAD,
            "{field:fields}“{value}”只能是数字，且不超过 15 位",
            "{field:fields} {value} must be digits, 15 at most",
        ),
        "carrier_unknown": Entry(N, "运营商“{carrier}”不存在", "There is no carrier {carrier}"),
        "carrier_not_yours": Entry(
            Kind.FORBIDDEN, "该密钥属于另一运营商，不能推送此运营商的卡", "This key belongs to another carrier"
        ),
        "carrier_not_connected": Entry(
            N, "该运营商没有配置接口，请上传文件", "No interface is configured for this carrier; upload a file"
        ),
        "carrier_failed": Entry(
            Kind.UNAVAILABLE,
            "运营商接口没有正常应答（{reason}），请稍后再取，已取到的批次不受影响",
            "The carrier's interface failed ({reason}); pull again later, nothing taken in is lost",
        ),
        "card_spec_unknown": Entry(N, "卡片规格“{card_spec}”不存在", "There is no card spec {card_spec}"),
        "delivery_not_found": Entry(N, "批次 {delivery_id} 不存在", "There is no delivery {delivery_id}"),
        "delivery_note_changed": Entry(
            C,
            "批次 {batch_no} 已用另一{field:fields}（{known:card_spec_names}）登记，请核对",
            "Batch {batch_no} is known with another {field:fields} ({known:card_spec_names}); check the note",
        ),
        "delivery_unit_level": Entry(
            BAD,
            "{field:fields}：批次须归省或市公司所有，不能是“{unit}”",
            "{field:fields}: a delivery belongs to a province or city, not to {unit}",
        ),
        "delivery_held": Entry(
            C, "批次有差异，须先核对放行才能入库", "The batch has discrepancies; release it before stocking in"
        ),
        "delivery_not_held": Entry(C, "批次没有待放行的差异", "The batch has no discrepancies to release"),
        "delivery_count_differs": Entry(
            C, "交货单数量 {expected}，实收 {received}", "The note says {expected} cards, {received} came"
        ),
        "delivery_known_since": Entry(
            C,
            "批次 {batch_no} 已于 {day} 接收，文件中没有新卡",
            "Batch {batch_no} was already received on {day}; the file brought no new card",
        ),
        "delivery_numbers_taken": Entry(
            C,
            "{count} 张卡的 {field:fields} 已属于另一张在用的卡，如 {iccid} 与 {other} 均为 {value}",
            "The {field:fields} of {count} cards belongs to another living card: {iccid} and {other} both have {value}",
        ),
        "delivery_range_gap": Entry(
            C,
            "号段在 {after} 与 {before} 之间缺 {missing} 个号",
            "{missing} numbers are missing between {after} and {before}",
        ),
        "card_not_found": Entry(N, "卡片 {iccid} 不存在或不在本单位范围内", "There is no card {iccid} in your units"),
        "act_not_found": Entry(
            N, "该分卡或领用记录不存在或不在本单位范围内", "There is no such allocation or requisition in your units"
        ),
        "card_unknown": Entry(N, "卡片不存在或不在本单位范围内", "No such card in your units"),
        "card_unit_changed": Entry(
            C, "卡片的单位在此期间已变化", "The card has come to another unit meanwhile"
        ),
        "card_state_refused": Entry(
            C,
            "卡片状态为“{state:card_states}”，不能{action:run_log_actions}",
            "The card is {state:card_states}; not possible: {action:run_log_actions}",
        ),
        "transition_refused": Entry(
            C,
            "当前状态下不能执行此操作，请刷新后查看",
            "That is not possible in the present state; reload and look again",
        ),
        "card_came_from_elsewhere": Entry(C, "卡片不是从该状态转入待报废的", "The card did not come from that state"),
        "card_other_delivery": Entry(C, "卡片不属于该批次", "The card belongs to another delivery"),
        "card_other_month": Entry(C, "申请月份不符", "Another application month"),
        "card_other_carrier": Entry(C, "运营商不符", "Another carrier"),
        "card_other_spec": Entry(C, "卡片规格不符", "Another card spec"),
        "card_other_owner": Entry(C, "资产单位不是分卡单位", "Owned by another unit"),
        "card_not_for_unit": Entry(
            C,
            "卡片的资产单位（{owner_unit}）不是领用单位“{unit}”或其上级",
            "The card is owned by {owner_unit}, which is neither {unit} nor above it",
        ),
        "day_in_future": Entry(BAD, "{field:fields}：日期 {day} 晚于今天", "{field:fields}: {day} lies in the future"),
        "inspection_reason_missing": Entry(
            BAD, "检测结果为不合格时，请填写不合格原因", "Say why the cards are unqualified"
        ),
        "card_not_in_stock": Entry(C, "卡片不在库存状态", "Not in stock"),
        "range_end_malformed": Entry(
            BAD,
            "{field:fields}：号码“{value}”应为 19 或 20 位，实际 {length} 位",
            "{field:fields}: {value} must have 19 or 20 characters, not {length}",
        ),
        "range_end_characters": Entry(
            BAD,
            "{field:fields}：号码“{value}”第 {place} 位的“{character}”不允许出现在此处",
            "{field:fields}: character {place} of {value}, {character_en}, is not allowed there",
        ),
        "range_end_scientific": Entry(
            BAD,
            "{field:fields}：号码被表格软件改成了科学计数法（{value}），末位数字已丢失，请重新输入",
            "{field:fields}: a spreadsheet turned the number into {value} and lost digits; enter it again",
        ),
        "range_end_check_digit": Entry(
            BAD,
            "{field:fields}：号码“{value}”校验位错误，应为 {expected}",
            "{field:fields}: {value} has a wrong check digit; {expected} is right",
        ),
        "range_reversed": Entry(
            BAD, "开始号段 {start} 大于结束号段 {end}", "The range starts at {start}, after its end {end}"
        ),
        "range_across_issuers": Entry(
            BAD, "号段 {start} 至 {end} 跨运营商号头", "The range {start} to {end} spans issuers"
        ),
        "range_empty": Entry(BAD, "号段内没有卡片", "There are no cards in the range"),
        "allocation_refused": Entry(
            C,
            "号段内有 {count} 张卡不符合分卡条件，未移动任何卡片",
            "{count} cards of the range cannot be allocated; none was moved",
        ),
        "unit_not_below": Entry(
            BAD,
            "{field:fields}：接收单位“{unit}”须是“{own_unit}”的下级单位",
            "{field:fields}: {unit} must lie below {own_unit}",
        ),
        "ledger_card_differs": Entry(
            C,
            "卡片为“{state:card_states}”（{unit}，版本 {version}），"
            "运行日志末条为“{log_state:card_states}”（{log_unit}，版本 {log_version}）",
            "The card is {state:card_states} of {unit}, version {version}; its last log entry says"
            " {log_state:card_states} of {log_unit}, version {log_version}",
        ),
        "ledger_log_broken": Entry(
            C,
            "运行日志不连续：{entries} 条，末条版本 {log_version}，断点 {breaks} 处",
            "The run log is broken: {entries} entries, last version {log_version}, {breaks} breaks",
        ),
        "ledger_card_without_log": Entry(C, "卡片没有运行日志", "The card has no run log"),
        "ledger_log_without_card": Entry(
            C, "运行日志指向不存在的卡片（编号 {card_id}）", "The run log names a card that is not there (id {card_id})"
        ),
        "ledger_sum_differs": Entry(
            C,
            "台账不符：{unit} {state:card_states}（{carrier:carrier_names}，{card_spec:card_spec_names}，{month}）"
            "台账 {booked} 张，实有 {cards} 张",
            "{unit} {state:card_states} ({carrier:carrier_names}, {card_spec:card_spec_names}, {month}):"
            " the ledger says {booked}, there are {cards}",
        ),
        "ledger_closing_differs": Entry(
            C,
            "{day} 结账与台账不符：{unit} {state:card_states} 结账 {closed} 张，台账 {booked} 张；请重建结账",
            "The closing of {day} differs: {unit} {state:card_states} closed {closed}, ledger {booked};"
            " rebuild the closings",
        ),
        "label_is_card": Entry(
            BAD,
            "“{value}”是一张卡的 ICCID，不是箱码；请扫描箱或批次标签上的二维码",
            "{value} is the ICCID of one card; scan the QR code on the label of the box or batch",
        ),
        "label_not_ours": Entry(
            BAD,
            "“{value}”不是本系统的箱码或批次码；请扫描标签上的二维码，或输入其下方的 17 位数字",
            "{value} is no code of a box or batch; scan the QR code on the label, or type the 17 digits below it",
        ),
        "label_misread": Entry(
            BAD, "“{value}”有误读或误输的数字，请重新扫描", "A digit of {value} was misread or mistyped; scan it again"
        ),
        "label_other_system": Entry(
            BAD,
            "“{value}”是另一套系统（编号 {system}）的标签，请用本系统打印的标签",
            "{value} is a label of another installation (number {system}); print one here",
        ),
        "label_unknown": Entry(
            N,
            "“{value}”不存在，或其中没有本单位范围内的卡",
            "{value} does not exist, or none of its cards is in your units",
        ),
        "label_twice": Entry(
            C, "“{value}”在第 {first_row} 行已扫描过", "{value} was scanned before, in row {first_row}"
        ),
        "box_void": Entry(
            C,
            "批次 {batch_no} 的箱 {box_no} 已重新装箱，此标签作废；请扫描新标签",
            "Box {box_no} of batch {batch_no} was packed anew and this label is void; scan the new one",
        ),
        "box_not_issued": Entry(
            C, "{left} 张卡都不能领用，原因见明细", "None of {left} cards could be issued; see the reasons"
        ),
        "box_issued_in_part": Entry(
            C, "领用 {done} 张，另有 {left} 张未领用，原因见明细", "{done} cards issued, {left} not; see the reasons"
        ),
        "boxes_unknown": Entry(
            N,
            "所选的箱已不在批次 {batch_no} 中，可能已重新装箱；请刷新后再选",
            "Some of these boxes are no longer in batch {batch_no}; reload the list",
        ),
        "delivery_packed": Entry(
            C,
            "批次 {batch_no} 已装成 {boxes} 箱；重新装箱后，原有标签全部作废",
            "Batch {batch_no} is packed into {boxes} boxes; packing anew makes their labels void",
        ),
        "delivery_not_packed": Entry(
            C, "批次 {batch_no} 还没有装箱，请先装箱", "Batch {batch_no} has no boxes yet; pack it first"
        ),
        "delivery_without_cards": Entry(C, "批次 {batch_no} 中没有卡", "There are no cards in batch {batch_no}"),
    }
)
