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
            "流量“{value}”不是非负数，或过大",
            "The volume “{value}” is no number from 0, or too large",
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
        "load_not_found": Entry(N, "流量数据 {id} 不存在或不在本单位范围内", "There is no load {id} in your units"),
        "load_not_held": Entry(C, "流量数据 {id} 不在待确认状态", "Load {id} does not wait for a decision"),
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
    }
)
