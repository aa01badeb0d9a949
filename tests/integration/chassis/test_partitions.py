"""Big tables in parts: made ahead, dropped when their time is over, and no business of alembic's."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, Date, Engine, MetaData, Table, Text, text

from kernel.chassis.data.alembic_env import comparing
from kernel.chassis.data.database import create_engine
from kernel.chassis.data.partitions import Partitioned, drop, keep_all, make
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.process.settings import DatabaseSettings

pytestmark = pytest.mark.req("OPS-04")
TODAY = date(2026, 11, 26)
READINGS = Partitioned("readings", "day", every="month", keep=2)
USAGE = Partitioned("usage", "at", every="day", keep=3, ahead=2, moments=True)


@pytest.fixture
def engine(a_database: Callable) -> Iterator[Engine]:
    """As a service has it: its own role, its own schema."""
    with a_database() as url:
        engine = create_engine("imei", "write", DatabaseSettings(database_url=url))
        with engine.begin() as connection:
            connection.execute(
                text("CREATE TABLE readings (day date NOT NULL, body text, PRIMARY KEY (day)) PARTITION BY RANGE (day)")
            )
            connection.execute(
                text("CREATE TABLE usage (at timestamptz NOT NULL, mb numeric CHECK (mb >= 0)) PARTITION BY RANGE (at)")
            )
        yield engine
        engine.dispose()


def parts(connection: Connection, table: str) -> list[str]:
    query = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = CAST(:t AS regclass) ORDER BY 1"
    return list(connection.scalars(text(query), {"t": table}))


def test_parts_are_there_before_their_rows_come_and_a_second_run_makes_none(engine: Engine) -> None:
    with engine.begin() as connection:
        made = make(connection, READINGS, TODAY)
        again = make(connection, READINGS, TODAY)
        for day in ("2026-10-01", "2026-11-30", "2027-02-28"):
            connection.execute(text("INSERT INTO readings VALUES (:day, 'x')"), {"day": day})

    assert made == ["readings_202610", "readings_202611", "readings_202612", "readings_202701", "readings_202702"]
    assert again == []


def test_a_day_of_moments_is_the_business_day(engine: Engine) -> None:
    with engine.begin() as connection:
        make(connection, USAGE, TODAY)
        # 00:30 of the 26th in Asia/Shanghai is still the 25th in UTC.
        connection.execute(text("INSERT INTO usage VALUES ('2026-11-25 16:30+00', 1)"))
        found = connection.scalar(text("SELECT tableoid::regclass::text FROM usage"))

    assert found == "usage_20261126"


def test_parts_whose_time_is_over_go_whole_and_the_others_keep_their_rows(engine: Engine) -> None:
    with engine.begin() as connection:
        make(connection, READINGS, date(2026, 7, 5))
        make(connection, READINGS, TODAY)
        connection.execute(text("INSERT INTO readings VALUES ('2026-06-09'), ('2026-09-30'), ('2026-11-01')"))
        dropped = drop(connection, READINGS, TODAY)
        left = list(connection.scalars(text("SELECT day::text FROM readings ORDER BY 1")))

    assert dropped == ["readings_202606", "readings_202607", "readings_202608"]
    assert left == ["2026-09-30", "2026-11-01"]


def test_a_table_that_is_missing_does_not_stop_the_others(engine: Engine) -> None:
    lost = Partitioned("lost", "day", every="day", keep=None)
    with UnitOfWork(engine).begin() as tx:
        keep_all(tx, (lost, USAGE, READINGS), TODAY)
        tx.commit()

    with engine.connect() as connection:
        assert len(parts(connection, "usage")) == 4
        assert len(parts(connection, "readings")) == 5


def test_alembic_compares_the_table_and_not_its_parts(engine: Engine) -> None:
    metadata = MetaData()
    Table("readings", metadata, Column("day", Date, primary_key=True), Column("body", Text))
    with engine.begin() as connection:
        make(connection, READINGS, TODAY)
    with engine.connect() as connection:
        options = comparing(connection)
        found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
        without = compare_metadata(MigrationContext.configure(connection), metadata)

    assert [it for it in found if "readings" in str(it)] == []
    assert any("readings_202611" in str(it) for it in without)
