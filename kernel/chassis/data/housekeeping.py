"""Throws away what nobody needs any more, in slices, so that the chassis' tables stay small.

Each table by itself: one that fails, or is locked, is told in the log and does not stop the others.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kernel.chassis.data.receipts import RECEIPT_LIFE_HOURS
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process import logs, metrics

_log = logs.get(__name__)
SLICE = 20_000
_PATIENCE = "20s"
_WAIT = "SELECT set_config('lock_timeout', :patience, true), set_config('statement_timeout', :patience, true)"
_ENDED = "state NOT IN ('queued', 'running') AND finished_at < now() - interval '180 days'"


@dataclass(frozen=True)
class Rule:
    """Rows of ``table`` for which ``old`` is true go. ``old`` is a condition that an index serves."""

    table: str
    old: str


RULES = (
    Rule("command_receipts", f"created_at < now() - interval '{RECEIPT_LIFE_HOURS} hours'"),
    Rule("outbox", "published_at < now() - interval '30 days'"),
    # Longer than any message can wait in a queue, a retry or a backup that is played back.
    Rule("inbox", "received_at < now() - interval '60 days'"),
    # A job goes after its rows, so that none is left without its job.
    Rule("job_rows", f"job_id IN (SELECT id FROM jobs WHERE {_ENDED})"),
    Rule("jobs", f"{_ENDED} AND NOT EXISTS (SELECT FROM job_rows WHERE job_rows.job_id = jobs.id)"),
    Rule("timers", "done_at < now() - interval '400 days'"),
)


def sweep(tx: Tx, rules: tuple[Rule, ...] = RULES) -> None:
    """One slice of each table; the next run takes the next. Does not commit. Rows that are locked wait for it."""
    for rule in rules:
        with apart(tx, rule.table):
            tx.execute(
                f"DELETE FROM {rule.table} WHERE ctid = ANY(ARRAY("
                f"SELECT ctid FROM {rule.table} WHERE {rule.old} LIMIT {SLICE} FOR UPDATE SKIP LOCKED))"
            )


@contextmanager
def apart(tx: Tx, what: str) -> Iterator[None]:
    """What fails in here, or takes too long, is undone and told in the log; the rest of the transaction goes on."""
    try:
        with tx.connection.begin_nested():
            tx.execute(_WAIT, {"patience": _PATIENCE})
            yield
    except Exception as error:
        metrics.TIMERS.labels(f"housekeeping {what}", "failed").inc()
        _log.error("housekeeping failed", table=what, error=repr(error))
