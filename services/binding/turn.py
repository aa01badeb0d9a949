"""One decision at a time, and how long whoever wants to decide waits for his turn."""

import time

from psycopg.errors import LockNotAvailable
from sqlalchemy.exc import OperationalError

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.errors import DomainError

LOCK_NAME = "binding.decide"

PATIENCE = "40s"
"""Longer than a request usually waits for a lock: with many stations at once each takes its turn. Shorter than they
wait for an answer."""

# A plan that was kept from when a table was small reads all of it when it has grown: the first night of 100,000
# terminals then took twenty times as long. So each statement of a decision is planned for the tables as they are.
LOCK = f"""
SELECT set_config('lock_timeout', '{PATIENCE}', true), set_config('plan_cache_mode', 'force_custom_plan', true),
       pg_advisory_xact_lock(hashtext('{LOCK_NAME}'))
"""


def lock(tx: Tx) -> float:
    """Waits until no other decision is under way; held until the transaction ends. How many seconds it waited.

    Raises DomainError service_unavailable when its turn does not come in PATIENCE: the sender may try again.
    """
    started = time.monotonic()
    try:
        tx.execute(LOCK)
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise DomainError("service_unavailable", trace_id=tx.correlation_id or "-") from error
        raise
    return time.monotonic() - started
