"""Refusals of binding, and what is wrong with single rows of a station's batch."""

from kernel.contracts.errors import Entry, register
from kernel.model.errors import Kind

BAD, LARGE, C, N = Kind.INVALID, Kind.TOO_LARGE, Kind.CONFLICT, Kind.NOT_FOUND

register(
    {
        "batch_too_large": Entry(
            LARGE,
            "一批有 {rows} 行，最多 {limit} 行；请分批发送",
            "The batch has {rows} rows, at most {limit} are taken; send it in parts",
        ),
        "row_not_an_object": Entry(BAD, "该行不是对象", "The row is not an object"),
        "terminal_malformed": Entry(
            BAD,
            "终端资产编号应为 4 至 32 位的字母、数字、- / _",
            "An asset number has 4 to 32 letters, digits, - / or _",
        ),
        "slot_out_of_range": Entry(BAD, "模块槽位应为 1 至 4 的整数", "A module slot is a whole number from 1 to 4"),
        "time_missing": Entry(BAD, "缺少抄读时间", "The read time is missing"),
        "time_malformed": Entry(
            BAD, "时间应为 ISO 8601 格式，如 2026-11-02T02:00:00+08:00", "A time is ISO 8601: 2026-11-02T02:00:00+08:00"
        ),
        "time_without_offset": Entry(
            BAD, "时间缺少时区，如 +08:00 或 Z", "The time lacks its offset, such as +08:00 or Z"
        ),
        "reading_too_old": Entry(
            BAD, "抄读时间早于 13 个月，不再接收", "The reading is older than 13 months and is not taken any more"
        ),
        "iccid_or_fault_missing": Entry(
            BAD, "既无 ICCID 也无失败代码，请填写其一", "There is neither an ICCID nor a fault code; give one of them"
        ),
        "iccid_not_text": Entry(BAD, "ICCID 应为文本，数字会丢失末位", "An ICCID is text; a number loses its digits"),
        "terminal_state_unknown": Entry(
            BAD,
            "终端状态应为运行、停运、待装或拆除",
            "A terminal is running, stopped, pending installation or removed",
        ),
        "terminal_elsewhere": Entry(
            BAD,
            "终端现属于其他单位，本主站不能上报；确已移来的，须先由原主站上报为拆除",
            "The terminal stands in another unit; if it came here, its own station must report it as removed first",
        ),
        "terminal_kind_missing": Entry(
            BAD, "缺少终端类型，或超过 64 字", "The terminal's kind is missing or longer than 64"
        ),
        "terminal_list_differs": Entry(
            C,
            "清单 {list_id} 已按 {parts} 个分段和另一时间登记，请换一个清单编号",
            "List {list_id} is known with {parts} parts or another time; use a new list id",
        ),
        "terminal_list_not_held": Entry(
            C, "清单 {list_id} 不在待裁定状态", "List {list_id} does not wait for a decision"
        ),
        "claim_not_found": Entry(
            N,
            "终端 {terminal} 槽位 {slot} 现在没有抄到卡 {iccid}，或涉及本单位范围外的终端",
            "Slot {slot} of terminal {terminal} does not claim card {iccid} now, or a claim lies outside your units",
        ),
        "settlement_not_found": Entry(
            N, "裁定 {id} 不存在，或涉及本单位范围外的终端", "There is no decision {id} in your units"
        ),
        "settlement_undone": Entry(C, "裁定 {id} 已撤销", "Decision {id} was taken back already"),
        "exception_not_found": Entry(
            N, "绑定异常 {id} 不存在或不在本单位范围内", "There is no exception {id} in your units"
        ),
        "exception_in_other_hands": Entry(
            C, "该异常正由 {handler} 处理；请先由其退回", "{handler} has it in hand; it has to be given back first"
        ),
        "reads_not_found": Entry(
            N, "召测 {id} 不存在或不在本单位范围内", "There is no on-demand read {id} in your units"
        ),
        "terminal_not_found": Entry(
            N, "终端 {terminal} 不存在或不在本单位范围内", "There is no terminal {terminal} in your units"
        ),
        "terminal_removed": Entry(C, "终端已拆除，不能召测", "The terminal was removed and cannot be read"),
        "exception_note_missing": Entry(BAD, "关闭异常时请填写处理说明", "Say what was done when you close it"),
        "exception_settles_nothing": Entry(
            C,
            "绑定异常 {id} 不是两个终端争一张卡，无需裁定；请处理后关闭",
            "Exception {id} is not about two terminals and one card; handle it and close it",
        ),
        "count_malformed": Entry(
            BAD, "卡数“{value}”应为不超过 10 亿的整数", "“{value}” is no whole number of cards up to 1,000,000,000"
        ),
        "count_twice": Entry(
            BAD, "单位 {unit} 出现两次，只取第一行", "Unit {unit} stands there twice; the first row counts"
        ),
        "carrier_counts_failed": Entry(
            Kind.UNAVAILABLE,
            "运营商的卡数接口没有正常应答（{reason}），请稍后再取，或上传文件；已有的卡数不受影响",
            "The carrier's interface for counts failed ({reason}); pull again later or upload a file, the counts stay",
        ),
        "count_in_the_future": Entry(BAD, "统计日期不能晚于今天", "The day of the count lies in the future"),
        "report_in_the_future": Entry(
            BAD,
            "终端档案的上报时间晚于现在，请校准主站时钟后重报",
            "The report's time lies in the future; set the station's clock, report again",
        ),
        "lock_stands": Entry(
            C, "卡 {iccid} 已锁定，请先解除", "Card {iccid} is locked already; release that lock first"
        ),
        "lock_imei_unknown": Entry(
            C,
            "尚未抄到卡 {iccid} 所在模块的 IMEI，请填写 IMEI 或锁定到终端",
            "No IMEI was read with card {iccid} yet; give one, or hold it to its terminal",
        ),
        "lock_terminal_unknown": Entry(
            C,
            "卡 {iccid} 现在没有绑定终端，请填写终端或锁定到 IMEI",
            "Card {iccid} is bound in no terminal; name one, or hold it to its IMEI",
        ),
        "lock_imei_malformed": Entry(
            BAD, "IMEI 应为 14 至 16 位数字，且校验位正确", "An IMEI has 14 to 16 digits with the right check digit"
        ),
        "lock_names_one_card": Entry(
            BAD, "填写 IMEI 或终端时只能锁定一张卡", "With an IMEI or a terminal given, lock one card only"
        ),
        "lock_not_found": Entry(
            N, "锁定 {id} 不存在、已解除或不在本单位范围内", "There is no standing lock {id} in your units"
        ),
        "mismatch_gone": Entry(
            C,
            "该单位不一致已不存在或已变化，请刷新列表",
            "These units differ no more, or otherwise; load the list again",
        ),
        "mismatch_needs_superior": Entry(
            Kind.FORBIDDEN,
            "终端或卡属于本单位范围外，请由上级单位更正",
            "The terminal or the card is another unit's; the unit above both has to correct it",
        ),
        "correction_waits": Entry(
            C, "该卡已有一次更正在等待库存确认", "A correction of this card waits for inventory already"
        ),
        "correction_not_found": Entry(
            N, "更正 {id} 不存在，或涉及本单位范围外的单位", "There is no correction {id} in your units"
        ),
        "correction_not_undoable": Entry(
            C,
            "更正 {id} 尚未完成、已撤销，或单位此后又有变化，不能撤销",
            "Correction {id} is not done yet, was undone, or the unit has changed since; it cannot be taken back",
        ),
        "too_many_days": Entry(BAD, "日期跨度最多 {limit} 天，请缩短", "At most {limit} days at once; choose fewer"),
        "fault_malformed": Entry(BAD, "失败代码应为文本或整数", "A fault code is text or a whole number"),
    }
)
