"""开卡申请 of county, city and province, their forms, and what became of the orders (ACT-01 to ACT-12)."""

from dataclasses import replace
from functools import partial

from gateway.portal.pages import forms as f
from gateway.portal.pages.fields import (
    CARD_SPEC,
    CARD_SPEC_COLUMN,
    CARD_SPEC_NEEDED,
    CARRIER,
    CARRIER_COLUMN,
    CARRIER_NEEDED,
    UNIT,
)
from gateway.portal.spec import About, Action, Column, Field, Page

_QUANTITY = Field("quantity", "SIM卡数量", "number", required=True)
_QUANTITY_COLUMN = Column("quantity", "SIM卡数量", "number", width=130, sort="quantity")
_WINDOW = About(
    "/activation/window",
    (
        Column("month", "申请月份", "month"),
        Column("opens_at", "申请开始", "time"),
        Column("closes_at", "申请截止", "time"),
        Column("next_opens_at", "下次开放", "time"),
        Column("reopened_note", "重新开放"),
    ),
    warning="{closed_reason}",
)
_LINES = (
    f.UNIT_COLUMN,
    f.MONTH_COLUMN,
    CARRIER_COLUMN,
    CARD_SPEC_COLUMN,
    _QUANTITY_COLUMN,
    f.APPLICANT_COLUMN,
    f.PHONE_COLUMN,
    Column("state", "状态", "tag", width=110, options="application_states"),
)
_TRACE = (
    Column("city_form", "市级申请单", width=190, drill="form?number={city_form}"),
    Column("province_form", "省级申请单", width=170, drill="form?number={province_form}"),
)
_CREATED = Column("created_at", "创建时间", "time", width=166)
_APPLICATIONS = partial(
    Page, source="/activation/applications", row_key="id", sums=True,
    export="activation/applications",
)  # fmt: skip
_SUMMARY = partial(
    Page, source="/activation/city-lines", row_key="id", sums=True,
    export="activation/city-lines",
)  # fmt: skip

COUNTY = _APPLICATIONS(
    "activation-county",
    "开卡申请-区县",
    level="county",
    about=_WINDOW,
    filters=(
        CARRIER, CARD_SPEC, f.APPLICANT, Field("state", "状态", "select", options="application_states"), f.NEXT_MONTH,
    ),
    columns=(*_LINES, _CREATED, *_TRACE),
    toolbar=(
        Action(
            "新建", "/activation/applications", kind="primary", can="create", title="新建开卡申请",
            fields=(CARRIER_NEEDED, CARD_SPEC_NEEDED, _QUANTITY, f.APPLICANT_NEEDED, f.PHONE_NEEDED),
            note="申请月份：{month}", success="新增成功",
        ),
    ),
    actions=(
        Action(
            "修改", "/activation/applications/{id}", method="PATCH", title="修改开卡申请", needs="row", can="change",
            etag=True, load="/activation/applications/{id}", fields=(_QUANTITY, f.APPLICANT_NEEDED, f.PHONE_NEEDED),
        ),
        Action(
            "删除", "/activation/applications/{id}", method="DELETE", needs="row", can="delete", kind="danger",
            etag=True, load="/activation/applications/{id}", confirm="删除这条开卡申请（{month}，{quantity} 张）？",
            success="删除成功",
        ),
    ),
)  # fmt: skip

_SUMMARY_COLUMNS = (
    CARRIER_COLUMN,
    CARD_SPEC_COLUMN,
    Column("state", "状态", "tag", width=120, options="city_line_states"),
    Column("original_quantity", "区县申请数量", "number", width=120, drill="activation-lines?city_line_id={id}"),
    _QUANTITY_COLUMN,
    Column("replacement", "旧卡更换数量", "number", width=120),
    Column("new_quantity", "新增卡数量", "number", width=110),
    f.APPLICANT_COLUMN,
    f.PHONE_COLUMN,
    Column("form", "申请单号", width=190, drill="form?number={form}"),
)
_SPLIT = Field("lines", "旧卡更换", "split", required=True)
_CITY_LINE_STATE = Field("state", "状态", "select", options="city_line_states")

CITY = _APPLICATIONS(
    "activation-city",
    "开卡申请-市",
    level="city",
    tab="开卡申请",
    filters=(CARRIER, CARD_SPEC, f.APPLICANT, f.NEXT_MONTH),
    columns=_LINES,
    second=("activation-city-lines",),
    list_title="区县申请明细",
)

