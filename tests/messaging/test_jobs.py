"""Long work: done once, seen while it runs, cancelled, retried, and not lost with its worker."""

import time

import pytest

from kernel.chassis.bus.wire import ServiceError
from kernel.contracts import operations
from kernel.contracts.operations import JobRequest, JobRowsRequest, ListJobsRequest
from kernel.model.actor import Actor
from tests.messaging import contract
from tests.messaging.harness import Bench, until


@pytest.fixture(scope="module")
def started(pair: Bench) -> Bench:
    """The pair, and a worker for probe's jobs."""
    pair.start("probe", worker=True)
    return pair


def start(client, clerk, **request) -> str:
    return client.call("probe", contract.START_WORK, contract.StartWork(**request), actor=clerk)["job_id"]


def job_of(client, clerk, job_id: str) -> dict:
    return client.call("probe", operations.GET_JOB, JobRequest(job_id=job_id), actor=clerk)


def ended(client, clerk, job_id: str, state: str = "done") -> dict:
    def look() -> dict | None:
        job = job_of(client, clerk, job_id)
        assert job["state"] in {"queued", "running", state}, job
        return job if job["state"] == state else None

    return until(f"job {state}", look)


@pytest.mark.req("GTW-04")
def test_a_job_does_its_work_once_and_tells_how_far_it_is(started, client_of, clerk):
    client = client_of(started)

    job_id = start(client, clerk, steps=30, sleep_seconds=0.05)
    halfway = until("progress is seen", lambda: 0 < job_of(client, clerk, job_id)["done"] < 30)
    job = ended(client, clerk, job_id)

    assert halfway
    assert (job["done"], job["total"], job["result"]) == (30, 30, {"steps": 30, "hoard": 0})
    assert job["created_by_name"] == clerk.name
    assert started.one("probe", "SELECT count(*) FROM entries WHERE key LIKE %s", f"{job_id}%") == 30
    until(
        "its events arrived",
        lambda: started.one("mirror", "SELECT count(*) FROM mirrored WHERE key LIKE %s", f"{job_id}%") == 30,
    )


@pytest.mark.req("GTW-04")
def test_refused_rows_are_kept_with_their_reason_and_can_be_tried_again(started, client_of, clerk):
    client = client_of(started)

    job_id = start(client, clerk, steps=5, refuse=[1, 3])
    job = ended(client, clerk, job_id)
    rows = client.call("probe", operations.JOB_ROWS, JobRowsRequest(job_id=job_id, size=1), actor=clerk)
    more = client.call(
        "probe", operations.JOB_ROWS, JobRowsRequest(job_id=job_id, size=1, cursor=rows["next_cursor"]), actor=clerk
    )
    again = client.call("probe", operations.RETRY_JOB, JobRequest(job_id=job_id), actor=clerk)
    retried = ended(client, clerk, again["job_id"])

    assert (job["refused_count"], job["can_retry"]) == (2, True)
    assert rows["total"] == 2
    assert [rows["items"][0]["row_no"], more["items"][0]["row_no"]] == [2, 4]
    assert rows["items"][0]["message"].startswith("记录已被他人修改")
    assert (retried["retry_of"], retried["result"]) == (job_id, {"retried": job_id})


@pytest.mark.req("GTW-04")
def test_a_running_job_is_cancelled_and_leaves_nothing(started, client_of, clerk):
    client = client_of(started)

    job_id = start(client, clerk, steps=1000, sleep_seconds=0.05)
    until("it runs", lambda: job_of(client, clerk, job_id)["state"] == "running")
    client.call("probe", operations.CANCEL_JOB, JobRequest(job_id=job_id), actor=clerk)
    job = ended(client, clerk, job_id, "cancelled")

    with pytest.raises(ServiceError) as late:
        client.call("probe", operations.CANCEL_JOB, JobRequest(job_id=job_id), actor=clerk)

    assert job["can_retry"]
    assert late.value.code == "job_not_cancellable"
    assert started.one("probe", "SELECT count(*) FROM entries WHERE key LIKE %s", f"{job_id}%") == 0


