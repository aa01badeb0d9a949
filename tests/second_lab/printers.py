"""Office printers as they come: worn drums, little toner, glossy toner, inkjets on cheap paper, "fit to page"."""

from dataclasses import dataclass

import cv2
import numpy as np
import pypdfium2 as pdfium

from tests.second_lab.papers import HEIGHT, SCALE, WIDTH, Colour, Paper, Random, cloud, px


@dataclass(frozen=True)
class Printer:
    """`scale` is the whole page's, about its middle; `weak` the share of ink that the poorest bands lose; `gloss` what
    the lamp throws back from toner; `feather` mm that wet ink runs; `streaks` dark lines of the drum."""

    ink: Colour = (26, 26, 28)
    tone: Colour = (250, 249, 246)
    scale: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)
    spread: float = 0.02
    weak: float = 0.0
    gloss: float = 0.0
    feather: float = 0.0
    streaks: int = 0
    streak_depth: float = 0.18
    specks: int = 12
    bands: float = 0.0


def coverages(pdf: bytes) -> list[np.ndarray]:
    """Share of each pixel that is inked, page by page, A4 at the bench's resolution."""
    document = pdfium.PdfDocument(pdf)
    try:
        pages = [page.render(scale=SCALE * 25.4 / 72, grayscale=True).to_numpy() for page in document]
    finally:
        document.close()
    table = 1.0 - np.arange(256, dtype=np.float32) / 255.0
    return [cv2.LUT(cv2.resize(p.squeeze(), (WIDTH, HEIGHT)), table) for p in pages]


def ordinary(rng: Random) -> Printer:
    """An everyday laser printer: half of them print at 100 %, the others fit to the page."""
    scale = 1.0 if rng.random() < 0.5 else float(rng.uniform(0.97, 1.01))
    tone = int(rng.integers(244, 253))
    return Printer(
        ink=tuple(int(v) for v in rng.integers(18, 48) + rng.integers(-3, 4, 3)),  # type: ignore[arg-type]
        tone=(tone, tone - int(rng.integers(0, 3)), tone - int(rng.integers(0, 7))),
        scale=scale,
        shift=(float(rng.normal(0, 0.8)), float(rng.normal(0, 0.8))),
        spread=float(rng.uniform(0.0, 0.04)),
        weak=float(rng.uniform(0, 0.12)),
        specks=int(rng.integers(0, 25)),
    )


def print_pages(pdf: bytes, rng: Random, printer: Printer) -> list[Paper]:
    """The pages of a PDF on paper; page numbers are the PDF's, from 1."""
    papers = []
    for number, coverage in enumerate(coverages(pdf), start=1):
        paper = Paper.blank(rng, printer.tone)
        paper.page = number
        paper.ink(_laid(coverage, rng, printer), printer.ink)
        _gloss(paper, coverage, rng, printer)
        _dirt(paper, rng, printer)
        papers.append(paper)
    return papers


def _laid(coverage: np.ndarray, rng: Random, printer: Printer) -> np.ndarray:
    """Where ink lies after the printer's scale, spread, weakness and bands."""
    about = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 0, printer.scale)
    about[:, 2] += np.array(printer.shift) * SCALE
    ink = cv2.warpAffine(coverage, about, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
    if printer.feather:
        ink = _feathered(ink, rng, printer.feather)
    else:
        ink = cv2.GaussianBlur(ink, (0, 0), 0.5)
        ink *= 1 + 8 * printer.spread
        np.clip(ink, 0, 1, out=ink)
    if printer.weak:
        across = 1 + 0.5 * np.clip(cloud(rng, (1, WIDTH), px(25)), -1, 1)
        down = 1 + 0.3 * np.clip(cloud(rng, (HEIGHT, 1), px(60)), -1, 1)
        grain = cloud(rng, ink.shape, 3)  # in place, for a page's fields are 35 MB each
        grain *= 0.35
        grain += 1
        grain *= printer.weak * across * down
        ink *= np.clip(np.subtract(1, grain, out=grain), 0.05, 1, out=grain)
    if printer.bands:
        rows = np.sin(np.arange(HEIGHT) * (2 * np.pi / px(rng.uniform(3, 8))))
        ink = ink * (1 - printer.bands * (0.5 + 0.5 * rows))[:, None].astype(np.float32)
    return np.clip(ink, 0, 1, out=ink)


def _feathered(ink: np.ndarray, rng: Random, feather: float) -> np.ndarray:
    """Wet ink runs along the paper's fibres: edges wander and soften."""
    wide = feather * SCALE
    rows, columns = np.indices(ink.shape, dtype=np.float32)
    moved = cv2.remap(
        ink,
        columns + cloud(rng, ink.shape, 5) * wide * 0.5,
        rows + cloud(rng, ink.shape, 5) * wide * 0.5,
        cv2.INTER_LINEAR,
    )
    return np.clip(cv2.GaussianBlur(moved, (0, 0), max(wide * 0.6, 0.4)) * 1.25, 0, 1)


def _gloss(paper: Paper, coverage: np.ndarray, rng: Random, printer: Printer) -> None:
    if not printer.gloss:
        return
    shine = np.clip(0.6 + 0.5 * cloud(rng, coverage.shape, px(2.0)), 0, 1.4) * (coverage > 0.6)
    lift = (np.clip(cv2.GaussianBlur(shine.astype(np.float32), (0, 0), 0.7) * printer.gloss, 0, 1) * 255).astype(
        np.uint8
    )
    paper.image = cv2.add(paper.image, cv2.merge([lift] * 3))


def _dirt(paper: Paper, rng: Random, printer: Printer) -> None:
    """Stray toner (grains under 0.25 mm) and the lines of a scratched drum."""
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    for _ in range(printer.specks):
        centre = (int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT)))
        cv2.circle(mask, centre, int(rng.integers(0, 2)), float(rng.uniform(0.3, 0.9)), -1, cv2.LINE_AA)
    for _ in range(printer.streaks):
        x, drift = float(rng.uniform(6, 204)), float(rng.normal(0, 0.2))
        thick = max(1, px(rng.uniform(0.08, 0.22)))
        line = np.zeros_like(mask)
        cv2.line(line, (px(x), 0), (px(x + drift), HEIGHT), 1.0, thick, cv2.LINE_AA)
        along = np.clip(0.7 + 0.5 * cloud(rng, (HEIGHT, 1), px(20)), 0, 1)
        mask = np.maximum(mask, line * along * printer.streak_depth)
    if mask.any():
        paper.ink(mask, (30, 30, 30))
