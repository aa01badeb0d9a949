"""From measurements to findings: thresholds live here, with the figures that set them."""

from typing import NamedTuple

import numpy as np

from services.documents.forms.sheet import SealRule
from services.documents.verify.glyphs import Reading
from services.documents.verify.gray import mostly_in
from services.documents.verify.grid import HEIGHT, PX, WIDTH
from services.documents.verify.ink import Blot
from services.documents.verify.pages import texts_at
from services.documents.verify.reference import ReferencePage
from services.documents.verify.riding import RIDING_FROM
from services.documents.verify.seals import FoundSeal
from services.documents.verify.verdict import Finding, Kind, Weight

RESCAN = "请以 300 dpi 彩色重新扫描"
LOOK = "请核对此处是否涂改，未涂改的请以 300 dpi 彩色重新扫描"
GONE_WEIGHT = 0.3
SURE_EXPECTED, SURE_LEAD = 0.85, 0.30
LETTER_LEAD = 0.15  # a narrow letter's patch holds a bit of its neighbour: the r of Pro looks half an n
CHANGED_LEAD, CHANGED_RIVAL = -0.20, 0.70
SEALED_EXPECTED, SEALED_LEAD = 0.70, 0.22
BROKEN = 0.55
PUNCTUATION = "-./:()（）："


def glyph_states(reading: Reading, sealed: np.ndarray) -> np.ndarray:
    """Per glyph 0 sure, 1 unclear, 2 changed, 3 missing. `sealed`: bool, under a seal, where ink is less certain."""
    least = np.where(sealed, SEALED_EXPECTED, SURE_EXPECTED)
    marks = np.array([glyph.character in PUNCTUATION for glyph in reading.glyphs], bool)
    letters = np.array([glyph.character.isascii() and glyph.character.isalpha() for glyph in reading.glyphs], bool)
    lead = np.where(letters & (reading.expected >= 0.95), LETTER_LEAD, np.where(sealed, SEALED_LEAD, SURE_LEAD))
    sure = (reading.expected >= least) & (reading.lead >= lead)
    sure |= marks & (reading.expected >= SEALED_EXPECTED) & (reading.lead > 0.6) & (reading.rival < 0.6)
    changed = (reading.lead <= CHANGED_LEAD) & (reading.rival >= CHANGED_RIVAL)
    broken = (reading.expected < BROKEN) & ~sealed
    gone = reading.weight < GONE_WEIGHT
    return np.where(gone, 3, np.where(sure, 0, np.where(changed | broken, 2, 1)))


class Here(NamedTuple):
    """The page being judged: its number in the form, in the scan (both from 1), and as it was issued."""

    page: int
    scan_page: int
    issued: ReferencePage


def cell_findings(
    here: Here, reading: Reading, seals: list[tuple[float, float, float]], doubtful: np.ndarray | None
) -> list[Finding]:
    """One finding per cell that has a glyph which is not sure; the worst glyph names it.

    `doubtful`: where a page without colour may have a seal, uint8 0/255; what is not sure there may be its doing."""
    xs = np.array([glyph.x for glyph in reading.glyphs]) / PX
    ys = np.array([glyph.y for glyph in reading.glyphs]) / PX
    sealed = np.zeros(len(xs), bool)
    for x, y, radius in seals:
        sealed |= np.hypot(xs - x, ys - y) < radius + 2
    states = glyph_states(reading, sealed)
    if doubtful is not None and len(states):
        half = np.array([glyph.size for glyph in reading.glyphs]) / 72 * 25.4 / 2
        columns = np.rint((xs + half) * PX).astype(int).clip(0, WIDTH - 1)
        rows = np.rint((ys - 0.7 * half) * PX).astype(int).clip(0, HEIGHT - 1)
        states[(doubtful[rows, columns] > 0) & (states > 1)] = 1
    cells = np.array([glyph.cell for glyph in reading.glyphs])
    found = []
    for index in np.unique(cells[states > 0]):
        mine = np.flatnonzero(cells == index)
        found.append(_cell_finding(here, reading, index, mine, states[mine]))
    return found


def _cell_finding(here: Here, reading: Reading, index: int, members: np.ndarray, states: np.ndarray) -> Finding:
    cell = here.issued.sheet.cells[index]
    bad = members[states > 0]
    letters = [
        reading.seen[at] or "?" if state == 2 and reading.lead[at] <= CHANGED_LEAD else
        ("□" if state == 3 else ("?" if state else reading.glyphs[at].character))
        for at, state in zip(members, states, strict=True)
    ]  # fmt: skip
    certain = (states >= 2).any()
    kind = "missing" if (states == 3).all() else ("changed" if certain else "unreadable")
    _, y0, x1, y1 = here.issued.boxes[index] / PX
    left = min(reading.glyphs[at].x for at in bad) / PX
    right = max(reading.glyphs[at].x + reading.glyphs[at].size / 72 * 200 for at in bad) / PX
    return Finding(
        weight="differs" if certain else "unclear", kind=kind, page=here.page, scan_page=here.scan_page,
        place=cell.name,
        expected=cell.text, seen="".join(letters) if certain else None, advice=None if certain else RESCAN,
        box=(round(left, 2), round(y0, 2), round(min(right, x1 + 1) - left, 2), round(y1 - y0, 2)),
    )  # fmt: skip


