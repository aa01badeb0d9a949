"""销卡申请 of county, city and province (TER-01 to TER-09)."""

from dataclasses import replace
from functools import partial

from gateway.portal.pages import forms as f
from gateway.portal.pages.fields import (
    CARD_SPEC,
    CARD_SPEC_COLUMN,
    CARRIER,
    CARRIER_COLUMN,
    ICCID,
    ICCID_COLUMN,
    MSISDN_COLUMN,
    OWNER_COLUMN,
    STATE_COLUMN,
)
from gateway.portal.spec import About, Action, Column, Field, Page

_CHANGED = Field("changed_from", "最近一次操作时间", "dates", until="changed_to")
_REASON_COLUMN = Column("reason", "报废原因", width=180)
_ADD = Action(
    "确定", "/termination/list", needs="rows", ids="iccids", kind="primary", can="add_to_list",
    answer="bulk", confirm="将选中的卡添加至销卡明细？",
    useless="所选的卡不属于本单位或已在销卡明细中",
)
_REMOVE = Action(
    "删除", "/termination/list/remove", needs="rows", ids="iccids", kind="danger", can="remove",
    answer="bulk", confirm="将选中的卡从销卡明细中删除？", success="删除成功",
    useless="所选的卡已在审核中的申请单上，不能删除",
)
_ICCIDS = Field("iccids", "ICCID 清单", "iccids", required=True)
_GENERATE = Action(
    "生成申请单", "/termination/forms", kind="primary", can="generate_form", title="生成销卡申请单",
    note="批次号 {next_number}（自动生成），销卡日期为当前日期。", success="生成申请单成功",
    fields=(Field("at", "销卡日期", "now"), f.APPLICANT_NEEDED, f.PHONE_NEEDED),
)
_PENDING = partial(
    Page,
    source="/termination/pending-scrap",
    row_key="iccid",
    columns=(
        ICCID_COLUMN,
        MSISDN_COLUMN,
        CARRIER_COLUMN,
        CARD_SPEC_COLUMN,
        OWNER_COLUMN,
        STATE_COLUMN,
        _REASON_COLUMN,
        Column("changed_at", "最近一次操作时间", "time", width=166, sort="changed_at"),
    ),
    batch=(_ADD,),
    export="termination/pending-scrap",
)
"""待报废 cards, to be put on the list."""
_LISTED = partial(
    Page,
    source="/termination/list",
    row_key="iccid",
    filters=(ICCID, CARRIER, f.NUMBER),
    columns=(
        ICCID_COLUMN,
        MSISDN_COLUMN,
        CARRIER_COLUMN,
        CARD_SPEC_COLUMN,
        Column("state", "状态", "tag", width=110, options="form_states"),
        _REASON_COLUMN,
        Column("number", "批次号", width=196, drill="form?number={number}"),
        Column("follow", "转销卡中", "tag", width=110, options="follow_states"),
        Column("refusal", "不能销卡的原因", width=200),
        Column("added_by", "添加人", width=90),
        Column("added_at", "添加时间", "time", width=166, sort="added_at"),
    ),
    batch=(_REMOVE,),
    actions=(f.GENERATE_AGAIN,),
    toolbar=(_GENERATE,),
    warning="{too_few}",
    hint="退回的卡删除后，到“审批单下载/回传”对该批次点击“生成申请单”。",
    export="termination/list",
)
"""销卡明细: the list itself."""

COUNTY = _PENDING(
    "termination-county",
    "销卡申请-区县",
    level="county",
    tab="待报废卡",
    filters=(ICCID, CARRIER, CARD_SPEC, _CHANGED),
)

COUNTY_LIST = _LISTED(
    "termination-county-list",
    "销卡明细",
    level="county",
    tab="销卡明细",
    tab_of="termination-county",
)

