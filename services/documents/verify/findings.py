"""From measurements to findings: thresholds live here, with the figures that set them."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np

from services.documents.forms.sheet import SealRule
from services.documents.verify.glyphs import Reading
from services.documents.verify.gray import mostly_in
from services.documents.verify.grid import HEIGHT, PX, WIDTH
from services.documents.verify.marks import Box, Mark
from services.documents.verify.pages import texts_at
from services.documents.verify.reference import ReferencePage
from services.documents.verify.seals import FoundSeal
from services.documents.verify.templates import is_wide
from services.documents.verify.verdict import Finding, Kind, Weight

RESCAN = "请以 300 dpi 彩色重新扫描"
LOOK = "请核对此处是否涂改，未涂改的请以 300 dpi 彩色重新扫描"
GONE_WEIGHT = 0.3
SURE_EXPECTED, SURE_LEAD = 0.85, 0.30
# Of 2,600 look-alikes on poor scans at 150 dpi none came over 0.0; an honest 更 had 0.24 over 茰, an I 0.25 over l.
LETTER_LEAD, PLAINLY = 0.20, 0.01
# Whole strokes and nothing between them: of 5,600 look-alikes less alike than TWINS none led at all; the bold 国 of
# honest scans has 0.12 over 囯, with a stroke 0.21 off where ink runs.
WHOLE_LEAD, WHOLE_BY, WHOLE = 0.10, 0.005, 0.30
# Characters that print TWINS alike and more need a lead of TWIN_LEAD or whole strokes: at 150 dpi, once in 6,700, a
# speck in the place of its stub let a 胃 lead by 0.53 as 胄, with a stroke 0.23 off. 84 of 13,258 genuine are unclear.
TWINS, TWIN_BY, TWIN_LEAD, TWIN_OFF = 0.975, 0.003, 0.65, 0.15
CHANGED_LEAD, CHANGED_RIVAL, CHANGED_BY = -0.20, 0.70, 0.004  # 餫 and 鯶 print within 0.007 of each other
SEALED_EXPECTED, SEALED_LEAD = 0.70, 0.22
TRACES = 0.1  # of a ring's circumference
# Twenty genuine pages had at most 0.47 and 0.24; a stroke that was scratched off 0.67.
LACKING, BEYOND, UNDER_SEAL = 0.54, 0.36, 1.4
# Of 66,000 genuine digits 17 led by less than 0.65 over another digit, each for ink that it lacked; a 6 that a pencil
# made an 8 had 0.47, and 0.27 beyond where it lacked 0.12.
DIGIT_LEAD, BEYOND_DIGIT = 0.60, 0.20
USUAL_OFF, MOST_WEAKER = 0.15, 1.5  # 95 of 100 glyphs of a well printed page stay below; what pale print excuses
MOST_NOTES = 6
LABEL_INK_MM2, SIGNATURE_MM2, OVER_MM, BESIDE_MM, NEAR_MM = 0.4, 3.0, 1.3, 5.0, 2.5
PUNCTUATION = "-./:()（）："


def glyph_states(reading: Reading, sealed: np.ndarray) -> np.ndarray:
    """Per glyph 0 sure, 1 unclear, 2 changed, 3 missing. `sealed`: bool, under a seal, where ink is less certain.

    A hyphen that poor toner has lost accuses nobody."""
    least = np.where(sealed, SEALED_EXPECTED, SURE_EXPECTED)
    marks = np.array([glyph.character in PUNCTUATION for glyph in reading.glyphs], bool)
    lead = np.where(sealed, SEALED_LEAD, SURE_LEAD)
    off, by = np.maximum(reading.lacking, reading.beyond), reading.expected - reading.rival
    letters = np.array([glyph.character.isalpha() for glyph in reading.glyphs], bool)
    lead = np.where(letters & (by >= PLAINLY), np.minimum(lead, LETTER_LEAD), lead)
    whole = (off < WHOLE) & (by >= WHOLE_BY)
    pairs = zip(reading.glyphs, reading.seen, strict=True)
    figures = np.array([glyph.character.isdigit() and seen.isalpha() for glyph, seen in pairs], bool)
    lead = np.where(figures & whole & (by >= PLAINLY), np.minimum(lead, LETTER_LEAD), lead)
    chinese = letters & np.array([is_wide(glyph.character) for glyph in reading.glyphs], bool)
    lead = np.where(chinese & whole, np.minimum(lead, WHOLE_LEAD), lead)
    sure = (reading.expected >= least) & (reading.lead >= lead)
    sure |= marks & (reading.expected >= SEALED_EXPECTED) & (reading.lead > 0.6) & (reading.rival < 0.6)
    twins = chinese & (by <= (1 - TWINS) * reading.lead)
    sure &= ~twins | ((by >= TWIN_BY) & ((reading.lead >= TWIN_LEAD) | (off < TWIN_OFF)))
    changed = (reading.lead <= CHANGED_LEAD) & (reading.rival >= CHANGED_RIVAL)
    changed &= -by >= CHANGED_BY
    sure &= reading.lacking < np.where(sealed, UNDER_SEAL, 1.0) * LACKING * _weaker(reading.lacking)
    gone = reading.weight < GONE_WEIGHT
    return np.where(gone, np.where(marks, 1, 3), np.where(sure, 0, np.where(changed, 2, 1)))


def _weaker(off: np.ndarray) -> float:
    """How much more than on a well printed page the glyphs of this one are off, 1 to MOST_WEAKER."""
    usual = float(np.percentile(off, 95)) if len(off) else 0.0
    return min(max(usual / USUAL_OFF, 1.0), MOST_WEAKER)


class Here(NamedTuple):
    """The page being judged: its number in the form, in the scan (both from 1), and as it was issued."""

    page: int
    scan_page: int
    issued: ReferencePage


@dataclass(frozen=True, slots=True)
class Around:
    """What lies on the page beside its print and may be the reason why a glyph is not read: `seals`, middles and radii,
    mm; `marks`; `doubtful`, where a page without colour may have a seal, uint8 0/255; `written`, handwriting in the
    signature block, half size, uint8 0/255."""

    seals: list[tuple[float, float, float]]
    marks: list[Mark]
    doubtful: np.ndarray | None
    written: np.ndarray


def cell_findings(here: Here, reading: Reading, around: Around) -> list[Finding]:
    """One finding per cell that has a glyph which is not sure; the worst glyph names it."""
    doubtful = around.doubtful
    xs = np.array([glyph.x for glyph in reading.glyphs]) / PX
    ys = np.array([glyph.y for glyph in reading.glyphs]) / PX
    sealed = np.zeros(len(xs), bool)
    for x, y, radius in around.seals:
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
        finding = _cell_finding(here, reading, index, mine, states[mine])
        found.append(_explained(finding, here, around, label=index in here.issued.labels))
    return found


def stroke_marks(
    here: Here, reading: Reading, seals: list[tuple[float, float, float]], known: list[Mark]
) -> list[Mark]:
    """Spots of ink on characters that are no stroke of theirs, where no mark is known; labels may be written over."""
    found = []
    pairs = zip(reading.glyphs, reading.seen, strict=True)
    digits = np.array([glyph.character.isdigit() and seen.isdigit() for glyph, seen in pairs], bool)
    doubtful = digits & (reading.lead < DIGIT_LEAD) & (reading.beyond > reading.lacking)
    most = np.where(doubtful, BEYOND_DIGIT, BEYOND)
    for at in np.flatnonzero(reading.beyond > most * _weaker(reading.beyond)):
        glyph = reading.glyphs[at]
        side = glyph.size / 72 * 25.4
        x, y = glyph.x / PX, glyph.y / PX - 0.8 * side
        if glyph.cell in here.issued.labels or any(np.hypot(x - s[0], y - s[1]) < s[2] + 2 for s in seals):
            continue
        box = (x, y, side if is_wide(glyph.character) else side / 2, side)
        if not any(mark.harmless is None and _overlap(mark.box, box) for mark in known):
            found.append(Mark(box, 0.0, None))
    return found


def _overlap(one: Box, other: Box) -> bool:
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    return across > 0 and min(one[1] + one[3], other[1] + other[3]) > max(one[1], other[1])


def _explained(finding: Finding, here: Here, around: Around, *, label: bool) -> Finding:
    """What a mark larger than a glyph lies on cannot be said to differ; a label may be written over."""
    box = finding.box or (0, 0, 0, 0)
    if label:
        x0, x1, y0, y1 = box[0] - NEAR_MM, box[0] + box[2] + NEAR_MM, box[1] - NEAR_MM, box[1] + box[3] + NEAR_MM
        x0, x1, y0, y1 = (round(v * PX / 2) for v in (x0, x1, y0, y1))
        if cv2.countNonZero(around.written[y0:y1, x0:x1]) * 4 > LABEL_INK_MM2 * PX**2:
            told = {"weight": "note", "kind": "overwritten_label", "expected": None, "seen": None, "advice": None}
            return finding.model_copy(update=told)
    if finding.weight == "differs" and any(_lies_on(mark, box) for mark in around.marks):
        return finding.model_copy(update={"weight": "unclear", "kind": "unreadable", "advice": LOOK, "seen": None})
    return finding


def _lies_on(mark: Mark, box: Box) -> bool:
    """Does a mark that reaches beyond the line of type lie on it?"""
    x, y, width, height = mark.box
    across = min(x + width, box[0] + box[2]) - max(x, box[0])
    down = min(y + height, box[1] + box[3]) - max(y, box[1])
    over = max(box[1] - y, y + height - box[1] - box[3])
    beside = max(box[0] - x, x + width - box[0] - box[2])
    return across > 0 and down > 0 and (over > OVER_MM or beside > BESIDE_MM)


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


def ink_findings(here: Here, around: Around, gone: list[Box], cells: list[Finding]) -> list[Finding]:
    """Foreign ink and missing rules, each placed by the nearest cell; ink over an already named cell adds nothing.

    A mark alone does not show that the content is another: *unclear*, unless it reads as print of the form's face."""
    found: list[Finding] = []
    for mark in sorted(around.marks, key=lambda mark: -mark.area):
        middle = (mark.box[0] + mark.box[2] / 2, mark.box[1] + mark.box[3] / 2)
        named = [*cells, *(f for f in found if f.kind == "foreign_ink")]
        if any(f.weight != "note" and f.box and _inside(middle, f.box, 1.0) for f in named):
            continue
        found.append(_mark_finding(here, mark, around.doubtful))
    return _few(found) + [_placed(here, "rule_missing", box, LOOK) for box in gone]