_GENERATE = Action(
    "生成申请单", "/activation/city-forms", kind="primary", can="generate_form", title="生成市级开卡申请单",
    load="/activation/city-lines?month={month}&size=200", carry=("month",),
    note="{month} 市级汇总。旧卡更换数量与新增卡数量之和应等于 SIM 卡总数。",
    fields=(_SPLIT, f.APPLICANT_NEEDED, f.PHONE_NEEDED),
)  # fmt: skip

CITY_LINES = _SUMMARY(
    "activation-city-lines",
    "市级汇总",
    level="city",
    tab_of="activation-city",
    filters=(CARRIER, CARD_SPEC, f.APPLICANT, f.NEXT_MONTH, _CITY_LINE_STATE),
    columns=(f.MONTH_COLUMN, *_SUMMARY_COLUMNS),
    toolbar=(
        _GENERATE,
        replace(
            _GENERATE, label="重新生成申请单", can="generate_again",
            note="{month} 的申请单已被省级退回，重新生成后申请单号不变。",
        ),
    ),
    actions=(
        Action(
            "修改", "/activation/city-lines/{id}", method="PATCH", title="修改市级汇总", needs="row", can="change",
            etag=True, load="/activation/city-lines/{id}", fields=(_QUANTITY, f.APPLICANT_NEEDED, f.PHONE_NEEDED),
            note="区县申请数量 {original_quantity} 张，原数量保留。",
        ),
        Action("区县明细", needs="row", opens="activation-lines?city_line_id={id}"),
    ),
)  # fmt: skip

LINES = _APPLICATIONS(
    "activation-lines",
    "区县申请明细",
    tab_of="notices",
    filters=(
        UNIT, CARRIER, CARD_SPEC, f.MONTH, f.APPLICANT,
        Field("city_line_id", "市级汇总", "given", shown_by=("month", "carrier", "card_spec")),
        Field("city_form", "市级申请单"), Field("province_form", "省级申请单"),
    ),
    columns=(*_LINES, _CREATED, *_TRACE),
)  # fmt: skip

_FORM_COLUMNS = (
    f.FORM_COLUMN,
    f.UNIT_COLUMN,
    f.MONTH_COLUMN,
    f.DRAFTED_COLUMN,
    f.STATE_COLUMN,
    Column("quantity", "需求数量", "number", width=110),
    f.KINDS_COLUMN,
    f.APPLICANT_COLUMN,
    f.PHONE_COLUMN,
    f.SCAN_COLUMN,
    f.SINCE_COLUMN,
    f.OPINION_COLUMN,
    f.PROBLEM_COLUMN,
)

CITY_FORMS = f.LIST(
    "activation-city-forms",
    "市级开卡申请单",
    level="city",
    tab="审批单下载/回传",
    tab_of="activation-city",
    fixed={"kind": "city_opening"},
    filters=(f.MONTH, f.APPLICANT, f.state("city_opening_states"), f.MINE),
    columns=_FORM_COLUMNS,
    actions=(
        *f.OPENING_ACTIONS[:-1],
        Action("修改数量", needs="row", can="generate_again", opens="activation-city?month={month}"),
        f.DETAIL,
    ),
)

PROVINCE = _SUMMARY(
    "activation-province",
    "开卡申请-省",
    level="province",
    tab="开卡申请",
    about=_WINDOW,
    filters=(CARRIER, CARD_SPEC, f.APPLICANT, f.NEXT_MONTH, UNIT, _CITY_LINE_STATE),
    columns=(f.UNIT_COLUMN, f.MONTH_COLUMN, *_SUMMARY_COLUMNS),
    toolbar=(
        Action(
            "设置申请时间", "/activation/window", method="PUT", load="/activation/window", etag=True, can="set",
            note="每月从开始日 0 时至截止日 0 时受理下月申请，截止时汇总到市级；两日相同则不受理。{effect}",
            fields=(
                Field("opens_day", "开始日", "number", required=True),
                Field("closes_day", "截止日", "number", required=True),
                Field("remind_hours", "截止前提醒（小时）", "number", required=True),
                Field(
                    "minimum_cards", "销卡申请最少数量", "number", required=True, hint="新生成的销卡申请须大于此数量",
                ),
                Field(
                    "overdue_days", "申请单超期天数", "number", required=True, hint="停留超过此天数的申请单在首页提示",
                ),
            ),
        ),
        Action(
            "重新开放申请", "/activation/window/reopenings", can="reopen", kind="danger",
            confirm="重新开放 {reopenable} 的开卡申请？各市的汇总将撤回，截止时重新汇总。",
            note="截止日当日 24 时截止。只有尚未生成申请单的月份可以重新开放，原因会记录并通知各市县。",
            fields=(
                Field("reason", "原因", "textarea", required=True, max_length=200),
                Field("until", "截止日", "date", required=True),
            ),
        ),
    ),
    second=("activation-province-cities", "activation-province-kinds"),
    list_title="各市申请明细",
)  # fmt: skip

