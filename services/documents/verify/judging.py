"""The steps in order: codes, registration, ink, glyphs, seals, verdict. Pure: images in, verdict out."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import cv2
import numpy as np

from services.documents.forms.sheet import SealRule
from services.documents.verify import glyphs as glyph_step
from services.documents.verify.added import read_marks
from services.documents.verify.beside_rules import strokes_at_rules
from services.documents.verify.blank import is_blank
from services.documents.verify.edges import bounds_of
from services.documents.verify.findings import (
    LOOK,
    Around,
    Here,
    cell_findings,
    in_place,
    ink_findings,
    label_findings,
    overprint_findings,
    own_seal,
    seal_findings,
    signature_findings,
    stroke_marks,
)
from services.documents.verify.fine_letters import read_again
from services.documents.verify.gray import perhaps_sealed
from services.documents.verify.grid import MIN_DPI
from services.documents.verify.ink import (
    foreign_ink,
    missing_rules,
    outside_ink,
    red_in_place,
    tinted_words,
    written_in_block,
)
from services.documents.verify.intake import Doubt
from services.documents.verify.marks import Mark, marks_of
from services.documents.verify.ovals import find_oval
from services.documents.verify.overprint import covered_by_seals, digits_in_red
from services.documents.verify.pages import SeenCode, read_codes
from services.documents.verify.photometry import Inks, blur_of, inks_of, without_streaks
from services.documents.verify.recognition import guess_by_looks
from services.documents.verify.reference import Reference
from services.documents.verify.registration import (
    NotRegisteredError,
    Registered,
    from_code,
    register,
    remaining_shifts,
)
from services.documents.verify.riding import riding_seals
from services.documents.verify.sealings import Sealings
from services.documents.verify.seals import FoundSeal, find_pale, find_seals
from services.documents.verify.templates import book
from services.documents.verify.verdict import Finding, PageReport, Seal, Verdict, Weight, in_order, outcome_of

UNSURE_PAGES = {"page_unknown", "page_blank", "not_registered", "outside_ink"}
MOST_UNKNOWN, MOST_CANDIDATES = 6, 6
TOLERATED = 0.1
SOME_RED_MM2 = 8.0
PALE_REACH = 25.0


@dataclass
class _Work:
    """What a verification gathers while it goes through the scan's pages."""

    reference: Reference
    findings: list[Finding] = field(default_factory=list)
    pages: list[PageReport] = field(default_factory=list)
    seals: list[Seal] = field(default_factory=list)
    seen: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    unknown: list[tuple[int, np.ndarray]] = field(default_factory=list)
    unsigned: Weight = "note"
    sealings: Sealings | None = None


def verify_pages(
    reference: Reference,
    images: Iterable[np.ndarray],
    doubts: Mapping[int, Doubt] | None = None,
    unsigned: Weight = "note",
    sealings: Sealings | None = None,
) -> Verdict:
    """Judge the scan's pages, uint8 (h, w, 3) RGB or (h, w) gray, as a return of the issued form (DOC-03).

    `doubts`: by page from 1, filled while `images` are taken, why a page is not what every viewer shows;
    `unsigned`: what an unsigned form is; `sealings` receives the good seals' impressions, for comparing."""
    work = _Work(reference, unsigned=unsigned, sealings=sealings)
    for scan_page, image in enumerate(images, start=1):
        _one_page(work, scan_page, image if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2RGB))
    _unidentified(work)
    _whole_form(work)
    for scan_page, doubt in (doubts or {}).items():
        advice = "请打印成 PDF 或重新扫描后上传"
        work.findings.append(Finding(weight="unclear", kind=doubt, scan_page=scan_page, advice=advice))
    findings = in_order(work.findings)
    return Verdict(
        outcome=outcome_of(findings),
        number=reference.form.layout.number,
        findings=tuple(findings),
        pages=tuple(work.pages),
        seals=tuple(work.seals),
    )


def _one_page(work: _Work, scan_page: int, image: np.ndarray) -> None:
    started = time.process_time()
    codes = read_codes(image[:, :, 1])
    if not codes:
        if is_blank(image):
            work.findings.append(Finding(weight="note", kind="page_blank", scan_page=scan_page))
            work.pages.append(PageReport(scan_page=scan_page, page=None))
        else:
            work.unknown.append((scan_page, image))
        return
    page = _page_of(work, scan_page, codes)
    if page is None:
        work.pages.append(PageReport(scan_page=scan_page, page=None))
        return
    work.seen[page].append(scan_page)
    if len(work.seen[page]) == 1:
        issued = work.reference.page(page)
        guess = from_code(codes[0].corners, issued.sheet.page_code)
        _compare(work, Here(page, scan_page, issued), image, guess, started)