def signature_findings(here: Here, written: np.ndarray, unsigned: Weight) -> list[Finding]:
    """Which signature cells are empty: told, and with the weight `unsigned` when none has anything in it."""
    areas = [area for area in here.issued.sheet.areas if area.use == "signature"]
    empty = []
    for area in areas:
        sides = (area.x - 24, area.y - 2, area.x + area.width + 4, area.y + area.height + 2)
        x0, y0, x1, y1 = (max(round(v * PX / 2), 0) for v in sides)
        if cv2.countNonZero(written[y0:y1, x0:x1]) * 4 < SIGNATURE_MM2 * PX**2:
            empty.append(area)
    if not empty:
        return []
    first = empty[0]
    return [
        Finding(
            weight=unsigned if len(empty) == len(areas) else "note", kind="unsigned", page=here.page,
            scan_page=here.scan_page, place="、".join(area.name for area in empty),
            box=(first.x, first.y, first.width, first.height),
        )
    ]  # fmt: skip


def overprint_findings(here: Here, digits: list[Box], covered: list[Box]) -> list[Finding]:
    """What lies under red ink where the seal alone does not explain it."""
    return [
        *(_placed(here, "foreign_ink", box, LOOK) for box in digits),
        *(_placed(here, "seal_over_content", box, LOOK) for box in covered),
    ]


