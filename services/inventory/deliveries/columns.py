"""The columns of a delivery, as carriers and clerks head them."""

from kernel.chassis.files import Column, Layout

# Best name first: in a file that has both, «ICCID» is the card and «卡号» is what the carrier calls its phone number.
ICCID = Column(
    "iccid",
    "ICCID",
    (
        "iccid号",
        "iccid号码",
        "iccid卡号",
        "iccid编号",
        "卡iccid",
        "sim卡iccid",
        "集成电路卡识别码",
        "集成电路卡识别号",
        "集成电路卡号",
        "sim卡号",
        "sim卡号码",
        "sim卡编号",
        "卡号",
        "卡识别码",
        "卡序列号",
        "sim卡识别码",
        "sim卡序列号",
        "卡片号",
        "卡片编号",
        "卡号码",
    ),
    within=("iccid", "集成电路卡", "sim卡号", "卡号"),
    looks_like=r"(?i)(?:[0-9][ \-]?){18,19}[0-9A-Z]",
    example="89860426010000000011",
)

DELIVERY = Layout(
    "入库批次",
    ICCID,
    Column(
        "imsi",
        "IMSI",
        ("imsi号", "imsi号码", "imsi码", "imsi编号", "国际移动用户识别码"),
        within=("imsi",),
        example="460040000000001",
    ),
    Column(
        "msisdn",
        "MSISDN",
        (
            "msisdn号",
            "msisdn号码",
            "手机号",
            "手机号码",
            "物联网号码",
            "物联网卡号",
            "接入号",
            "接入号码",
            "业务号码",
            "服务号码",
            "用户号码",
            "电话号码",
            "电话",
            "号码",
        ),
        within=("msisdn", "手机号", "接入号"),
        example="1064800000001",
    ),
)

CARD_LIST = Layout("卡片清单", ICCID, headless=True)
"""Lists of cards to act on: one column will do, with or without a head."""