def _page_of(work: _Work, scan_page: int, codes: list[SeenCode]) -> int | None:
    """The form's page with this very code, or None with a finding that says whose page it is."""
    layout = work.reference.form.layout
    texts = {sheet.page_code.text: page for page, sheet in enumerate(layout.sheets, start=1)}
    strangers = [code for code in codes if code.text not in texts]
    for code in strangers:
        same = code.code.number == layout.number
        place = f"编号 {code.code.number} 第 {code.code.revision} 版 第 {code.code.page} 页"
        kind = "page_superseded" if same else "page_foreign"
        work.findings.append(Finding(weight="differs", kind=kind, scan_page=scan_page, place=place))
    known = {texts[code.text] for code in codes if code.text in texts}
    if strangers or len(known) != 1:
        if len(known) > 1:
            work.findings.append(
                Finding(weight="unclear", kind="page_unknown", scan_page=scan_page, place="一页上有多个识别码")
            )
        return None
    return known.pop()


def _compare(work: _Work, here: Here, image: np.ndarray, guess: np.ndarray, started: float) -> None:
    """Register one page and judge everything on it."""
    page, scan_page, issued = here
    clean = without_streaks(image)
    try:
        registered = register(clean, guess, issued)
    except NotRegisteredError:
        advice = "请平放纸张、以 300 dpi 彩色重新扫描"
        work.findings.append(
            Finding(weight="unclear", kind="not_registered", page=page, scan_page=scan_page, advice=advice)
        )
        work.pages.append(PageReport(scan_page=scan_page, page=page))
        return
    placed = _judge_page(work, here, image, registered)
    if work.sealings is not None:
        work.sealings.take(here, image, registered, placed)
    if outside_ink(image, registered.to_scan, registered.dpi):
        work.findings.append(Finding(weight="unclear", kind="outside_ink", page=page, scan_page=scan_page, advice=LOOK))
    work.pages.append(
        PageReport(
            scan_page=scan_page, page=page, dpi=round(registered.dpi), turn=registered.turn * 90,
            glyphs=len(issued.glyphs), cells=len(issued.sheet.cells), seconds=time.process_time() - started,
            to_scan=tuple(registered.to_scan.ravel().tolist()),
        )
    )  # fmt: skip


def _judge_page(work: _Work, here: Here, image: np.ndarray, registered: Registered) -> list[FoundSeal]:
    """Everything on a page that lies on the issued page's grid. Its good seals in their place.

    `image`: the page as it was scanned."""
    page, scan_page, issued = here
    inks = inks_of(registered)
    shifts = remaining_shifts(inks.black, issued)
    sigma = blur_of(inks.black, issued, shifts)
    reading = glyph_step.read(inks.black, issued, book(sigma), shifts)
    rule = next((rule for rule in work.reference.form.layout.seals if rule.page == page), None)
    found = read_again(_seals_on(inks, here, rule), image, registered)
    riding = riding_seals(inks.red, found)
    found = [seal for seal in found if seal not in riding]
    inked = [*riding, *(seal for seal in found if seal.fault is None or seal.faint)]
    seals = [(seal.x, seal.y, seal.radius) for seal in inked]
    doubtful = perhaps_sealed(inks, issued, shifts, rule)
    written = written_in_block(inks, issued)
    bounds = bounds_of(registered.to_scan, image.shape)
    marks = marks_of(foreign_ink(inks, issued, shifts, sigma, seals), issued, bounds)
    marks = read_marks(marks, inks.black, issued, book(sigma))
    more = tinted_words(inks, issued, shifts, seals) + strokes_at_rules(inks.any, issued, seals)
    marks += [Mark(box, 0.0, None) for box in more]
    marks += stroke_marks(here, reading, seals, marks)
    around = Around(seals, marks, doubtful, written)
    cells = cell_findings(here, reading, around)
    work.findings += [*cells, *ink_findings(here, around, missing_rules(inks.black, issued), cells)]
    work.findings += signature_findings(here, written, work.unsigned)
    good = [seal for seal in found if seal.fault is None]
    placed = in_place(good, here, rule)
    digits = digits_in_red(inks.red, inks.black, issued, shifts, inked)
    strays = [seal for seal in inked if seal not in own_seal(placed, here) and seal not in riding]
    work.findings += overprint_findings(here, digits, covered_by_seals(inks.red, issued, strays))
    work.findings += label_findings(here, registered.red)
    some = red_in_place(inks, issued) > SOME_RED_MM2
    work.findings += seal_findings(here, rule, found, has_colour=inks.has_colour, some_red=some)
    work.findings += _resolution(page, scan_page, registered)
    work.seals += [
        Seal(page=page, x=s.x, y=s.y, diameter=2 * s.radius, coverage=s.coverage) for s in found if s.fault is None
    ]
    return placed if rule is not None else []


