"""The files of exports, and of other jobs with one, go when their jobs' time is over: nothing else refers to them."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from kernel.chassis.data.blobs import BlobStore
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs.kinds import EXPORT_KIND
from kernel.contracts.envelope import BlobRef

LIFE_DAYS = 90
"""The job's row lives longer: who exported what stays known."""
_SLICE = 200
_STORED_LATER = timedelta(minutes=10)
"""A content that was stored again so long after the export is somebody else's too, and stays."""

_OLD = f"""
SELECT id, finished_at, result FROM jobs AS old
WHERE kind = ANY(:kinds) AND state NOT IN ('queued', 'running') AND finished_at < now() - interval '{LIFE_DAYS} days'
    AND result -> 'blob' ->> 'sha256' IS NOT NULL
ORDER BY finished_at LIMIT {_SLICE}
"""
_ELSEWHERE = """
SELECT EXISTS (SELECT FROM jobs WHERE id <> :id AND result -> 'blob' ->> 'sha256' = :sha256)
"""
_FORGET = "UPDATE jobs SET result = (result::jsonb - 'blob')::json WHERE id = :id"


def sweep(tx: Tx, store: Callable[[], BlobStore], kinds: Sequence[str] = (EXPORT_KIND,)) -> int:
    """One slice; answers how many files went. Does not commit. ``store`` is asked for only when there is work."""
    gone = 0
    for job in tx.execute(_OLD, {"kinds": list(kinds)}).all():
        ref = BlobRef.model_validate(job.result["blob"])
        if not tx.execute(_ELSEWHERE, {"id": job.id, "sha256": ref.sha256}).scalar_one():
            stored_at = store().stored_at(ref)
            if stored_at is not None and stored_at <= job.finished_at + _STORED_LATER:
                store().delete(ref)
                gone += 1
        tx.execute(_FORGET, {"id": job.id})
    return gone