def in_place(seals: list[FoundSeal], here: Here, rule: SealRule | None) -> list[FoundSeal]:
    """Those seals that stand where the form wants one."""
    area = next((area for area in here.issued.sheet.areas if area.use == "seal"), None)
    if rule is None or area is None:
        return []
    return [seal for seal in seals if area.contains(seal.x, seal.y, rule.reach)]


def own_seal(placed: list[FoundSeal], here: Here) -> list[FoundSeal]:
    """Of the seals in their place the form's own: the one nearest to the middle of the seal's area. What another one
    covers nobody can read, wherever it is."""
    area = next((area for area in here.issued.sheet.areas if area.use == "seal"), None)
    if area is None:
        return []
    x, y = area.x + area.width / 2, area.y + area.height / 2
    return sorted(placed, key=lambda seal: math.hypot(seal.x - x, seal.y - y))[:1]


def _few(found: list[Finding]) -> list[Finding]:
    """Dust is told by its largest grains."""
    notes = [finding for finding in found if finding.weight == "note"]
    return [finding for finding in found if finding.weight != "note"] + notes[:MOST_NOTES]


def _mark_finding(here: Here, mark: Mark, doubtful: np.ndarray | None) -> Finding:
    if mark.harmless is not None:
        finding = _placed(here, "mark", mark.box, None)
        return finding.model_copy(update={"weight": "note", "seen": mark.harmless})
    if mark.reads is not None:
        finding = _placed(here, "added", mark.box, None)
        return finding.model_copy(update={"weight": "differs", "seen": mark.reads})
    return _placed(here, "foreign_ink", mark.box, RESCAN if mostly_in(doubtful, mark.box) else LOOK)


def _placed(here: Here, kind: Kind, box: Box, advice: str | None) -> Finding:
    place = place_of(here.issued, box[0] + box[2] / 2, box[1] + box[3] / 2)
    rounded = tuple(round(side, 2) for side in box)
    return Finding(
        weight="unclear", kind=kind, page=here.page, scan_page=here.scan_page, place=place, box=rounded, advice=advice
    )


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


def seal_findings(
    here: Here, rule: SealRule | None, found: list[FoundSeal], *, has_colour: bool, some_red: bool
) -> list[Finding]:
    """Judge a page's seals against the form's policy for it. `some_red`: there is red ink in the seal's place: where no
    more than traces of a ring are seen, nothing is shown to be wrong."""
    if rule is None:
        return []
    area = next((area for area in here.issued.sheet.areas if area.use == "seal"), None)
    valid = [seal for seal in found if seal.fault is None]
    near = valid if area is None else in_place(valid, here, rule)
    if has_colour and len(near) >= rule.count:
        return []
    seen = None
    if not has_colour:
        weight, kind, advice = "unclear", "no_colour", "公章须用彩色扫描件判断"
    elif any(seal.faint for seal in found) or (some_red and all(seal.coverage <= TRACES for seal in found)):
        weight, kind, advice = "unclear", "seal_unclear", "请重新盖章或以 300 dpi 彩色扫描"
        seen = next((seal.fault for seal in found if seal.faint), None)
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
