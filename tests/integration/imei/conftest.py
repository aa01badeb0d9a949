"""Imei's acts on a real PostgreSQL, as the service's own role."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from kernel.chassis.data.database import create_engine
from kernel.chassis.process.settings import DatabaseSettings
from tests.databases import fresh_database
from tests.integration.imei.shops import Shops


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    """One database for all modules here: making one takes longer than most of them. ``shops`` leaves it empty."""
    with fresh_database(database_url) as url:
        engine = create_engine("imei", "write", DatabaseSettings(database_url=url))
        yield engine
        engine.dispose()


@pytest.fixture
def shops(engine: Engine) -> Iterator[Shops]:
    shops = Shops(engine)
    shops.open()
    yield shops
    shops.close()
