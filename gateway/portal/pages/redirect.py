"""待装卡分流: cards that wait for their installation, what to do with them, and how many wait how long (INV-06)."""

from gateway.portal.pages.fields import (
    CARD_SPEC_COLUMN,
    CARRIER,
    CARRIER_COLUMN,
    ICCID,
    ICCID_COLUMN,
    ISSUED_TO_COLUMN,
    MSISDN,
    MSISDN_COLUMN,
    OWNER_COLUMN,
    REASON,
    UNIT,
)
from gateway.portal.spec import Action, Chart, Column, Field, Page

REDIRECT = Page(
    "redirect",
    "待装卡分流",
    tab="待装卡明细",
    source="/cards",
    row_key="iccid",
    fixed={"state": "pending_install"},
    filters=(
        Field("owner_unit", "供电单位", "tree", options="units"),
        ICCID,
        MSISDN,
        CARRIER,
        Field("state_days_min", "待装天数", "days", until="state_days_max"),
        Field("unit_exact", "仅本级", "select", options="yes_no"),
    ),
    columns=(
        ICCID_COLUMN,
        MSISDN_COLUMN,
        CARRIER_COLUMN,
        CARD_SPEC_COLUMN,
        OWNER_COLUMN,
        ISSUED_TO_COLUMN,
        Column("recipient", "领用人", width=130),
        Column("recipient_phone", "领用人电话", width=130),
        Column("issued_at", "领用时间", "time", width=166),
        Column("state_days", "待装天数", "days", width=110, sort="state_days"),
        Column("state_since", "进入状态时间", "time", width=166, sort="state_since"),
    ),
    batch=(
        Action(
            "分流",
            "/cards/redirect",
            fields=(
                Field("to", "变更状态为", "select", options="redirect_states", required=True),
                REASON,
            ),
            needs="rows",
            ids="iccids",
            kind="primary",
            can="redirect",
            answer="bulk",
        ),
    ),
    export="cards",
)

_PENDING = "redirect?owner_unit={unit}&unit_exact={exact}"

PENDING_INSTALL = Page(
    "pending-install",
    "待装卡统计",
    tab="按单位与时长统计",
    tab_of="redirect",
    source="/statistics/pending-install",
    row_key="unit",
    paged=False,
    sums=True,
    filters=(UNIT,),
    columns=(
        Column("unit_name", "供电单位", width=200, fixed=True, drill="pending-install?unit={unit}"),
        Column("d0_7", "0-7 天", "number", width=110, drill=f"{_PENDING}&state_days_max=7"),
        Column("d8_30", "8-30 天", "number", width=110, drill=f"{_PENDING}&state_days_min=8&state_days_max=30"),
        Column("d31_90", "31-90 天", "number", width=110, drill=f"{_PENDING}&state_days_min=31&state_days_max=90"),
        Column("d91_plus", "90 天以上", "number", width=110, drill=f"{_PENDING}&state_days_min=91"),
        Column("total", "合计", "number", width=110, drill=_PENDING),
    ),
    chart=Chart("待装卡时长分布", "unit_name", ("d0_7", "d8_30", "d31_90", "d91_plus")),
    export="statistics/pending-install",
)

PAGES = (REDIRECT, PENDING_INSTALL)
ENGLISH = {
    "待装卡分流": "Redirect pending cards",
    "待装卡统计": "Pending cards",
    "待装卡明细": "Cards",
    "按单位与时长统计": "By unit and age",
    "待装天数": "Days pending",
    "变更状态为": "New state",
    "0-7 天": "0-7 days",
    "8-30 天": "8-30 days",
    "31-90 天": "31-90 days",
    "90 天以上": "Over 90 days",
    "待装卡时长分布": "Pending cards by age",
    "分流": "Redirect",
}
