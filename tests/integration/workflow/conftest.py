"""Workflow's acts on a real PostgreSQL, as the service's own role, with inventory's schema beside it."""

from collections.abc import Iterator
from itertools import count

import pytest
from sqlalchemy import Engine
from sqlalchemy import create_engine as plain_engine

from kernel.chassis.data.database import create_engine
from kernel.chassis.process.settings import DatabaseSettings
from tests.integration.inventory.stock import Stock
from tests.integration.workflow.office import Office, forget

_SERIES = count(1)


@pytest.fixture(scope="module")
def engines(module_database: str) -> Iterator[dict[str, Engine]]:
    """The engines on which the two services write."""
    settings = DatabaseSettings(database_url=module_database)
    engines = {service: create_engine(service, "write", settings) for service in ("workflow", "inventory")}
    yield engines
    for engine in engines.values():
        engine.dispose()


@pytest.fixture(scope="module")
def cleaner(module_database: str) -> Iterator[Engine]:
    """The owner's connection: the service itself may not forget decisions."""
    url = module_database.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = plain_engine(url, connect_args={"options": "-c search_path=workflow"})
    yield engine
    engine.dispose()


@pytest.fixture
def office(engines: dict[str, Engine], cleaner: Engine) -> Office:
    """An empty workflow: the month is the same in every test, so each begins without the others' forms."""
    forget(cleaner)
    office = Office(engines["workflow"], Stock(engines["inventory"], next(_SERIES)))
    for service in ("inventory", "workflow"):
        office.outbox(service)  # what earlier tests published is not this one's
    return office