_EVIDENCE = (
    Field("month", "流量月份", "month", required=True, default="$this_month", hint="销卡当月起、到本月止"),
    Field("traffic_mb", "流量（MB）", hint="流量和费用至少填一项"),
    Field("cost", "费用（元）"),
    f.REMARK,
)
_REOPEN = Action(
    "销卡后仍有流量/费用", "/termination/reopenings", needs="rows", ids="iccids", kind="danger",
    page_can="reopen", answer="bulk", fields=_EVIDENCE,
    note="选中的卡退回运营商重新办理销卡，申请单回到“提交互联网部”。",
)
_FORM_COLUMNS = (
    f.BATCH_COLUMN,
    f.UNIT_COLUMN,
    f.DRAFTED_COLUMN,
    f.STATE_COLUMN,
    *f.CARDS_COLUMNS,
    f.APPLICANT_COLUMN,
    f.PHONE_COLUMN,
    f.SCAN_COLUMN,
    f.REVIEWER_COLUMN,
    f.REVIEWED_COLUMN,
    f.OPINION_COLUMN,
    f.SINCE_COLUMN,
    f.KINDS_COLUMN,
    f.PROBLEM_COLUMN,
)

COUNTY_FORMS = f.LIST(
    "termination-county-forms",
    "区县级销卡申请单",
    level="county",
    tab="审批单下载/回传",
    tab_of="termination-county",
    fixed={"kind": "county_termination"},
    filters=(f.MONTH, f.APPLICANT, f.state("county_termination_states"), f.NUMBER, f.MINE),
    columns=_FORM_COLUMNS,
    actions=f.TERMINATION_ACTIONS,
)

CITY = f.LIST(
    "termination-city",
    "销卡申请-市",
    level="city",
    tab="区县级销卡申请",
    fixed={"kind": "county_termination"},
    filters=(f.NUMBER, f.APPLICANT, CARRIER, f.state("county_termination_states"), f.MINE),
    columns=_FORM_COLUMNS,
    actions=(
        f.VIEW_SIGNED,
        f.CARDS,
        Action(
            "审核", "/termination/forms/{number}/city-review", needs="row", title="审核销卡申请单 {number}",
            can="submit_to_province|send_back", load="/forms/{number}", etag=True,
            note="{unit_name} 申请单 {number}，共 {quantity} 张卡",
            fields=(f.REVIEWER, f.NOW, f.VERDICT, f.OPINION),
        ),
        Action(
            "退回", "/termination/forms/{number}/pass-on-send-back", needs="row", can="pass_on_send_back",
            kind="danger", load="/forms/{number}", etag=True,
            confirm="是否确认退回？", yes_no=True, note="{unit_name} 申请单 {number}", fields=(f.OPINION_NEEDED,),
        ),
        f.DETAIL,
    ),
)  # fmt: skip

CITY_OWN = _PENDING(
    "termination-city-own",
    "市级直属待报废卡",
    level="city",
    tab="市级销卡申请",
    tab_of="termination-city",
    fixed={"unit_exact": "true"},
    filters=(CARRIER, ICCID, _CHANGED, CARD_SPEC),
    second=("termination-city-list",),
    list_title="市级直属待报废卡",
)

CITY_LIST = _LISTED(
    "termination-city-list",
    "销卡明细",
    level="city",
    tab_of="termination-city",
    fixed={"unit_exact": "true"},
)

CITY_FORMS = f.LIST(
    "termination-city-forms",
    "市级销卡申请单",
    level="city",
    tab="审批单下载/回传",
    tab_of="termination-city",
    fixed={"kind": "city_termination"},
    filters=(f.MONTH, f.APPLICANT, f.state("city_termination_states"), f.NUMBER, f.MINE),
    columns=_FORM_COLUMNS,
    actions=f.TERMINATION_ACTIONS,
)

