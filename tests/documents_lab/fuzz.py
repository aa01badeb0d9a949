"""Uploads with seeded damage: bytes, objects, dictionaries and drawing operators that no scanner ever wrote.

    python -m tests.documents_lab.fuzz --seconds 600 [--seed 1] [--keep DIRECTORY]

Every file must come back as pages or as a refusal with a reason, within bounds of CPU time, and the parent lives on.
"""

import argparse
import io
import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream

from services.documents.verify.intake import OWN_REASONS, FileRefusedError, pages_of
from services.documents.verify.sandbox import MORE_SECONDS, REASONS
from tests.documents_lab.files import hostile_files, scan_pdf, sealed_text_pdf
from tests.documents_lab.samples import sample_form
from tests.documents_lab.scanner import jpeg

REFUSED_WITHIN = 5.0
NUMBERS = (0, -1, 1, 2, 7, 65_535, 65_536, 2**31 - 1, -(2**31), 2**32, 2**53, 1e-9, 1e30, -1e30, 0.5)
OPERATORS = (
    b"q ", b"Q ", b"1e9 0 0 1e9 0 0 cm ", b"0 0 0 0 0 0 cm ", b"/Im Do ", b"/F Do ", b"BT /F1 1e9 Tf (x) Tj ET ",
    b"0 0 1e9 1e9 re f ", b"[1e-9 1e-9] 0 d 0 0 m 1e6 1e6 l S ", b"1e9 w ", b"/Pattern cs /P scn 0 0 600 800 re f ",
    b"BI /W 30000 /H 30000 /BPC 8 /CS /RGB ID xx EI ", b"<</A<</B<</C 1>>>>>> BDC ", b"-1 -1 -1 rg ", b"W n ",
)  # fmt: skip


