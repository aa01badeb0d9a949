"""Work that is due at a time, exactly once, whatever the number of replicas (ACT-02).

Guarantee: the row (name, due time) and the work are one transaction. Two replicas race for the row; the loser finds
it and leaves. A run that fails is rolled back with its row and tried again until it passes. Times that fell into a
shutdown are made up for, in order. A timer's first appearance only notes where it begins: it does not run for the
past.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from time import monotonic, sleep
from typing import Any, Protocol, TypeVar

from nameko.extensions import Entrypoint, SharedExtension, register_entrypoint

from kernel.chassis.data.database import is_outage
from kernel.chassis.process import clock, logs, metrics
from kernel.chassis.process.runtime import Chassis
from kernel.model.actor import system_actor
from kernel.model.period import BUSINESS_ZONE

_log = logs.get(__name__)
_TICK_SECONDS = 1.0
_AFTER_FAILURE_SECONDS = 30.0
_SILENT_TOO_LONG_SECONDS = 600.0
_CLAIM = "INSERT INTO timers (name, due_at, baseline) VALUES (:name, :due_at, :baseline) ON CONFLICT DO NOTHING"
_LAST = "SELECT max(due_at) FROM timers WHERE name = :name"
Method = TypeVar("Method", bound=Callable[..., None])


class Schedule(Protocol):
    """When a timer is due."""

    @property
    def catches_up(self) -> bool:
        """True when every missed due time is made up for, False when only the last one counts."""

    def latest(self, now: datetime) -> datetime:
        """The last due time that is not after ``now``."""

    def following(self, due_at: datetime) -> datetime:
        """The due time after ``due_at``."""


@dataclass(frozen=True)
class Every:
    """At multiples of a period since 1970 (UTC). Missed times are not made up for: only the last one counts."""

    seconds: int
    catches_up: bool = False

    def latest(self, now: datetime) -> datetime:
        return datetime.fromtimestamp(int(now.timestamp()) // self.seconds * self.seconds, UTC)

    def following(self, due_at: datetime) -> datetime:
        return due_at + timedelta(seconds=self.seconds)


@dataclass(frozen=True)
class Daily:
    """Each business day (Asia/Shanghai) at ``hour``:``minute``; all missed days are made up for."""

    hour: int = 0
    minute: int = 0
    catches_up: bool = True

    def latest(self, now: datetime) -> datetime:
        local = now.astimezone(BUSINESS_ZONE)
        due = local.replace(hour=self.hour, minute=self.minute, second=0, microsecond=0)
        return (due if due <= local else due - timedelta(days=1)).astimezone(UTC)

    def following(self, due_at: datetime) -> datetime:
        return (due_at.astimezone(BUSINESS_ZONE) + timedelta(days=1)).astimezone(UTC)


@dataclass(frozen=True)
class Monthly:
    """On ``day`` (1 to 28) of each month at ``hour``:``minute``, Asia/Shanghai; all missed months are made up for."""

    day: int
    hour: int = 0
    minute: int = 0
    catches_up: bool = True

    def latest(self, now: datetime) -> datetime:
        local = now.astimezone(BUSINESS_ZONE)
        due = local.replace(day=self.day, hour=self.hour, minute=self.minute, second=0, microsecond=0)
        if due > local:
            due = (due.replace(day=1) - timedelta(days=1)).replace(day=self.day)
        return due.astimezone(UTC)

    def following(self, due_at: datetime) -> datetime:
        local = due_at.astimezone(BUSINESS_ZONE)
        return (local.replace(day=28) + timedelta(days=7)).replace(day=self.day).astimezone(UTC)


def timer(name: str, schedule: Schedule) -> Callable[[Method], Method]:
    """The decorated method ``(self, tx, due_at)`` runs once per due time, in a transaction; it must not commit."""

    def decorate(function: Method) -> Method:
        @wraps(function)
        def run(self: Any, tx: Any, due_at: datetime) -> None:
            function(self, tx, due_at)

        register_entrypoint(run, Timer(name, schedule))
        return run  # type: ignore[return-value]

    return decorate


class TimerLoop(SharedExtension):  # type: ignore[misc]
    """Looks at the clock once a second for all timers of a service."""

    chassis = Chassis()

    def __init__(self) -> None:
        self._timers: list[Timer] = []
        self._not_before: dict[str, float] = {}
        self._next: dict[str, datetime] = {}
        self._beat = monotonic()

    def register(self, timer: "Timer") -> None:
        self._timers.append(timer)

    def setup(self) -> None:
        self.chassis.health.register("timers", self._problem)

    def start(self) -> None:
        self._beat = monotonic()
        self.chassis.spawn(self._run, "timers")

    def _problem(self) -> str | None:
        silent = monotonic() - self._beat
        return f"timers: silent for {silent:.0f} s" if silent > _SILENT_TOO_LONG_SECONDS else None

    def _run(self) -> None:
        while not self.chassis.stopping():
            self._beat = monotonic()
            for timer in self._timers:
                if self._not_before.get(timer.name, 0.0) <= monotonic():
                    self._look_at(timer)
            sleep(_TICK_SECONDS)

    def _look_at(self, timer: "Timer") -> None:
        """Runs what is due. Any failure is put off, never fatal: the next look finds the same due time."""
        now = clock.now()
        if self._next.get(timer.name, now) > now:
            return
        try:
            for due_at in self._due(timer, now):
                if self.chassis.stopping():
                    return
                self._run_once(timer, due_at)
            self._next[timer.name] = timer.schedule.following(timer.schedule.latest(now))
        except Exception as error:
            metrics.TIMERS.labels(timer.name, "failed").inc()
            _log.error("timer failed", timer=timer.name, error=repr(error), exc_info=not is_outage(error))
            self._not_before[timer.name] = monotonic() + _AFTER_FAILURE_SECONDS

    def _due(self, timer: "Timer", now: datetime) -> Iterator[datetime]:
        latest = timer.schedule.latest(now)
        with self.chassis.unit_of_work.begin() as tx:
            last: datetime | None = tx.execute(_LAST, {"name": timer.name}).scalar_one()
            if last is None:
                tx.execute(_CLAIM, {"name": timer.name, "due_at": latest, "baseline": True})
                tx.commit()
                return
        if last < latest and not timer.schedule.catches_up:
            yield latest
            return
        due_at = timer.schedule.following(last)
        while due_at <= latest:
            yield due_at
            due_at = timer.schedule.following(due_at)

    def _run_once(self, timer: "Timer", due_at: datetime) -> None:
        actor = system_actor(self.chassis.service_name)
        correlation_id = f"timer-{timer.name}-{due_at:%Y%m%dT%H%M%SZ}"
        with (
            logs.context(correlation_id=correlation_id),
            self.chassis.unit_of_work.begin(actor, correlation_id) as tx,
        ):
            claimed = tx.execute(_CLAIM, {"name": timer.name, "due_at": due_at, "baseline": False})
            if claimed.rowcount != 1:
                return
            timer.detached(tx, due_at)
            tx.commit()
        metrics.TIMERS.labels(timer.name, "done").inc()


class Timer(Entrypoint):  # type: ignore[misc]
    """Nameko's view of one ``timer``."""

    loop = TimerLoop()

    def __init__(self, name: str, schedule: Schedule) -> None:
        super().__init__()
        self.name = name
        self.schedule = schedule

    def setup(self) -> None:
        self.loop.register(self)

    def stop(self) -> None:
        self.loop.chassis.begin_stop()

    def detached(self, tx: Any, due_at: datetime) -> None:
        """Runs the method on a service instance of its own, as a worker would."""
        service = self.container.service_cls()
        for provider in self.container.dependencies:
            setattr(service, provider.attr_name, provider.get_dependency(None))
        getattr(service, self.method_name)(tx, due_at)
