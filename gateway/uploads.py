"""Uploads: multipart bodies that go straight into the blob store, hashed on the way, never whole in memory (GTW-03)."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from gateway.metrics import UPLOADED_BYTES
from kernel.chassis.data.blobs import BlobStore
from kernel.contracts.envelope import BlobRef
from kernel.model.errors import DomainError

FILE_FIELD = "file"
MAX_FIELDS = 50
MAX_FIELD_BYTES = 64 * 1024
MIB = 1024 * 1024
PIECE_BYTES = MIB
_QUEUED_PIECES = 4
_MAX_NAME = 200


@dataclass
class Upload:
    """``fields``: the form's texts; ``file``: the one file, stored."""

    fields: dict[str, str] = field(default_factory=dict)
    file: BlobRef | None = None

    def require_file(self) -> BlobRef:
        """DomainError upload_file_missing when the form brought none, or an empty one."""
        if self.file is None or self.file.size == 0:
            raise DomainError("upload_file_missing")
        return self.file


def too_large(limit_bytes: int) -> DomainError:
    limit = f"{limit_bytes / MIB:.4g} MB" if limit_bytes >= MIB else f"{limit_bytes} B"
    return DomainError("body_too_large", limit=limit, limit_bytes=limit_bytes)


async def receive_upload(request: Request, store: BlobStore, limit_bytes: int) -> Upload:
    """Reads the whole body. Raises media_type_unsupported, request_malformed, or body_too_large at once."""
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise DomainError("media_type_unsupported", allowed="multipart/form-data")
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > limit_bytes + MAX_FIELDS * MAX_FIELD_BYTES:
        raise too_large(limit_bytes)
    form = _Form(boundary, store, limit_bytes)
    try:
        async for chunk in request.stream():
            await form.write(chunk)
        return await form.finish()
    except (FormParserError, ClientDisconnect, UnicodeDecodeError) as error:
        raise DomainError("request_malformed") from error
    finally:
        await form.abandon()


class _Form:
    """Takes a multipart body in pieces; texts stay in memory (bounded), the file goes to the store."""

    def __init__(self, boundary: bytes, store: BlobStore, limit_bytes: int) -> None:
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._part_begins,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_ends,
                "on_headers_finished": self._headers_end,
                "on_part_data": self._data,
                "on_part_end": self._part_ends,
                "on_end": self._body_ends,
            },
        )
        self._store = store
        self._limit_bytes = limit_bytes
        self._upload = Upload()
        self._name = bytearray()
        self._value = bytearray()
        self._headers: dict[bytes, bytes] = {}
        self._field = ""
        self._text = bytearray()
        self._piece = bytearray()
        self._in_file = False
        self._size = 0
        self._ended = False
        self._storing: _Storing | None = None

    async def write(self, chunk: bytes) -> None:
        self._parser.write(chunk)
        if self._size > self._limit_bytes:
            raise too_large(self._limit_bytes)
        if len(self._piece) >= PIECE_BYTES:
            await self._hand_over()

    async def finish(self) -> Upload:
        self._parser.finalize()
        if not self._ended:
            raise DomainError("request_malformed")
        if self._storing is not None:
            await self._hand_over()
            self._upload.file = await self._storing.finish()
            self._storing = None
            UPLOADED_BYTES.inc(self._size)
        return self._upload

    async def abandon(self) -> None:
        """Throws away what was stored of a body that did not come to its end."""
        if self._storing is not None:
            await self._storing.abandon()

    async def _hand_over(self) -> None:
        if self._storing is not None and self._piece:
            piece, self._piece = bytes(self._piece), bytearray()
            await self._storing.write(piece)

    # -- callbacks of the parser ---------------------------------------------------------------------------------------

    def _part_begins(self) -> None:
        self._headers, self._field, self._in_file = {}, "", False
        self._text.clear()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        if len(self._value) > MAX_FIELD_BYTES:
            raise DomainError("request_malformed")

    def _header_ends(self) -> None:
        self._headers[bytes(self._name).lower()] = bytes(self._value)
        self._name.clear()
        self._value.clear()

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        self._field = options.get(b"name", b"").decode("utf-8")
        if b"filename" not in options:
            if len(self._upload.fields) >= MAX_FIELDS:
                raise DomainError("request_malformed")
            return
        if self._storing is not None or self._field != FILE_FIELD:
            raise DomainError("request_malformed")
        name = _file_name(options[b"filename"].decode("utf-8"))
        media_type = self._headers.get(b"content-type", b"application/octet-stream").decode("latin-1")[:100]
        self._in_file = True
        self._storing = _Storing(self._store, name, media_type)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._in_file:
            self._size += end - start
            self._piece += data[start:end]
            return
        self._text += data[start:end]
        if len(self._text) > MAX_FIELD_BYTES:
            raise DomainError("request_malformed")

    def _part_ends(self) -> None:
        if not self._in_file:
            self._upload.fields[self._field] = self._text.decode("utf-8")

    def _body_ends(self) -> None:
        self._ended = True


class _Storing:
    """A thread that stores what the event loop hands it, a few pieces ahead at most."""

    def __init__(self, store: BlobStore, name: str, media_type: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._pieces: asyncio.Queue[bytes | Exception | None] = asyncio.Queue(_QUEUED_PIECES)
        self._task = asyncio.create_task(
            asyncio.to_thread(store.put_stream, self._chunks(), name=name, media_type=media_type)
        )

    def _chunks(self) -> Iterator[bytes]:
        while True:
            piece = asyncio.run_coroutine_threadsafe(self._pieces.get(), self._loop).result()
            if piece is None:
                return
            if isinstance(piece, Exception):
                raise piece
            yield piece

    async def write(self, piece: "bytes | Exception | None") -> None:
        """Waits while the store is slower than the network; raises what stopped the store."""
        putting = asyncio.create_task(self._pieces.put(piece))
        await asyncio.wait({putting, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not putting.done():
            putting.cancel()
            self._task.result()

    async def finish(self) -> BlobRef:
        await self.write(None)
        return await self._task

    async def abandon(self) -> None:
        if not self._task.done():
            await self.write(_AbandonedError())
        with contextlib.suppress(_AbandonedError, OSError):
            await self._task


class _AbandonedError(Exception):
    """Stops the store in the middle of a body."""


def _file_name(name: str) -> str:
    """The last part of whatever path a browser sends, printable, not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in last if char.isprintable())[-_MAX_NAME:] or "upload"
