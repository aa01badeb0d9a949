"""导出全部: what of inventory can be had as a file, with the lists' own filters and order (requirements, section 0).

Heads are Chinese with the field's name beside it: a clerk reads the one, a program the other.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import create_model
from sqlalchemy import Row, Table

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.exports import Column, ExportSpec, stream, unit_columns
from kernel.chassis.lists.paging import KeyColumn, fingerprint, read_cursor
from kernel.contracts.inventory.acts import ListAllocations, ListRequisitions
from kernel.contracts.inventory.cards import ListCards
from kernel.contracts.inventory.deliveries import ListDeliveries
from kernel.contracts.inventory.statistics import CountAbnormal, CountActivations, CountByState, CountPendingInstall
from kernel.contracts.method import Request
from kernel.contracts.paging import PageRequest
from kernel.model.actor import Actor
from kernel.model.period import BUSINESS_ZONE, business_date, check_month, days
from kernel.model.unit import prefix_end
from services.inventory import tables
from services.inventory.card_lists.card_list import list_cards, list_order
from services.inventory.card_lists.conditions import card_conditions, resolve
from services.inventory.lifecycle import STATE_NAMES
from services.inventory.statistics.abnormal_cards import count_abnormal
from services.inventory.statistics.activations import count_activations
from services.inventory.statistics.cards_by_state import count_by_state
from services.inventory.statistics.pending_install import count_pending_install
from services.inventory.statistics.scope import scope

STATES = {str(state): name for state, name in STATE_NAMES.items()}
DELIVERY_STATES = {
    "receiving": "接收中",
    "held": "待核对",
    "received": "已接收",
    "inspected": "已检测",
    "stocked_in": "已入库",
}
SOURCES = {"pull": "接口拉取", "push": "运营商推送", "upload": "文件上传"}


def _column(name: str, title: str, **more: Any) -> Column:
    return Column(name, f"{title} {name}", **more)


def _number(name: str, title: str) -> Column:
    return _column(name, title, number=True, width=18)


_CARRIER = (_column("carrier", "运营商"), _column("card_spec", "卡片规格"))
_KIND = (*_CARRIER, _column("application_month", "申请月份", width=12))
_UNIT = (*unit_columns("unit", "供电单位"), _column("scope", "范围", width=10))

CARD_COLUMNS = (
    _column("iccid", "ICCID"),
    _column("imsi", "IMSI"),
    _column("msisdn", "手机号"),
    *_KIND,
    _column("batch_no", "批次号"),
    *unit_columns("owner_unit", "资产单位"),
    *unit_columns("issued_to_unit", "领用单位"),
    _column("recipient", "领用人"),
    _column("recipient_phone", "联系电话"),
    _column("terminal_asset_no", "终端资产编号"),
    _column("state", "卡片状态", labels=STATES, width=10),
    _column("state_since", "进入状态时间"),
    _number("state_days", "状态天数"),
    _column("received_at", "接收时间"),
    _column("stocked_in_at", "入库时间"),
    _column("allocated_at", "分卡时间"),
    _column("issued_at", "领用时间"),
    _column("bound_at", "绑定时间"),
    _column("pending_scrap_at", "待报废时间"),
    _column("terminated_at", "销卡时间"),
    _column("last_operation_at", "最近操作时间"),
)


_MADE = frozenset({"batch_no", "state_days"})
"""Columns that are no columns of the card itself."""


def is_page(filters: PageRequest) -> bool:
    """True when only the page shown is wanted (导出当前), not all that matches (导出全部)."""
    return bool(filters.model_fields_set & {"cursor", "size"})


def card_rows(tx: Tx, filters: ListCards, by: Actor, now: datetime) -> Iterable[Any]:
    """The list's cards in its order."""
    if is_page(filters):
        return list_cards(tx, filters, by=by, now=now).items
    where, params = card_conditions(resolve(tx, filters, by=by, now=now))
    order, _ = list_order(filters)
    taken = ", ".join(column.name for column in CARD_COLUMNS if column.name not in _MADE and not column.names)
    statement = f"""
        SELECT {taken}, greatest(CAST(:today AS date) - (state_since AT TIME ZONE '{BUSINESS_ZONE.key}')::date, 0)
               AS state_days, (SELECT batch_no FROM deliveries WHERE deliveries.id = cards.delivery_id) AS batch_no
        FROM cards WHERE {where} ORDER BY {order.sql}
    """
    return stream(tx, statement, params | {"today": business_date(now)})


