"""After figures came: rules are applied and terminated cards looked for, once for all loads that came meanwhile."""

from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobContext
from kernel.model.actor import system_actor
from kernel.model.period import business_date
from services.traffic.watching import rules, terminated

WATCH_JOB = "usage_watch"
_WORTH_IT = """
SELECT EXISTS (SELECT 1 FROM loads WHERE state = 'taken' AND ended_at > coalesce(
    (SELECT max(created_at) FROM jobs WHERE kind = :kind), '-infinity'))
   AND NOT EXISTS (SELECT 1 FROM jobs WHERE kind = :kind AND state IN ('queued', 'running'))
   AND NOT EXISTS (SELECT 1 FROM loads WHERE state = 'waiting')
"""


def watch_due(tx: Tx) -> bool:
    """The timer's act: a job when figures came since the last one and none are on their way."""
    if not tx.execute(_WORTH_IT, {"kind": WATCH_JOB}).scalar_one():
        return False
    jobs.enqueue(tx, WATCH_JOB, "流量规则与已销卡核查", {}, system_actor("traffic", may={"usage.rule"}))
    return True


def run_watch(job: JobContext) -> dict[str, Any]:
    """Job: what is new is kept and told of in one transaction."""
    now: datetime = job.now()
    with job.unit_of_work() as tx:
        warned = rules.watch(tx, now=now, today=business_date(now))
        told = terminated.tell(tx, now=now, today=business_date(now))
        result = {"warned": warned, "terminated": told}
        job.complete(tx, result, done=warned + told)
    return result
