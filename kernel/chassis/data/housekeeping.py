"""Throws away what nobody needs any more, in slices, so that the chassis' tables stay small."""

from kernel.chassis.data.receipts import RECEIPT_LIFE_HOURS
from kernel.chassis.data.unit_of_work import Tx

_SLICE = 20_000
_RULES = (
    ("command_receipts", "command_id", f"created_at < now() - interval '{RECEIPT_LIFE_HOURS} hours'"),
    ("outbox", "id", "published_at < now() - interval '30 days'"),
    # Longer than any message can wait in a queue, a retry or a backup that is played back.
    ("inbox", "(consumer, message_id)", "received_at < now() - interval '60 days'"),
    ("jobs", "id", "state NOT IN ('queued', 'running') AND finished_at < now() - interval '180 days'"),
    ("timers", "(name, due_at)", "done_at < now() - interval '400 days'"),
)


def sweep(tx: Tx) -> None:
    """One slice of each table; the next run takes the next. Does not commit."""
    for table, key, old in _RULES:
        columns = key.strip("()")
        tx.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT {columns} FROM {table} WHERE {old} LIMIT {_SLICE})")
    tx.execute(
        f"DELETE FROM job_rows WHERE job_id IN"
        f" (SELECT job_id FROM job_rows r WHERE NOT EXISTS (SELECT FROM jobs j WHERE j.id = r.job_id) LIMIT {_SLICE})"
    )
