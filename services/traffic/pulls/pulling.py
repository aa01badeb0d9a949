"""The job that pulls usage from one carrier: gaps, changes, files, each as far as time, quota and hours go (TRF-01).

A carrier that keeps failing is left alone for a while, ever longer (``pull_carriers.rests_until``): the next call after
that decides whether it is asked on.
"""

import random
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from kernel.carriers.settings import Endpoint, endpoint_of, endpoints
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.process import crashpoints
from kernel.contracts.traffic.pulls import PullStarted, PullUsage
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from services.traffic.carriers import CarrierCall, Dropped, Told, UsageAdapter, adapter_for
from services.traffic.pulls import keeping, wanted
from services.traffic.pulls.pace import Pace
from services.traffic.pulls.plan import is_open
from services.traffic.settings import UsageSettings

PULL_JOB = "usage_pull"
_LONGEST_REST = 3600.0
_OPEN_JOB = """
SELECT id FROM jobs WHERE kind = :kind AND state IN ('queued', 'running') AND request ->> 'carrier' = :carrier
ORDER BY created_at LIMIT 1
"""
_RESTS = """
UPDATE pull_carriers SET failures = failures + 1, error = :error, rests_until = :until WHERE carrier = :carrier
"""


def pull_usage(tx: Tx, request: PullUsage, *, by: Actor, now: datetime) -> PullStarted:
    """Looks now what the carrier has. Raises carrier_not_connected. While a pull waits or runs, that one is answered.

    A person's wish ends the rest of a carrier that failed.
    """
    endpoint = endpoint_of(request.carrier)
    if endpoint.usage is None:
        raise DomainError("carrier_not_connected", carrier=request.carrier)
    by.require_within(endpoint.unit, "carrier")
    tx.execute("UPDATE pull_carriers SET rests_until = NULL WHERE carrier = :carrier", {"carrier": request.carrier})
    return PullStarted(job_id=_start(tx, request.carrier, by))


def pull_all(tx: Tx, *, by: Actor, now: datetime) -> int:
    """The timer's act: a pull of every connected carrier that does not rest, in the name of its unit, which sees what
    came. Answers how many wait or run now."""
    resting = set(
        tx.execute("SELECT carrier FROM pull_carriers WHERE rests_until > :now", {"now": now}).scalars().all()
    )
    ready = [it for it in endpoints() if it.usage and it.carrier not in resting and is_open(it.usage, now)]
    for endpoint in ready:
        _start(tx, endpoint.carrier, replace(by, unit=endpoint.unit))
    return len(ready)


def _start(tx: Tx, carrier: str, by: Actor) -> Any:
    waiting = tx.execute(_OPEN_JOB, {"kind": PULL_JOB, "carrier": carrier}).scalar()
    return waiting or jobs.enqueue(tx, PULL_JOB, f"拉取流量 {carrier}", {"carrier": carrier}, by)


def run_pull(job: JobContext) -> dict[str, Any]:
    """Job: one slice of a carrier's pulls; what is left is a new job, so that loads come in between."""
    endpoint = endpoint_of(str(job.request["carrier"]))
    with closing(adapter_for(endpoint)) as adapter:
        slice_ = Slice(job, endpoint, adapter, UsageSettings())
        error = None
        try:
            left = slice_.work()
        except DomainError as failed:
            if failed.code != "carrier_failed":
                raise
            left, error = False, str(failed.params["reason"])
    result = {"carrier": endpoint.carrier, "calls": slice_.calls, "rows": slice_.rows, "error": error}
    with job.unit_of_work() as tx:
        if error is not None:
            slice_.rest(tx, error)
        elif left:
            jobs.enqueue(tx, PULL_JOB, f"拉取流量 {endpoint.carrier}", job.request, job.actor)
        job.complete(tx, result, done=slice_.rows)
    return result


