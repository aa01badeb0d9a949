"""The one way in which a device changes: its row and its event in one statement, as the lifecycle allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.actor import Actor
from services.imei.lifecycle import SERIAL_LIFECYCLE, SerialAction, SerialState

_NOTE = """
INSERT INTO changes (at, by, by_name, by_unit, reason, document, correlation_id)
VALUES (:at, :by, :by_name, :by_unit, :reason, :document, :correlation_id) RETURNING id
"""

_MOVE = """
WITH asked AS (
    SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:rows AS integer[])) AS asked (id, row_no)
), moved AS (
    UPDATE devices SET
        state = :state, version = devices.version + 1,
        state_since = CASE WHEN devices.state = :state THEN devices.state_since ELSE :now END,
        held_from = CASE WHEN :state = 'frozen' THEN old.state END,
        sold_at = CASE WHEN :sells THEN :now WHEN :unsells THEN NULL ELSE devices.sold_at END,
        organisation = CASE WHEN :places THEN :organisation ELSE devices.organisation END,
        unit = CASE WHEN :places THEN :unit ELSE devices.unit END,
        shelf = CASE WHEN :places THEN 0 ELSE devices.shelf END
    FROM asked JOIN devices AS old USING (id)
    WHERE devices.id = asked.id
    RETURNING devices.id, devices.version, devices.organisation, devices.unit, old.state AS from_state, asked.row_no
)
INSERT INTO further_events (device_id, version, change_id, at, action, from_state, to_state, organisation, unit, row_no)
SELECT id, version, :change_id, :now, :action, from_state, :state, organisation, unit, row_no FROM moved
"""


_RESTORE = """
WITH asked AS (
    SELECT * FROM unnest(CAST(:ids AS bigint[]), CAST(:versions AS integer[])) AS asked (id, version)
), before AS (
    SELECT asked.id, past.to_state, past.organisation, past.unit,
           (SELECT max(at) FROM events WHERE events.device_id = asked.id AND events.version < asked.version
            AND from_state IS DISTINCT FROM to_state) AS since
    FROM asked JOIN events AS past ON past.device_id = asked.id AND past.version = asked.version - 1
), moved AS (
    UPDATE devices SET state = before.to_state, version = devices.version + 1, organisation = before.organisation,
        unit = before.unit, shelf = 0, state_since = before.since,
        sold_at = CASE WHEN before.to_state = 'sold' THEN devices.sold_at END
    FROM before JOIN devices AS old ON old.id = before.id
    WHERE devices.id = before.id
    RETURNING devices.id, devices.version, devices.organisation, devices.unit, old.state AS from_state, devices.state
)
INSERT INTO further_events (device_id, version, change_id, at, action, from_state, to_state, organisation, unit)
SELECT id, version, :change_id, :now, :action, from_state, state, organisation, unit FROM moved
"""


@dataclass(frozen=True)
class Place:
    """Where devices go; an organisation of None: back into the province's pool."""

    organisation: str | None
    unit: str


@dataclass(frozen=True)
class Note:
    """Why an act was done, and on which document."""

    reason: str | None = None
    document: str | None = None


def note_change(tx: Tx, by: Actor, now: datetime, note: Note | None = None) -> int:
    """The act as one row, which its events point at."""
    note = note or Note()
    values = {"at": now, "by": by.id, "by_name": by.name, "by_unit": by.unit, "correlation_id": tx.correlation_id}
    return int(tx.execute(_NOTE, {**values, "reason": note.reason, "document": note.document}).scalar_one())


def lock(tx: Tx, ids: Sequence[int]) -> dict[int, Any]:
    """Id > the device's row, locked until the transaction ends; in the order of ids, so that nobody deadlocks."""
    rows = tx.execute("SELECT * FROM devices WHERE id = ANY(:ids) ORDER BY id FOR UPDATE", {"ids": sorted(set(ids))})
    return {row.id: row for row in rows}


def move(
    tx: Tx, action: SerialAction, rows: dict[int, int | None], change_id: int, now: datetime, *, to: Place | None = None
) -> None:
    """``rows``: locked device > its row in the request. The caller has asked the lifecycle whether each may go."""
    if not rows:
        return
    target = SERIAL_LIFECYCLE.row(action).target
    tx.execute(
        _MOVE,
        {
            "ids": list(rows),
            "rows": list(rows.values()),
            "state": str(target),
            "action": str(action),
            "now": now,
            "change_id": change_id,
            "sells": target == SerialState.SOLD and action in (SerialAction.SELL, SerialAction.HAND_OVER),
            "unsells": action == SerialAction.UNDO_SALE,
            "places": to is not None,
            "organisation": to.organisation if to else None,
            "unit": to.unit if to else None,
        },
    )


def restore(tx: Tx, action: SerialAction, marks: dict[int, int], change_id: int, now: datetime) -> None:
    """Locked devices are again what and where they were before an event; the taking back is an event itself.

    ``marks``: device > version of the event that is taken back. The caller has seen that nothing followed it.
    """
    versions = {"ids": list(marks), "versions": list(marks.values())}
    tx.execute(_RESTORE, {**versions, "change_id": change_id, "now": now, "action": str(action)})