def test_a_job_that_needs_too_much_memory_fails_and_the_worker_lives_on(started, client_of, clerk):
    client = client_of(started)

    greedy = ended(client, clerk, start(client, clerk, steps=1, use_memory_mib=2000), "failed")
    modest = ended(client, clerk, start(client, clerk, steps=1))

    assert greedy["error"]["code"] == "job_too_large"
    assert modest["state"] == "done"


def test_an_urgent_kind_has_a_place_of_its_own(started, client_of, clerk):
    client = client_of(started)
    long = [start(client, clerk, steps=60, sleep_seconds=0.1) for _ in range(3)]
    until("both places are taken", lambda: job_of(client, clerk, long[1])["state"] == "running")

    errand = ended(client, clerk, start(client, clerk, steps=1, kind="errand"))
    others = [job_of(client, clerk, job_id)["state"] for job_id in long]
    for job_id in long:
        client.call("probe", operations.CANCEL_JOB, JobRequest(job_id=job_id), actor=clerk)
    for job_id in long:
        ended(client, clerk, job_id, "cancelled")

    assert errand["state"] == "done"
    assert others == ["running", "running", "queued"]


def test_a_kind_can_have_narrower_limits_than_the_others(started, client_of, clerk):
    client = client_of(started)

    late = ended(client, clerk, start(client, clerk, steps=100, sleep_seconds=0.1, kind="bounded"), "failed")
    greedy = ended(client, clerk, start(client, clerk, steps=1, use_memory_mib=140, kind="bounded"), "failed")
    allowed = ended(client, clerk, start(client, clerk, steps=1, use_memory_mib=140))

    assert (late["error"]["code"], late["error"]["params"]) == ("job_too_long", {"seconds": 1.0})
    assert greedy["error"]["code"] == "job_too_large"
    assert allowed["state"] == "done"


def test_a_done_job_without_refusals_cannot_be_retried(started, client_of, clerk):
    client = client_of(started)
    job_id = start(client, clerk, steps=1)
    job = ended(client, clerk, job_id)

    with pytest.raises(ServiceError) as refused:
        client.call("probe", operations.RETRY_JOB, JobRequest(job_id=job_id), actor=clerk)

    assert not job["can_retry"]
    assert refused.value.code == "job_not_retryable"


@pytest.mark.req("GTW-02")
def test_jobs_are_seen_in_ones_own_subtree_only(started, client_of, clerk, stranger, onlooker):
    client = client_of(started)
    job_id = start(client, clerk, steps=1)

    with pytest.raises(ServiceError) as hidden:
        job_of(client, stranger, job_id)
    with pytest.raises(ServiceError) as forbidden:
        job_of(client, onlooker, job_id)
    listed = client.call("probe", operations.LIST_JOBS, ListJobsRequest(), actor=stranger)

    assert (hidden.value.code, forbidden.value.code) == ("job_not_found", "permission_denied")
    assert listed["items"] == []


@pytest.mark.req("GTW-02", "GTW-04")
def test_only_who_may_ask_for_a_kind_of_job_cancels_it_or_has_it_tried_again(started, client_of, clerk, stranger):
    client = client_of(started)
    viewer = Actor("viewer", "查询人员", clerk.unit, frozenset({"job.view"}))
    running = start(client, clerk, steps=100, sleep_seconds=0.1)
    refused = start(client, clerk, steps=2, refuse=[0])
    ended(client, clerk, refused)

    seen = [job_of(client, viewer, job_id) for job_id in (running, refused)]
    codes = []
    for actor in (viewer, stranger):
        for method, job_id in ((operations.CANCEL_JOB, running), (operations.RETRY_JOB, refused)):
            with pytest.raises(ServiceError) as denied:
                client.call("probe", method, JobRequest(job_id=job_id), actor=actor)
            codes.append(denied.value.code)
    still = job_of(client, clerk, running)
    client.call("probe", operations.CANCEL_JOB, JobRequest(job_id=running), actor=clerk)
    ended(client, clerk, running, "cancelled")

    assert [(job["can_cancel"], job["can_retry"]) for job in seen] == [(False, False), (False, False)]
    assert codes == ["permission_denied", "permission_denied", "job_not_found", "job_not_found"]
    assert (still["cancel_requested"], still["can_cancel"]) == (False, True)


