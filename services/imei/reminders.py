"""催办 (IME-11, rule 9.7.1): every night each organisation is told how much of what it sold is not redeemed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number, unit_columns
from kernel.chassis.lists.conditions import equals, scope
from kernel.chassis.lists.spec import Asked, SelectList
from kernel.contracts.imei.stocktakes import LIST_REMINDERS, READ_REMINDER, ListReminders, ReadReminder, Reminder
from kernel.contracts.words import chinese
from kernel.contracts.words_imei import REMINDER_STATES
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.imei import organisations, tables
from services.imei.audit_tables import reminders
from services.imei.settings import registry_settings

_R = reminders.c
_DUE = f"""
SELECT devices.organisation, organisations.unit, count(*) AS devices,
       min(coalesce(sold_at, registered_at)) AS oldest_at
FROM devices JOIN organisations ON organisations.code = devices.organisation
WHERE {tables.UNREDEEMED} AND coalesce(sold_at, registered_at) < :before GROUP BY 1, 2
"""
_REMIND = f"""
INSERT INTO reminders (organisation, unit, state, first_at, last_at, times, devices, oldest_at)
SELECT organisation, unit, 'open', :now, :now, 1, devices, oldest_at FROM ({_DUE}) AS due ORDER BY organisation
ON CONFLICT (organisation) WHERE state = 'open' DO UPDATE SET last_at = excluded.last_at, unit = excluded.unit,
    times = reminders.times + 1, devices = excluded.devices, oldest_at = excluded.oldest_at
WHERE reminders.last_at < excluded.last_at
"""
_SETTLE = "UPDATE reminders SET state = 'settled' WHERE state = 'open' AND last_at < :now"
_READ = "UPDATE reminders SET state = 'read', read_at = :now, read_by_name = :by_name WHERE id = :id RETURNING *"


def remind(tx: Tx, *, now: datetime) -> int:
    """Answers how many organisations were reminded. Those with nothing left are settled. The same night again adds
    nothing."""
    before = now - timedelta(days=registry_settings().serial_reminder_days)
    reminded = tx.execute(_REMIND, {"now": now, "before": before}).rowcount
    tx.execute(_SETTLE, {"now": now})
    return reminded


def read(tx: Tx, request: ReadReminder, *, by: Actor, now: datetime) -> Reminder:
    """Raises reminder_not_found, reminder_closed."""
    asked = select(reminders).where(_R.id == request.reminder_id, scope(_R.unit, None, by)).with_for_update()
    row = tx.execute(asked).one_or_none()
    if row is None or not organisations.in_house(tx, row.organisation, by):
        raise DomainError("reminder_not_found")
    if row.state != "open":
        raise DomainError("reminder_closed")
    return _view(tx.execute(_READ, {"id": row.id, "now": now, "by_name": by.name}).one(), by)


def _view(row: Any, by: Actor) -> Reminder:
    able = row.state == "open" and READ_REMINDER.allows(by.permissions)
    return Reminder.model_validate({**row._mapping, "reminder_id": row.id, "can": ["read"] if able else []})


def _matching(asked: Asked[ListReminders]) -> Select[Any]:
    request = asked.request
    return select(reminders).where(
        scope(_R.unit, request.unit, asked.by),
        *organisations.of_house(_R.organisation, asked),
        *equals(request, {"organisation": _R.organisation, "state": _R.state}),
    )


REMINDERS = SelectList(
    method=LIST_REMINDERS,
    title="核销催办",
    resource="serial-reminders",
    matching=_matching,
    items=lambda asked, rows: [_view(row, asked.by) for row in rows],
    key=_R.id,
    newest_first=True,
    columns=(
        Column("reminder_id", "编号", kind="code", width=12),
        Column("organisation", "库存组织", kind="code"),
        *unit_columns("unit", "单位"),
        number("devices", "未核销数量"),
        Column("oldest_at", "最早售出时间"),
        number("times", "连续催办次数"),
        Column("state", "状态", words=chinese(REMINDER_STATES)),
        Column("first_at", "首次催办时间"),
        Column("last_at", "最近催办时间"),
        Column("read_at", "阅知时间"),
        Column("read_by_name", "阅知人"),
    ),
)
