"""Refusals of imei: what is wrong with a code (kernel.model.serial), with a device, or with an organisation."""

from kernel.contracts.errors import Entry, register
from kernel.model.errors import Kind

BAD, C, N = Kind.INVALID, Kind.CONFLICT, Kind.NOT_FOUND

register(
    {
        "serial_blank": Entry(BAD, "串码为空", "The serial is empty"),
        "serial_scientific": Entry(
            BAD,
            "串码被表格写成了科学计数，末位数字已丢失；请将该列设为文本后重新填写",
            "A spreadsheet wrote it in scientific notation and lost digits; make the column text and enter it anew",
        ),
        "serial_characters": Entry(
            BAD, "串码只能含数字 0-9 和字母 A-F", "A serial holds the digits 0-9 and the letters A-F only"
        ),
        "serial_length": Entry(
            BAD,
            "串码长度不对：IMEI 为 14 至 16 位，MEID 为 14 或 18 位，ESN 为 8 或 11 位",
            "The length fits no serial: an IMEI has 14 to 16 digits, a MEID 14 or 18, an ESN 8 or 11",
        ),
        "serial_lost_zero": Entry(BAD, "串码丢失了开头的 0", "The serial lost its leading zero"),
        "serial_check_digit": Entry(BAD, "串码校验位不对，可能有一位抄错", "The check digit is wrong: one was misread"),
        "serial_out_of_range": Entry(
            BAD, "十进制串码超出范围，请核对每一位", "The decimal serial is out of range; compare each digit"
        ),
        "serial_placeholder": Entry(
            BAD, "串码全为 0 或 F，不是真实设备", "Only zeros or only F: no device has this serial"
        ),
        "serial_test_type": Entry(
            BAD, "测试用串码（实验室 TAC），不是销售的设备", "A laboratory's test code: no device for sale has it"
        ),
        "serial_twice": Entry(C, "同一设备在请求中出现两次", "The same device stands here twice"),
        "serial_not_found": Entry(
            N,
            "串码不在本单位可见的串码池内，请核对或先录入",
            "The serial is not in your pool; compare or enter it",
        ),
        "serial_edit_damaged": Entry(C, "串码已置坏，不能修改", "It was swapped out and cannot be edited any more"),
        "serial_edit_entry": Entry(
            BAD,
            "录入时的串码 {value} 不能去掉；录错的请冻结该串码并重新录入",
            "The code it was entered by, {value}, must stay; freeze a wrong one and enter the right one",
        ),
        "serial_of_other_device": Entry(
            C, "其中有串码属于另一台设备，请核对", "One of these codes is another device's; compare them"
        ),
        "serial_state_wrong": Entry(
            C,
            "串码状态为“{state:serial_states}”，不能{action:serial_actions}",
            "The serial is “{state:serial_states}”: it is not possible to {action:serial_actions}",
        ),
        "serial_frozen_elsewhere": Entry(
            C, "串码冻结前为另一状态，请刷新后重试", "It was frozen in another state; load it again"
        ),
        "serial_in_other_organisation": Entry(
            C,
            "串码属于另一库存组织“{value}”，请先调拨",
            "It belongs to organisation {value}; transfer it first",
        ),
        "serial_without_organisation": Entry(
            C, "串码尚未入任何库存组织，请先扫码入库", "The serial is in no organisation yet; scan it in first"
        ),
        "serial_lies_there": Entry(C, "串码已在该库存组织中，无需调拨", "The serial lies in that organisation already"),
        "serial_levels_differ": Entry(
            C, "只能在同级库存组织之间调拨", "Transfers go between organisations of the same level only"
        ),
        "serial_swap_too_late": Entry(
            C, "自销售日起已超过 {limit} 天，不能换机", "More than {limit} days since the sale: no swap any more"
        ),
        "serial_swap_level": Entry(
            C, "售后换机只能由一级库存组织办理", "Swaps are made by an organisation of the first level only"
        ),
        "organisation_not_found": Entry(
            N, "库存组织“{value}”不存在或不在本单位范围内", "There is no organisation {value} in your units"
        ),
        "organisation_exists": Entry(C, "库存组织编码“{value}”已存在", "Organisation {value} exists already"),
        "organisation_too_low": Entry(C, "门店之下不能再设库存组织", "There are no organisations below a shop"),
        "serial_known": Entry(C, "串码已在{pool:serial_pools}内", "It is known already: {pool:serial_pools}"),
        "serial_subsidised_elsewhere": Entry(
            C, "串码在“全国已补贴串码”内，不能录入或领用", "The serial is subsidised nationally: no entry and no claim"
        ),
        "serial_codes_of_two": Entry(
            C, "该行的几个串码属于不同设备，请核对", "The codes of this row belong to different devices; compare them"
        ),
        "serial_other_province": Entry(C, "串码归属其他省份", "The serial belongs to another province"),
        "serial_list_province": Entry(BAD, "请填写省级单位", "Name a province"),
        "serial_list_not_found": Entry(N, "串码清单不存在或不在本单位范围内", "There is no such list in your units"),
        "serial_list_not_held": Entry(C, "该清单不在待确认状态", "The list does not wait for a decision"),
        "serial_not_frozen": Entry(C, "该串码没有被冻结", "The device is not frozen"),
        "freeze_deadline_earlier": Entry(
            BAD, "新的期限应晚于现有期限和今天", "The new deadline must be later than the present one, and than today"
        ),
        "appeal_too_late": Entry(
            C,
            "申诉期已于{day}结束；可请省公司直接复核",
            "Appeals were possible until {day}; ask the province to review it",
        ),
        "appeal_open": Entry(C, "该冻结已有待复核的申诉", "An appeal against this freeze is open already"),
        "appeal_not_found": Entry(N, "申诉不存在或不在本单位范围内", "There is no such appeal in your units"),
        "appeal_reviewed": Entry(C, "该申诉已复核", "The appeal was reviewed already"),
        "appeal_own": Entry(C, "申诉须由申诉人以外的人复核", "Somebody else than who appealed must review it"),
        "registration_row_invalid": Entry(
            BAD,
            "注册数据的“{field:fields}”缺失或格式不对",
            "“{field:fields}” of the registration is missing or malformed",
        ),
        "registration_in_future": Entry(BAD, "注册时间晚于现在", "The registration lies in the future"),
        "organisation_suspended": Entry(
            C, "库存组织“{value}”已被取消合作资格", "Organisation {value} is disqualified and takes part in nothing"
        ),
        "serial_ownership_asked": Entry(
            C,
            "串码归属其他省份，已提交集团审核归属变更",
            "Another province owns it; the group has been asked to move it here",
        ),
        "ownership_not_found": Entry(
            N, "归属变更不存在或不涉及本省", "There is no such change of owner in your province"
        ),
        "ownership_decided": Entry(C, "该归属变更已审核", "This change of owner was decided already"),
        "ownership_own": Entry(C, "归属变更须由提交人以外的人审核", "Somebody else than who asked must decide"),
        "tac_malformed": Entry(BAD, "TAC 应为 8 位数字", "A TAC has 8 digits"),
        "tac_row_incomplete": Entry(
            BAD, "厂商和型号必填，各不超过 {limit} 字", "Maker and model are needed, of at most {limit} characters each"
        ),
        "tac_twice": Entry(BAD, "同一 TAC 在文件中出现多次，只取第一行", "The TAC stands twice; the first row counts"),
        "reminder_not_found": Entry(N, "催办不存在或不在本单位范围内", "There is no such reminder in your units"),
        "reminder_closed": Entry(C, "该催办已阅或已核销完", "It was read already, or all is redeemed"),
        "spot_check_not_found": Entry(N, "抽查不存在或不在本单位范围内", "There is no such spot check in your units"),
        "spot_check_counted": Entry(C, "该抽查已登记结果", "It was counted already"),
        "spot_check_open": Entry(
            C, "库存组织“{value}”有抽查尚未登记结果", "A spot check of {value} is still to be counted"
        ),
        "spot_check_empty": Entry(C, "库存组织“{value}”没有在库串码", "{value} has nothing in stock"),
        "spot_check_other": Entry(C, "该串码不在本次抽查清单中", "It was not drawn for this check"),
        "swap_list_odd": Entry(
            BAD, "串码应成对填写：退回串码、换出串码", "Serials come in pairs: the returned one, then its replacement"
        ),
        "swap_list_not_found": Entry(
            N, "换机清单“{number}”不存在或不在本单位范围内", "There is no list of swaps {number} in your units"
        ),
        "swap_list_not_passed": Entry(
            C,
            "换机清单当前为“{state:swap_list_states}”，盖章回传并核验通过后才能办理",
            "The list is “{state:swap_list_states}”: its sealed paper must pass first",
        ),
        "swap_not_listed": Entry(
            C,
            "“{number}”不是核验通过的换机清单，或清单中没有这一对串码",
            "{number} is no verified list of swaps, or this pair does not stand on it",
        ),
        "clerk_own": Entry(C, "不能指定或解除本人，请由他人办理", "Somebody else must say where you work"),
        "clerk_elsewhere": Entry(
            C, "“{value}”已由其他单位指定到库存组织", "{value} works in an organisation of other units"
        ),
        "clerk_not_found": Entry(
            N, "“{value}”没有指定库存组织，或不在本单位范围内", "{value} is bound to no organisation of your units"
        ),
        "violation_not_found": Entry(N, "稽核发现不存在或不在本单位范围内", "There is no such finding in your units"),
        "violation_decided": Entry(C, "该发现已认定", "It was decided already"),
        "sanction_not_found": Entry(N, "处罚不存在或不在本单位范围内", "There is no such sanction in your units"),
        "sanction_state_wrong": Entry(
            C,
            "处罚当前为“{state:sanction_states}”，不能这样处理",
            "The sanction is “{state:sanction_states}”: this is not possible",
        ),
        "sanction_own": Entry(C, "处罚须由提出人以外的人决定", "Somebody else than who proposed it must decide"),
        "serial_vendor_reports": Entry(
            BAD,
            "厂商、国包、连锁的串码由其登记的串码提供人报送",
            "Serials of vendors, distributors and chains are reported by their registered contact",
        ),
        "contact_known": Entry(C, "登录名“{value}”已登记为串码提供人", "{value} is registered as a contact already"),
        "contact_unknown": Entry(
            Kind.FORBIDDEN, "只有经审核的串码提供人可以报送串码", "Only reviewed contacts of vendors report serials"
        ),
        "contact_not_found": Entry(N, "串码提供人不存在或不在本单位范围内", "There is no such contact in your units"),
        "contact_state_wrong": Entry(
            C,
            "该串码提供人当前为“{state:contact_states}”，不能这样处理",
            "The contact is “{state:contact_states}”: this is not possible",
        ),
        "contact_own": Entry(
            C, "须由登记人和本人以外的人审核", "Somebody else than he and who registered him must decide"
        ),
        "serial_reserved": Entry(
            C,
            "串码已为订单“{number}”预留，到期前不能用于其他用途",
            "It is kept for the order {number} and free for nothing else until that expires",
        ),
        "reservation_not_found": Entry(
            N, "订单“{number}”没有预留该串码，或预留已到期", "The order {number} does not keep this device any more"
        ),
        "redemption_not_found": Entry(
            N, "订单“{number}”没有核销该串码，或核销已取消", "The order {number} has redeemed nothing for this device"
        ),
        "redemption_moved_on": Entry(
            C, "设备在核销之后又有变化，不能取消", "The device has changed since: it cannot be cancelled"
        ),
        "scan_not_last": Entry(
            C, "只能撤销该库存组织最近一次扫码", "Only the organisation's last scan can be taken back"
        ),
        "scan_moved_on": Entry(
            C,
            "{count} 台设备在扫码之后又有变化，不能撤销",
            "{count} devices have changed since the scan: it cannot be taken back",
        ),
        "scan_differs": Entry(
            C, "该扫码编号已用于另一请求，请换一个", "This scan's id was used for another request; use a new one"
        ),
    }
)
