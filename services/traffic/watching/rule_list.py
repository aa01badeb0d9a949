"""Rules and their warnings: made, changed, listed (TRF-07)."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import begins, equals, scope, within
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.traffic.rules import (
    CHANGE_RULE,
    LIST_RULES,
    LIST_WARNINGS,
    ChangeRule,
    CreateRule,
    GetRule,
    ListRules,
    ListWarnings,
    RuleView,
    Warned,
)
from kernel.contracts.words import chinese
from kernel.contracts.words_traffic import RULE_KINDS
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.traffic.rule_tables import usage_rules, usage_warnings

_R, _W = usage_rules.c, usage_warnings.c
_WARNED = select(func.count()).where(_W.rule_id == _R.id).correlate(usage_rules).scalar_subquery().label("warned")


def create_rule(tx: Tx, request: CreateRule, *, by: Actor, now: datetime) -> RuleView:
    """Watches from the next figures on."""
    values = {**request.model_dump(), "changed_by_name": by.name, "changed_at": now}
    made = tx.execute(usage_rules.insert().values(values).returning(_R.id)).scalar_one()
    return get_rule(tx, GetRule(rule_id=made), by=by)


def change_rule(tx: Tx, request: ChangeRule, *, by: Actor, now: datetime) -> RuleView:
    """Raises rule_not_found, version_stale."""
    row = _find(tx, request.rule_id, by)
    values = request.model_dump(exclude={"rule_id", "version"})
    changed = tx.execute(
        usage_rules.update()
        .where(_R.id == row.id, _R.version == request.version)
        .values(**values, version=_R.version + 1, changed_by_name=by.name, changed_at=now)
    )
    if changed.rowcount != 1:
        raise DomainError("version_stale")
    return get_rule(tx, GetRule(rule_id=row.id), by=by)


def get_rule(tx: Tx, request: GetRule, *, by: Actor) -> RuleView:
    """Raises rule_not_found."""
    return _view(_find(tx, request.rule_id, by), by)


def _find(tx: Tx, rule_id: int, by: Actor) -> Row[Any]:
    query = select(usage_rules, _WARNED).where(_R.id == rule_id, within(_R.unit, by.unit))
    row = tx.execute(query).one_or_none()
    if row is None:
        raise DomainError("rule_not_found", id=rule_id)
    return row


def _view(row: Row[Any], by: Actor) -> RuleView:
    return RuleView(**row._mapping, can=["change"] if CHANGE_RULE.allows(by.permissions) else [])


def _rules(asked: Asked[ListRules]) -> Select[Any]:
    same = equals(asked.request, {"kind": _R.kind, "enabled": _R.enabled})
    return select(usage_rules, _WARNED).where(scope(_R.unit, asked.request.unit, asked.by), *same)


RULES = SelectList(
    method=LIST_RULES,
    title="流量规则",
    resource="usage-rules",
    matching=_rules,
    items=lambda asked, rows: [_view(row, asked.by) for row in rows],
    key=_R.id,
    newest_first=True,
    columns=(
        Column("name", "规则"),
        *unit_columns("unit", "单位"),
        Column("kind", "类型", words=chinese(RULE_KINDS)),
        number("threshold", "阈值"),
        Column("carrier", "运营商"),
        Column("card_spec", "卡片规格"),
        Column("enabled", "启用"),
        number("warned", "告警数"),
        Column("changed_by_name", "修改人"),
        Column("changed_at", "修改时间"),
    ),
)
list_rules = RULES.answer


def _warnings(asked: Asked[ListWarnings]) -> Select[Any]:
    request = asked.request
    return (
        select(usage_warnings, _R.name, _R.kind)
        .join(usage_rules, _R.id == _W.rule_id)
        .where(
            scope(_W.unit, request.unit, asked.by),
            *equals(request, {"rule_id": _W.rule_id, "kind": _R.kind, "period": _W.period}),
            *begins(_W.iccid, request.iccid),
        )
    )


WARNINGS = SelectList(
    method=LIST_WARNINGS,
    title="流量告警",
    resource="usage-warnings",
    matching=_warnings,
    items=lambda asked, rows: [Warned.model_validate(row._mapping) for row in rows],
    key=_W.id,
    newest_first=True,
    columns=(
        Column("iccid", "ICCID", kind="code"),
        *unit_columns("unit", "单位"),
        Column("name", "规则"),
        Column("kind", "类型", words=chinese(RULE_KINDS)),
        Column("period", "周期"),
        number("value", "数值"),
        number("limit_value", "界限"),
        Column("at", "告警时间"),
    ),
)
list_warnings = WARNINGS.answer
