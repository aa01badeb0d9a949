"""Citus can distribute the big tables of usage by card as they are (TRF-08): what it refuses is not there.

Measured on Citus 13.2: a unique key must contain the distribution column; exclusion constraints and foreign keys to
tables that are not beside it are refused; rows of many shards cannot be locked by SELECT ... FOR UPDATE; a table that
is filled and attached afterwards is copied once more. ``cards``, ``loads`` and ``load_sets`` become reference tables.
"""

import re
from pathlib import Path

import pytest
from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from services.traffic.counter_tables import metadata

pytestmark = pytest.mark.req("TRF-08")
ROOT = Path(__file__).resolve().parents[2]
BY_CARD = ("usage_days", "usage_months", "moved_usage", "past_places", "own_counters", "told_terminated")
_STATEMENT = re.compile(r'"""(.*?)"""|"([^"\n]*)"', re.DOTALL)


def tables() -> dict[str, Table]:
    return {table.name: table for table in metadata.tables.values()}


def statements() -> list[str]:
    texts = [path.read_text() for path in sorted((ROOT / "services/traffic").rglob("*.py"))]
    return [found[0] or found[1] for text in texts for found in _STATEMENT.findall(text)]


def test_every_partitioned_table_is_distributed_by_card() -> None:
    parted = {name for name, table in tables().items() if table.dialect_options["postgresql"]["partition_by"]}

    assert parted
    assert parted <= set(BY_CARD)


@pytest.mark.parametrize("name", BY_CARD)
def test_every_unique_key_of_a_distributed_table_contains_the_card(name: str) -> None:
    table = tables()[name]
    keys = [it for it in table.constraints if isinstance(it, PrimaryKeyConstraint | UniqueConstraint)]
    keys += [it for it in table.indexes if it.unique]

    assert keys
    assert all("card_id" in {column.name for column in key.columns} for key in keys)
    assert not [it for it in table.constraints if isinstance(it, ExcludeConstraint)]
    assert not table.foreign_keys
    assert not [column for column in table.columns if column.identity]


def test_no_statement_locks_rows_of_a_distributed_table_or_attaches_a_filled_part() -> None:
    found = statements()
    locking = [it for it in found if "FOR UPDATE" in it]

    assert locking, "the pattern finds statements"
    assert not [it for it in locking if any(re.search(rf"\b{name}\b", it) for name in BY_CARD)]
    assert not [it for it in found if re.search(rf"CREATE TABLE ({'|'.join(BY_CARD)})\w* AS", it)]
    assert not [it for it in found if "ATTACH PARTITION" in it]


def test_days_and_months_meet_cards_by_the_number_that_they_are_distributed_by() -> None:
    joined = [it for it in statements() if re.search(r"usage_days|usage_months|figures", it) and "iccid = " in it]

    assert not [it for it in joined if re.search(r"(days|sums|months)\.iccid", it)]
