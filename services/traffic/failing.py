"""Loads whose job ended and took nothing: they no longer wait, and say why (TRF-01).

Rating, rules and pulls wait for loads that are on their way. One that will never come must not hold them up.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.errors import DomainError
from services.traffic.tables import loads

_LEAVE = """
UPDATE loads SET state = CASE WHEN decided_by IS NULL THEN 'dropped' ELSE 'held' END,
    reasons = reasons || CAST(:why AS jsonb), ended_at = :now
WHERE id = :id AND state = 'waiting'
"""
_ENDED = """
SELECT loads.id, error_code, error_params FROM loads JOIN jobs ON jobs.id = loads.job_id
WHERE loads.state = 'waiting' AND jobs.state IN ('failed', 'cancelled')
  AND NOT EXISTS (SELECT FROM jobs AS again WHERE again.state IN ('queued', 'running') AND again.kind = jobs.kind
                  AND again.request ->> 'load_id' = CAST(loads.id AS text))
ORDER BY loads.id FOR UPDATE OF loads SKIP LOCKED
"""


def failed(load: Any) -> bool:
    """Did its job fail, and nobody drop it? Such a job can be tried again."""
    return load.state == "dropped" and load.decided_by is None


def shown_as(state: str | None) -> list[ColumnElement[bool]]:
    """The condition that a load is shown in ``state``; none for None."""
    c = loads.c
    if state == "failed":
        return [and_(c.state == "dropped", c.decided_by.is_(None))]
    if state == "dropped":
        return [and_(c.state == "dropped", c.decided_by.is_not(None))]
    return [] if state is None else [c.state == state]


def leave(tx: Tx, load_id: int, now: datetime, error: DomainError | None) -> None:
    """The load's job took nothing for ``error``. What a person had decided is decided anew."""
    why = [] if error is None else [(error.code, error.params)]
    tx.execute(_LEAVE, {"id": load_id, "now": now, "why": json.dumps(why, default=str)})


def leave_ended(tx: Tx, now: datetime) -> int:
    """The timer's act: loads whose jobs failed or were cancelled in any other way; how many there were."""
    ended = tx.execute(_ENDED).all()
    for row in ended:
        error = DomainError(row.error_code, **(row.error_params or {})) if row.error_code else None
        leave(tx, row.id, now, error)
    return len(ended)
