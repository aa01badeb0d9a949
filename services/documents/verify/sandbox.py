"""The child process that touches an uploaded file: looks at its structure, then renders its pages to a pipe (DOC-04).

Run as `python -m services.documents.verify.sandbox <file>`; started only by intake.py. It gives itself limits before it
opens the file: memory, CPU time per step, no file larger than nothing, no further processes, and, where the kernel lets
it, no network. Standard output carries frames: a line of JSON, for pages followed by raw pixels. Imports stay few: the
address space is counted.
"""

import contextlib
import ctypes
import json
import os
import re
import resource
import sys
import zlib
from typing import Any, BinaryIO

MEMORY = 512 * 2**20
STRUCTURE_SECONDS, PAGE_SECONDS, MORE_SECONDS = 3, 3, 1  # to look, to render the first page, for each page more
MAX_PAGES, MAX_PIXELS, MAX_SIDE_PT = 120, 80_000_000, 5_000
MAX_STREAM = 24 * 2**20
MAX_OBJECTS = 60_000
RENDER_LONG_SIDE, RENDER_LEAST = 3508, 1400
OUR_ATTACHMENTS = {"content.json", "layout.json"}
MAX_TAIL = 1024
MAX_DRAWINGS, MAX_DEPTH = 20_000, 12
REASONS = {
    "not_pdf": "文件不是 PDF",
    "encrypted": "文件已加密，请上传未加密的 PDF",
    "broken": "文件已损坏，无法读取",
    "no_pages": "文件没有页面",
    "too_many_pages": f"文件超过 {MAX_PAGES} 页",
    "page_size": "页面尺寸异常",
    "image_size": "图片尺寸过大",
    "stream_size": "页面内容过大",
    "too_complex": "文件结构过于复杂",
    "script": "文件含有脚本或自动动作",
    "embedded": "文件内嵌了其他文件",
    "polyglot": "文件末尾附有其他内容",
}


class Refused(Exception):  # noqa: N818 - it is an answer, not an error
    """The file will not be rendered; carries a key of REASONS."""


def main(path: str) -> int:
    _limit()
    out = sys.stdout.buffer
    try:
        _allow(STRUCTURE_SECONDS)
        kind = _kind(path)
        if kind == "pdf":
            plan = look(path)
            _frame(out, {"event": "accepted", "pages": len(plan)})
            _render(path, plan, out)
        else:
            _frame(out, {"event": "accepted", "pages": 1})
            _picture(path, out)
    except Refused as refusal:
        _frame(out, {"event": "refused", "reason": refusal.args[0]})
    except MemoryError:
        _frame(out, {"event": "refused", "reason": "too_complex"})
    else:
        _frame(out, {"event": "done"})
    return 0


