"""Intake, the parent's side: starts the sandbox, reads its pages, turns a dead child into a refusal (DOC-04).

Whatever the file does, the answer comes within `PATIENCE` seconds of silence and the parent holds one page at a time.
"""

import json
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal

import numpy as np

from kernel.contracts.documents.scans import MAX_UPLOAD_BYTES
from services.documents.verify import second_look
from services.documents.verify.sandbox import HEAD, REASONS
from services.documents.verify.structure import MAX_PIXELS

Doubt = Literal["renderings_differ", "not_drawn_twice"]
PATIENCE = 90.0  # of silence; what a page may cost is counted in CPU seconds, by the child's own limits
ROOT = Path(__file__).resolve().parents[3]


class FileRefusedError(Exception):
    """The upload cannot be processed; `reason` is a stable key, the text is for people."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__({**REASONS, **OWN_REASONS}.get(reason, OWN_REASONS["died"]))


OWN_REASONS = {
    "empty": "文件为空",
    "too_large": f"文件超过 {MAX_UPLOAD_BYTES // 2**20} MB",
    "died": "文件无法处理",
    "slow": "文件处理超时",
}


def pages_of(
    data: bytes, doubts: dict[int, Doubt] | None = None, resolutions: dict[int, float] | None = None
) -> Iterator[np.ndarray]:
    """The upload's pages as uint8 RGB (or gray), rendered in a child process. Raises FileRefusedError at any point.

    `doubts` receives, by page from 1, what a second program said against a page that is more than pictures;
    `resolutions` the pixels an inch that the file says its paper has, where it says any."""
    if not data:
        raise FileRefusedError("empty")
    if len(data) > MAX_UPLOAD_BYTES:
        raise FileRefusedError("too_large")
    with tempfile.NamedTemporaryFile(suffix=".upload") as file:
        file.write(without_head(data))
        file.flush()
        command = [sys.executable, "-m", "services.documents.verify.sandbox", file.name]
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
        child = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
            cwd=ROOT, env=environment,
        )  # fmt: skip
        try:
            for number, (image, plain, dpi) in enumerate(_frames(child), start=1):
                if dpi is not None and resolutions is not None:
                    resolutions[number] = dpi
                if not plain and doubts is not None:
                    doubt = _doubt(file.name, number, image)
                    if doubt is not None:
                        doubts[number] = doubt
                yield image
        finally:
            child.kill()
            child.wait()
            if child.stdout is not None:
                child.stdout.close()


def without_head(data: bytes) -> bytes:
    """A PDF without what a printer's job language or a mail's multipart head put before it."""
    start = data.find(b"%PDF-", 0, HEAD)
    foreign = data[: max(start, 0)]
    return data[start:] if start > 0 and b"\0" not in foreign.strip(b"\0") and foreign[:2] != b"PK" else data


def _doubt(path: str, page: int, image: np.ndarray) -> Doubt | None:
    try:
        return "renderings_differ" if second_look.differs(path, page, image) else None
    except second_look.NoSecondLookError:
        return "not_drawn_twice"


def _frames(child: "subprocess.Popen[bytes]") -> Iterator[tuple[np.ndarray, bool, float | None]]:
    """Each page with whether it is nothing but pictures, and the resolution that the file says it has."""
    out = child.stdout
    assert out is not None  # noqa: S101 - it was asked for two lines above
    while True:
        line = _line(out)
        if not line:
            raise FileRefusedError("died")
        header = json.loads(line)
        if header["event"] == "refused":
            raise FileRefusedError(header["reason"])
        if header["event"] == "done":
            return
        if header["event"] == "page":
            yield _page(out, header), header["plain"], header.get("dpi")


def _page(out: IO[bytes], header: dict[str, int]) -> np.ndarray:
    shape = (header["height"], header["width"], header["channels"])
    if shape[0] * shape[1] > MAX_PIXELS:
        raise FileRefusedError("image_size")
    pixels = _exactly(out, shape[0] * shape[1] * shape[2])
    image = np.frombuffer(pixels, np.uint8).reshape(shape)
    return image[:, :, 0] if shape[2] == 1 else image[:, :, :3]


def _line(out: IO[bytes]) -> bytes:
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = _exactly(out, 1, short=True)
        if not byte or len(line) > 4096:
            return b""
        line += byte
    return bytes(line)


def _exactly(out: IO[bytes], size: int, *, short: bool = False) -> bytes:
    """`size` bytes from the child, who must not be silent for PATIENCE seconds."""
    parts, left = [], size
    deadline = time.monotonic() + PATIENCE
    while left:
        ready, _, _ = select.select([out], [], [], max(deadline - time.monotonic(), 0))
        if not ready:
            raise FileRefusedError("slow")
        part = out.read1(left)  # type: ignore[attr-defined]
        if not part:
            if short:
                return b""
            raise FileRefusedError("died")
        parts.append(part)
        left -= len(part)
        deadline = time.monotonic() + PATIENCE
    return b"".join(parts)