def delivery_rows(tx: Tx, filters: ListDeliveries, by: Actor, now: datetime) -> Iterable[Row[Any]]:
    """The list's deliveries, newest first."""
    where, params = _same(filters, {"application_month": "month", "state": "", "carrier": "", "card_spec": ""})
    if filters.batch_no:
        where += " AND batch_no = :batch_no"
        params["batch_no"] = filters.batch_no
    received = days(filters.received_from, filters.received_to)
    for name, moment, sign in (("start", received.start, ">="), ("end", received.end, "<")):
        if moment is not None:
            where += f" AND received_at {sign} :{name}"
            params[name] = moment
    statement = f"""
        SELECT *, received_count - unqualified_count AS qualified_count FROM deliveries
        WHERE owner_unit >= :unit AND owner_unit < :unit_end{where}
    """
    return _newest_first(tx, filters, tables.deliveries, statement, params | _within(by.unit))


def allocation_rows(tx: Tx, filters: ListAllocations, by: Actor, now: datetime) -> Iterable[Row[Any]]:
    """The list's allocations, newest first: those that concern the actor's units, from or to."""
    where, params = _same(filters, {"application_month": "month", "carrier": "", "card_spec": ""})
    if filters.unit is not None:
        scope(by, filters.unit)
        where += " AND (to_unit >= :asked AND to_unit < :asked_end OR from_unit >= :asked AND from_unit < :asked_end)"
        params |= {"asked": filters.unit, "asked_end": prefix_end(filters.unit)}
    statement = f"""
        SELECT * FROM allocations
        WHERE (to_unit >= :unit AND to_unit < :unit_end OR from_unit >= :unit AND from_unit < :unit_end){where}
    """
    return _newest_first(tx, filters, tables.allocations, statement, params | _within(by.unit))


def requisition_rows(tx: Tx, filters: ListRequisitions, by: Actor, now: datetime) -> Iterable[Row[Any]]:
    """The list's requisitions, newest first."""
    where, params = _same(filters, {"recipient": ""})
    statement = f"SELECT * FROM requisitions WHERE unit >= :unit AND unit < :unit_end{where}"
    params |= _within(scope(by, filters.unit))
    return _newest_first(tx, filters, tables.requisitions, statement, params)


def _newest_first(
    tx: Tx, filters: PageRequest, table: Table, statement: str, params: Mapping[str, Any]
) -> Iterable[Row[Any]]:
    """All rows of ``statement``, or the page of them that ``filters`` points at."""
    if not is_page(filters):
        return stream(tx, f"{statement} ORDER BY id DESC", params)
    order = [KeyColumn(table.c.id, descending=True)]
    at = read_cursor(filters.cursor, order, fingerprint(filters))
    if at.values is not None:
        statement += f" AND id {'>' if at.backward else '<'} :after"
        params = {**params, "after": at.values[0]}
    statement += f" ORDER BY id {'ASC' if at.backward else 'DESC'} LIMIT :size"
    rows = tx.execute(statement, {**params, "size": filters.size}).all()
    return reversed(rows) if at.backward else rows