NOT_TO_BE_DAMAGED = (
    pikepdf.PdfError, pikepdf.PasswordError, RuntimeError, ValueError, TypeError, LookupError, AttributeError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: `reason` (a refusal's key, "pages", or the name of an escaped exception), CPU seconds of
    the child, and pages rendered."""

    reason: str
    seconds: float
    pages: int

    @property
    def in_bounds(self) -> bool:
        known = self.reason == "pages" or self.reason in {**REASONS, **OWN_REASONS}
        return known and self.seconds < REFUSED_WITHIN + MORE_SECONDS * self.pages


@lru_cache(maxsize=1)
def _seeds() -> tuple[bytes, ...]:
    """Honest and hostile files to damage; small, so that damage often hits something."""
    noise = np.random.default_rng(1).integers(180, 255, (400, 280, 3), np.uint8)
    form = sample_form("swap_list", 1, 5)
    small = [data for data in hostile_files().values() if 50 < len(data) < 200_000]
    honest = [
        scan_pdf([noise, noise]), form.pdf, sealed_text_pdf(form, 1, annotation=False),
        sealed_text_pdf(form, 1, annotation=True), jpeg(noise, 80), _png(noise), _drawn(),
    ]  # fmt: skip
    return (*honest * 3, *small)


def _png(image: np.ndarray) -> bytes:
    from PIL import Image  # noqa: PLC0415

    out = io.BytesIO()
    Image.fromarray(image).save(out, "PNG")
    return out.getvalue()


def _drawn() -> bytes:
    """A page with a form, a pattern and an image, in plain uncompressed objects."""
    with Pdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        form = Stream(pdf, b"0 0 10 10 re f")
        form.stream_dict = Dictionary(Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 100, 100]))
        tile = Stream(pdf, b"0 0 2 2 re f")
        tile.stream_dict = Dictionary(
            PatternType=1, PaintType=1, TilingType=1, BBox=Array([0, 0, 4, 4]), XStep=4, YStep=4,
            Resources=Dictionary(),
        )  # fmt: skip
        picture = Stream(pdf, bytes(range(64)) * 3)
        picture.stream_dict = Dictionary(
            Type=Name.XObject, Subtype=Name.Image, Width=8, Height=8, ColorSpace=Name.DeviceRGB, BitsPerComponent=8
        )
        page.Resources = Dictionary(XObject=Dictionary(F=form, Im=picture), Pattern=Dictionary(P=tile))
        page.Contents = Stream(pdf, b"q /F Do Q q 100 0 0 100 50 50 cm /Im Do Q")
        out = io.BytesIO()
        pdf.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
        return out.getvalue()


def damaged(seed: int) -> bytes:
    """One damaged file, the same for the same seed."""
    rng = random.Random(f"fuzz/{seed}")
    data = rng.choice(_seeds())
    if data.startswith(b"%PDF") and rng.random() < 0.6:
        try:
            data = _objects_damaged(rng, data)
        except NOT_TO_BE_DAMAGED:
            return _bytes_damaged(rng, data)
    return _bytes_damaged(rng, data) if rng.random() < 0.5 else data


def _bytes_damaged(rng: random.Random, data: bytes) -> bytes:
    raw = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 5, 30))):
        at = rng.randrange(max(len(raw), 1))
        span = rng.choice((1, 4, 64, 1024))
        kind = rng.randrange(7)
        if kind == 0 and raw:
            raw[at] = rng.randrange(256)
        elif kind == 1:
            raw[at : at + span] = rng.randbytes(span)
        elif kind == 2:
            del raw[at : at + span]
        elif kind == 3:
            raw[at:at] = bytes(raw[at : at + span]) * rng.choice((1, 2, 200))
        elif kind == 4:
            other = rng.choice(_seeds())
            start = rng.randrange(len(other))
            raw[at : at + span] = other[start : start + span]
        elif kind == 5:
            digits = [i for i in range(at, min(at + 2000, len(raw))) if 48 <= raw[i] <= 57]
            if digits:
                raw[digits[0] : digits[0] + 1] = str(rng.choice(NUMBERS)).encode()
        elif rng.random() < 0.3:
            del raw[at:]
    return bytes(raw)


def _objects_damaged(rng: random.Random, data: bytes) -> bytes:
    with Pdf.open(io.BytesIO(data)) as pdf:
        things = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream)]
        for _ in range(rng.choice((1, 2, 4))):
            thing = rng.choice(things)
            keys = list(thing.keys())
            if isinstance(thing, Stream) and rng.random() < 0.35 and thing.get("/Subtype") != Name.Image:
                body = b"".join(rng.choice(OPERATORS) for _ in range(rng.choice((1, 10, 300, 3000))))
                thing.write(body if rng.random() < 0.5 else thing.read_bytes() + body)
            elif keys:
                thing[rng.choice(keys)] = _strange(rng, pdf, things)
        out = io.BytesIO()
        streams = rng.random() < 0.5
        pdf.save(out, compress_streams=streams)
        return out.getvalue()


def _strange(rng: random.Random, pdf: Pdf, things: list) -> object:
    """A value where another was: a number at the edge, a name, an array, any object of the file (loops among them)."""
    kind = rng.randrange(6)
    if kind == 0:
        return rng.choice(NUMBERS)
    if kind == 1:
        return rng.choice((Name.DeviceGray, Name.JBIG2Decode, Name.CCITTFaxDecode, Name.Form, Name.Image, Name.Pages))
    if kind == 2:
        return Array([rng.choice(NUMBERS) for _ in range(rng.choice((0, 1, 4, 6, 1000)))])
    if kind == 3:
        return Array([Name.FlateDecode] * rng.choice((1, 2, 9)))
    if kind == 4:
        return pikepdf.String(rng.choice(("", "x" * 5000, "\x00\xff")))
    thing = rng.choice(things)
    return thing if rng.random() < 0.5 else Array([thing] * rng.choice((1, 3, 500)))


def tried(data: bytes) -> Outcome:
    """Send a file through the intake and look at every page."""
    before, pages = _children(), 0
    try:
        for image in pages_of(data):
            pages += 1
            assert image.dtype == np.uint8
            assert image.size
        reason = "pages"
    except FileRefusedError as refusal:
        reason = refusal.reason
    except Exception as error:  # whatever escapes is what is looked for
        reason = f"{type(error).__name__}: {error}"
    return Outcome(reason, _children() - before, pages)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run(seeds: Iterator[int], seconds: float, keep: Path | None) -> int:
    """Until the time is over; prints the counts and every file out of bounds. Answers how many there were."""
    reasons: Counter[str] = Counter()
    slowest, bad, started = 0.0, 0, time.monotonic()
    while time.monotonic() - started < seconds:
        seed = next(seeds)
        data = damaged(seed)
        outcome = tried(data)
        reasons[outcome.reason if outcome.reason in {**REASONS, **OWN_REASONS, "pages": ""} else "escaped"] += 1
        slowest = max(slowest, outcome.seconds / (1 + outcome.pages))
        if not outcome.in_bounds:
            bad += 1
            print(f"seed {seed}: {outcome}", flush=True)
            if keep is not None:
                (keep / f"fuzz-{seed}").write_bytes(data)
    summary = {
        "files": sum(reasons.values()), "out of bounds": bad, "seconds": round(time.monotonic() - started),
        "slowest CPU s a page": round(slowest, 2), **dict(reasons.most_common()),
    }  # fmt: skip
    print(json.dumps(summary, ensure_ascii=False))
    return bad


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.documents_lab.fuzz")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    parser.add_argument("--keep", type=Path, help="where to write the files that are out of bounds")
    options = parser.parse_args()
    return 1 if run(iter(range(options.seed, sys.maxsize)), options.seconds, options.keep) else 0


if __name__ == "__main__":
    sys.exit(main())
