"""Fields and columns that many pages share, so that one concept has one label and one width everywhere."""

from gateway.portal.spec import Column, Field

UNIT = Field("unit", "供电单位", "tree", options="units")
CARRIER = Field("carrier", "运营商", "select", options="carriers")
CARD_SPEC = Field("card_spec", "卡片规格", "select", options="card_specs")
MONTH = Field("application_month", "申请月份", "month")
ICCID = Field("iccid", "ICCID")
MSISDN = Field("msisdn", "手机号")
STATE = Field("state", "卡片状态", "select", options="card_states", multiple=True)
STOCKED_IN = Field("stocked_in_from", "入库时间", "dates", until="stocked_in_to")

CARRIER_NEEDED = Field("carrier", "运营商", "select", options="carriers", required=True)
CARD_SPEC_NEEDED = Field("card_spec", "卡片规格", "select", options="card_specs", required=True)
MONTH_NEEDED = Field("application_month", "申请月份", "month", required=True, default="$this_month")
REASON = Field("reason", "原因", "textarea", required=True, max_length=200)

ICCID_COLUMN = Column("iccid", "ICCID", width=206, fixed=True, copy=True, drill="card?iccid={iccid}")
MSISDN_COLUMN = Column("msisdn", "手机号", width=156, copy=True)
CARRIER_COLUMN = Column("carrier", "运营商", "choice", width=100, options="carriers")
CARD_SPEC_COLUMN = Column("card_spec", "卡片规格", "choice", width=100, options="card_specs")
MONTH_COLUMN = Column("application_month", "申请月份", "month", width=96)
STATE_COLUMN = Column("state", "卡片状态", "tag", width=96, options="card_states")
OWNER_COLUMN = Column("owner_unit_name", "资产单位", width=160)
ISSUED_TO_COLUMN = Column("issued_to_unit_name", "领用单位", width=160)
CARDS_OPENED = (
    ICCID_COLUMN,
    MSISDN_COLUMN,
    CARRIER_COLUMN,
    CARD_SPEC_COLUMN,
    STATE_COLUMN,
    OWNER_COLUMN,
    ISSUED_TO_COLUMN,
    Column("recipient", "领用人", width=130),
    Column("terminal_asset_no", "终端资产编号", width=150),
)
"""The cards of one act or one box."""