PROVINCE = f.LIST(
    "termination-province",
    "销卡申请-省",
    level="province",
    filters=(
        f.NUMBER,
        f.APPLICANT,
        f.state("termination_states"),
        Field(
            "kind", "类别", "select", options="termination_kinds", multiple=True,
            default="county_termination,city_termination",
        ),
        CARRIER,
        f.MINE,
    ),
    columns=_FORM_COLUMNS,
    batch=(
        Action(
            "审核", "/termination/reviews", needs="rows", ids="forms", versions=True, kind="primary",
            can="approve|reject", answer="bulk",
            useless="只能对状态为“提交省级”的记录进行审核",
            fields=(f.REVIEWER, f.NOW, f.VERDICT, f.OPINION),
        ),
    ),
    toolbar=(
        replace(
            _REOPEN, needs="nothing", ids="", page_can="", fields=(_ICCIDS, *_EVIDENCE),
            note="这些卡退回运营商重新办理销卡，所在的申请单回到“提交互联网部”。",
        ),
    ),
    actions=(
        f.VIEW_SIGNED,
        f.CARDS,
        Action("登记销卡结果", needs="row", can="record_answers", opens="form-cards?number={number}"),
        f.DETAIL,
    ),
)  # fmt: skip

FORM_CARDS = Page(
    "form-cards",
    "销卡申请单明细",
    tab_of="notices",
    source="/forms/{number}/cards",
    row_key="iccid",
    about=About(
        "/forms/{number}",
        (
            Column("number", "批次号"),
            Column("unit_name", "单位"),
            Column("state", "状态", "tag", options="form_states"),
            Column("quantity", "销卡数量", "number"),
            Column("cards_waiting", "待转销卡中", "number"),
            Column("cards_refused", "不能销卡", "number"),
            Column("cards_answered", "已登记结果", "number"),
        ),
    ),
    filters=(
        ICCID,
        CARRIER,
        Field("follow", "销卡进度", "select", options="follow_states"),
        Field("changed", "有无变化", "select", options="yes_no"),
        Field("reopened", "重新办理", "select", options="yes_no"),
    ),
    columns=(
        Column("row", "序号", "number", width=90, sort="row"),
        ICCID_COLUMN,
        MSISDN_COLUMN,
        CARRIER_COLUMN,
        CARD_SPEC_COLUMN,
        _REASON_COLUMN,
        Column("unit_then_name", "提交时单位", width=150),
        Column("state_then", "提交时状态", "tag", width=110, options="card_states"),
        Column("unit_now_name", "现单位", width=150),
        Column("state_now", "现状态", "tag", width=100, options="card_states"),
        Column("changed", "变化", "list", width=110, options="changed_fields"),
        Column("follow", "销卡进度", "tag", width=110, options="follow_states"),
        Column("reopened_month", "销卡后流量月份", "month", width=130),
        Column("reopened_traffic_mb", "销卡后流量（MB）", width=150),
        Column("refusal", "不能销卡的原因", width=200),
        Column("answered_at", "登记时间", "time", width=166),
        Column("terminal", "终端资产编号", width=140, drill="bindings?iccid={iccid}"),
        Column("terminal_left_at", "离开终端时间", "time", width=166),
        Column("last_use", "最近流量日期", "date", width=120),
        Column("month_bytes", "最近月流量（MB）", "volume", width=150),
        Column("month_cost", "最近月费用（元）", width=140),
        Column("cost", "费用（元）", width=100),
        Column("reopened_remark", "销卡后流量说明", width=180, hidden=True),
        Column("reopened_by", "重新办理人", width=110, hidden=True),
        Column("reopened_at", "重新办理时间", "time", width=166),
    ),
    batch=(
        Action(
            "登记销卡结果", "/termination/forms/{number}/answers", needs="rows", ids="iccids", kind="primary",
            page_can="record_answers", answer="bulk",
            fields=(
                Field("answer", "运营商答复", "select", options="carrier_answers", required=True, default="done"),
                Field("reason", "拒绝原因", "textarea", max_length=500, hint="运营商拒绝时必填"),
            ),
        ),
        _REOPEN,
    ),
    toolbar=(
        Action(
            "其余全部已销卡", "/termination/forms/{number}/answers",
            can="record_answers", data={"others_done": True}, answer="bulk", kind="danger",
            confirm="将申请单 {number} 中尚未登记结果的卡全部登记为已销卡？登记后不能撤销。",
        ),
    ),
    export="forms/cards",
)  # fmt: skip

PAGES = (COUNTY, COUNTY_LIST, COUNTY_FORMS, CITY, CITY_OWN, CITY_LIST, CITY_FORMS, PROVINCE, FORM_CARDS)
