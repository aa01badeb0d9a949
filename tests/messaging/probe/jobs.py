"""Jobs of probe."""

import time

from kernel.chassis.jobs.context import JobContext
from kernel.chassis.jobs.kinds import JobKind
from tests.messaging.contract import EntryAdded, StartWork


def work(job: JobContext) -> None:
    """Adds ``steps`` entries in one transaction, which is also the end of the job."""
    request = StartWork.model_validate(job.request)
    hoard = bytearray(request.use_memory_mib << 20)
    with job.unit_of_work() as tx:
        for step in range(request.steps):
            if step in request.refuse:
                job.refuse(step + 1, f"row-{step}", "version_stale", step=step)
                continue
            tx.execute(
                "INSERT INTO entries (key, version) VALUES (:key, 1)"
                " ON CONFLICT (key) DO UPDATE SET version = entries.version + 1",
                {"key": f"{job.job_id}-{step}"},
            )
            tx.publish(EntryAdded(key=f"{job.job_id}-{step}", version=1))
            time.sleep(request.sleep_seconds)
            job.progress(step + 1, request.steps)
        job.complete(tx, {"steps": request.steps, "hoard": len(hoard)})


def again(job: JobContext) -> dict[str, str]:
    """Retry of the refused rows."""
    return {"retried": str(job.retry_of)}


JOBS = {
    "work": JobKind(work, "probe.add", retry=again),
    "errand": JobKind(work, "probe.add", urgent=True),
    "bounded": JobKind(work, "probe.add", time_limit_seconds=1, memory_limit_mib=128),
}
