"""The child process that touches an uploaded file: looks at its structure, then renders its pages to a pipe (DOC-04).

Run as `python -m services.documents.verify.sandbox <file>`; started only by intake.py. It gives itself limits before it
opens the file: memory, CPU time per step, no file larger than nothing, no further processes, and, where the kernel lets
it, no network. Standard output carries frames: a line of JSON, for pages followed by raw pixels. Imports stay few: the
address space is counted.
"""

import json
import os
import resource
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

from services.documents.verify.limited import limit
from services.documents.verify.structure import MAX_PAGES, Refused, look

if TYPE_CHECKING:
    from services.documents.verify.rendering import Drawn

STRUCTURE_SECONDS, PAGE_SECONDS, MORE_SECONDS = 3, 3, 1  # to look, to render the first page, for each page more
MAX_TAIL = 1024
HEAD = 4096
REASONS = {
    "not_pdf": "文件不是 PDF，也不是 JPEG、PNG、TIFF、WebP、AVIF 或 JPEG 2000 图片",
    "encrypted": "文件已加密，请上传未加密的 PDF",
    "broken": "文件已损坏，无法读取",
    "no_pages": "文件没有页面",
    "too_many_pages": f"文件超过 {MAX_PAGES} 页",
    "page_size": "页面尺寸异常",
    "image_size": "图片尺寸过大",
    "stream_size": "页面内容过大",
    "too_complex": "文件结构过于复杂",
    "undrawn": "文件中的图片无法解码，请以 300 dpi 彩色重新扫描为普通 PDF",
    "form_fields": "文件含有可填写的表单域，各软件显示不一，请打印成 PDF 后上传",
    "layers": "文件含有可切换的图层或替代图像，请打印成 PDF 后上传",
    "hidden_notes": "文件含有不一定显示的批注，请打印成 PDF 后上传",
    "heic": "不支持 HEIC 照片，请在手机上另存为 JPEG 后上传",
    "moving": "文件是动图，请上传扫描件",
    "script": "文件含有脚本或自动动作",
    "embedded": "文件内嵌了其他文件",
    "polyglot": "文件末尾附有其他内容",
}


def main(path: str) -> int:
    limit()
    out = sys.stdout.buffer
    try:
        _allow(STRUCTURE_SECONDS)
        kind = _kind(path)
        if kind == "pdf":
            finer = look(path)
            _frame(out, {"event": "accepted", "pages": len(finer)})
            _render(path, finer, out)
        else:
            _frame(out, {"event": "accepted", "pages": 1})
            _pictures(path, out)
    except Refused as refusal:
        _frame(out, {"event": "refused", "reason": refusal.args[0]})
    except MemoryError:
        _frame(out, {"event": "refused", "reason": "too_complex"})
    else:
        _frame(out, {"event": "done"})
    return 0


def _allow(seconds: int, since: float | None = None) -> None:
    """`seconds` of CPU, from now or from a moment of it, until the kernel ends this process."""
    soft = int(_used() if since is None else since) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _used() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _kind(path: str) -> str:
    with open(path, "rb") as file:
        head = file.read(HEAD)
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\0", b"MM\0*")):
        return "picture"
    if head.startswith((b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")):  # JPEG 2000, in a file of its own or bare
        return "picture"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "picture"
    if head[4:8] == b"ftyp":
        if head[8:12] in (b"avif", b"avis"):
            return "picture"
        raise Refused("heic")
    if not head.startswith(b"%PDF-"):
        raise Refused("not_pdf")
    with open(path, "rb") as file:
        file.seek(max(os.path.getsize(path) - 64 * 1024, 0))
        tail = file.read().rstrip(b"\0\r\n\t ")
    if b"%%EOF" in tail and len(tail) - tail.rindex(b"%%EOF") > MAX_TAIL:
        raise Refused("polyglot")
    return "pdf"


def _render(path: str, finer: list[float], out: BinaryIO) -> None:
    from services.documents.verify.rendering import drawn_pages  # noqa: PLC0415 - after the limits

    started = _used()
    for drawn in drawn_pages(path, finer, lambda index: _allow(PAGE_SECONDS + MORE_SECONDS * index, started)):
        _page(out, drawn)


def _pictures(path: str, out: BinaryIO) -> None:
    from services.documents.verify.rendering import pictures  # noqa: PLC0415 - after the limits

    started = _used()
    _allow(PAGE_SECONDS, started)
    for index, drawn in enumerate(pictures(path)):
        _page(out, drawn)
        _allow(PAGE_SECONDS + MORE_SECONDS * (index + 1), started)


def _page(out: BinaryIO, drawn: "Drawn") -> None:
    _frame(out, {
        "event": "page", "width": drawn.width, "height": drawn.height, "channels": drawn.channels, "plain": drawn.plain,
        "dpi": drawn.dpi,
    })  # fmt: skip
    for row in drawn.rows:
        out.write(row)
    out.flush()


def _frame(out: BinaryIO, header: dict[str, Any]) -> None:
    out.write(json.dumps(header).encode() + b"\n")
    out.flush()


if __name__ == "__main__":
    code = main(sys.argv[1])
    sys.stdout.flush()
    os._exit(code)
