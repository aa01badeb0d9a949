"""The bench where a trial is made: form, sheets, pens, seal, scanner, file; and the registry of the kinds of trial.

A kind is a function that works on a `Bench`; whatever it leaves out is done the ordinary way. `kept_apart` says which
kinds were never used for tuning: a third of the names by their checksum, so nobody chose them.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np

from services.documents.forms.issuing import IssuedForm
from services.documents.forms.sheet import Area
from tests.second_lab import files, pens, printers, scanners, stamps
from tests.second_lab.papers import HEIGHT_MM, WIDTH_MM, Paper, Random
from tests.second_lab.stationery import SIGNED, Box, form_of

cv2.setNumThreads(1)  # several trials run at once
Truth = Literal["normal", "hard", "limit", "forged"]
AfterScan = Callable[[np.ndarray, Random, int], None]


@dataclass(frozen=True)
class Place:
    """Where on the form's page a forgery lies; without a box anywhere on the page, without a page anywhere."""

    page: int | None = None
    box: Box | None = None


@dataclass(frozen=True)
class Trial:
    kind: str
    number: int
    truth: Truth
    form: IssuedForm
    upload: bytes
    places: tuple[Place, ...]
    says: tuple[str, ...]
    note: str


@dataclass
class Bench:
    kind: str
    number: int
    rng: Random = field(init=False)
    form: IssuedForm = field(init=False)
    papers: list[Paper] = field(default_factory=list)
    shots: list[files.Shot] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    says: list[str] = field(default_factory=list)
    after_scan: list[AfterScan] = field(default_factory=list)
    note: str = ""
    upload: bytes = b""
    printer: printers.Printer = field(init=False)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng([zlib.crc32(self.kind.encode()), self.number])
        self.printer = printers.ordinary(self.rng)
        self.choose(*SIGNED)

    def choose(self, *kinds: str, pages: int = 1) -> IssuedForm:
        """A form of one of these kinds with at least so many pages."""
        for _ in range(40):
            self.form = form_of(kinds[int(self.rng.integers(0, len(kinds)))], int(self.rng.integers(0, 60)))
            if len(self.form.layout.sheets) >= pages:
                break
        return self.form

    @property
    def signed(self) -> bool:
        return self.form.layout.kind in SIGNED

    def on(self, x: float, y: float) -> tuple[float, float]:
        """Where a point of the form lies on the sheet after the printer's scale and shift."""
        scale, (right, down) = self.printer.scale, self.printer.shift
        return WIDTH_MM / 2 + (x - WIDTH_MM / 2) * scale + right, HEIGHT_MM / 2 + (y - HEIGHT_MM / 2) * scale + down

    def areas(self, use: str) -> list[Area]:
        return [area for area in self.form.layout.sheets[0].areas if area.use == use]

    def print(self, pdf: bytes | None = None, printer: printers.Printer | None = None) -> list[Paper]:
        self.printer = printer or self.printer
        self.papers = printers.print_pages(pdf or self.form.pdf, self.rng, self.printer)
        return self.papers

    def any_page(self) -> Paper:
        return self.papers[int(self.rng.integers(0, len(self.papers)))]

    def a_pen(self) -> pens.Pen:
        return pens.OFFICE_PENS[int(self.rng.integers(0, len(pens.OFFICE_PENS)))]

    def sign(self, pen: pens.Pen | None = None, *, rows: int | None = None, wide: bool = False) -> None:
        """Names and dates in one to three rows of the signature block: beside the label or below it."""
        if not self.signed:
            return
        paper, rng = self.papers[0], self.rng
        count = rows or int(rng.integers(1, 4))
        for who, when in list(zip(self.areas("signature"), self.areas("date"), strict=True))[:count]:
            used = pen or self.a_pen()
            below = rng.random() < 0.4
            x, y = self.on(
                who.x + (rng.uniform(3, 18) if below else rng.uniform(22, 30)),
                who.y + (9 if below else rng.uniform(2, 6)),
            )
            room = who.x + who.width - x
            if wide:
                pens.scribble(paper, self.on(who.x + 3, 0)[0], y, 60.0, float(rng.uniform(8, 11)), used, rng)
            elif rng.random() < 0.5:
                pens.scribble(paper, x, y, float(min(room, rng.uniform(18, 36))), float(rng.uniform(6, 9)), used, rng)
            else:
                pens.write(paper, pens.a_name(rng), x, y, float(rng.uniform(6, 9)), used, rng)
            if rng.random() < 0.8:
                at = self.on(when.x + rng.uniform(1, 3), when.y + rng.uniform(8, 11))
                pens.write(paper, pens.a_date(rng), *at, float(rng.uniform(3.0, 4.0)), used, rng)

    def stamp(
        self, stamp: stamps.Stamp | None = None, how: stamps.Press | None = None, at: tuple[float, float] | None = None
    ) -> None:
        """The unit's seal in its area, as people press it: not quite in the middle, not quite upright."""
        if not self.signed:
            return
        rng, area = self.rng, self.areas("seal")[0]
        middle = at or (area.x + area.width / 2 + rng.normal(0, 3), area.y + area.height / 2 + rng.normal(0, 5))
        cut = stamp or stamps.ordinary_stamp(self.form.content.unit, rng)
        stamps.press(self.papers[0], cut, *self.on(*middle), how or stamps.ordinary_press(rng), rng)

    def prepare(self) -> None:
        """Printed, signed, sealed the ordinary way."""
        if not self.papers:
            self.print()
        self.sign()
        self.stamp()

    def scan(self, *each: scanners.Scanner) -> list[files.Shot]:
        """All sheets through one scanner, or sheet by sheet through these."""
        one = each or (scanners.any_scanner(self.rng),)
        self.shots = []
        for at, paper in enumerate(self.papers):
            scanner = one[at % len(one)]
            pixels = scanners.scan(paper, scanner, self.rng)
            for change in self.after_scan:
                change(pixels, self.rng, scanner.dpi)
            self.shots.append(files.Shot(pixels, scanner.dpi, scanner.quality, scanner.gray))
        return self.shots

    def lies(self, page: int | None, *boxes: Box) -> None:
        """Notes where the forgery is, for judging the place of a finding."""
        self.places += [Place(page, box) for box in boxes] or [Place(page)]

    def finish(self) -> bytes:
        if not self.upload:
            if not self.shots:
                self.scan()
            self.upload = files.as_pdf(self.shots)
        return self.upload


@dataclass(frozen=True)
class Kind:
    name: str
    truth: Truth
    act: Callable[[Bench], None]
    tuned: bool = False

    @property
    def kept_apart(self) -> bool:
        return not self.tuned and zlib.crc32(self.name.encode()) % 3 == 0


KINDS: dict[str, Kind] = {}


def kind(truth: Truth, *, tuned: bool = False) -> Callable[[Callable[[Bench], None]], Callable[[Bench], None]]:
    """`tuned`: made to find what the verifier gets wrong, never kept apart."""

    def register(act: Callable[[Bench], None]) -> Callable[[Bench], None]:
        KINDS[act.__name__] = Kind(act.__name__, truth, act, tuned)
        return act

    return register


def build(name: str, number: int) -> Trial:
    """The trial of this kind and number: the same bytes each time."""
    made, bench = KINDS[name], Bench(name, number)
    made.act(bench)
    upload = bench.finish()
    return Trial(name, number, made.truth, bench.form, upload, tuple(bench.places), tuple(bench.says), bench.note)
