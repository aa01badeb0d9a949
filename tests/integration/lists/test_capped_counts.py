"""A list counts as far as anybody reads (GTW-01)."""

from datetime import UTC, datetime

import pytest

from kernel.chassis.data.database import create_engine
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.jobs.lists import PARKED
from kernel.chassis.lists.spec import Asked
from kernel.chassis.process.settings import DatabaseSettings
from kernel.contracts.operations import ListParkedRequest
from kernel.contracts.paging import COUNT_CAP
from tests.integration.lists.houses import actor

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.req("GTW-01")
def test_a_long_list_is_counted_up_to_the_cap_and_says_so(module_database: str) -> None:
    engine = create_engine("imei", "write", DatabaseSettings(database_url=module_database))
    by, told = actor("99"), []
    with UnitOfWork(engine).begin() as tx:
        for more in (COUNT_CAP, 1, 5):
            tx.execute(
                "INSERT INTO parked (message_id, source, type, body, attempts, error, parked_at)"
                " SELECT gen_random_uuid(), 'inventory', 'x', '{}', 1, 'e', now() FROM generate_series(1, :more)",
                {"more": more},
            )
            page = PARKED.answer(tx, ListParkedRequest(size=2), by=by, now=NOW)
            told.append((page.total, page.total_is, PARKED.total(Asked(tx, ListParkedRequest(), by, NOW))))
    engine.dispose()

    assert told == [(COUNT_CAP, "exact", COUNT_CAP), (COUNT_CAP, "at_least", None), (COUNT_CAP, "at_least", None)]
