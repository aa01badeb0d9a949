"""Contents too large for a message: stored under their own SHA-256, so the same content is stored once.

Guarantee: a BlobRef returned by ``put_stream`` names content that is complete and durable. Nothing half-written
can ever be opened. Deleting is the owner's decision; the store counts no references.
"""

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from kernel.chassis.process.settings import BlobSettings
from kernel.contracts.envelope import BlobRef

_INCOMING = ".incoming-"


class BlobNotFoundError(LookupError):
    """No content has this hash (any more)."""


class BlobWriter(Protocol):
    """One content on its way into the store, until `finish` or `abandon`. Any thread may call, one at a time."""

    def write(self, chunk: bytes) -> None: ...

    def finish(self) -> BlobRef:
        """The content is complete: stores it."""

    def abandon(self) -> None:
        """Leaves nothing; after `finish` it does nothing."""

    def take_back(self) -> None:
        """After `finish`: removes the content, unless it was there before or somebody has stored it again since."""


class BlobStore(Protocol):
    """What every store can do."""

    def begin(self, *, name: str | None = None, media_type: str | None = None) -> BlobWriter:
        """For contents that come piece by piece, at another's pace."""

    def put_stream(self, chunks: Iterable[bytes], *, name: str | None = None, media_type: str | None = None) -> BlobRef:
        """Stores what ``chunks`` yield, hashing on the way; memory stays at one chunk."""

    def open(self, ref: BlobRef) -> BinaryIO:
        """A readable binary file; the caller closes it. Raises BlobNotFoundError."""

    def exists(self, ref: BlobRef) -> bool: ...

    def delete(self, ref: BlobRef) -> None:
        """Removes the content for every BlobRef that names it; absent content is no error."""

    def stored_at(self, ref: BlobRef) -> datetime | None:
        """When somebody stored this content last; None when it is not there."""

    def stored_before(self, moment: datetime) -> Iterator[str]:
        """Hashes of all contents that nobody has stored since. What writers left half-written before then goes."""


def put_all(writer: BlobWriter, chunks: Iterable[bytes]) -> BlobRef:
    """`put_stream`, for every store."""
    try:
        for chunk in chunks:
            writer.write(chunk)
        return writer.finish()
    finally:
        writer.abandon()


def read_in_chunks(file: BinaryIO, size: int = 1 << 20) -> Iterable[bytes]:
    """The rest of ``file`` in pieces, for ``put_stream``."""
    while chunk := file.read(size):
        yield chunk


class FolderBlobStore:
    """Blobs as files ``aa/bb/<sha256>`` under a folder that all processes of the machine share."""

    def __init__(self, root: Path) -> None:
        self._root = root
        root.mkdir(parents=True, exist_ok=True)

    def _path(self, sha256: str) -> Path:
        if len(sha256) != 64 or not all(c in "0123456789abcdef" for c in sha256):
            raise BlobNotFoundError(sha256)
        return self._root / sha256[:2] / sha256[2:4] / sha256

    def begin(self, *, name: str | None = None, media_type: str | None = None) -> BlobWriter:
        return _FolderWriter(self._root, self._path, name, media_type)

    def put_stream(self, chunks: Iterable[bytes], *, name: str | None = None, media_type: str | None = None) -> BlobRef:
        return put_all(self.begin(name=name, media_type=media_type), chunks)

    def open(self, ref: BlobRef) -> BinaryIO:
        try:
            return self._path(ref.sha256).open("rb")
        except FileNotFoundError as error:
            raise BlobNotFoundError(ref.sha256) from error

    def exists(self, ref: BlobRef) -> bool:
        return self._path(ref.sha256).is_file()

    def delete(self, ref: BlobRef) -> None:
        self._path(ref.sha256).unlink(missing_ok=True)

    def stored_at(self, ref: BlobRef) -> datetime | None:
        try:
            return datetime.fromtimestamp(self._path(ref.sha256).stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    def stored_before(self, moment: datetime) -> Iterator[str]:
        for path in self._root.glob(f"{_INCOMING}*"):
            if _older(path, moment):
                path.unlink(missing_ok=True)
        for path in self._root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            if len(path.name) == 64 and _older(path, moment):
                yield path.name


def _older(path: Path, moment: datetime) -> bool:
    with contextlib.suppress(FileNotFoundError):  # somebody else has removed it
        return path.stat().st_mtime < moment.timestamp()
    return False


class _FolderWriter:
    """A temporary file beside the blobs, which takes its place among them when it is complete."""

    def __init__(self, root: Path, place: Callable[[str], Path], name: str | None, media_type: str | None) -> None:
        self._place = place
        self._name = name
        self._media_type = media_type
        self._digest = hashlib.sha256()
        self._size = 0
        self._stored: tuple[Path, int] | None = None
        descriptor, self._temporary = tempfile.mkstemp(prefix=_INCOMING, dir=root)
        self._file = os.fdopen(descriptor, "wb")

    def write(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self._size += len(chunk)
        self._file.write(chunk)

    def finish(self) -> BlobRef:
        with self._file:
            self._file.flush()
            os.fsync(self._file.fileno())
        sha256 = self._digest.hexdigest()
        final = self._place(sha256)
        final.parent.mkdir(parents=True, exist_ok=True)
        if not final.exists():
            self._stored = (final, Path(self._temporary).stat().st_ino)
        os.replace(self._temporary, final)
        return BlobRef(sha256=sha256, size=self._size, name=self._name, media_type=self._media_type)

    def abandon(self) -> None:
        self._file.close()
        Path(self._temporary).unlink(missing_ok=True)

    def take_back(self) -> None:
        if self._stored is None:
            return
        final, inode = self._stored
        with contextlib.suppress(FileNotFoundError):
            if final.stat().st_ino == inode:  # each storing makes a new file
                final.unlink()


def blob_store(settings: BlobSettings | None = None) -> BlobStore:
    """The store that SIMKEEP_BLOB_URL names. Raises RuntimeError when it is absent or of an unknown kind."""
    url = (settings or BlobSettings()).blob_url
    if not url:
        raise RuntimeError("set SIMKEEP_BLOB_URL, e.g. file:///var/lib/simkeep/blobs")
    parts = urlsplit(url)
    if parts.scheme == "file":
        return FolderBlobStore(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        from kernel.chassis.data.blobs_s3 import S3BlobStore  # noqa: PLC0415  boto3 is heavy; only for those who use it

        options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        return S3BlobStore(
            bucket=parts.netloc,
            prefix=parts.path.strip("/"),
            endpoint=options.get("endpoint"),
            region=options.get("region"),
        )
    raise RuntimeError(f"SIMKEEP_BLOB_URL: unknown scheme {parts.scheme!r}, use file:// or s3://")