@pytest.mark.req("GTW-02", "GTW-04")
def test_a_job_that_is_tried_again_stays_his_who_asked_for_it_and_in_his_unit(started, client_of, clerk):
    client = client_of(started)
    province = Actor("province", "省公司", "99", clerk.permissions)
    job_id = start(client, clerk, steps=2, refuse=[0])
    ended(client, clerk, job_id)

    again = client.call("probe", operations.RETRY_JOB, JobRequest(job_id=job_id), actor=province)
    retried = ended(client, clerk, again["job_id"])

    assert (retried["created_by"], retried["created_unit"], retried["retry_of"]) == (clerk.id, clerk.unit, job_id)


@pytest.mark.req("GTW-02")
def test_a_job_of_somebody_who_could_not_have_asked_for_it_does_not_run(started, client_of, clerk):
    client = client_of(started)
    started.one(
        "probe",
        "INSERT INTO jobs (id, kind, title, request, created_by, created_by_name, created_unit, permissions)"
        " SELECT gen_random_uuid(), 'work', title, request, created_by, created_by_name, created_unit, '[\"job.view\"]'"
        " FROM jobs WHERE id = %s RETURNING 1",
        ended(client, clerk, start(client, clerk, steps=1))["job_id"],
    )
    (newest, *_) = client.call("probe", operations.LIST_JOBS, ListJobsRequest(size=1), actor=clerk)["items"]

    job = ended(client, clerk, newest["job_id"], "failed")

    assert (job["error"]["code"], job["error"]["params"]) == ("permission_denied", {"permission": "probe.add"})


def test_jobs_are_listed_newest_first_page_by_page(started, client_of, clerk):
    client = client_of(started)
    ids = [start(client, clerk, steps=1) for _ in range(3)]

    first = client.call("probe", operations.LIST_JOBS, ListJobsRequest(size=2, mine=True), actor=clerk)
    second = client.call(
        "probe", operations.LIST_JOBS, ListJobsRequest(size=2, mine=True, cursor=first["next_cursor"]), actor=clerk
    )

    shown = [item["job_id"] for item in first["items"] + second["items"]]
    assert shown[:3] == ids[::-1]
    assert len(shown) == len(set(shown)) == 4


def test_a_job_whose_worker_is_killed_is_done_by_another_once(bench: Bench, client_of, clerk):
    probe = bench.start("probe", wait=False)
    worker = bench.start("probe", worker=True, wait=False)
    bench.wait_ready(probe, worker)
    client = client_of(bench)

    job_id = start(client, clerk, steps=20, sleep_seconds=0.1)
    until("it is halfway", lambda: job_of(client, clerk, job_id)["done"] > 2)
    worker.kill9()
    bench.start("probe", worker=True)
    job = ended(client, clerk, job_id)

    assert job["attempts"] == 2
    assert bench.rows("probe", "SELECT count(*), max(version) FROM entries") == [(20, 1)]


def test_a_job_whose_process_dies_just_after_its_commit_is_not_done_again(bench: Bench, client_of, clerk):
    probe = bench.start("probe", wait=False)
    worker = bench.start("probe", worker=True, wait=False, SIMKEEP_CRASH_AT="job.after_commit")
    bench.wait_ready(probe, worker)
    client = client_of(bench)

    job_id = start(client, clerk, steps=3)
    job = ended(client, clerk, job_id)
    time.sleep(2.5)  # longer than a lease

    assert job["attempts"] == 1
    assert "job's process died" in worker.logged()
    assert bench.rows("probe", "SELECT count(*), max(version) FROM entries") == [(3, 1)]


def test_a_stopped_worker_gives_its_job_back_without_counting_it(bench: Bench, client_of, clerk):
    probe = bench.start("probe", wait=False)
    worker = bench.start("probe", worker=True, wait=False, SIMKEEP_DRAIN_SECONDS="0.5")
    bench.wait_ready(probe, worker)
    client = client_of(bench)

    job_id = start(client, clerk, steps=100, sleep_seconds=0.1)
    until("it runs", lambda: job_of(client, clerk, job_id)["state"] == "running")
    code = worker.stop()
    job = job_of(client, clerk, job_id)

    assert code == 0
    assert (job["state"], job["attempts"]) == ("queued", 0)
