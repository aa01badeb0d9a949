"""Contents under their own hash: whole or not there."""

import hashlib
from pathlib import Path

import pytest

from kernel.chassis.blobs import BlobNotFoundError, FolderBlobStore, blob_store
from kernel.chassis.settings import BlobSettings
from kernel.contracts.envelope import BlobRef


@pytest.fixture
def store(tmp_path: Path) -> FolderBlobStore:
    return FolderBlobStore(tmp_path)


def test_content_is_found_under_its_hash_and_stored_once(store, tmp_path):
    first = store.put_stream([b"card", b"s"], name="a.csv", media_type="text/csv")
    second = store.put_stream([b"cards"])

    assert first.sha256 == second.sha256 == hashlib.sha256(b"cards").hexdigest()
    assert (first.size, first.name) == (5, "a.csv")
    assert sum(path.is_file() for path in tmp_path.rglob("*")) == 1
    with store.open(first) as file:
        assert file.read() == b"cards"


def test_an_upload_that_breaks_off_leaves_nothing(store, tmp_path):
    def broken():
        yield b"half"
        raise ConnectionError("gone")

    with pytest.raises(ConnectionError):
        store.put_stream(broken())

    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_what_was_deleted_or_never_was_is_not_found(store):
    ref = store.put_stream([b"x"])
    store.delete(ref)
    store.delete(ref)

    assert not store.exists(ref)
    with pytest.raises(BlobNotFoundError):
        store.open(ref)


@pytest.mark.parametrize("evil", ["../../etc/passwd", "a" * 63, "A" * 64, "", "/" * 64])
def test_a_made_up_hash_reaches_no_file(store, evil):
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
