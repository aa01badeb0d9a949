"""What a request may send: every body has a limit and a time before the first byte of it is read (GTW-03).

A route that takes files says so with `expect_upload`; all others get JSON of moderate size.
"""

import asyncio
import re
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Message, Receive, Scope

from gateway.identity import current_user
from gateway.workers import UPLOADS
from kernel.chassis.data.blobs import BlobWriter
from kernel.contracts.plain import MAX_DEPTH
from kernel.model.errors import DomainError

MIB = 1024 * 1024
JSON = "application/json"
MULTIPART = "multipart/form-data"
_UPLOAD = "simkeep.upload"
_STORED = "simkeep.stored"


@dataclass(frozen=True)
class BodyLimits:
    """Bytes and seconds. ``stranger_bytes``: of who is not signed in; ``idle``: between two pieces of an upload."""

    json_bytes: int
    stranger_bytes: int
    json_seconds: float
    upload_idle_seconds: float
    upload_seconds: float


def too_large(limit_bytes: int) -> DomainError:
    limit = f"{limit_bytes / MIB:.4g} MB" if limit_bytes >= MIB else f"{limit_bytes} B"
    return DomainError("body_too_large", limit=limit, limit_bytes=limit_bytes)


def expect_upload(scope: Scope, limit_bytes: int) -> None:
    """Says that this request's body is a form with a file, of at most ``limit_bytes``. Before it is read."""
    scope[_UPLOAD] = limit_bytes


def remember_stored(scope: Scope, writer: BlobWriter) -> None:
    """What this request has stored, for the case that it is refused."""
    scope[_STORED] = writer


async def take_back_stored(scope: Scope) -> None:
    """The request was refused: nothing will ever refer to what it brought."""
    writer: BlobWriter | None = scope.pop(_STORED, None)
    if writer is not None:
        await UPLOADS.run(writer.take_back)


def media_type_of(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


_TEXTS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_NO_BRACKET = bytes(byte for byte in range(256) if byte not in b"[]{}")
_TOKENS = re.compile(rb'("(?:[^"\\]|\\.)*")|[\[\]{}]', re.DOTALL)


def check_depth(body: bytes) -> None:
    """Raises request_invalid that names the field in which JSON lies deeper than `MAX_DEPTH`."""
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return
    brackets = _TEXTS.sub(b"", body).translate(None, _NO_BRACKET)
    for _ in range(MAX_DEPTH):  # each turn takes the innermost level away
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
        if not brackets:
            return
    field = _field_at_depth(body)
    if field is not None:
        message, message_en = f"嵌套过深，最多 {MAX_DEPTH} 层", f"At most {MAX_DEPTH} levels of lists and objects"
        error = {"field": field, "message": message, "message_en": message_en}
        raise DomainError("request_invalid", errors=[error])


def _field_at_depth(body: bytes) -> str | None:
    """Name of the outermost field in which the limit is passed; None when it never is."""
    depth, name = 0, b""
    for found in _TOKENS.finditer(body):
        text = found[1]
        if text is not None:
            name = text if depth == 1 else name
        elif found[0] in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                return name[1:-1].decode("utf-8", "replace")[:100]
        else:
            depth -= 1
    return None


class Body:
    """A request's `receive` that raises body_too_large, body_too_slow or media_type_unsupported.

    Raised at the first reading, when the route has said whether it takes files; what the head declares is enough
    then, and nothing is read. More than a stranger may send is read only of a caller whose token holds: before it is
    read, not after (not_signed_in, session_ended).
    """

    def __init__(self, scope: Scope, headers: Headers, receive: Receive, limits: BodyLimits) -> None:
        self._scope = scope
        self._headers = headers
        self._receive = receive
        self._limits = limits
        self._received = 0
        self._limit_bytes = 0
        self._idle_seconds = 0.0
        self._until = 0.0
        self._ended = False
        self._json = bytearray() if media_type_of(headers) == JSON else None

    async def __call__(self) -> Message:
        if self._ended:
            return await self._receive()  # the client's hanging up may be waited for without end
        loop = asyncio.get_running_loop()
        if not self._until:
            await self._begin(loop.time())
        try:
            async with asyncio.timeout_at(min(loop.time() + self._idle_seconds, self._until)):
                message = await self._receive()
        except TimeoutError as error:
            raise DomainError("body_too_slow") from error
        self._received += len(message.get("body", b""))
        await self._allow(self._received)
        self._ended = not message.get("more_body", False)
        if self._json is not None:
            self._json += message.get("body", b"")
            if self._ended:
                check_depth(bytes(self._json))
                self._json = None
        return message

    async def _begin(self, now: float) -> None:
        limits, upload = self._limits, self._scope.get(_UPLOAD)
        if upload is not None:
            self._limit_bytes = upload
            self._idle_seconds = limits.upload_idle_seconds
            self._until = now + limits.upload_seconds
        else:
            if media_type_of(self._headers) == MULTIPART:
                raise DomainError("media_type_unsupported", allowed="application/json")
            self._limit_bytes = min(limits.stranger_bytes, limits.json_bytes)
            self._idle_seconds = limits.json_seconds
            self._until = now + limits.json_seconds
        declared = self._headers.get("content-length", "")
        if declared.isdigit():
            await self._allow(int(declared))

    async def _allow(self, size: int) -> None:
        """Raises body_too_large; a stranger's limit rises once he has shown who he is."""
        if size <= self._limit_bytes:
            return
        shows_token = "authorization" in self._headers or "x-api-key" in self._headers
        if _UPLOAD in self._scope or not shows_token:
            raise too_large(self._limit_bytes)
        if size > self._limits.json_bytes:
            raise too_large(self._limits.json_bytes)
        await current_user(Request(self._scope))
        self._limit_bytes = self._limits.json_bytes
