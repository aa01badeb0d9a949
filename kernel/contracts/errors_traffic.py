"""Refusals of traffic, what is wrong with single rows of a load, why a load is held, and what a check finds."""

from kernel.contracts.errors import Entry, register
from kernel.model.errors import Kind

BAD, C, N = Kind.INVALID, Kind.CONFLICT, Kind.NOT_FOUND

register(
    {
        "usage_day_malformed": Entry(
            BAD,
            "日期“{value}”不可读，应为 2026-11-02 形式",
            "The day “{value}” cannot be read; write it as 2026-11-02",
        ),
        "usage_day_out_of_range": Entry(
            BAD,
            "日期 {value} 不在 {first} 至 {last} 之间，不再接收",
            "The day {value} does not lie between {first} and {last} and is not taken",
        ),
        "usage_volume_malformed": Entry(
            BAD,
            "流量“{value}”应为不小于 0、不带单位的数，小数点用“.”，每天不超过 16 TB；请更正后重报该行",
            "The volume “{value}” must be a number from 0 without a unit, with a point for decimals, at most 16 TB a"
            " day; correct the row and send it again",
        ),
        "usage_unit_differs": Entry(
            BAD,
            "文件表头的流量单位是 {said}，所选单位是 {chosen:volume_units}，整份文件未入；"
            "请选择与表头一致的单位后重新上传",
            "The file's head says volumes are in {said}, but {chosen:volume_units} was chosen; nothing was taken:"
            " choose the unit of the head and upload the file again",
        ),
        "usage_unit_unreadable": Entry(
            BAD,
            "文件表头的流量单位“{said}”不能读取：只接受 B、KB、MB、GB 中的一种，整份文件未入；"
            "请换算数值并更正表头后重新上传",
            "The file's head says volumes are in “{said}”; only one of B, KB, MB and GB can be read, and nothing was"
            " taken: convert the volumes, correct the head and upload the file again",
        ),
        "usage_twice": Entry(
            BAD,
            "同一卡同一天在本次数据中另有不同的流量（第 {first} 行）；请核对后重报",
            "The same card and day stands with another volume in row {first}; check and send it again",
        ),
        "usage_other_carrier": Entry(
            BAD,
            "该卡属于另一运营商，请在该运营商的数据中上报",
            "The card is another carrier's; report it with that carrier's figures",
        ),
        "usage_ranges_malformed": Entry(
            BAD,
            "流量区间“{value}”不可读：请填写由小到大的 MB 数，用逗号分隔，如 1, 5, 10, 30",
            "The ranges “{value}” cannot be read: give rising numbers of MB with commas, as 1, 5, 10, 30",
        ),
        "usage_data_of": Entry(
            C,
            "数据截至 {day}；数据时间：运营商 {carrier_as_of}，主站 {terminal_as_of}",
            "Figures up to {day}; data of {carrier_as_of} (carrier), {terminal_as_of} (station)",
        ),
        "tariff_span": Entry(
            BAD,
            "资费须从某月 1 日起、到某月 1 日止，且止期晚于起期（{first}）",
            "A tariff begins and ends on the first of a month, and ends after it begins ({first})",
        ),
        "tariff_overlaps": Entry(C, "与资费 {id} 的有效期重叠", "The time overlaps with that of tariff {id}"),
        "tariff_missing": Entry(
            C,
            "{month} 没有适用于该卡（规格 {card_spec}）的资费，请先登记",
            "No tariff holds for this card ({card_spec}) in {month}; enter one first",
        ),
        "counter_day_to_come": Entry(BAD, "读数日期不能晚于今天", "The day of a reading is not to come"),
        "counter_twice": Entry(BAD, "同一张卡在一次上报中只能有一个读数", "A card has one reading in a report"),
        "counter_doubt_not_found": Entry(
            N, "计数疑点 {id} 不存在或不在本单位范围内", "There is no doubtful reading {id} in your units"
        ),
        "counter_doubt_decided": Entry(C, "计数疑点 {id} 已判定", "The doubtful reading {id} is decided already"),
        "pool_month": Entry(
            BAD,
            "流量池约定须从某月 1 日起（{first}）",
            "What is agreed for a pool begins on the first of a month ({first})",
        ),
        "pool_agreed": Entry(
            C,
            "流量池 {name} 自 {first} 起的约定已登记，不可覆盖；请从以后的月份起重新约定",
            "For the pool {name} something is agreed from {first} on and is never overwritten; agree anew from a later "
            "month on",
        ),
        "rating_impossible": Entry(C, "无法计算费用：{reason}", "The month cannot be rated: {reason}"),
        "month_not_begun": Entry(BAD, "{month} 尚未开始", "{month} has not begun"),
        "month_not_over": Entry(C, "{month} 尚未结束", "{month} is not over"),
        "month_earlier_open": Entry(
            C,
            "{before} 尚未关闭；各月须按先后顺序关闭，请先计算并关闭 {before}，再关闭 {month}",
            "{before} is not closed; months close in their order: rate and close {before} before {month}",
        ),
        "month_not_provisional": Entry(
            C, "{month} 不在暂计状态，请先计算", "{month} is not provisional; rate it first"
        ),
        "cost_reason_missing": Entry(
            BAD, "{month} 已关闭，更正须填写原因", "{month} is closed; a correction needs a reason"
        ),
        "cost_explained": Entry(
            C,
            "资费 {number}，{day} 天，月租 {said} 元；用量 {found} MB，包含 {known} MB（流量池 {parts}），"
            "超出 {after} MB × {value} 元/MB；取整前共 {ratio} 元",
            "Tariff {number}, {day} days, fee {said}; {found} MB used, {known} MB included (pool {parts}), "
            "{after} MB beyond at {value} each; {ratio} yuan before rounding",
        ),
        "cost_taken_back": Entry(C, "冲回编号 {entries} 的费用", "Takes back what entry {entries} said"),
        "bill_twice": Entry(BAD, "该卡在第 {first} 行已出现", "The card stands in row {first} already"),
        "bill_amount_malformed": Entry(
            BAD, "金额“{value}”不是以元为单位、最多两位小数的数", "“{value}” is no amount of yuan with up to two digits"
        ),
        "bill_without_lines": Entry(
            BAD,
            "账单的 {count} 行全部被拒收，未导入，原账单不变；请按各行的原因更正后重新上传",
            "All {count} lines of the bill were refused; nothing was taken, and the bill before it stands: correct the"
            " lines and upload the bill again",
        ),
        "bill_not_found": Entry(N, "没有编号为 {id} 的账单", "There is no bill {id}"),
        "bill_not_held": Entry(C, "账单 {id} 不在待确认状态", "Bill {id} does not wait for a decision"),
        "bill_rows_few": Entry(
            C,
            "账单只有 {cards} 张卡，{month} 为 {before} 张（低于 {percent}%）",
            "The bill has {cards} cards; {month} has {before} (under {percent} %)",
        ),
        "bill_total_jumps": Entry(
            C, "账单金额为 {month} 的 {ratio} 倍", "The bill's amount is {ratio} times that of {month}"
        ),
        "bill_unit_differs": Entry(
            BAD,
            "账单表头的金额单位是“{said}”，应为元，整份账单未导入；请换算为元后重新上传",
            "The head of the bill says that amounts are in “{said}”, not in yuan (元); nothing was taken: convert them"
            " to yuan and upload the bill again",
        ),
        "load_not_found": Entry(N, "流量数据 {id} 不存在或不在本单位范围内", "There is no load {id} in your units"),
        "held_for_a_person": Entry(
            C,
            "与已有数据相差过大，待人工确认，尚未生效；请在列表中查看对比后接收或放弃",
            "Too unlike what is known: it waits for a person and nothing has changed; take or drop it from the list",
        ),
        "load_not_held": Entry(C, "流量数据 {id} 不在待确认状态", "Load {id} does not wait for a decision"),
        "rule_not_found": Entry(N, "规则 {id} 不存在或不在本单位范围内", "There is no rule {id} in your units"),
        "usage_stranger": Entry(
            C, "运营商查无此卡，请核对卡片归属", "The carrier does not know this card; check whose it is"
        ),
        "usage_rows_few": Entry(
            C,
            "只有 {cards} 张卡，上月有 {before} 张（低于 {percent}%）",
            "It tells of {cards} cards, last month had {before} (under {percent} %)",
        ),
        "usage_total_jumps": Entry(
            C,
            "每卡每日平均流量为参照值的 {ratio} 倍",
            "The mean per card and day is {ratio} times what is known",
        ),
        "usage_units_mixed": Entry(
            C,
            "每卡每日平均流量为参照值的 {ratio} 倍，流量单位可能有误（B、KB、MB、GB）",
            "The mean per card and day is {ratio} times what is known: the unit of volume may be wrong",
        ),
        "usage_look_sum": Entry(
            C,
            "前 {rows} 行：{cards} 张卡，{first} 至 {last}，合计 {quantity} MB，每卡每日平均 {value} MB"
            "（按 {chosen:volume_units} 读取）",
            "The first {rows} rows: {cards} cards, {first} to {last}, {quantity} MB in all, {value} MB a card and day"
            " (read as {chosen:volume_units})",
        ),
        "usage_look_past": Entry(
            C,
            "其中 {cards} 张卡 {month} 有数据：本次每日平均为当时的 {ratio} 倍",
            "{cards} of these cards have figures of {month}: the mean per day is {ratio} times that",
        ),
        "usage_look_unit_unsaid": Entry(
            C,
            "文件没有写明流量单位，将按所选的 {chosen:volume_units} 读取",
            "The file does not say in what unit its volumes are; they will be read as {chosen:volume_units}",
        ),
        "usage_look_unit_differs": Entry(
            C,
            "文件表头的流量单位是 {said}，所选单位是 {chosen:volume_units}：请改选流量单位",
            "The file's head says volumes are in {said}, but {chosen:volume_units} is chosen: choose another unit",
        ),
        "usage_look_refused": Entry(
            C,
            "前 {rows} 行中有 {count} 行会被拒收，如第 {first_row} 行",
            "{count} of the first {rows} rows will be refused, such as row {first_row}",
        ),
        "usage_month_differs": Entry(
            C,
            "{month} 月累计为 {said}，按日重算为 {found}（{source:usage_sources}）",
            "The sum of {month} says {said}, its days give {found} ({source:usage_sources})",
        ),
        "usage_histogram_differs": Entry(
            C,
            "{month} 单位 {unit} 的分布计数为 {said}，重算为 {found}（{source:usage_sources}）",
            "The distribution of {unit} in {month} counts {said}, its cards give {found} ({source:usage_sources})",
        ),
        "cost_sums_differ": Entry(
            C,
            "{month} 单位 {unit} 的费用汇总为 {said} 元，按明细重算为 {found} 元",
            "The cost of {unit} in {month} is kept as {said} yuan, its entries give {found}",
        ),
    }
)
