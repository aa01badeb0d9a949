"""A list read by COPY has the values of the table, whatever stands in them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.copying import copied

ODD = [
    "", "plain", "a\tb", "a\nb", "a\r\nb", "\\", "\\N", "\\\\N", "N\\", "\\t", "x\b\f\v", '"', ",", "卡 片", "\\.", " ",
    "%s", ":name",
]  # fmt: skip


@pytest.fixture
def tx(module_database: str) -> Iterator[Tx]:
    engine = create_engine(module_database.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        yield Tx(connection, None, None)
    engine.dispose()


def table(tx: Tx, *values: Any) -> str:
    tx.execute("CREATE TEMPORARY TABLE odd (at integer, said text) ON COMMIT DROP")
    for at, value in enumerate(values):
        tx.execute("INSERT INTO odd VALUES (:at, :said)", {"at": at, "said": value})
    return "SELECT at, said FROM odd WHERE at >= :first ORDER BY at"


@pytest.mark.req("GTW-04")
@pytest.mark.parametrize("values", [[*ODD, None], ["plain", None, ""], *([value] for value in ODD)])
def test_every_text_comes_as_it_is_and_a_null_is_none(tx: Tx, values: list[str | None]):
    parts = list(copied(tx, table(tx, *values), {"first": 0}))

    assert [said for part in parts for _, said in part] == values


@pytest.mark.req("GTW-04")
def test_more_rows_than_are_read_at_once_come_in_order(tx: Tx):
    parts = list(copied(tx, "SELECT n, n % 7 FROM generate_series(:first, 1000) AS n", {"first": 1}))

    assert len(parts) > 1
    assert [line for part in parts for line in part] == [(str(n), str(n % 7)) for n in range(1, 1001)]
    assert list(copied(tx, "SELECT 1 WHERE :never", {"never": False})) == []


@pytest.mark.req("GTW-04")
def test_moments_are_business_time_and_the_transaction_keeps_its_own_zone(tx: Tx):
    tx.execute("SET LOCAL TIME ZONE 'UTC'")
    before = tx.execute("SHOW timezone").scalar_one()
    asked = {"moment": datetime(2026, 11, 26, 22, 5, 1, tzinfo=UTC), "day": date(2026, 2, 3), "codes": ["a", "b"]}

    (part,) = copied(tx, "SELECT CAST(:moment AS timestamptz), CAST(:day AS date) WHERE 'b' = ANY(:codes)", asked)

    assert list(part) == [("2026-11-27 06:05:01+08", "2026-02-03")]
    assert tx.connection.execute(text("SHOW timezone")).scalar_one() == before
