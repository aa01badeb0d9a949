"""English of what helps through an ordinary day: search, menus of rows, the first page, labels."""

CLERK: dict[str, str] = {
    "更多": "More",
    # the search box
    "终端": "Terminals", "查找": "Find", "查找结果": "Found",
    "页面": "Pages", "人员": "People", "卡片": "Cards", "尾号": "last digits",
    "没有找到，请核对号码是否完整": "Nothing found; is the number complete?",
    "ICCID 或末 6 位、手机号、IMSI、终端、批次、申请单、人员、页面":
        "ICCID or its last 6 digits, MSISDN, IMSI, terminal, batch, form, person, page",
    "部分服务暂时没有应答，结果可能不全": "A service has not answered in time; something may be missing",
}
