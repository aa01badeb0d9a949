"""The check of the book: silent on a true one, and naming the card that somebody changed behind the system's back."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from kernel.chassis.jobs.context import JobContext
from kernel.chassis.jobs.kinds import enqueue
from kernel.contracts import errors
from services.inventory.closing import nightly
from services.inventory.ledger import CHECK_KIND, run_check
from tests.integration.inventory.world import NOW, World, actor, inventory_engine


@pytest.fixture(scope="module")
def world(module_database: str) -> World:
    world = World(inventory_engine(module_database))
    world.live(batches=3, size=60)
    with world.writing(actor("99")) as tx:
        nightly(tx, now=NOW - timedelta(days=100))
    return world


@pytest.fixture
def card(world: World) -> Iterator[Any]:
    with world.reading() as tx:
        yield tx.execute("SELECT * FROM cards WHERE owner_unit = '990101' ORDER BY id OFFSET 3 LIMIT 1").one()


def check(world: World, unit: str = "99") -> list[tuple[str | None, str, dict[str, Any]]]:
    """Runs the job as its worker does; its findings."""
    by = actor(unit)
    with world.writing(by) as tx:
        job_id = enqueue(tx, CHECK_KIND, "check", {"unit": unit}, by)
        tx.execute("UPDATE jobs SET state = 'running', attempts = 1 WHERE id = :id", {"id": job_id})
    job = JobContext(job_id, CHECK_KIND, {"unit": unit}, by, str(uuid4()), 1, None, NOW, world.engine)
    result = run_check(job)
    job.flush()
    with world.reading() as tx:
        rows = tx.execute("SELECT key, code, params FROM job_rows WHERE job_id = :id", {"id": job_id}).all()
        kept = tx.execute("SELECT count(*) FROM ledger_findings WHERE job_id = :id", {"id": job_id}).scalar_one()
    assert result["findings"] == len(rows) == kept
    return [(row.key, row.code, row.params) for row in rows]


@pytest.mark.req("INV-10")
@pytest.mark.parametrize("unit", ["99", "9901", "990201"])
def test_a_true_book_has_no_findings(world: World, unit: str) -> None:
    assert check(world, unit) == []


SPOILS = [
    ("UPDATE cards SET state = 'terminated' WHERE id = :id", "ledger_card_differs"),
    ("UPDATE cards SET owner_unit = '990102' WHERE id = :id", "ledger_card_differs"),
    ("UPDATE cards SET version = version + 1 WHERE id = :id", "ledger_card_differs"),
    ("DELETE FROM run_log WHERE card_id = :id AND version = 2", "ledger_log_broken"),
    ("DELETE FROM run_log WHERE card_id = :id", "ledger_card_without_log"),
    ("UPDATE run_log SET to_state = 'running' WHERE card_id = :id AND version = 2", "ledger_log_broken"),
    ("DELETE FROM cards WHERE id = :id", "ledger_log_without_card"),
    ("UPDATE cards SET card_spec = 'esim' WHERE id = :id", "ledger_sum_differs"),
    ("UPDATE cards SET state_since = state_since - interval '3 days' WHERE id = :id", "ledger_sum_differs"),
    ("UPDATE ledger SET delta = delta + 1 WHERE id = (SELECT max(id) FROM ledger)", "ledger_sum_differs"),
    (
        "UPDATE closings SET cards = cards + 1 WHERE ctid = (SELECT ctid FROM closings LIMIT 1)",
        "ledger_closing_differs",
    ),
    ("DELETE FROM ages WHERE ctid = (SELECT ctid FROM ages LIMIT 1)", "ledger_closing_differs"),
]


@pytest.mark.req("INV-10")
@pytest.mark.parametrize(("spoil", "code"), SPOILS)
def test_what_somebody_changed_by_hand_is_found_and_the_card_named(
    world: World, card: Any, spoil: str, code: str
) -> None:
    tables = ("cards", "run_log", "ledger", "closings", "ages")
    with world.writing(actor("99")) as tx:
        for table in tables:
            tx.execute(f"CREATE TABLE true_{table} AS SELECT * FROM {table}")
        tx.execute("SET LOCAL session_replication_role = replica")  # past the trigger that keeps the log append-only
        tx.execute(spoil, {"id": card.id} if ":id" in spoil else {})
    try:
        findings = check(world)
    finally:
        with world.writing(actor("99")) as tx:
            tx.execute("SET LOCAL session_replication_role = replica")
            for table in tables:
                tx.execute(f"DELETE FROM {table}")
                tx.execute(f"INSERT INTO {table} SELECT * FROM true_{table}")
                tx.execute(f"DROP TABLE true_{table}")

    found = [finding for finding in findings if finding[1] == code]
    assert found
    for key, finding, params in findings:
        assert "?" not in errors.text(finding, params, "zh")
        assert key in (None, card.iccid)
    if code in ("ledger_card_differs", "ledger_log_broken", "ledger_card_without_log"):
        assert [key for key, _, _ in found] == [card.iccid]


@pytest.mark.req("INV-10")
def test_the_book_is_true_again_afterwards(world: World) -> None:
    assert check(world) == []
