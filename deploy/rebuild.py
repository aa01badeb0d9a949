"""A service's read model anew from its owner, while everything runs: `python -m deploy.rebuild SERVICE MODEL`.

The job workers of both services do the work: the owner's writes a snapshot into the blob store, the consumer's takes
it over. This command asks them, waits and says how far they are. It may be interrupted and run again; what a job has
begun, its worker ends. Exit code 0: done; 1: refused or failed.
"""

import importlib
import importlib.util
import sys
import time
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from kernel.chassis.data.database import create_engine
from kernel.chassis.data.read_models import ReadModel
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.jobs import kinds
from kernel.contracts.errors import text
from kernel.contracts.read_models import (
    REBUILD_JOB,
    SNAPSHOT_JOB,
    RebuildRequest,
    Rebuilt,
    SnapshotRequest,
    SnapshotTaken,
)
from kernel.contracts.topology import SERVICES
from kernel.model.actor import system_actor

_POLL_SECONDS = 0.2
_SAY_SECONDS = 2.0


class RebuildError(Exception):
    """What went wrong, for the person who asked."""


def models() -> dict[str, dict[str, ReadModel]]:
    """Service > its read models by name."""
    found: dict[str, dict[str, ReadModel]] = {}
    for service in SERVICES:
        jobs = f"services.{service}.jobs"
        if importlib.util.find_spec(jobs) is not None:
            found[service] = getattr(importlib.import_module(jobs), "MODELS", {})
    return {service: named for service, named in found.items() if named}


def rebuild(service: str, name: str) -> Rebuilt:
    """Takes the snapshot and has it taken over. Raises RebuildError."""
    model = models().get(service, {}).get(name)
    if model is None:
        known = ", ".join(f"{one} {' '.join(named)}" for one, named in models().items())
        raise RebuildError(f"There is no read model {name!r} of {service!r}. There are: {known}.")
    asked_at = _transaction_id(service)
    request = SnapshotRequest(noun=model.noun.name, facts=list(model.facts))
    snapshot = _run(model.noun.owner, SNAPSHOT_JOB, f"{model.noun.name} > {service}", request)
    taken = SnapshotTaken.model_validate(snapshot)
    order = RebuildRequest(model=name, snapshot=taken, asked_at=asked_at)
    return Rebuilt.model_validate(_run(service, REBUILD_JOB, f"{name} < {model.noun.owner}", order))


def _transaction_id(service: str) -> str:
    with UnitOfWork(create_engine(service)).begin() as tx:
        return str(tx.execute("SELECT CAST(pg_current_xact_id() AS xid)").scalar_one())


def _run(service: str, kind: str, title: str, request: BaseModel) -> dict[str, Any]:
    """Result of a job that the service's worker does."""
    engine = create_engine(service)
    with UnitOfWork(engine).begin() as tx:
        job = kinds.enqueue(tx, kind, title, request, system_actor("rebuild", may={kinds.OPERATORS}))
        tx.commit()
    said = time.monotonic()
    while True:
        with UnitOfWork(engine).begin() as tx:
            row = tx.execute("SELECT * FROM jobs WHERE id = :id", {"id": job}).one()
        if row.state == "done":
            print(f"{service}: {kind} done, {row.done:,} rows", flush=True)  # noqa: T201  a command's answer
            return dict(row.result)
        if row.state in {"failed", "cancelled"}:
            raise RebuildError(_why(service, kind, job, row))
        if time.monotonic() - said > _SAY_SECONDS:
            said = time.monotonic()
            of = f" of {row.total:,}" if row.total else ""
            print(f"{service}: {kind} {row.state}, {row.done:,}{of} rows", flush=True)  # noqa: T201
        time.sleep(_POLL_SECONDS)


def _why(service: str, kind: str, job: UUID, row: Any) -> str:
    reason = text(row.error_code, row.error_params or {}, "en") if row.error_code else row.state
    return f"{service}: {kind} {row.state}: {reason} (job {job}, see the log of {service}-jobs)"


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print("usage: python -m deploy.rebuild SERVICE MODEL", file=sys.stderr)  # noqa: T201
        return 2
    try:
        result = rebuild(*arguments)
    except RebuildError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(f"{result.rows:,} rows, of which {result.changed:,} were written and {result.removed:,} removed")  # noqa: T201
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