def _seals_on(inks: Inks, here: Here, rule: SealRule | None) -> list[FoundSeal]:
    """All that may be seals; where the form wants one and none is plainly there, pale and oval ones too."""
    if inks.strokes is None:
        return []
    found = find_seals(inks.red, inks.strokes)
    area = next((area for area in here.issued.sheet.areas if area.use == "seal"), None)
    if rule is None or area is None or in_place([seal for seal in found if seal.fault is None], here, rule):
        return found
    right, bottom = area.x + area.width, area.y + area.height
    around = (area.x - PALE_REACH, area.y - PALE_REACH, right + PALE_REACH, bottom + PALE_REACH)
    pale = [seal for seal in find_pale(inks.strokes, around) if seal.fault is None]
    oval = None if pale else find_oval(inks.red, inks.strokes, around)
    better = pale if oval is None else [oval]
    apart = [seal for seal in found if not any(np.hypot(seal.x - s.x, seal.y - s.y) < s.radius for s in better)]
    return [*better, *apart]


def _resolution(page: int, scan_page: int, registered: Registered) -> list[Finding]:
    if registered.dpi >= MIN_DPI:
        return []
    seen = f"约 {registered.dpi:.0f} dpi"
    advice = "请以 300 dpi 彩色重新扫描"
    return [Finding(weight="unclear", kind="low_resolution", page=page, scan_page=scan_page, seen=seen, advice=advice)]


def _unidentified(work: _Work) -> None:
    """Pages whose code could not be read: by their looks, if every glyph then speaks for a page that is missing."""
    for scan_page, image in work.unknown[:MOST_UNKNOWN]:
        tries = [_by_looks(work, scan_page, image, page) for page in _missing(work)[:MOST_CANDIDATES]]
        best = min((found for found in tries if found is not None), key=_disagreements, default=None)
        if best is not None and _disagreements(best) <= TOLERATED:
            work.seen[best.pages[0].page or 0].append(scan_page)
            work.findings += [_doubted(finding) for finding in best.findings]
            work.pages += best.pages
            work.seals += best.seals
            if work.sealings is not None and best.sealings is not None:
                work.sealings.found += best.sealings.found
        else:
            _name_unknown(work, scan_page)
    for scan_page, _image in work.unknown[MOST_UNKNOWN:]:
        _name_unknown(work, scan_page)


def _missing(work: _Work) -> list[int]:
    return [page for page in range(1, len(work.reference) + 1) if page not in work.seen]


def _by_looks(work: _Work, scan_page: int, image: np.ndarray, page: int) -> _Work | None:
    """A comparison of a page without a readable code with one that it might be; None if it does not even look so."""
    started = time.process_time()
    issued = work.reference.page(page)
    guess = guess_by_looks(image, issued)
    if guess is None:
        return None
    tried = _Work(work.reference, unsigned=work.unsigned, sealings=work.sealings and work.sealings.apart())
    _compare(tried, Here(page, scan_page, issued), image, guess, started)
    if not tried.pages[0].glyphs:
        return None
    code = issued.sheet.page_code
    box = (code.x, code.y, code.side, code.side)
    tried.findings.append(
        Finding(weight="note", kind="code_unreadable", page=page, scan_page=scan_page, place="页面识别码", box=box)
    )
    return tried


def _disagreements(tried: _Work) -> float:
    """The share of a page's lines of type that are not surely the issued ones."""
    off = sum(finding.kind in ("changed", "missing", "unreadable") for finding in tried.findings)
    return off / max(tried.pages[0].cells, 1)


def _doubted(finding: Finding) -> Finding:
    """Without its code a page that differs may be another form's: nothing on it is certain but what agrees."""
    if finding.weight != "differs" or finding.kind.startswith("seal"):
        return finding
    return finding.model_copy(update={"weight": "unclear", "advice": "页面识别码无法识别，请检查该页后重新扫描"})


def _name_unknown(work: _Work, scan_page: int) -> None:
    advice = "请检查该页是否完整，以 300 dpi 重新扫描"
    work.findings.append(Finding(weight="unclear", kind="page_unknown", scan_page=scan_page, advice=advice))
    work.pages.append(PageReport(scan_page=scan_page, page=None))


def _whole_form(work: _Work) -> None:
    """Missing and doubled pages, and the order of the pages as a note. Another form's pages behind a whole form accuse
    nobody."""
    if not _missing(work):
        milder = {"weight": "unclear", "advice": "请删去不属于本单的页后重新上传"}
        for at, finding in enumerate(work.findings):
            if finding.kind in ("page_foreign", "page_superseded") and finding.page is None:
                work.findings[at] = finding.model_copy(update=milder)
    weight: Weight = "unclear" if any(found.kind in UNSURE_PAGES for found in work.findings) else "differs"
    work.findings += [Finding(weight=weight, kind="page_missing", page=page) for page in _missing(work)]
    for page, count in Counter({page: len(scans) for page, scans in work.seen.items()}).items():
        if count > 1:
            work.findings.append(
                Finding(weight="differs", kind="page_doubled", page=page, scan_page=work.seen[page][1])
            )
    order = [page for page, _ in sorted(work.seen.items(), key=lambda item: item[1][0])]
    if order != sorted(order):
        work.findings.append(Finding(weight="note", kind="page_order", place="、".join(map(str, order))))
