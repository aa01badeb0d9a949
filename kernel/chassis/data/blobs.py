"""Contents too large for a message: stored under their own SHA-256, so the same content is stored once.

Guarantee: a BlobRef returned by ``put_stream`` names content that is complete and durable. Nothing half-written
can ever be opened. Deleting is the owner's decision; the store counts no references.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from kernel.chassis.process.settings import BlobSettings
from kernel.contracts.envelope import BlobRef


class BlobNotFoundError(LookupError):
    """No content has this hash (any more)."""


class BlobStore(Protocol):
    """What every store can do."""

    def put_stream(self, chunks: Iterable[bytes], *, name: str | None = None, media_type: str | None = None) -> BlobRef:
        """Stores what ``chunks`` yield, hashing on the way; memory stays at one chunk."""

    def open(self, ref: BlobRef) -> BinaryIO:
        """A readable binary file; the caller closes it. Raises BlobNotFoundError."""

    def exists(self, ref: BlobRef) -> bool: ...

    def delete(self, ref: BlobRef) -> None:
        """Removes the content for every BlobRef that names it; absent content is no error."""


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

    def put_stream(self, chunks: Iterable[bytes], *, name: str | None = None, media_type: str | None = None) -> BlobRef:
        digest = hashlib.sha256()
        size = 0
        descriptor, temporary = tempfile.mkstemp(prefix=".incoming-", dir=self._root)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            final = self._path(digest.hexdigest())
            final.parent.mkdir(parents=True, exist_ok=True)
            os.replace(temporary, final)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        return BlobRef(sha256=digest.hexdigest(), size=size, name=name, media_type=media_type)

    def open(self, ref: BlobRef) -> BinaryIO:
        try:
            return self._path(ref.sha256).open("rb")
        except FileNotFoundError as error:
            raise BlobNotFoundError(ref.sha256) from error

    def exists(self, ref: BlobRef) -> bool:
        return self._path(ref.sha256).is_file()

    def delete(self, ref: BlobRef) -> None:
        self._path(ref.sha256).unlink(missing_ok=True)


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
