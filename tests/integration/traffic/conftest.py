"""Traffic's acts and jobs on a real PostgreSQL, as the service's own role."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from kernel.chassis.data.blobs import blob_store
from kernel.chassis.data.database import create_engine
from kernel.chassis.process.settings import BlobSettings, DatabaseSettings
from tests.integration.traffic.meters import Meters


@pytest.fixture(scope="module")
def engine(module_database: str) -> Iterator[Engine]:
    engine = create_engine("traffic", "write", DatabaseSettings(database_url=module_database))
    yield engine
    engine.dispose()


@pytest.fixture
def meters(engine: Engine, tmp_path) -> Iterator[Meters]:
    """Twelve cards of two cities and two carriers; no usage yet."""
    meters = Meters(engine, blob_store(BlobSettings(blob_url=tmp_path.as_uri())))
    meters.forget()
    meters.have_cards(12)
    yield meters
    meters.forget()