def ink_findings(
    here: Here, blots: list[Blot], gone: list[tuple[float, float, float, float]], cells: list[Finding],
    doubtful: np.ndarray | None,
) -> list[Finding]:  # fmt: skip
    """Foreign ink and missing rules, each placed by the nearest cell; ink over an already named cell adds nothing.

    `doubtful` as for the cells: ink there may be a seal's."""
    found = []
    for blot in blots:
        middle = (blot.box[0] + blot.box[2] / 2, blot.box[1] + blot.box[3] / 2)
        if any(f.weight == "differs" and f.box and _inside(middle, f.box, 2.0) for f in cells):
            continue
        at_edge = (blot.red or doubtful is not None) and blot.box[0] > RIDING_FROM
        found.append(_ink_finding(here, "foreign_ink", blot.box, doubtful, unsure=blot.slight or at_edge))
    return found + [_ink_finding(here, "rule_missing", box, doubtful) for box in gone]


def _ink_finding(
    here: Here, kind: Kind, box: tuple[float, float, float, float], doubtful: np.ndarray | None, *,
    unsure: bool = False,
) -> Finding:  # fmt: skip
    under_seal = mostly_in(doubtful, box)
    weight: Weight = "unclear" if unsure or under_seal else "differs"
    place = place_of(here.issued, box[0] + box[2] / 2, box[1] + box[3] / 2)
    rounded = tuple(round(side, 2) for side in box)
    return Finding(
        weight=weight, kind=kind, page=here.page, scan_page=here.scan_page, place=place, box=rounded,
        advice=RESCAN if under_seal else LOOK if unsure else None,
    )  # fmt: skip


def _inside(point: tuple[float, float], box: tuple[float, float, float, float], margin: float) -> bool:
    return (
        box[0] - margin <= point[0] <= box[0] + box[2] + margin
        and box[1] - margin <= point[1] <= box[1] + box[3] + margin
    )


def place_of(reference: ReferencePage, x: float, y: float) -> str:
    """The nearest cell's name for a point in mm: 「明细第 49 条 ICCID 旁」, or 页边 when nothing is within 15 mm."""
    boxes = reference.boxes / PX
    away_x = np.maximum(np.maximum(boxes[:, 0] - x, x - boxes[:, 2]), 0)
    away_y = np.maximum(np.maximum(boxes[:, 1] - y, y - boxes[:, 3]), 0)
    away = np.hypot(away_x, away_y * 2)
    nearest = int(np.argmin(away))
    if away[nearest] > 15:
        return "页面空白处"
    name = reference.sheet.cells[nearest].name
    return name if away[nearest] < 0.6 else f"{name} 旁"


def label_findings(here: Here, gray: np.ndarray) -> list[Finding]:
    """The codes of box labels must say what was printed. `gray`: the registered page, uint8 (2339, 1654)."""
    found = []
    for code in here.issued.sheet.codes:
        if code.use == "page":
            continue
        edges = (code.x - 2, code.y - 2, code.x + code.side + 2, code.y + code.side + 2)
        texts = texts_at(gray, tuple(round(edge * PX) for edge in edges))  # type: ignore[arg-type]
        if texts == [code.text]:
            continue
        weight: Weight = "differs" if texts else "unclear"
        kind: Kind = "code_differs" if texts else "code_unreadable"
        found.append(
            Finding(
                weight=weight, kind=kind, page=here.page, scan_page=here.scan_page, place="标签条码",
                expected=code.text, seen=texts[0] if texts else None, box=(code.x, code.y, code.side, code.side),
                advice=None if texts else RESCAN,
            )
        )  # fmt: skip
    return found


def seal_findings(here: Here, rule: SealRule | None, found: list[FoundSeal], *, has_colour: bool) -> list[Finding]:
    """Judge a page's seals against the form's policy for it."""
    if rule is None:
        return []
    area = next((area for area in here.issued.sheet.areas if area.use == "seal"), None)
    valid = [seal for seal in found if seal.fault is None]
    near = [seal for seal in valid if area is None or area.contains(seal.x, seal.y, rule.reach)]
    if has_colour and len(near) >= rule.count:
        return []
    seen = None
    if not has_colour:
        weight, kind, advice = "unclear", "no_colour", "公章须用彩色扫描件判断"
    elif any(seal.faint for seal in found):
        weight, kind, advice = "unclear", "seal_unclear", "请重新盖章或以 300 dpi 彩色扫描"
    elif valid:
        weight, kind, advice = "unclear", "seal_misplaced", "请盖在盖章处"
    elif found:
        weight, kind, advice, seen = "differs", "seal_invalid", None, found[0].fault
    else:
        weight, kind, advice = "differs", "seal_missing", None
    return [
        Finding(
            weight=weight, kind=kind, page=here.page, scan_page=here.scan_page, place=area.name if area else "公章",
            box=(area.x, area.y, area.width, area.height) if area else None, seen=seen, advice=advice,
        )
    ]  # fmt: skip