class Slice:
    """One job's share of a carrier's pulls."""

    def __init__(self, job: JobContext, endpoint: Endpoint, adapter: UsageAdapter, settings: UsageSettings) -> None:
        self._job, self._endpoint, self._adapter, self._settings = job, endpoint, adapter, settings
        self._manners = wanted.manners_of(endpoint)
        self._pace = Pace(self._manners.calls_per_second)
        self._until = monotonic() + settings.pull_slice_seconds
        self._quota: int | None = None
        self.calls = self.rows = self._strangers = 0

    def work(self) -> bool:
        """Plans, then asks; True when there is more to do at once. Raises carrier_failed."""
        now = self._job.now()
        with self._job.unit_of_work() as tx:
            carrier = wanted.note_carrier(tx, self._endpoint, self._adapter, now)
            tx.commit()
        if self._manners.calls_per_day is not None:
            used = carrier.calls if carrier.quota_day == business_date(now) else 0
            self._quota = self._manners.calls_per_day - used
        files = self._adapter.dropped() if self._may_ask() else []
        with self._job.unit_of_work() as tx:
            wanted.plan(tx, self._endpoint, self._adapter, files, now)
            found = wanted.due(tx, self._endpoint.carrier, now)
            tx.commit()
        with ThreadPoolExecutor(self._manners.at_once) as pool:
            for pull in found:
                if not self._fill(pool, pull):
                    return self._may_ask(time_counts=False)
        return False

    def _may_ask(self, *, time_counts: bool = True) -> bool:
        if time_counts and monotonic() >= self._until:
            return False
        return is_open(self._manners, self._job.now()) and (self._quota is None or self._quota > 0)

    def _fill(self, pool: ThreadPoolExecutor, pull: Any) -> bool:
        """Asks until the pull is through (True) or may not ask any more."""
        while True:
            with self._job.unit_of_work() as tx:
                pull = tx.execute("SELECT * FROM pulls WHERE id = :id", {"id": pull.id}).one()
                calls = self._next_calls(tx, pull)
                if not calls:
                    self._end(tx, pull)
                    return True
            if not self._may_ask():
                return False
            self._ask(pool, pull, calls)
            self._job.progress(self.rows)

    def _next_calls(self, tx: Tx, pull: Any) -> list[CarrierCall]:
        most = self._manners.at_once if self._quota is None else max(1, min(self._manners.at_once, self._quota))
        if pull.kind == "file":
            name = pull.subject.split(" ")[0]
            return [] if pull.pages else [CarrierCall(file=Dropped(name, pull.size, pull.sha256, pull.day))]
        if pull.kind == "changes":
            last = 1 if pull.wanted is None else -(-pull.wanted // self._adapter.size)
            numbers = range(pull.pages + 1, min(last, pull.pages + most) + 1)
            return [CarrierCall(number, since=pull.since, until=pull.until) for number in numbers]
        asked = {"carrier": pull.carrier, "unit": pull.unit, "reached": pull.reached}
        sql, params = wanted.missing_statement(tx, wanted.NEXT_CARDS, pull.day, asked)
        size = self._adapter.size
        cards = list(tx.execute(sql, {**params, "count": size * most}).scalars().all())
        return [
            CarrierCall(pull.pages + 1 + place // size, pull.day, cards[place : place + size])
            for place in range(0, len(cards), size)
        ]

    def _paced(self, call: CarrierCall) -> Told:
        self._pace.wait()
        return self._adapter.ask(call)

    def _ask(self, pool: ThreadPoolExecutor, pull: Any, calls: list[CarrierCall]) -> None:
        """Keeps what was answered before the first failure, in order, in one commit. No transaction waits for a
        carrier, however slow it is."""
        asked: list[tuple[CarrierCall, Future[Told]]] = [(call, pool.submit(self._paced, call)) for call in calls]
        wait([future for _, future in asked])
        failed: DomainError | None = None
        with self._job.unit_of_work() as tx:
            kept = 0
            for call, future in asked:
                try:
                    told = future.result()
                    if failed is None:
                        self._keep(tx, pull, call, told)
                        kept += 1
                except DomainError as error:
                    failed = failed or error
            keeping.count_calls(tx, pull.carrier, len(calls), answers=kept > 0, now=self._job.now())
            self.calls += kept
            self._quota = None if self._quota is None else self._quota - len(calls)
            if keeping.kept_rows(tx, pull) >= self._settings.pull_load_rows:
                self._load(tx, pull)
            tx.commit()
        crashpoints.hit("usage.page_kept")
        if failed is not None:
            self._note(pull, failed)
            raise failed

    def _keep(self, tx: Tx, pull: Any, call: CarrierCall, told: Told) -> None:
        now = self._job.now()
        if told.content is not None:
            with told.content:
                unit = self._manners.measured_in
                keeping.load_file(tx, pull, told.content, self._job.blobs, unit, by=self._job.actor, now=now)
            told = Told(total=1)
        if pull.kind == "changes" and pull.wanted not in {None, told.total}:
            keeping.begin_again(tx, pull)
            raise DomainError("carrier_failed", carrier=pull.carrier, reason="the list changed meanwhile, 清单已变化")
        keeping.keep(tx, pull, call.number, told, now=now, reached=call.cards[-1] if call.cards else None)
        for iccid in told.strangers:
            self._strangers += 1
            self._job.refuse(self._strangers, iccid, "usage_stranger")
        self.rows += len(told.rows)

    def _load(self, tx: Tx, pull: Any) -> None:
        keeping.load(tx, pull, self._job.blobs, self._manners.measured_in, by=self._job.actor, now=self._job.now())

    def _end(self, tx: Tx, pull: Any) -> None:
        now = self._job.now()
        self._load(tx, pull)
        whole = pull.kind != "day" or pull.answered >= (pull.wanted or 0)
        next_at = now + (timedelta(hours=6) if whole else wanted.again_after(pull.rounds))
        keeping.end(tx, pull, "done" if whole else "short", next_at, now)
        tx.commit()

    def _note(self, pull: Any, failed: DomainError) -> None:
        with self._job.unit_of_work() as tx:
            noted = "UPDATE pulls SET error = :error WHERE id = :id"
            tx.execute(noted, {"error": failed.params.get("reason", failed.code), "id": pull.id})
            tx.commit()

    def rest(self, tx: Tx, error: str) -> None:
        """Leaves the carrier alone, ever longer; by chance a little more or less."""
        row: Any = tx.execute(
            "SELECT failures FROM pull_carriers WHERE carrier = :carrier", {"carrier": self._endpoint.carrier}
        ).one()
        seconds = min(self._settings.rest_seconds * 2.0 ** min(row.failures, 12), _LONGEST_REST)
        until = self._job.now() + timedelta(seconds=seconds * random.uniform(0.9, 1.1))  # noqa: S311  no secret
        tx.execute(_RESTS, {"carrier": self._endpoint.carrier, "error": error, "until": until})