PROVINCE_CITIES = f.LIST(
    "activation-province-cities",
    "各市申请单",
    level="province",
    tab_of="activation-province",
    fixed={"kind": "city_opening"},
    filters=(f.NEXT_MONTH, f.APPLICANT, UNIT, f.state("city_opening_states"), f.MINE),
    columns=_FORM_COLUMNS,
    actions=(f.VIEW, f.SEND_BACK, f.DETAIL),
)

PROVINCE_KINDS = Page(
    "activation-province-kinds",
    "省级汇总",
    level="province",
    tab_of="activation-province",
    source="/activation/province-summary",
    row_key="card_spec",
    paged=False,
    filters=(CARRIER, CARD_SPEC, f.APPLICANT, f.NEXT_MONTH),
    columns=(
        CARRIER_COLUMN,
        CARD_SPEC_COLUMN,
        Column("quantity", "SIM卡数量", "number", width=120),
        Column("replacement", "旧卡更换数量", "number", width=120),
        Column("new_quantity", "新增卡数量", "number", width=120),
    ),
    sums=True,
    warning="尚未市级审核通过的单位：{still_missing}",
    toolbar=(
        Action(
            "生成申请单", "/activation/province-forms", kind="primary", title="生成省级开卡申请单",
            can="generate_form", carry=("month",), note="{month} 省级汇总生成申请单，生成后不能再退回各市。",
            fields=(f.APPLICANT_NEEDED, f.PHONE_NEEDED), insist=("province_cities_missing", "confirm_missing"),
        ),
    ),
)  # fmt: skip

PROVINCE_FORMS = f.LIST(
    "activation-province-forms",
    "省级开卡申请单",
    level="province",
    tab="审批单下载/回传",
    tab_of="activation-province",
    fixed={"kind": "province_opening"},
    filters=(f.DRAFTED, f.APPLICANT, f.state("province_opening_states"), f.MONTH, f.MINE),
    columns=(
        f.FORM_COLUMN,
        f.UNIT_COLUMN,
        f.DRAFTED_COLUMN,
        f.STATE_COLUMN,
        Column("devices", "设备数量", "number", width=100),
        Column("cards_now", "目前卡数量", "number", width=110),
        Column("not_activated", "未激活数量", "number", width=110),
        Column("quantity", "需求数量", "number", width=110),
        f.KINDS_COLUMN,
        f.MONTH_COLUMN,
        f.APPLICANT_COLUMN,
        f.PHONE_COLUMN,
        f.SCAN_COLUMN,
        f.SINCE_COLUMN,
        f.PROBLEM_COLUMN,
    ),
    actions=(f.VIEW, f.SUBMIT, f.UPLOAD, f.RENEW, f.DETAIL),
)

ORDERS = Page(
    "activation-orders",
    "开卡订单跟踪",
    source="/activation/fulfilment",
    row_key="unit",
    filters=(
        f.MONTH, CARRIER, CARD_SPEC, UNIT, Field("level", "统计级别", "select", options="order_levels"),
        Field("month_from", "起始月份", "month"), Field("open", "仅未到齐", "select", options="yes_no"),
    ),
    columns=(
        Column("month", "月份", "month", width=90, sort="month"),
        CARRIER_COLUMN,
        CARD_SPEC_COLUMN,
        f.UNIT_COLUMN,
        Column("applied", "申请数量", "number", width=110),
        Column("ordered", "订单数量", "number", width=110),
        Column("delivered", "到货数量", "number", width=110),
        Column("stocked_in", "入库数量", "number", width=110),
        Column("open", "未到数量", "number", width=110),
    ),
    sums=True,
    hint="订单数量为已提交互联网部的数量；到货、入库按卡片的申请月份和资产单位统计。",
    export="activation/fulfilment",
)

PAGES = (
    COUNTY, CITY, CITY_LINES, LINES, CITY_FORMS, PROVINCE, PROVINCE_CITIES, PROVINCE_KINDS, PROVINCE_FORMS, ORDERS,
)  # fmt: skip
