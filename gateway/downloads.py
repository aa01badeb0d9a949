"""Files on their way out: streamed from the blob store in pieces, under a name that people can file away."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import BinaryIO
from urllib.parse import quote

from fastapi import Response
from fastapi.responses import StreamingResponse

from gateway.workers import DOWNLOADS
from kernel.chassis.data.blobs import BlobNotFoundError, BlobStore
from kernel.contracts.envelope import BlobRef
from kernel.model.errors import DomainError
from kernel.model.period import BUSINESS_ZONE

_PIECE_BYTES = 256 * 1024
_SAFE_TO_SHOW = frozenset({"application/pdf", "image/png", "image/jpeg"})


def export_name(name: str, unit: str, at: datetime, extension: str) -> str:
    """``name_unit_YYYYMMDD-HHMM.ext``, in business time."""
    moment = at.astimezone(BUSINESS_ZONE).strftime("%Y%m%d-%H%M")
    return f"{_safe(name)}_{_safe(unit)}_{moment}.{_safe(extension)}"


async def send_blob(store: BlobStore, ref: BlobRef, name: str | None = None, *, inline: bool = False) -> Response:
    """The content as a download, or for looking at. DomainError file_gone when the store no longer has it.

    What somebody uploaded is looked at only as what browsers draw without running it.
    """
    inline = inline and ref.media_type in _SAFE_TO_SHOW
    try:
        file = await DOWNLOADS.run(store.open, ref)
    except BlobNotFoundError as error:
        raise DomainError("file_gone") from error
    name = name or ref.name or ref.sha256[:12]
    headers = {
        "Content-Disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Length": str(ref.size),
        "Cache-Control": "private, no-store",
    }
    return StreamingResponse(_pieces(file), headers=headers, media_type=ref.media_type or "application/octet-stream")


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    try:
        while piece := await DOWNLOADS.run(file.read, _PIECE_BYTES):
            yield piece
    finally:
        file.close()


def _safe(text: str) -> str:
    return "".join(char for char in text if char.isalnum() or char in "-.").strip(".") or "file"
