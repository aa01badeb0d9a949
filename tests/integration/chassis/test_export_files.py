"""Files of exports are swept with their jobs, and never a content that somebody else still has (GTW-03)."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from kernel.chassis.data.blobs import BlobStore, FolderBlobStore
from kernel.chassis.data.database import create_engine
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.jobs import export_files
from kernel.chassis.process.settings import DatabaseSettings
from kernel.contracts.envelope import BlobRef

pytestmark = pytest.mark.req("GTW-03")

LONG_AGO = datetime.now(UTC) - timedelta(days=export_files.LIFE_DAYS + 1)


@pytest.fixture(scope="module")
def engine(module_database: str) -> Iterator[Engine]:
    engine = create_engine("traffic", "write", DatabaseSettings(database_url=module_database))
    yield engine
    engine.dispose()


@pytest.fixture
def store(engine: Engine, tmp_path: Path) -> BlobStore:
    with UnitOfWork(engine).begin() as tx:
        tx.execute("DELETE FROM jobs")
        tx.commit()
    return FolderBlobStore(tmp_path)


def stored(store: BlobStore, folder: Path, content: bytes, at: datetime) -> BlobRef:
    ref = store.put_stream([content], name="x.csv", media_type="text/csv")
    path = next(it for it in folder.rglob(ref.sha256))
    os.utime(path, (at.timestamp(), at.timestamp()))
    return ref


def ended(engine: Engine, ref: BlobRef, at: datetime, kind: str = "export") -> None:
    values = {"id": uuid4(), "kind": kind, "at": at, "result": json.dumps({"rows": 1, "blob": ref.model_dump()})}
    with UnitOfWork(engine).begin() as tx:
        tx.execute(
            "INSERT INTO jobs (id, kind, title, request, state, created_by, created_by_name, created_unit,"
            " finished_at, result) VALUES (:id, :kind, 't', '{}', 'done', 'c', 'c', '99', :at, :result)",
            values,
        )
        tx.commit()


def sweep(engine: Engine, store: BlobStore) -> int:
    with UnitOfWork(engine).begin() as tx:
        gone = export_files.sweep(tx, lambda: store)
        tx.commit()
    return gone


def test_the_file_of_an_old_export_goes_and_its_job_no_longer_offers_it(
    engine: Engine, store: BlobStore, tmp_path: Path
) -> None:
    old = stored(store, tmp_path, b"old", LONG_AGO)
    new = stored(store, tmp_path, b"new", datetime.now(UTC))
    ended(engine, old, LONG_AGO)
    ended(engine, new, datetime.now(UTC))

    assert sweep(engine, store) == 1

    assert (store.exists(old), store.exists(new)) == (False, True)
    with UnitOfWork(engine).begin() as tx:
        results = [row.result for row in tx.execute("SELECT result FROM jobs ORDER BY finished_at").all()]
    assert results[0] == {"rows": 1}
    assert "blob" in results[1]
    assert sweep(engine, store) == 0


def test_what_a_younger_export_or_an_upload_has_too_stays(engine: Engine, store: BlobStore, tmp_path: Path) -> None:
    shared = stored(store, tmp_path, b"shared", LONG_AGO)
    uploaded = stored(store, tmp_path, b"uploaded again since", LONG_AGO + timedelta(days=3))
    for ref in (shared, uploaded):
        ended(engine, ref, LONG_AGO)
    ended(engine, shared, datetime.now(UTC))

    assert sweep(engine, store) == 0

    assert store.exists(shared)
    assert store.exists(uploaded)


def test_a_service_without_a_store_has_nothing_to_sweep(engine: Engine, store: BlobStore) -> None:
    def none() -> BlobStore:
        raise AssertionError("nobody may ask for the store")

    with UnitOfWork(engine).begin() as tx:
        assert export_files.sweep(tx, none) == 0
