"""``python -m kernel.chassis.jobs.worker <service>``: does the service's jobs, one child process per job.

Plain Python, no eventlet: jobs may compute as long as they like. Guarantees. A job runs in a child with limits on
memory and time; what it breaks is its own process. The parent renews the job's lease while the child lives; when the
whole worker dies, the lease runs out and another worker takes the job again. A child that was killed gives its job
back at once. After SIMKEEP_JOB_ATTEMPTS lost runs the job fails. SIGTERM: running jobs get SIMKEEP_DRAIN_SECONDS to
end, then they are stopped and given back, which does not count as a lost run.
"""

import os
import signal
import socket
import sys
import time
from dataclasses import dataclass
from multiprocessing import connection as waiting
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from typing import Any
from uuid import UUID
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from kernel.chassis.data.database import create_engine, is_outage
from kernel.chassis.jobs import child as job_child
from kernel.chassis.jobs import queue as job_queue
from kernel.chassis.jobs.kinds import preload, service_kinds
from kernel.chassis.process import collector, logs, metrics
from kernel.chassis.process.health import Health, database_check
from kernel.chassis.process.settings import BusSettings, HealthSettings, JobSettings

_log = logs.get(__name__)
_TICK_SECONDS = 0.2
_OUTAGE_PAUSE_SECONDS = 1.0
_MEASURE_EVERY_SECONDS = 10.0


@dataclass
class _Running:
    job: job_queue.Claimed
    child: BaseProcess
    started: float
    renewed: float


class Worker:
    """The parent: claims, watches, renews. It never runs a handler itself and stays small."""

    def __init__(self, service: str) -> None:
        self.package = service if "." in service else f"services.{service}"
        self.service = self.package.rpartition(".")[2]
        self._settings = JobSettings()
        self._kinds = service_kinds(self.package)
        self._urgent = {name for name, kind in self._kinds.items() if kind.urgent}
        self._engine = create_engine(self.service, "job")
        worker = f"{socket.gethostname()}:{os.getpid()}"
        self._queue = job_queue.JobQueue(self._engine, self._settings, worker, self._urgent)
        self._context = get_context("fork")
        self._running: dict[UUID, _Running] = {}
        self._asked_to_stop = False
        self._looked = self._measured = 0.0
        self._health = Health(self.service)
        self._health.register("database", database_check(self._engine))
        self._server = _health_server(self._health)

    def run(self) -> int:
        """Until SIGTERM. Exit code."""
        preload(self.package)
        collector.resume()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        _log.info("job worker started", pid=os.getpid(), kinds=sorted(self._kinds))
        while not self._asked_to_stop:
            self._wait(_TICK_SECONDS)
            self._survive(self._turn)
        self._drain()
        _log.info("job worker stopped")
        return 0

    def _on_signal(self, number: int, _frame: Any) -> None:
        self._asked_to_stop = True

    def _survive(self, step: Any) -> None:
        """An outage of the database is waited out; any other error ends the worker."""
        try:
            step()
        except Exception as error:
            if not is_outage(error):
                raise
            _log.warning("database away, jobs wait", error=repr(error.__class__))
            time.sleep(_OUTAGE_PAUSE_SECONDS)

    def _turn(self) -> None:
        self._watch()
        if time.monotonic() - self._looked >= self._settings.job_poll_seconds or self._queue.woken():
            self._claim()
        if time.monotonic() - self._measured >= _MEASURE_EVERY_SECONDS:
            self._measured = time.monotonic()
            for state, count in self._queue.open_counts().items():
                metrics.JOBS_OPEN.labels(state).set(count)

    def _wait(self, seconds: float) -> None:
        """Sleeps until a child ends, somebody asks for our health, a job is announced, or time is up."""
        things: list[Any] = [running.child.sentinel for running in self._running.values()]
        things += [self._server] if self._server else []
        things += self._queue.announcements()
        if not things:
            time.sleep(seconds)
            return
        ready: list[Any] = waiting.wait(things, seconds)
        if self._server is not None and self._server in ready:
            self._server.handle_request()

    def _claim(self) -> None:
        self._looked = time.monotonic()
        places = self._settings.job_concurrency
        while len(self._running) < places + bool(self._urgent) and not self._asked_to_stop:
            job = self._queue.claim(urgent_only=len(self._running) >= places)
            if job is None:
                return
            self._start(job)

    def _start(self, job: job_queue.Claimed) -> None:
        child = self._context.Process(
            target=job_child.main, args=(self.service, self._kinds, job, self._settings), name=f"job-{job.id}"
        )
        child.start()
        now = time.monotonic()
        self._running[job.id] = _Running(job, child, now, now)
        _log.info("job started", job_id=str(job.id), kind=job.kind, attempt=job.attempt, child=child.pid)

    def _watch(self) -> None:
        now = time.monotonic()
        for running in list(self._running.values()):
            if not running.child.is_alive():
                self._ended(running)
            elif now - running.started > (limit := self._time_limit(running.job)):
                self._stop_child(running)
                self._queue.fail(running.job, "job_too_long", seconds=limit)
                self._ended(running)
            elif now - running.renewed > self._settings.job_lease_seconds / 3:
                running.renewed = now
                if not self._queue.renew(running.job) and self._queue.state(running.job) in {"queued", "running"}:
                    _log.warning("job lost to another worker", job_id=str(running.job.id))
                    self._stop_child(running)

    def _time_limit(self, job: job_queue.Claimed) -> float:
        kind = self._kinds.get(job.kind)
        own = kind.time_limit_seconds if kind else None
        return min(own or self._settings.job_time_limit_seconds, self._settings.job_time_limit_seconds)

    def _ended(self, running: _Running) -> None:
        """The child said how it ended by its exit code, unless something killed it."""
        running.child.join()
        if running.child.exitcode not in job_child.ORDERLY:
            _log.error("job's process died", job_id=str(running.job.id), exit_code=running.child.exitcode)
            self._queue.give_back(running.job, lost=True)
        state = self._queue.state(running.job)
        metrics.JOBS.labels(running.job.kind, state).inc()
        metrics.JOB_SECONDS.labels(running.job.kind).observe(time.monotonic() - running.started)
        _log.info("job ended", job_id=str(running.job.id), kind=running.job.kind, state=state)
        del self._running[running.job.id]
        self._looked = 0.0  # its place is free: look for the next job now

    @staticmethod
    def _stop_child(running: _Running) -> None:
        running.child.kill()
        running.child.join()

    def _drain(self) -> None:
        self._health.draining = True
        give_up = time.monotonic() + BusSettings().drain_seconds
        while self._running and time.monotonic() < give_up:
            self._wait(_TICK_SECONDS)
            self._survive(self._watch)
        for running in list(self._running.values()):
            self._stop_child(running)
            self._survive(lambda running=running: self._queue.give_back(running.job, lost=False))


class _QuietHandler(WSGIRequestHandler):
    timeout = 2  # the parent answers inline: a client that dawdles must not hold up the leases

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Probes every few seconds are not worth a line."""


def _health_server(health: Health) -> WSGIServer | None:
    settings = HealthSettings()
    port = settings.port(health.service, "worker")
    if not port:
        return None
    server = WSGIServer((settings.health_host, port), _QuietHandler)
    server.set_app(health.application)
    return server


def main(arguments: list[str]) -> int:
    """Exit code of the process."""
    if len(arguments) != 1:
        print("usage: python -m kernel.chassis.jobs.worker <service>", file=sys.stderr)  # noqa: T201  before logs exist
        return 2
    logs.configure(f"{arguments[0].rpartition('.')[2]}-worker")
    collector.pause()
    return Worker(arguments[0]).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
