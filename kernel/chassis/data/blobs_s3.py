"""Blobs in an S3-compatible store. Same guarantee as the folder: an object appears whole or not at all.

The hash is known only after the last byte, and S3 cannot rename: content is spooled (memory up to 8 MiB, then a
temporary file), then uploaded under its hash in parts.
"""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, BinaryIO, cast
from uuid import uuid4

import boto3
from botocore.exceptions import ClientError

from kernel.chassis.data.blobs import BlobNotFoundError, BlobWriter, put_all
from kernel.contracts.envelope import BlobRef

_SPOOL_IN_MEMORY = 8 << 20
_MARK = "stored-by"
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})


class S3BlobStore:
    """Credentials come from boto3's usual places (environment, profile, instance role)."""

    def __init__(self, bucket: str, prefix: str = "", endpoint: str | None = None, region: str | None = None) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._client: Any = boto3.client("s3", endpoint_url=endpoint, region_name=region)

    def _key(self, sha256: str) -> str:
        return f"{self._prefix}{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def begin(self, *, name: str | None = None, media_type: str | None = None) -> BlobWriter:
        return _SpoolingWriter(self, name, media_type)

    def put_stream(self, chunks: Iterable[bytes], *, name: str | None = None, media_type: str | None = None) -> BlobRef:
        return put_all(self.begin(name=name, media_type=media_type), chunks)

    def store(self, spool: BinaryIO, ref: BlobRef) -> str | None:
        """Stored anew even when it is there: its age tells when it was last wanted.

        Returns the mark of this storing if the content was not there before, else None.
        """
        known, mark = self.exists(ref), uuid4().hex
        self._client.upload_fileobj(
            spool, self._bucket, self._key(ref.sha256), ExtraArgs={"Metadata": {_MARK: mark}}
        )  # fmt: skip
        return None if known else mark

    def delete_if(self, ref: BlobRef, mark: str) -> None:
        """`delete`, unless somebody has stored the content again since ``mark``."""
        head = self._head(ref)
        if head is not None and head.get("Metadata", {}).get(_MARK) == mark:
            self.delete(ref)

    def _head(self, ref: BlobRef) -> Any:
        try:
            return self._client.head_object(Bucket=self._bucket, Key=self._key(ref.sha256))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _ABSENT:
                return None
            raise

    def open(self, ref: BlobRef) -> BinaryIO:
        """Downloads to a temporary file first: readers (XLSX, PDF) need to seek."""
        file = tempfile.SpooledTemporaryFile(max_size=_SPOOL_IN_MEMORY)  # noqa: SIM115  the caller closes it
        try:
            self._client.download_fileobj(self._bucket, self._key(ref.sha256), file)
        except ClientError as error:
            file.close()
            if error.response.get("Error", {}).get("Code") in _ABSENT:
                raise BlobNotFoundError(ref.sha256) from error
            raise
        file.seek(0)
        return cast(BinaryIO, file)

    def exists(self, ref: BlobRef) -> bool:
        return self._head(ref) is not None

    def delete(self, ref: BlobRef) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=self._key(ref.sha256))

    def stored_at(self, ref: BlobRef) -> datetime | None:
        head = self._head(ref)
        moment: datetime | None = head["LastModified"] if head is not None else None
        return moment

    def stored_before(self, moment: datetime) -> Iterator[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=self._prefix)
        for page in pages:
            for found in page.get("Contents", ()):
                sha256 = found["Key"].rpartition("/")[2]
                if found["Key"] == self._key(sha256) and found["LastModified"] < moment:
                    yield sha256


class _SpoolingWriter:
    """Keeps the content until its hash is known, then hands it to ``store``."""

    def __init__(self, store: S3BlobStore, name: str | None, media_type: str | None) -> None:
        self._store = store
        self._name = name
        self._media_type = media_type
        self._digest = hashlib.sha256()
        self._size = 0
        self._stored: tuple[BlobRef, str | None] | None = None
        self._spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL_IN_MEMORY)  # noqa: SIM115  `abandon` closes it

    def write(self, chunk: bytes) -> None:
        self._digest.update(chunk)
        self._size += len(chunk)
        self._spool.write(chunk)

    def finish(self) -> BlobRef:
        sha256 = self._digest.hexdigest()
        ref = BlobRef(sha256=sha256, size=self._size, name=self._name, media_type=self._media_type)
        self._spool.seek(0)
        self._stored = ref, self._store.store(cast(BinaryIO, self._spool), ref)
        self._spool.close()
        return ref

    def abandon(self) -> None:
        self._spool.close()

    def take_back(self) -> None:
        if self._stored is not None and self._stored[1] is not None:
            self._store.delete_if(self._stored[0], self._stored[1])
