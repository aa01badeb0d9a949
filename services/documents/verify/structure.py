"""What an uploaded PDF is made of, looked at before anything is drawn (DOC-04). Runs in the sandbox only.

Refused is what cannot be drawn within bounds, and what one viewer shows and another does not: form fields, layers that
can be switched, notes that only some see, pictures with an alternative.
"""

import re
import zlib
from typing import Any

MAX_PAGES, MAX_PIXELS, MAX_SIDE_PT = 120, 80_000_000, 14_400  # the format's own limit
MAX_STREAM = 24 * 2**20
MAX_OBJECTS = 60_000
OUR_ATTACHMENTS = {"content.json", "layout.json"}
MAX_DRAWINGS, MAX_DEPTH = 20_000, 12
JPEG_END, JPEG_TAIL = b"\xff\xd9", 4096
HIDDEN_FLAGS = 1 | 2 | 32 | 256  # invisible, hidden, not on screen, toggled
SILENT_NOTES = {"/Link", "/Popup"}


class Refused(Exception):  # noqa: N818 - it is an answer, not an error
    """The file will not be rendered; carries a key of sandbox.REASONS."""


def look(path: str) -> list[float]:
    """The structure only: for every page by how much its masks are finer than its pictures. Raises Refused."""
    import pikepdf  # noqa: PLC0415 - after the limits

    pikepdf.settings.set_decimal_precision(15)
    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:  # an owner's password alone opens for everybody
            if len(pdf.objects) > MAX_OBJECTS:
                raise Refused("too_complex")
            _refuse_actions(pdf.Root)
            if set(pdf.attachments) - OUR_ATTACHMENTS:
                raise Refused("embedded")
            count = len(pdf.pages)
            if count == 0:
                raise Refused("no_pages")
            if count > MAX_PAGES:
                raise Refused("too_many_pages")
            _refuse_fields(pdf.Root)
            _weigh_streams(pdf)
            _unfold(pdf)
            return [_page(page) for page in pdf.pages]
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Refused("broken") from None


def _refuse_actions(root: Any) -> None:
    """Scripts and automatic actions, except the harmless one that opens the file at a page."""
    import pikepdf  # noqa: PLC0415

    if "/AA" in root or "/JavaScript" in root.get("/Names", {}):
        raise Refused("script")
    opening = root.get("/OpenAction")
    if opening is None or isinstance(opening, pikepdf.Array) or str(opening).startswith("/"):
        return
    if isinstance(opening, pikepdf.Dictionary) and (opening.get("/S") != "/GoTo" or "/Next" in opening):
        raise Refused("script")


def _refuse_fields(root: Any) -> None:
    """Form fields are drawn by each viewer in its own way. A digital signature's field has one appearance only."""
    form = root.get("/AcroForm")
    if form is None:
        return
    if "/XFA" in form:
        raise Refused("form_fields")
    waiting, seen = list(form.get("/Fields", [])), 0
    while waiting:
        field = waiting.pop()
        seen += 1
        if seen > MAX_DRAWINGS:
            raise Refused("too_complex")
        kids = list(field.get("/Kids", []))
        kind = field.get("/FT")
        if kind is not None and kind != "/Sig":
            raise Refused("form_fields")
        waiting += kids


def _weigh_streams(pdf: Any) -> None:
    """Every image within MAX_PIXELS and whole; every other stream no longer than MAX_STREAM once inflated; nothing that
    is shown here and hidden there."""
    import pikepdf  # noqa: PLC0415

    total = 0
    for thing in pdf.objects:
        if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") in ("/OCG", "/OCMD"):
            raise Refused("layers")
        if not isinstance(thing, pikepdf.Stream):
            continue
        if "/OC" in thing or "/Alternates" in thing or "/Ref" in thing or "/OPI" in thing:
            raise Refused("layers")
        if thing.get("/Subtype") == "/Image":
            width, height = int(thing.get("/Width", 0)), int(thing.get("/Height", 0))
            if width * height > MAX_PIXELS or max(width, height) > 30_000:
                raise Refused("image_size")
            if thing.get("/Filter") == "/DCTDecode" and JPEG_END not in thing.read_raw_bytes()[-JPEG_TAIL:]:
                raise Refused("undrawn")
            continue
        total += _inflated(thing)
        if total > MAX_STREAM:
            raise Refused("stream_size")


