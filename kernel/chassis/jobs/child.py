"""One run of one job, in a process of its own that ends with it and takes its memory along."""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Mapping

from kernel.chassis.data.database import create_engine, is_outage
from kernel.chassis.jobs.context import JobCancelledError, JobContext, JobLostError
from kernel.chassis.jobs.kinds import Handler, JobKind
from kernel.chassis.jobs.queue import Claimed, JobQueue
from kernel.chassis.process import crashpoints, logs
from kernel.chassis.process.settings import JobSettings
from kernel.model.actor import Actor
from kernel.model.errors import DomainError

_PR_SET_PDEATHSIG = 1
SETTLED, LOST = 0, 10
ORDERLY = frozenset({SETTLED, LOST})
"""Exit codes of a child that has settled its job, or knows that it is another's."""

_log = logs.get(__name__)


def main(service: str, kinds: Mapping[str, JobKind], job: Claimed, settings: JobSettings) -> None:
    """Body of the child process."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # an orphan's work could only be thrown away
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    own = kinds[job.kind].memory_limit_mib if job.kind in kinds else None
    limit = min(own or settings.job_memory_limit_mib, settings.job_memory_limit_mib) << 20
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    with logs.context(correlation_id=job.correlation_id, job_id=str(job.id)):
        code = _Run(service, kinds, job, settings).settle()
    sys.stderr.flush()
    os._exit(code)  # nothing of the parent's that was inherited may run its farewell here


class _Run:
    def __init__(self, service: str, kinds: Mapping[str, JobKind], job: Claimed, settings: JobSettings) -> None:
        self._kinds = kinds
        self._job = job
        self._engine = create_engine(service, "job")
        self._queue = JobQueue(self._engine, settings, f"job:{job.id}")

    def settle(self) -> int:
        """Runs the handler and writes how it ended. Exit code; an outage is left to the parent as a lost run."""
        job, context = self._job, self._context()
        try:
            result = self._handler()(context)
            context.flush()
            if not context.completed:
                self._queue.finish(job, result, context.told)
            crashpoints.hit("job.after_commit")
        except JobCancelledError:
            self._queue.cancel(job)
        except JobLostError:
            return LOST
        except DomainError as error:
            context.flush()
            self._queue.fail(job, error.code, **error.params)
        except MemoryError:
            self._queue.fail(job, "job_too_large")
        except Exception as error:
            if is_outage(error):
                raise
            _log.error("job failed", kind=job.kind, exc_info=True)
            self._queue.fail(job, "internal_error", trace_id=job.correlation_id or str(job.id))
        return SETTLED

    def _handler(self) -> Handler:
        kind = self._kinds.get(self._job.kind)
        if kind is None:
            raise DomainError("job_kind_unknown", kind=self._job.kind)
        kind.require_asked(self._actor(), self._job.request)
        return kind.retry if self._job.retry_of is not None and kind.retry is not None else kind.handler

    def _actor(self) -> Actor:
        job = self._job
        return Actor(job.created_by, job.created_by_name, job.created_unit, frozenset(job.permissions))

    def _context(self) -> JobContext:
        job = self._job
        return JobContext(
            job_id=job.id,
            kind=job.kind,
            request=job.request,
            actor=self._actor(),
            correlation_id=job.correlation_id,
            attempt=job.attempt,
            retry_of=job.retry_of,
            created_at=job.created_at,
            engine=self._engine,
        )
