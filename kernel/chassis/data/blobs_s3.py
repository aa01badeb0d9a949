"""Blobs in an S3-compatible store. Same guarantee as the folder: an object appears whole or not at all.

The hash is known only after the last byte, and S3 cannot rename: content is spooled (memory up to 8 MiB, then a
temporary file), then uploaded under its hash in parts.
"""

import hashlib
import tempfile
from collections.abc import Iterable
from typing import Any, BinaryIO, cast

import boto3
from botocore.exceptions import ClientError

from kernel.chassis.data.blobs import BlobNotFoundError
from kernel.contracts.envelope import BlobRef

_SPOOL_IN_MEMORY = 8 << 20
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})


class S3BlobStore:
    """Credentials come from boto3's usual places (environment, profile, instance role)."""

    def __init__(self, bucket: str, prefix: str = "", endpoint: str | None = None, region: str | None = None) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._client: Any = boto3.client("s3", endpoint_url=endpoint, region_name=region)

    def _key(self, sha256: str) -> str:
        return f"{self._prefix}{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def put_stream(self, chunks: Iterable[bytes], *, name: str | None = None, media_type: str | None = None) -> BlobRef:
        digest = hashlib.sha256()
        size = 0
        with tempfile.SpooledTemporaryFile(max_size=_SPOOL_IN_MEMORY) as spool:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                spool.write(chunk)
            spool.seek(0)
            ref = BlobRef(sha256=digest.hexdigest(), size=size, name=name, media_type=media_type)
            if not self.exists(ref):
                self._client.upload_fileobj(spool, self._bucket, self._key(ref.sha256))
        return ref

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
        try:
            self._client.head_object(Bucket=self._bucket, Key=self._key(ref.sha256))
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _ABSENT:
                return False
            raise
        return True

    def delete(self, ref: BlobRef) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=self._key(ref.sha256))
