"""`./simkeep sweep-blobs`: what nothing refers to goes, and nothing else, whoever refers to it (GTW-03)."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from deploy import sweep_blobs
from kernel.chassis.data.blobs import FolderBlobStore
from kernel.contracts.envelope import BlobRef
from kernel.contracts.topology import SERVICES

pytestmark = pytest.mark.req("GTW-03")

WEEK = timedelta(days=7)
Connection = psycopg.Connection[tuple[str, ...]]


@pytest.fixture
def admin(module_database: str) -> Iterator[Connection]:
    with psycopg.connect(module_database, autocommit=True) as connection:
        yield connection


@pytest.fixture
def store(tmp_path: Path) -> FolderBlobStore:
    return FolderBlobStore(tmp_path / "blobs")


def stored(store: FolderBlobStore, age: timedelta = 2 * WEEK) -> BlobRef:
    ref = store.put_stream([uuid4().bytes], name="x.csv")
    at = (datetime.now(UTC) - age).timestamp()
    os.utime(store._path(ref.sha256), (at, at))
    return ref


def sweep(store: FolderBlobStore, admin: Connection, **options: bool) -> sweep_blobs.Swept:
    return sweep_blobs.sweep(store, lambda: sweep_blobs.references(admin), datetime.now(UTC) - WEEK, **options)


def job(admin: Connection, service: str, column: str, ref: BlobRef) -> None:
    values = {"request": "{}", "result": None, column: json.dumps({"deep": [{"file": ref.model_dump()}]})}
    admin.execute(
        f"INSERT INTO {service}.jobs (id, kind, title, request, result, created_by, created_by_name, created_unit)"
        " VALUES (gen_random_uuid(), 'x', 'x', %(request)s, %(result)s, 'a', 'a', '99')",
        values,
    )


def test_what_nothing_refers_to_goes(store: FolderBlobStore, admin: Connection) -> None:
    orphan, kept = stored(store), stored(store)
    job(admin, "traffic", "request", kept)

    told = sweep(store, admin, dry_run=True)
    assert (told, store.exists(orphan)) == (sweep_blobs.Swept(kept=1, gone=1), True)

    assert sweep(store, admin) == sweep_blobs.Swept(kept=1, gone=1)
    assert (store.exists(orphan), store.exists(kept)) == (False, True)
    assert sweep(store, admin) == sweep_blobs.Swept(kept=1, gone=0)


@pytest.mark.parametrize("service", SERVICES)
def test_every_services_references_count(store: FolderBlobStore, admin: Connection, service: str) -> None:
    asked, answered, parked = stored(store), stored(store), stored(store)
    job(admin, service, "request", asked)
    job(admin, service, "result", answered)
    body = json.dumps({"payload": {"文件": parked.model_dump()}}, ensure_ascii=False).encode() + b"\xff"
    admin.execute(
        f"INSERT INTO {service}.parked (message_id, source, type, attempts, error, body)"
        " VALUES (gen_random_uuid(), 'x', 'x', 1, 'x', %s)",
        [body],
    )

    assert sweep(store, admin).gone == 0
    assert all(store.exists(it) for it in (asked, answered, parked))


def test_every_column_for_blobs_is_looked_at(admin: Connection) -> None:
    looked_at = set(admin.execute(sweep_blobs._COLUMNS, [list(SERVICES)]))
    holders = set(
        admin.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = ANY(%s) AND col_description(format('%%I.%%I', table_schema, table_name)::regclass,"
            " ordinal_position) LIKE 'BlobRef%%'",
            [list(SERVICES)],
        )
    )

    assert len(holders) >= 5
    assert holders <= looked_at
    assert {("documents", "scans", "pages"), ("traffic", "loads", "file")} <= looked_at


def test_what_is_young_or_stored_again_meanwhile_stays(store: FolderBlobStore, admin: Connection) -> None:
    young, again = stored(store, timedelta(days=6)), stored(store)

    def named() -> set[str]:
        os.utime(store._path(again.sha256))  # somebody brings the same file again
        return set()

    assert sweep_blobs.sweep(store, named, datetime.now(UTC) - WEEK).gone == 0
    assert store.exists(young)
    assert store.exists(again)


def test_what_a_killed_writer_left_goes_when_it_is_old(
    store: FolderBlobStore, admin: Connection, tmp_path: Path
) -> None:
    writers = [store.begin(), store.begin()]
    for writer in writers:
        writer.write(b"half")
    old, fresh = sorted((tmp_path / "blobs").glob(".incoming-*"))
    long_ago = (datetime.now(UTC) - 2 * WEEK).timestamp()
    os.utime(old, (long_ago, long_ago))

    sweep(store, admin)

    assert (old.exists(), fresh.exists()) == (False, True)
    for writer in writers:
        writer.abandon()
