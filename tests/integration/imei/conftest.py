"""Imei's acts on a real PostgreSQL, as the service's own role."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from kernel.chassis.data.database import create_engine
from kernel.chassis.process.settings import DatabaseSettings
from tests.integration.imei.shops import Shops


@pytest.fixture(scope="module")
def engine(module_database: str) -> Iterator[Engine]:
    engine = create_engine("imei", "write", DatabaseSettings(database_url=module_database))
    yield engine
    engine.dispose()


@pytest.fixture
def shops(engine: Engine) -> Iterator[Shops]:
    shops = Shops(engine)
    shops.open()
    yield shops
    shops.close()
