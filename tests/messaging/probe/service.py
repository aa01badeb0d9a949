"""Adds entries and tells of them."""

import time
from datetime import datetime
from typing import Any, ClassVar

from kernel.chassis.bus.events import errand
from kernel.chassis.bus.inbox import HopelessError
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.process.service import ChassisService, Methods
from kernel.chassis.process.timers import Every, timer
from kernel.contracts.envelope import Envelope
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from tests.messaging import contract


def add_entries(tx: Tx, request: contract.AddEntries, *, now: datetime) -> contract.Added:
    run = tx.execute("INSERT INTO runs DEFAULT VALUES RETURNING n").scalar_one()
    for number in range(request.count):
        key = f"{request.prefix}-{number}"
        version = tx.execute(
            "INSERT INTO entries (key, version) VALUES (:key, 1)"
            " ON CONFLICT (key) DO UPDATE SET version = entries.version + 1 RETURNING version",
            {"key": key},
        ).scalar_one()
        tx.publish(contract.EntryAdded(key=key, version=version))
    if request.sleep_seconds:
        time.sleep(request.sleep_seconds)
    if request.fail:
        raise DomainError("version_stale", why=request.fail)
    return contract.Added(count=request.count, first_at=now, run=run)


def add_poison(tx: Tx, request: contract.AddEntries, *, now: datetime) -> contract.Added:
    tx.publish(contract.EntryPoisoned(key=request.prefix))
    return contract.Added(count=1, first_at=now, run=0)


def tell(tx: Tx, request: contract.AddEntries, *, now: datetime) -> contract.Added:
    tx.publish(contract.EntryTold(key=request.prefix, seconds=request.sleep_seconds, fails=request.fail))
    return contract.Added(count=1, first_at=now, run=0)


def ask(tx: Tx, request: contract.Ask, *, by: Actor) -> contract.Answer:
    return contract.Answer(word=tx.execute("SELECT CAST(:w AS text)", {"w": request.word}).scalar_one(), unit=by.unit)


def write_in_a_query(tx: Tx, request: contract.Ask) -> contract.Answer:
    tx.execute("INSERT INTO runs DEFAULT VALUES")
    return contract.Answer(word="", unit="")


def break_down(tx: Tx, request: contract.Ask) -> contract.Answer:
    raise RuntimeError(f"the secret is {request.word}")


def start_work(tx: Tx, request: contract.StartWork, *, by: Actor) -> contract.WorkStarted:
    return contract.WorkStarted(job_id=str(jobs.enqueue(tx, request.kind, "干活", request, by)))


class ProbeService(ChassisService):
    """Its schema: ``entries(key, version)``, ``runs(n)``, ``ticks(due_at)`` (see tests/messaging/conftest.py)."""

    name = "probe"
    METHODS: ClassVar[Methods] = {
        contract.ADD_ENTRIES: add_entries,
        contract.ADD_POISON: add_poison,
        contract.TELL: tell,
        contract.ASK: ask,
        contract.WRITE_IN_A_QUERY: write_in_a_query,
        contract.BREAK: break_down,
        contract.START_WORK: start_work,
    }

    @errand("probe", contract.EntryTold)
    def entry_told(self, event: contract.EntryTold, envelope: Envelope) -> None:
        time.sleep(event.seconds)
        if event.fails == "hopelessly":
            raise HopelessError(f"{event.key} is not wanted")
        if event.fails:
            raise ConnectionError(f"{event.key} cannot be told")

    @timer("tick", Every(seconds=1))
    def tick(self, tx: Tx, due_at: datetime) -> None:
        tx.execute("INSERT INTO ticks (due_at) VALUES (:due_at)", {"due_at": due_at})


def declared() -> Any:
    """For tests that look at the class."""
    return ProbeService
