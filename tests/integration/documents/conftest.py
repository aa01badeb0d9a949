"""Documents' acts and jobs on a real PostgreSQL and a real blob store."""

from collections.abc import Iterator
from itertools import count

import pytest

from kernel.chassis.data.blobs import blob_store
from kernel.chassis.data.database import create_engine
from kernel.chassis.process.settings import BlobSettings, DatabaseSettings
from tests.integration.documents.desk import FORM_KEY, Desk

_SERIALS = count(100)


@pytest.fixture(scope="module")
def desk(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("blobs").as_uri()
    engine = create_engine("documents", "job", DatabaseSettings(database_url=module_database))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMKEEP_BLOB_URL", folder)
        patch.setenv("SIMKEEP_FORM_PRIVATE_KEY", FORM_KEY)
        yield Desk(engine, module_database, blob_store(BlobSettings(blob_url=folder)))
    engine.dispose()


@pytest.fixture
def serial() -> int:
    """A number that no other test uses."""
    return next(_SERIALS)