def _inflated(stream: Any) -> int:
    """Length after inflating, stopping past the limit; other filters count as they lie, chains are refused."""
    filters = stream.get("/Filter")
    names = [str(f) for f in filters] if filters is not None and not str(filters).startswith("/") else (
        [str(filters)] if filters is not None else [])  # fmt: skip
    if len(names) > 1 and names.count("/FlateDecode") > 1:
        raise Refused("stream_size")
    raw = stream.read_raw_bytes()
    if names != ["/FlateDecode"]:
        return len(raw) * (40 if names else 1)
    inflater = zlib.decompressobj()
    try:
        size = len(inflater.decompress(raw, MAX_STREAM + 1))
    except zlib.error:
        return len(raw)
    return size


def _unfold(pdf: Any) -> None:
    """How many drawings the forms of each page come to when every /Do is followed: ten nested tens are 10^10."""
    known: dict[tuple[int, int], int] = {}
    for page in pdf.pages:
        if _drawings(page.obj, known, 0) > MAX_DRAWINGS:
            raise Refused("too_complex")


def _drawings(holder: Any, known: dict[tuple[int, int], int], depth: int) -> int:
    import pikepdf  # noqa: PLC0415

    if depth > MAX_DEPTH:
        raise Refused("too_complex")
    if holder.objgen in known and holder.objgen != (0, 0):
        return known[holder.objgen]
    contents = holder.get("/Contents", None) if "/Contents" in holder else holder
    parts = contents if isinstance(contents, pikepdf.Array) else [contents]
    text = b" ".join(_content(part) for part in parts)
    total = 1
    for name, child in holder.get("/Resources", {}).get("/XObject", {}).items():
        if child.get("/Subtype") == "/Form":
            calls = len(re.findall(re.escape(name.encode()) + rb"\s+Do\b", text))
            total += calls * _drawings(child, known, depth + 1) if calls else 0
    known[holder.objgen] = total
    return total


def _content(part: Any) -> bytes:
    import pikepdf  # noqa: PLC0415

    try:
        return bytes(part.read_bytes()) if isinstance(part, pikepdf.Stream) else b""
    except pikepdf.PdfError:
        return b""


def _page(page: Any) -> float:
    import pikepdf  # noqa: PLC0415

    for edge in (page.mediabox, page.cropbox):
        left, low, right, high = (float(v) for v in edge)
        if not (20 < abs(right - left) <= MAX_SIDE_PT and 20 < abs(high - low) <= MAX_SIDE_PT):
            raise Refused("page_size")
    for note in page.obj.get("/Annots", []):
        _refuse_hidden(note)
    finer = 1.0
    for image in page.get_images().values():
        for mask in (image.get("/SMask"), image.get("/Mask")):
            if isinstance(mask, pikepdf.Stream) and int(image.get("/Width", 0)):
                finer = max(finer, int(mask.get("/Width", 0)) / int(image.get("/Width")))
    return min(finer, 8.0)


def _refuse_hidden(note: Any) -> None:
    """A note must look the same to everybody: drawn by the file itself, on screen, not switched."""
    import pikepdf  # noqa: PLC0415

    kind = note.get("/Subtype")
    if "/OC" in note:
        raise Refused("layers")
    if kind in SILENT_NOTES:
        return
    if kind == "/Widget" and note.get("/FT", "/Sig") != "/Sig":
        raise Refused("form_fields")
    if int(note.get("/F", 0)) & HIDDEN_FLAGS:
        raise Refused("hidden_notes")
    appearance = note.get("/AP", {}).get("/N")
    if not isinstance(appearance, pikepdf.Stream) and kind != "/Widget":
        raise Refused("hidden_notes")
