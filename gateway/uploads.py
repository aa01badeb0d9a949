"""Uploads: multipart bodies that go straight into the blob store, hashed on the way, never whole in memory (GTW-03)."""

import contextlib
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson
from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect

from gateway.bodies import MIB, MULTIPART, expect_upload, remember_stored, too_large
from gateway.metrics import UPLOADED_BYTES
from gateway.problems import validation_errors
from gateway.workers import UPLOADS
from kernel.chassis.data.blobs import BlobStore, BlobWriter
from kernel.contracts.envelope import BlobRef
from kernel.model.actor import person_behind
from kernel.model.errors import DomainError

FILE_FIELD = "file"
MAX_FIELDS = 50
MAX_FIELD_BYTES = 64 * 1024
PIECE_BYTES = MIB
_MAX_NAME = 200
_EXTENDED_NAME = re.compile(rb";\s*filename\*\s*=\s*\"?([\w-]*)'[^']*'([^;\"]+)", re.IGNORECASE)


def upload_form(file: str, *, required: tuple[str, ...] = (), **fields: dict[str, Any]) -> dict[str, Any]:
    """How OpenAPI describes a form with a file and ``fields``; ``file`` says in Chinese what is taken."""
    described = {"type": "string", "format": "binary", "description": file}
    schema = {
        "type": "object",
        "required": [FILE_FIELD, *required],
        "properties": {FILE_FIELD: described, **fields},
    }
    return {"requestBody": {"required": True, "content": {MULTIPART: {"schema": schema}}}}


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

    def values(self) -> dict[str, Any]:
        """Fields and file for a request's model; ``choice`` (how the file is to be read) is JSON in a form.

        Raises upload_file_missing, request_invalid.
        """
        values: dict[str, Any] = {**self.fields, "file": self.require_file()}
        if values.get("choice"):
            try:
                values["choice"] = orjson.loads(values["choice"])
            except orjson.JSONDecodeError as error:
                told = {"type": "json_invalid", "loc": ("choice",), "msg": "Not valid JSON"}
                raise DomainError("request_invalid", errors=validation_errors([told])) from error
        return values


class UploadSlots:
    """How many uploads each person has under way in this process, his keys included."""

    def __init__(self, per_person: int) -> None:
        self._per_person = per_person
        self._taken: Counter[str] = Counter()

    @contextmanager
    def slot(self, person: str) -> Iterator[None]:
        """Raises uploads_too_many when all of the person's are taken."""
        if self._taken[person] >= self._per_person:
            raise DomainError("uploads_too_many", limit=self._per_person)
        self._taken[person] += 1
        try:
            yield
        finally:
            self._taken[person] -= 1
            if not self._taken[person]:
                del self._taken[person]


async def receive_upload(request: Request, store: BlobStore, limit_bytes: int) -> Upload:
    """Reads the whole body. Raises media_type_unsupported, request_malformed, or body_too_large at once."""
    kind, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary")
    if kind != MULTIPART.encode() or not boundary:
        raise DomainError("media_type_unsupported", allowed=MULTIPART)
    length = request.headers.get("content-length", "")
    if length.isdigit() and int(length) > limit_bytes + MAX_FIELDS * MAX_FIELD_BYTES:
        raise too_large(limit_bytes)
    expect_upload(request.scope, limit_bytes + MAX_FIELDS * MAX_FIELD_BYTES)
    slots: UploadSlots = request.app.state.gateway.upload_slots
    with slots.slot(person_behind(request.state.user.login)):
        return await _read(request, boundary, store, limit_bytes)


async def _read(request: Request, boundary: bytes, store: BlobStore, limit_bytes: int) -> Upload:
    form = _Form(boundary, store, limit_bytes)
    try:
        async for chunk in request.stream():
            await form.write(chunk)
        upload = await form.finish()
        if form.writer is not None:
            remember_stored(request.scope, form.writer)
        return upload
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
        self.writer: BlobWriter | None = None
        self._file_name = ""
        self._media_type = ""

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
        if self._file_name:
            await self._hand_over()
            if self.writer is not None:
                self._upload.file = await UPLOADS.run(self.writer.finish)
            UPLOADED_BYTES.inc(self._size)
        return self._upload

    async def abandon(self) -> None:
        """Throws away what was stored of a body that did not come to its end."""
        if self.writer is not None:
            await UPLOADS.run(self.writer.abandon)

    async def _hand_over(self) -> None:
        """To the store, which is opened only when there is something to store."""
        if not self._piece:
            return
        piece, self._piece = bytes(self._piece), bytearray()
        if self.writer is None:
            self.writer = await UPLOADS.run(self._store.begin, name=self._file_name, media_type=self._media_type)
        await UPLOADS.run(self.writer.write, piece)

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
        extended = _EXTENDED_NAME.search(self._headers.get(b"content-disposition", b""))
        if b"filename" not in options and extended is None:
            if len(self._upload.fields) >= MAX_FIELDS:
                raise DomainError("request_malformed")
            return
        if self._file_name or self._field != FILE_FIELD:
            raise DomainError("request_malformed")
        self._file_name = _file_name(_said_name(options.get(b"filename", b""), extended))
        self._media_type = self._headers.get(b"content-type", b"application/octet-stream").decode("latin-1")[:100]
        self._in_file = True

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


def _said_name(plain: bytes, extended: "re.Match[bytes] | None") -> str:
    """The name of a part, by ``filename*`` (RFC 6266) where there is one. Older clients say it in GBK."""
    if extended is not None:
        with contextlib.suppress(LookupError, UnicodeDecodeError):
            return unquote_to_bytes(extended[2]).decode(extended[1].decode() or "utf-8")
    try:
        return plain.decode("utf-8")
    except UnicodeDecodeError:
        return plain.decode("gb18030", errors="replace")


def _file_name(name: str) -> str:
    """The last part of whatever path a browser sends, printable, not too long."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in last if char.isprintable())[-_MAX_NAME:] or "upload"
