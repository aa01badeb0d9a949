"""Contents under their own hash: whole or not there."""

import hashlib
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
import pytest
from moto.server import ThreadedMotoServer

from kernel.chassis.data.blobs import BlobNotFoundError, BlobStore, FolderBlobStore, blob_store
from kernel.chassis.process.settings import BlobSettings
from kernel.contracts.envelope import BlobRef

BUCKET = "simkeep-blobs"


@pytest.fixture(scope="module")
def s3_client() -> Iterator[Any]:
    """A client of an S3 server that listens on this machine, with an empty bucket."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "of-a-test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "of-a-test")
        patch.setenv("NO_PROXY", host)
        client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield client
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def stored(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[BlobStore, Callable[[], int]]:
    """A store as its URL names it, and how many contents it holds."""
    if request.param == "folder":
        store = blob_store(BlobSettings(blob_url=f"file://{tmp_path}"))
        return store, lambda: sum(path.is_file() for path in tmp_path.rglob("*"))
    client, prefix = request.getfixturevalue("s3_client"), tmp_path.name
    endpoint = quote(client.meta.endpoint_url, safe="")
    store = blob_store(BlobSettings(blob_url=f"s3://{BUCKET}/{prefix}?endpoint={endpoint}&region=us-east-1"))
    return store, lambda: client.list_objects_v2(Bucket=BUCKET, Prefix=f"{prefix}/")["KeyCount"]


@pytest.fixture
def store(stored: tuple[BlobStore, Callable[[], int]]) -> BlobStore:
    return stored[0]


def test_content_is_found_under_its_hash_and_stored_once(stored):
    store, count = stored
    first = store.put_stream([b"card", b"s"], name="a.csv", media_type="text/csv")
    second = store.put_stream([b"cards"])

    assert first.sha256 == second.sha256 == hashlib.sha256(b"cards").hexdigest()
    assert (first.size, first.name) == (5, "a.csv")
    assert count() == 1
    with store.open(first) as file:
        assert file.read() == b"cards"


def test_what_was_refused_is_taken_back(stored):
    store, count = stored
    writer = store.begin(name="a.csv")
    writer.write(b"refu")
    writer.write(b"sed")
    ref = writer.finish()
    assert store.stored_at(ref) is not None

    writer.take_back()
    writer.take_back()

    assert (store.exists(ref), store.stored_at(ref), count()) == (False, None, 0)


@pytest.mark.parametrize("moment", ["before", "since"])
def test_what_somebody_else_has_stored_too_is_not_taken_back(store, moment):
    writer = store.begin()
    writer.write(b"shared")
    if moment == "before":
        store.put_stream([b"shared"])
    ref = writer.finish()
    if moment == "since":
        store.put_stream([b"shared"])

    writer.take_back()

    assert store.exists(ref)


def test_what_is_abandoned_leaves_nothing(stored):
    store, count = stored
    writer = store.begin()
    writer.write(b"half")

    writer.abandon()
    writer.abandon()

    assert count() == 0


def test_a_content_larger_than_memory_is_spooled_and_can_be_searched_in(store):
    parts = [bytes([number]) * (1 << 20) for number in range(10)]
    ref = store.put_stream(parts)

    with store.open(ref) as file:
        file.seek(-1, 2)
        assert (ref.size, file.read()) == (10 << 20, b"\x09")
        file.seek(0)
        assert hashlib.sha256(file.read()).hexdigest() == ref.sha256


def test_an_upload_that_breaks_off_leaves_nothing(stored):
    store, count = stored

    def broken():
        yield b"half"
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        store.put_stream(broken())

    assert count() == 0


def test_what_was_deleted_or_never_was_is_not_found(store):
    ref = store.put_stream([b"x"])
    store.delete(ref)
    store.delete(ref)

    assert not store.exists(ref)
    with pytest.raises(BlobNotFoundError):
        store.open(ref)


@pytest.mark.parametrize("evil", ["../../etc/passwd", "a" * 63, "A" * 64, "", "/" * 64])
def test_a_made_up_hash_reaches_no_file(tmp_path, evil):
    store = FolderBlobStore(tmp_path)
    with pytest.raises(BlobNotFoundError):
        store.open(BlobRef(sha256=evil, size=1))


def test_the_setting_names_the_store(tmp_path):
    store = blob_store(BlobSettings(blob_url=f"file://{tmp_path}/my%20blobs"))

    assert store.put_stream([b"x"]).size == 1
    assert (tmp_path / "my blobs").is_dir()
    with pytest.raises(RuntimeError, match="unknown scheme"):
        blob_store(BlobSettings(blob_url="ftp://x"))
    with pytest.raises(RuntimeError, match="SIMKEEP_BLOB_URL"):
        blob_store(BlobSettings(blob_url=None))


@pytest.mark.req("GTW-03")
def test_contents_are_told_by_when_they_were_stored_last(store):
    known = {store.put_stream([content]).sha256 for content in (b"one", b"two")}
    moment = store.stored_at(store.put_stream([b"one"]))

    assert set(store.stored_before(moment + timedelta(hours=1))) == known
    assert set(store.stored_before(moment - timedelta(hours=1))) == set()
