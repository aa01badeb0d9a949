"""Inventory's acts on a real PostgreSQL, as the service's own role."""

from collections.abc import Iterator
from itertools import count

import pytest
from sqlalchemy import Engine

from kernel.chassis.data.database import create_engine
from kernel.chassis.process.settings import DatabaseSettings
from tests.integration.inventory.stock import Stock

_SERIES = count(1)


@pytest.fixture(scope="module")
def engine(module_database: str) -> Iterator[Engine]:
    """The engine on which the service writes."""
    engine = create_engine("inventory", "write", DatabaseSettings(database_url=module_database))
    yield engine
    engine.dispose()


@pytest.fixture
def stock(engine: Engine) -> Stock:
    return Stock(engine, next(_SERIES))