def _same(filters: Any, columns: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """``column = value`` for every filter that is set; those marked month are checked to be one."""
    where, params = "", {}
    for column, kind in columns.items():
        if (value := getattr(filters, column)) is not None:
            where += f" AND {column} = :{column}"
            params[column] = check_month(value, column) if kind == "month" else value
    return where, params


def _within(unit: str) -> dict[str, str]:
    return {"unit": unit, "unit_end": prefix_end(unit)}


def _paged(model: type[Request]) -> type[Request]:
    """A statistic's filters, with the paging that lists send too and that means nothing here."""
    fields: dict[str, Any] = {"cursor": (str | None, None), "size": (int | None, None)}
    fields |= {"sort": (str | None, None), "order": (str | None, None)}
    return create_model(f"{model.__name__}Export", __base__=model, **fields)


class _Line:
    """A row of a statistic, flat: attributes by name."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)


def _flat(items: Any) -> Iterator[_Line]:
    for item in items:
        values = item.model_dump()
        yield _Line(**values, **values.get("counts", {}), scope="本级" if item.exact else "含下级")


def state_rows(tx: Tx, filters: CountByState, by: Actor, now: datetime) -> Iterator[_Line]:
    """各状态SIM统计."""
    return _flat(count_by_state(tx, filters, by=by, now=now).items)


def pending_install_rows(tx: Tx, filters: CountPendingInstall, by: Actor, now: datetime) -> Iterator[_Line]:
    """待装卡分流."""
    return _flat(count_pending_install(tx, filters, by=by, now=now).items)


def activation_rows(tx: Tx, filters: CountActivations, by: Actor, now: datetime) -> Iterator[_Line]:
    """开卡销卡数量统计."""
    return _flat(count_activations(tx, filters, by=by, now=now).items)


def abnormal_rows(tx: Tx, filters: CountAbnormal, by: Actor, now: datetime) -> Iterator[_Line]:
    """长期异常状态卡."""
    return _flat(count_abnormal(tx, filters, by=by, now=now).items)


EXPORTS: dict[str, ExportSpec] = {
    "cards": ExportSpec("卡片", "card.view", CARD_COLUMNS, ListCards, rows=card_rows),
    "deliveries": ExportSpec(
        "入库批次",
        "card.view",
        (
            _column("batch_no", "批次号"),
            *_KIND,
            *unit_columns("owner_unit", "资产单位"),
            _column("state", "状态", labels=DELIVERY_STATES, width=10),
            _column("source", "来源", labels=SOURCES, width=12),
            _number("expected_count", "交货单数量"),
            _number("received_count", "接收数量"),
            _number("qualified_count", "合格数量"),
            _number("unqualified_count", "不合格数量"),
            _number("stocked_in_count", "入库数量"),
            _number("refused_count", "拒收行数"),
            _number("discrepancy_count", "差异数"),
            _column("received_at", "接收时间"),
            _column("inspected_at", "检测时间"),
            _column("inspected_by", "检测人"),
            _column("inspection_result", "检测结果"),
            _column("inspection_remark", "检测备注"),
        ),
        ListDeliveries,
        rows=delivery_rows,
    ),
    "allocations": ExportSpec(
        "分卡记录",
        "card.view",
        (
            _column("allocated_at", "分卡时间"),
            *_KIND,
            _column("start_iccid", "开始号段"),
            _column("end_iccid", "结束号段"),
            *unit_columns("from_unit", "分出单位"),
            *unit_columns("to_unit", "接收单位"),
            _number("card_count", "数量"),
            _column("operator", "操作人"),
            _column("contact", "联系方式"),
        ),
        ListAllocations,
        rows=allocation_rows,
    ),
    "requisitions": ExportSpec(
        "领用记录",
        "card.view",
        (
            _column("issued_at", "领用时间"),
            *unit_columns("unit", "领用单位"),
            _column("recipient", "领用人"),
            _column("phone", "联系电话"),
            _number("card_count", "数量"),
            _column("recorded_by", "经办人"),
        ),
        ListRequisitions,
        rows=requisition_rows,
    ),
    "statistics/cards-by-state": ExportSpec(
        "各状态SIM统计",
        "report.view",
        (*_UNIT, *(_number(state, name) for state, name in STATES.items()), _number("total", "合计")),
        _paged(CountByState),
        rows=state_rows,
    ),
    "statistics/pending-install": ExportSpec(
        "待装卡分流",
        "report.view",
        (
            *_UNIT,
            _number("d0_7", "0-7天"),
            _number("d8_30", "8-30天"),
            _number("d31_90", "31-90天"),
            _number("d91_plus", "91天以上"),
            _number("total", "合计"),
        ),
        _paged(CountPendingInstall),
        rows=pending_install_rows,
    ),
    "statistics/activations-terminations": ExportSpec(
        "开卡销卡数量统计",
        "report.view",
        (
            *_UNIT,
            *_CARRIER,
            _number("opened_month", "当月开卡"),
            _number("opened_total", "累计开卡"),
            _number("terminated_month", "当月销卡"),
            _number("terminated_total", "累计销卡"),
        ),
        _paged(CountActivations),
        rows=activation_rows,
    ),
    "statistics/abnormal-cards": ExportSpec(
        "长期异常状态卡",
        "report.view",
        (
            *_UNIT,
            _column("state", "状态", labels=STATES, width=10),
            _number("limit_days", "期限天数"),
            _number("count", "数量"),
        ),
        _paged(CountAbnormal),
        rows=abnormal_rows,
    ),
}
"""Resource > how it is exported; the gateway's list of that name uses the same filters."""
