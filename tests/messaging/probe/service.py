"""Adds entries and tells of them."""

import time
from datetime import datetime
from typing import Any

from kernel.chassis.bus.events import errand
from kernel.chassis.bus.inbox import HopelessError
from kernel.chassis.bus.rpc_server import Call, rpc_method
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.process.service import ChassisService
from kernel.chassis.process.timers import Every, timer
from kernel.contracts.envelope import Envelope
from kernel.model.errors import DomainError
from tests.messaging import contract


class ProbeService(ChassisService):
    """Its schema: ``entries(key, version)``, ``runs(n)``, ``ticks(due_at)`` (see tests/messaging/conftest.py)."""

    name = "probe"

    @rpc_method(contract.ADD_ENTRIES)
    def add_entries(self, call: Call, request: contract.AddEntries) -> contract.Added:
        run = call.tx.execute("INSERT INTO runs DEFAULT VALUES RETURNING n").scalar_one()
        for number in range(request.count):
            key = f"{request.prefix}-{number}"
            version = call.tx.execute(
                "INSERT INTO entries (key, version) VALUES (:key, 1)"
                " ON CONFLICT (key) DO UPDATE SET version = entries.version + 1 RETURNING version",
                {"key": key},
            ).scalar_one()
            call.tx.publish(contract.EntryAdded(key=key, version=version))
        if request.sleep_seconds:
            time.sleep(request.sleep_seconds)
        if request.fail:
            raise DomainError("version_stale", why=request.fail)
        return contract.Added(count=request.count, first_at=call.now, run=run)

    @rpc_method(contract.ADD_POISON)
    def add_poison(self, call: Call, request: contract.AddEntries) -> contract.Added:
        call.tx.publish(contract.EntryPoisoned(key=request.prefix))
        return contract.Added(count=1, first_at=call.now, run=0)

    @rpc_method(contract.TELL)
    def tell(self, call: Call, request: contract.AddEntries) -> contract.Added:
        call.tx.publish(
            contract.EntryTold(key=request.prefix, seconds=request.sleep_seconds, fails=request.fail)
        )
        return contract.Added(count=1, first_at=call.now, run=0)

    @errand("probe", contract.EntryTold)
    def entry_told(self, event: contract.EntryTold, envelope: Envelope) -> None:
        time.sleep(event.seconds)
        if event.fails == "hopelessly":
            raise HopelessError(f"{event.key} is not wanted")
        if event.fails:
            raise ConnectionError(f"{event.key} cannot be told")

    @rpc_method(contract.ASK)
    def ask(self, call: Call, request: contract.Ask) -> contract.Answer:
        return contract.Answer(
            word=call.tx.execute("SELECT CAST(:w AS text)", {"w": request.word}).scalar_one(), unit=call.actor.unit
        )

    @rpc_method(contract.WRITE_IN_A_QUERY)
    def write_in_a_query(self, call: Call, request: contract.Ask) -> contract.Answer:
        call.tx.execute("INSERT INTO runs DEFAULT VALUES")
        return contract.Answer(word="", unit="")

    @rpc_method(contract.BREAK)
    def break_down(self, call: Call, request: contract.Ask) -> contract.Answer:
        raise RuntimeError(f"the secret is {request.word}")

    @rpc_method(contract.START_WORK)
    def start_work(self, call: Call, request: contract.StartWork) -> contract.WorkStarted:
        return contract.WorkStarted(job_id=str(jobs.enqueue(call.tx, request.kind, "干活", request, call.actor)))

    @timer("tick", Every(seconds=1))
    def tick(self, tx: Tx, due_at: datetime) -> None:
        tx.execute("INSERT INTO ticks (due_at) VALUES (:due_at)", {"due_at": due_at})


def declared() -> Any:
    """For tests that look at the class."""
    return ProbeService
