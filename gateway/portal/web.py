"""Routes of the portal: the page itself, its files, and the specs of what this user may see, in his language."""

import gzip
from functools import cache, lru_cache
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

from gateway.identity import current_user  # the only place where the portal meets the gateway
from gateway.portal import assets, files
from gateway.portal.menu import User, level_of, user_interface

# frame-ancestors 'none' would forbid the PDF preview, which we frame ourselves.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
_FOR_EVER = "public, max-age=31536000, immutable"

Language = Literal["zh", "en"]
router = APIRouter(include_in_schema=False)


def _answer(request: Request, file: files.StaticFile, caching: str) -> Response:
    headers = {**_HEADERS, "Cache-Control": caching, "Vary": "Accept-Encoding"}
    content = file.content
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        content = file.compressed
    return Response(content, media_type=file.media_type, headers=headers)


@router.get("/", response_class=HTMLResponse)
async def index() -> Response:
    """The one HTML page. Without the unpacked libraries it says how to get them instead of staying white."""
    try:
        return HTMLResponse(_page(), headers={**_HEADERS, "Cache-Control": "no-cache"})
    except FileNotFoundError as missing:
        return PlainTextResponse(f"{missing}\n", status_code=503)


@cache
def _page() -> str:
    """Made once it can be made: to look whether all is in place, and which version, reads several files."""
    if not assets.installed():
        raise FileNotFoundError("The portal's libraries are missing: python -m gateway.portal.assets")
    page = files.load("index.html")
    if page is None:
        raise FileNotFoundError("index.html is missing from the installation")
    text = page.content.decode("utf-8").replace("{own}", f"/portal/{files.version()}")
    for library, names in assets.FILES.items():
        for name in names:
            text = text.replace("{" + name.rpartition("/")[2] + "}", f"/portal/{assets.vendor_path(library, name)}")
    return text


@router.get("/favicon.ico")
async def icon(request: Request) -> Response:
    """Browsers ask for it unbidden."""
    return await own_file(request, files.version(), "icon.svg")


@router.get("/portal/vendor/{path:path}")
async def vendor_file(request: Request, path: str) -> Response:
    """A library's file; its version stands in the path."""
    file = files.load(f"vendor/{path}")
    return _answer(request, file, _FOR_EVER) if file else PlainTextResponse("not found\n", status_code=404)


@router.get("/portal/{version}/{name}")
async def own_file(request: Request, version: str, name: str) -> Response:
    """One of our own files. An old page may still ask by its old version: it gets today's file, not to be kept."""
    file = files.load(name)
    if file is None:
        return PlainTextResponse("not found\n", status_code=404)
    return _answer(request, file, _FOR_EVER if version == files.version() else "no-cache")


@router.get("/api/ui")
async def interface(
    request: Request, user: Annotated[Any, Depends(current_user)], lang: Language = "zh"
) -> Response:
    """Menu, pages and actions of this user: what he may not use is not in it. The API enforces all of it again."""
    person: User = user
    return _answer(request, _interface(frozenset(person.permissions), level_of(person), lang), "no-store")


@lru_cache(maxsize=32)
def _interface(permissions: frozenset[str], level: str, lang: Language) -> files.StaticFile:
    """The same for all who may do the same: making it anew takes 60 ms of our only event loop."""
    content = orjson.dumps(user_interface(permissions, level, lang))
    return files.StaticFile(content, gzip.compress(content, 6, mtime=0), "application/json")

