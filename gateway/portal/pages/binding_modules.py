"""Modules (IMEI) that cards were read in, and locks of cards to modules and terminals (BND-10)."""

from gateway.portal.pages.fields import REASON, UNIT
from gateway.portal.spec import Action, Column, Field, Page

_EXACT = Field("unit_exact", "仅本级", "select", options="yes_no")
_TERMINAL = Field("terminal", "终端资产编号")
_ICCID = Field("iccid", "ICCID")
_IMEI = Field("imei", "IMEI")
_CARD = Column("iccid", "ICCID", width=206, copy=True, drill="card?iccid={iccid}")

_IMEI_COLUMNS = (
    Column("since", "首次抄到", "time", width=166),
    Column("terminal", "终端资产编号", width=150, copy=True, drill="bindings?terminal={terminal}"),
    Column("slot", "模块槽位", "number", width=90),
    Column("unit_name", "供电单位", width=160),
    _CARD,
    Column("imei", "IMEI", width=184, copy=True, drill="imeis?imei={imei}"),
    Column("card_imei_before", "卡原 IMEI", width=150, drill="imeis?imei={card_imei_before}"),
    Column("terminal_before", "卡原终端", width=150, drill="imeis?terminal={terminal_before}"),
    Column("slot_imei_before", "槽位原 IMEI", width=150, drill="imeis?imei={slot_imei_before}"),
    Column("until", "截止时间", "time", width=166),
)

IMEI_CHANGES = Page(
    "imei-changes",
    "IMEI 变更记录",
    tab="IMEI 变更",
    tab_of="binding-changes",
    source="/binding/imeis",
    row_key="since",
    fixed={"changed": "true"},
    filters=(UNIT, Field("day_from", "首次日期", "dates", until="day_to"), _TERMINAL, _ICCID, _IMEI, _EXACT),
    columns=_IMEI_COLUMNS,
    export="binding/imeis",
)

IMEIS = Page(
    "imeis",
    "模块 IMEI 记录",
    tab="卡与终端的 IMEI 记录",
    tab_of="binding-changes",
    source="/binding/imeis",
    row_key="since",
    hint="只有抄到 IMEI 的召测才有记录。",
    filters=(_ICCID, _TERMINAL, _IMEI, UNIT),
    columns=_IMEI_COLUMNS,
    export="binding/imeis",
)

_LOCK_FIELDS = (
    Field("hold", "锁定到", "select", options="lock_holds", required=True),
    Field("reason", "原因", "textarea", required=True, max_length=500),
)

LOCKS = Page(
    "card-locks",
    "机卡锁定",
    tab="机卡锁定",
    tab_of="binding-exceptions",
    source="/binding/locks",
    row_key="lock_id",
    hint="锁定的卡只应在所锁的模块或终端中；在别处抄到即为绑定异常“违反机卡锁定”。",
    filters=(
        UNIT,
        _ICCID,
        _TERMINAL,
        _IMEI,
        Field("standing", "锁定中", "select", options="yes_no"),
        Field("breached", "已违反", "select", options="yes_no"),
    ),
    columns=(
        Column("lock_id", "锁定编号", width=100),
        _CARD,
        Column("unit_name", "卡单位", width=160),
        Column("carrier", "运营商", "choice", width=100, options="carriers"),
        Column("imei", "锁定 IMEI", width=184, copy=True, drill="imeis?imei={imei}"),
        Column("terminal", "锁定终端", width=150, drill="bindings?terminal={terminal}"),
        Column("breached", "已违反", "choice", width=100, options="yes_no",
               drill="binding-exceptions?iccid={iccid}&kind=lock_breached"),
        Column("reason", "原因", width=180),
        Column("set_at", "锁定时间", "time", width=166),
        Column("set_by_name", "锁定人", width=110),
        Column("released_at", "解除时间", "time", width=166),
        Column("released_by_name", "解除人", width=110),
        Column("release_reason", "解除原因", width=180),
    ),
    toolbar=(
        Action(
            "锁定",
            "/binding/locks",
            kind="primary",
            answer="bulk",
            fields=(
                Field("iccids", "ICCID", "iccids", required=True),
                *_LOCK_FIELDS[:1],
                Field("imei", "IMEI", hint="只锁一张卡时可填写；留空为最近抄到的模块"),
                Field("terminal", "终端资产编号", hint="只锁一张卡时可填写；留空为现在绑定的终端"),
                *_LOCK_FIELDS[1:],
            ),
        ),
    ),
    batch=(
        Action(
            "解除锁定", "/binding/locks/release", fields=(REASON,), needs="rows", ids="locks", can="release",
            answer="bulk", useless="勾选的锁定已解除",
        ),
    ),
    export="binding/locks",
)  # fmt: skip

PAGES = (IMEI_CHANGES, IMEIS, LOCKS)
