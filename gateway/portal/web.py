"""Routes of the portal: the page itself, its files, and the specs of what this user may see, in his language."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse

from gateway.identity import current_user  # the only place where the portal meets the gateway
from gateway.portal import assets, files
from gateway.portal.menu import User, user_interface
from gateway.portal.texts import ENGLISH

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
    if not assets.installed():
        hint = "The portal's libraries are missing: python -m gateway.portal.assets\n"
        return PlainTextResponse(hint, status_code=503)
    page = files.load("index.html")
    if page is None:
        return PlainTextResponse("index.html is missing from the installation\n", status_code=503)
    text = page.content.decode("utf-8").replace("{own}", f"/portal/{files.version()}")
    for library, names in assets.FILES.items():
        for name in names:
            text = text.replace("{" + name.rpartition("/")[2] + "}", f"/portal/{assets.vendor_path(library, name)}")
    return HTMLResponse(text, headers={**_HEADERS, "Cache-Control": "no-cache"})


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
async def interface(user: Annotated[Any, Depends(current_user)], lang: Language = "zh") -> Response:
    """Menu, pages and actions of this user: what he may not use is not in it. The API enforces all of it again."""
    person: User = user
    return JSONResponse(user_interface(person, lang), headers={"Cache-Control": "no-store"})


@router.get("/api/ui/texts")
async def texts(lang: Language = "zh") -> Response:
    """Words of the frame itself, needed before anyone has logged in. Chinese is what the source says."""
    return JSONResponse(ENGLISH if lang == "en" else {}, headers={"Cache-Control": "no-cache"})
