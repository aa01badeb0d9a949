"""One transaction: what it publishes, what it may not do, what a job's run may commit."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from prometheus_client import REGISTRY, Gauge
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from kernel.chassis.bus.inbox import Inbox, Subscriber
from kernel.chassis.data import housekeeping
from kernel.chassis.data.database import create_engine, is_outage, is_worth_another_try, sqlstate
from kernel.chassis.data.unit_of_work import UnitOfWork, reading
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobCancelledError, JobContext, JobLostError
from kernel.chassis.jobs.queue import Claimed, JobQueue
from kernel.chassis.process.measures import Measure, measures_of, take
from kernel.chassis.process.settings import DatabaseSettings, JobSettings
from kernel.model.actor import Actor
from tests.messaging.contract import EntryAdded

CLERK = Actor("clerk", "县局资产管理员", "990101", frozenset({"card.view"}))


def engine_of(url: str, purpose: str) -> Engine:
    return create_engine("traffic", purpose, DatabaseSettings(database_url=url))


@pytest.fixture(scope="module")
def engine(module_database: str) -> Iterator[Engine]:
    engine = engine_of(module_database, "write")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def read_engine(module_database: str) -> Iterator[Engine]:
    engine = engine_of(module_database, "read")
    yield engine
    engine.dispose()


@pytest.fixture
def queue(engine: Engine) -> JobQueue:
    return JobQueue(engine, JobSettings(job_lease_seconds=30), "test")


def count(engine: Engine, table: str, where: str = "true") -> int:
    with UnitOfWork(engine).begin() as tx:
        return tx.execute(f"SELECT count(*) FROM {table} WHERE {where}").scalar_one()


def test_leaving_the_block_without_commit_rolls_back_rows_and_events(engine):
    with UnitOfWork(engine).begin(CLERK, "c-1") as tx:
        tx.publish(EntryAdded(key="gone", version=1))

    assert count(engine, "outbox", "payload->>'key' = 'gone'") == 0


def test_a_set_based_insert_into_the_outbox_knows_actor_and_correlation(engine):
    with UnitOfWork(engine).begin(CLERK, "c-2") as tx:
        tx.execute(
            "INSERT INTO outbox (type, payload) SELECT 'set_based', json_build_object('n', n)"
            " FROM generate_series(1, 3) AS n"
        )
        tx.commit()

    with UnitOfWork(engine).begin() as tx:
        rows = tx.execute("SELECT correlation_id, actor, version, published_at FROM outbox WHERE type = 'set_based'")
        assert [tuple(row) for row in rows] == [("c-2", "clerk", 1, None)] * 3


def test_the_next_transaction_on_the_connection_has_forgotten_the_actor(engine):
    with UnitOfWork(engine).begin(CLERK, "c-3") as tx:
        tx.commit()
    with UnitOfWork(engine).begin() as tx:
        tx.publish(EntryAdded(key="nobody", version=1))
        tx.commit()

    assert count(engine, "outbox", "payload->>'key' = 'nobody' AND actor IS NULL AND correlation_id IS NULL") == 1


def test_a_transaction_ends_once(engine):
    with UnitOfWork(engine).begin() as tx:
        tx.commit()
        with pytest.raises(RuntimeError):
            tx.commit()


def test_a_reader_cannot_write_or_publish(read_engine):
    with reading(read_engine) as tx:
        with pytest.raises(DBAPIError, match="read-only"):
            tx.execute("DELETE FROM timers")
        with pytest.raises(RuntimeError):
            tx.publish(EntryAdded(key="x", version=1))


def test_a_consistent_reader_sees_one_moment(engine, read_engine):
    with reading(read_engine, consistent=True) as tx:
        before = tx.execute("SELECT count(*) FROM timers").scalar_one()
        with UnitOfWork(engine).begin() as other:
            other.execute("INSERT INTO timers (name, due_at) VALUES (:name, now())", {"name": str(uuid4())})
            other.commit()
        same = tx.execute("SELECT count(*) FROM timers").scalar_one()
    with reading(read_engine) as tx:
        after = tx.execute("SELECT count(*) FROM timers").scalar_one()

    assert (same, after) == (before, before + 1)


def test_errors_are_told_apart_from_outages(engine, module_database):
    with UnitOfWork(engine).begin() as tx, pytest.raises(DBAPIError) as wrong:
        tx.execute("SELECT 1/0")
    nowhere = engine_of(module_database.replace("127.0.0.1:", "127.0.0.1:1"), "write")
    with pytest.raises(Exception) as away, nowhere.connect():  # noqa: PT011  which one is what is_outage is about
        pass

    assert sqlstate(wrong.value) == "22012"
    assert not is_worth_another_try(wrong.value)
    assert is_outage(away.value)


def test_a_connection_that_the_server_ended_is_an_outage_and_the_next_one_works(engine):
    with pytest.raises(DBAPIError) as ended, UnitOfWork(engine).begin() as tx:
        tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    assert is_outage(ended.value)
    assert count(engine, "timers") >= 0


def enqueue(engine: Engine, **request: object) -> UUID:
    with UnitOfWork(engine).begin(CLERK, "job-click") as tx:
        job_id = jobs.enqueue(tx, "work", "干活", request, CLERK)
        tx.commit()
    return job_id


def context(engine: Engine, job: Claimed) -> JobContext:
    return JobContext(
        job_id=job.id,
        kind=job.kind,
        request=job.request,
        actor=CLERK,
        correlation_id=job.correlation_id,
        attempt=job.attempt,
        retry_of=None,
        created_at=job.created_at,
        engine=engine,
    )


def test_a_job_is_claimed_by_one_worker_with_all_that_was_said(engine, queue):
    job_id = enqueue(engine, steps=3)

    job, nobody = queue.claim(), queue.claim()

    assert job is not None
    assert nobody is None
    assert (job.id, job.request, job.attempt, job.permissions) == (job_id, {"steps": 3}, 1, ["card.view"])
    assert (job.created_by, job.created_unit, job.correlation_id) == ("clerk", "990101", "job-click")
    queue.finish(job, {"ok": True})
    assert queue.state(job) == "done"


def test_a_worker_that_lost_its_lease_commits_nothing(engine, queue):
    enqueue(engine)
    slow = queue.claim()
    with UnitOfWork(engine).begin() as tx:
        tx.execute("UPDATE jobs SET lease_until = now() - interval '1 second' WHERE id = :id", {"id": slow.id})
        tx.commit()
    quick = queue.claim()
    late = context(engine, slow)

    with late.unit_of_work() as tx:
        tx.publish(EntryAdded(key="late", version=1))
        with pytest.raises(JobLostError):
            late.complete(tx)
    with pytest.raises(JobLostError):
        late.progress(1)
    queue.finish(slow)
    still_running = queue.state(quick)
    with context(engine, quick).unit_of_work() as tx:
        context(engine, quick).complete(tx, {"by": "quick"})

    assert (quick.id, quick.attempt) == (slow.id, 2)
    assert still_running == "running"
    assert queue.state(quick) == "done"
    assert not queue.renew(slow)
    assert count(engine, "outbox", "payload->>'key' = 'late'") == 0


def test_a_job_whose_workers_die_again_and_again_is_given_up(engine, queue):
    job_id = enqueue(engine)
    for _ in range(3):
        queue.give_back(queue.claim(), lost=True)

    assert queue.claim() is None
    assert count(engine, "jobs", f"id = '{job_id}' AND state = 'failed' AND error_code = 'job_worker_lost'") == 1


def test_a_cancelled_job_hears_of_it_at_its_next_progress(engine, queue):
    enqueue(engine)
    running = context(engine, queue.claim())
    with UnitOfWork(engine).begin() as tx:
        tx.execute("UPDATE jobs SET cancel_requested = true WHERE id = :id", {"id": running.job_id})
        tx.commit()

    with pytest.raises(JobCancelledError):
        running.progress(1, 10, "正在导入")
    queue.cancel(Claimed(running.job_id, "work", {}, 1, "", "", "", [], None, running.created_at, None))


def test_refused_rows_survive_a_rollback_and_keep_their_first_reason(engine, queue):
    enqueue(engine)
    claimed = queue.claim()
    running = context(engine, claimed)

    with running.unit_of_work():
        for row in range(6000):
            running.refuse(row + 1, f"8986{row}", "version_stale", row=row)
    running.refuse(1, "8986", "another_reason")
    running.flush()
    queue.finish(claimed)

    assert running.refused_count == 6001
    assert count(engine, "jobs", f"id = '{claimed.id}' AND refused_count = 6000") == 1
    assert count(engine, "job_rows", f"job_id = '{claimed.id}' AND code = 'version_stale'") == 6000


def test_an_inbox_handles_each_message_once_and_parks_what_fails(engine):
    handled: list[str] = []

    def handler(tx, event, envelope) -> None:
        if event.key == "bad":
            raise ValueError("no")
        handled.append(event.key)

    inbox = Inbox("traffic", UnitOfWork(engine), (0.0,))
    inbox.subscribe(Subscriber("probe", EntryAdded, handler))

    def body(key: str, message_id: UUID) -> bytes:
        return (
            f'{{"message_id":"{message_id}","source":"probe","type":"entry_added",'
            f'"occurred_at":"2026-01-01T00:00:00Z","payload":{{"key":"{key}","version":1}}}}'
        ).encode()

    good, bad = body("good", uuid4()), body("bad", uuid4())

    outcomes = [inbox.receive("probe", message, sender="probe") for message in (good, good, bad, bad)]
    retried = [inbox.retry_one(), inbox.retry_one()]

    assert outcomes == ["handled", "duplicate", "failed", "failed"]
    assert retried == ["failed", None]
    assert handled == ["good"]
    assert count(engine, "parked", "attempts = 2 AND next_try_at IS NULL") == 1


def test_two_handlers_of_one_fact_are_refused_at_start(engine):
    inbox = Inbox("traffic", UnitOfWork(engine), ())
    inbox.subscribe(Subscriber("probe", EntryAdded, lambda *_: None))

    with pytest.raises(ValueError, match="two handlers"):
        inbox.subscribe(Subscriber("probe", EntryAdded, lambda *_: None))


@pytest.mark.req("OPS-03", "GTW-07")
def test_facts_of_a_foreign_sender_are_counted_from_nought_for_the_first_one_must_be_seen(engine):
    """Prometheus sees a rise only of what it has seen before."""
    inbox = Inbox("traffic", UnitOfWork(engine), ())
    inbox.subscribe(Subscriber("never_forged", EntryAdded, lambda *_: None))

    assert REGISTRY.get_sample_value("simkeep_events_foreign_total", {"source": "never_forged"}) == 0


def test_housekeeping_throws_away_what_is_old_and_nothing_else(engine):
    old = timedelta(days=500)
    with UnitOfWork(engine).begin() as tx:
        for name, age in (("old", old), ("new", timedelta())):
            values = {"name": name, "age": age, "id": uuid4()}
            tx.execute(
                "INSERT INTO command_receipts (command_id, method, request_sha256, created_at)"
                " VALUES (:name, 'm', 's', now() - :age)",
                values,
            )
            tx.execute("INSERT INTO inbox VALUES (:name, :id, now() - :age)", values)
            tx.execute("INSERT INTO timers VALUES (:name, now() - :age, false, now() - :age)", values)
            tx.execute("INSERT INTO outbox (type, payload, published_at) VALUES (:name, '{}', now() - :age)", values)
        tx.execute(
            "INSERT INTO outbox (type, payload, occurred_at) VALUES ('waiting', '{}', now() - :age)", {"age": old}
        )
        housekeeping.sweep(tx)
        tx.commit()

    for table, column in (("command_receipts", "command_id"), ("inbox", "consumer"), ("timers", "name")):
        assert (count(engine, table, f"{column} = 'old'"), count(engine, table, f"{column} = 'new'")) == (0, 1)
    kinds = [count(engine, "outbox", f"type = '{kind}'") for kind in ("old", "new", "waiting")]
    assert kinds == [0, 1, 1]


@pytest.mark.req("OPS-03")
def test_the_connections_that_are_taken_and_the_most_that_there_may_be_can_be_seen(module_database: str):
    own = engine_of(module_database, "read")
    before = _sample("simkeep_db_connections_in_use")
    with own.connect(), own.connect():
        taken = _sample("simkeep_db_connections_in_use")
    own.dispose()

    assert (before, taken, _sample("simkeep_db_connections_in_use")) == (0, 2, 0)
    assert _sample("simkeep_db_connections_limit") == DatabaseSettings().pool_size + DatabaseSettings().pool_overflow


def _sample(name: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"purpose": "read"})


@pytest.mark.req("OPS-03")
def test_figures_of_a_services_trade_are_shown_and_those_that_are_gone_no_longer(module_database: str):
    own = create_engine("workflow", "write", DatabaseSettings(database_url=module_database))
    gauge = Gauge("test_forms", "of a test", ["kind"])
    (forms,) = measures_of("services.workflow")
    with UnitOfWork(own).begin() as tx:
        take(tx, [forms])  # the real statement, on the real tables
        take(tx, [Measure(gauge, "VALUES ('a', 3), ('b', 4)")])
        seen = [REGISTRY.get_sample_value("test_forms", {"kind": kind}) for kind in "ab"]
        take(tx, [Measure(gauge, "VALUES ('b', 5)")])
    own.dispose()

    assert seen == [3, 4]
    assert [REGISTRY.get_sample_value("test_forms", {"kind": kind}) for kind in "ab"] == [None, 5]
    assert measures_of("services.inventory") == ()