def _limit() -> None:
    """Limits no later call can lift. File size 0: nothing can be written to disk; the pipe is not a file."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).unshare(0x10000000 | 0x40000000)  # user and network namespaces


def _allow(seconds: int, since: float | None = None) -> None:
    """`seconds` of CPU, from now or from a moment of it, until the kernel ends this process."""
    soft = int(_used() if since is None else since) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _kind(path: str) -> str:
    with open(path, "rb") as file:
        head = file.read(1024)
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return "picture"
    if not head.lstrip(b"\xef\xbb\xbf\r\n\t \0").startswith(b"%PDF-"):
        raise Refused("not_pdf")
    with open(path, "rb") as file:
        file.seek(max(os.path.getsize(path) - 64 * 1024, 0))
        tail = file.read()
    if b"%%EOF" in tail and len(tail) - tail.rindex(b"%%EOF") > MAX_TAIL:
        raise Refused("polyglot")
    return "pdf"


def look(path: str) -> list[float]:
    """The structure only: for every page the scale (pixels per point) to render it at. Raises Refused."""
    import pikepdf  # noqa: PLC0415 - after the limits

    pikepdf.settings.set_decimal_precision(15)
    try:
        with pikepdf.open(path, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise Refused("encrypted")
            if len(pdf.objects) > MAX_OBJECTS:
                raise Refused("too_complex")
            if "/OpenAction" in pdf.Root or "/AA" in pdf.Root or "/JavaScript" in pdf.Root.get("/Names", {}):
                raise Refused("script")
            if set(pdf.attachments) - OUR_ATTACHMENTS:
                raise Refused("embedded")
            count = len(pdf.pages)
            if count == 0:
                raise Refused("no_pages")
            if count > MAX_PAGES:
                raise Refused("too_many_pages")
            _weigh_streams(pdf)
            _unfold(pdf)
            return [_page_scale(page) for page in pdf.pages]
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Refused("broken") from None


def _weigh_streams(pdf: Any) -> None:
    """Every image within MAX_PIXELS; every other stream no longer than MAX_STREAM once inflated."""
    import pikepdf  # noqa: PLC0415

    total = 0
    for thing in pdf.objects:
        if not isinstance(thing, pikepdf.Stream):
            continue
        if thing.get("/Subtype") == "/Image":
            width, height = int(thing.get("/Width", 0)), int(thing.get("/Height", 0))
            if width * height > MAX_PIXELS or max(width, height) > 30_000:
                raise Refused("image_size")
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
    if depth > MAX_DEPTH:
        raise Refused("too_complex")
    if holder.objgen in known and holder.objgen != (0, 0):
        return known[holder.objgen]
    contents = holder.get("/Contents", None) if "/Contents" in holder else holder
    parts = contents if type(contents).__name__ == "Array" else [contents]
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


def _page_scale(page: Any) -> float:
    """Render near the scan's own resolution: neither losing nor inventing pixels."""
    box = [float(v) for v in page.mediabox]
    crop = [float(v) for v in page.cropbox]
    for edge in (box, crop):
        width, height = abs(edge[2] - edge[0]), abs(edge[3] - edge[1])
        if not (20 < width < MAX_SIDE_PT and 20 < height < MAX_SIDE_PT):
            raise Refused("page_size")
    long_side = max(abs(crop[2] - crop[0]), abs(crop[3] - crop[1]))
    own = [max(int(image.get("/Width", 0)), int(image.get("/Height", 0))) for image in page.images.values()]
    wanted = min(max([*own, RENDER_LEAST]), RENDER_LONG_SIDE) if own else 2339
    if own and max(own) < RENDER_LEAST and max(own) < 900:
        wanted = 2339
    return wanted / long_side


def _render(path: str, plan: list[float], out: BinaryIO) -> None:
    """Pages one by one, annotations drawn in (a seal may be a stamp annotation), as RGB."""
    import pypdfium2 as pdfium  # noqa: PLC0415

    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError:
        raise Refused("broken") from None
    if len(document) != len(plan):
        raise Refused("broken")
    started = _used()
    for index, scale in enumerate(plan):
        _allow(PAGE_SECONDS + MORE_SECONDS * index, started)
        page = document[index]
        bitmap = page.render(scale=scale, rev_byteorder=True, draw_annots=True, may_draw_forms=True)
        row = bitmap.width * bitmap.n_channels
        header = {"event": "page", "width": bitmap.width, "height": bitmap.height, "channels": bitmap.n_channels}
        _frame(out, header)
        view = memoryview(bitmap.buffer).cast("B")
        for line in range(bitmap.height):
            out.write(view[line * bitmap.stride : line * bitmap.stride + row])
        bitmap.close()
        page.close()
    out.flush()


def _picture(path: str, out: BinaryIO) -> None:
    """A photo or image scan uploaded as JPEG or PNG."""
    from PIL import Image, ImageOps  # noqa: PLC0415

    _allow(PAGE_SECONDS)
    try:
        with Image.open(path, formats=("JPEG", "PNG")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Refused("image_size")
            image.draft("RGB", (RENDER_LONG_SIDE, RENDER_LONG_SIDE))
            upright = ImageOps.exif_transpose(image).convert("RGB")
            upright.thumbnail((RENDER_LONG_SIDE, RENDER_LONG_SIDE))
    except (OSError, ValueError, Image.DecompressionBombError):
        raise Refused("broken") from None
    _frame(out, {"event": "page", "width": upright.width, "height": upright.height, "channels": 3})
    out.write(upright.tobytes())
    out.flush()


def _frame(out: BinaryIO, header: dict[str, Any]) -> None:
    out.write(json.dumps(header).encode() + b"\n")
    out.flush()


if __name__ == "__main__":
    code = main(sys.argv[1])
    sys.stdout.flush()
    os._exit(code)
