"""The file of an export holds what its list shows: it needs the same right and unit, for every export (GTW-02, GTW-03).

Who is not signed in gets to no job at all: tests/messaging/test_every_method.py, tests/integration/gateway.
"""

import json
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from gateway.roles import PERMISSIONS
from kernel.chassis.data.database import create_engine
from kernel.chassis.data.unit_of_work import Tx, UnitOfWork
from kernel.chassis.jobs import operations
from kernel.chassis.jobs.kinds import service_exports
from kernel.chassis.process.clock import now
from kernel.chassis.process.settings import DatabaseSettings
from kernel.contracts import topology
from kernel.contracts.envelope import BlobRef
from kernel.contracts.operations import JobRequest, ListJobsRequest
from kernel.model.actor import Actor
from kernel.model.errors import DomainError

pytestmark = pytest.mark.req("GTW-02", "GTW-03")

EXPORTS = [
    pytest.param(service, name, id=f"{service}-{name}")
    for service in topology.SERVICES
    for name in service_exports(service)
]
FILE = BlobRef(sha256="ab" * 32, size=5, name="x.csv", media_type="text/csv")


def somebody(unit: str, permissions: frozenset[str]) -> Actor:
    return Actor("somebody", "某人", unit, permissions)


@pytest.fixture
def asking(module_database: str, request: pytest.FixtureRequest) -> Iterator[Tx]:
    service = request.node.callspec.params["service"]
    engine = create_engine(service, "write", DatabaseSettings(database_url=module_database))
    with UnitOfWork(engine).begin() as tx:
        yield tx
    engine.dispose()


def made(tx: Tx, resource: str, state: str = "done") -> UUID:
    """An export of a county, with its file."""
    job_id = uuid4()
    tx.execute(
        "INSERT INTO jobs (id, kind, title, request, state, created_by, created_by_name, created_unit, finished_at,"
        " result) VALUES (:id, 'export', '表', :request, :state, 'clerk', '王芳', '990101', now(), :result)",
        {
            "id": job_id,
            "request": json.dumps({"resource": resource}),
            "state": state,
            "result": json.dumps({"rows": 3, "blob": FILE.model_dump()}) if state == "done" else None,
        },
    )
    return job_id


@pytest.mark.parametrize(("service", "resource"), EXPORTS)
def test_who_may_not_see_a_list_gets_no_file_of_it(asking: Tx, service: str, resource: str) -> None:
    needed = service_exports(service)[resource].permission
    asked = JobRequest(job_id=made(asking, resource))

    def file(by: Actor) -> BlobRef | str:
        try:
            return operations.export_file(asking, asked, by=by, package=service).blob
        except DomainError as error:
            return error.code

    def shown(by: Actor) -> list[bool]:
        job = operations.get_job(asking, asked, by=by, package=service)
        listed = operations.list_jobs(asking, ListJobsRequest(), by=by, now=now(), package=service).items
        return ["blob" in (it.result or {}) for it in (job, *listed) if it.job_id == asked.job_id]

    without = somebody("990101", PERMISSIONS - {needed})
    right = somebody("990101", frozenset({needed, "job.view"}))

    assert needed != "job.view"
    assert file(somebody("990102", PERMISSIONS)) == "job_not_found"
    assert (file(without), shown(without)) == ("permission_denied", [False, False])
    assert (file(right), shown(right)) == (FILE, [True, True])
    assert file(somebody("9901", PERMISSIONS)) == FILE


@pytest.mark.parametrize(("service", "resource"), EXPORTS[:1])
def test_a_file_that_is_not_written_yet_or_swept_is_said_to_be(asking: Tx, service: str, resource: str) -> None:
    by = somebody("990101", PERMISSIONS)
    running, swept = made(asking, resource, "running"), made(asking, resource)
    asking.execute("UPDATE jobs SET result = '{\"rows\": 3}' WHERE id = :id", {"id": swept})

    for job_id, code in ((running, "file_not_ready"), (swept, "file_gone")):
        with pytest.raises(DomainError, match=code):
            operations.export_file(asking, JobRequest(job_id=job_id), by=by, package=service)
