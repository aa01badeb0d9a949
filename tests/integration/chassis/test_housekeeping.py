"""What nobody needs any more goes in slices, table by table."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, text

from kernel.chassis.data import housekeeping
from kernel.chassis.data.database import create_engine
from kernel.chassis.data.housekeeping import RULES, Rule, sweep
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.process.settings import DatabaseSettings

pytestmark = pytest.mark.req("OPS-04")


@pytest.fixture
def engine(a_database: Callable) -> Iterator[Engine]:
    with a_database() as url:
        engine = create_engine("imei", "write", DatabaseSettings(database_url=url))
        with engine.begin() as connection:
            connection.execute(
                text(
                    """
                    INSERT INTO jobs (id, kind, title, request, state, created_by, created_by_name, created_unit,
                                      finished_at)
                    SELECT CAST(lpad(to_hex(n), 32, '0') AS uuid), 'x', 'x', '{}', 'done', 'a', 'a', '99',
                           now() - interval '1 day' * CASE n WHEN 1 THEN 181 ELSE 1 END
                    FROM generate_series(1, 2) AS n
                    """
                )
            )
            connection.execute(
                text("INSERT INTO job_rows (job_id, row_no, code) SELECT id, n, 'x' FROM jobs, generate_series(1, 5) n")
            )
            connection.execute(
                text(
                    "INSERT INTO inbox VALUES ('a', gen_random_uuid(), now() - interval '61 days'),"
                    " ('a', gen_random_uuid(), now())"
                )
            )
        yield engine
        engine.dispose()


def run(engine: Engine, rules: tuple[Rule, ...] = RULES) -> None:
    with UnitOfWork(engine).begin() as tx:
        sweep(tx, rules)
        tx.commit()


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def test_a_job_with_more_rows_than_a_slice_goes_slice_by_slice_and_last_of_all_itself(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "SLICE", 2)
    counts = []
    for _ in range(4):
        counts.append((count(engine, "jobs"), count(engine, "job_rows")))
        run(engine)

    assert counts == [(2, 10), (2, 8), (2, 6), (1, 5)]
    assert (count(engine, "jobs"), count(engine, "job_rows")) == (1, 5)


def test_a_table_that_fails_does_not_stop_the_others(engine: Engine) -> None:
    run(engine, (Rule("nowhere", "true"), Rule("jobs", "1 / 0 = 1"), *RULES))

    assert (count(engine, "inbox"), count(engine, "jobs")) == (1, 1)


def test_rows_that_somebody_holds_are_left_for_the_next_run_and_nobody_waits(engine: Engine) -> None:
    with engine.connect() as holder:
        holder.execute(text("SELECT * FROM inbox FOR UPDATE"))
        run(engine)
        assert count(engine, "inbox") == 2
        holder.rollback()
    run(engine)

    assert count(engine, "inbox") == 1
