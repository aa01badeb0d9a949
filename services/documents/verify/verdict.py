"""What a verification answers: passed, differs or unclear, and each finding in the form's own terms."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, computed_field

from services.documents.verify.words import KINDS, english

Outcome = Literal["passed", "differs", "unclear", "refused"]
Weight = Literal["differs", "unclear", "note"]
Kind = Literal[
    "changed", "missing", "added", "foreign_ink", "unreadable", "rule_missing", "code_unreadable", "code_differs",
    "page_missing", "page_doubled", "page_foreign", "page_superseded", "page_blank", "page_unknown", "page_order",
    "seal_missing", "seal_invalid", "seal_misplaced", "seal_unclear", "no_colour", "low_resolution",
    "not_registered", "refused", "renderings_differ", "not_drawn_twice", "mark", "outside_ink", "unsigned",
    "overwritten_label", "seal_over_content", "seal_different", "seal_not_seen", "seal_reused",
]  # fmt: skip


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class Finding(Frozen):
    """One place that speaks against (or does not speak clearly for) the scan.

    `page` counts the form's pages and `scan_page` the upload's, both from 1. `box` is (x, y, width, height) in mm
    on the form's page. `expected` is what was issued there, `seen` what stands there instead where that can be told.
    """

    weight: Weight
    kind: Kind
    page: int | None = None
    scan_page: int | None = None
    place: str = ""
    expected: str | None = None
    seen: str | None = None
    box: tuple[float, float, float, float] | None = None
    advice: str | None = None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def message(self) -> str:
        """The finding as people read it: 第 2 页 明细第 49 条 ICCID：…"""
        where = f"第 {self.page} 页 " if self.page else (f"扫描件第 {self.scan_page} 页 " if self.scan_page else "")
        parts = [f"{where}{self.place}：{KINDS[self.kind].zh}".replace(" ：", "：").lstrip("：")]
        if self.expected is not None:
            parts.append(f"应为“{self.expected}”")
        if self.seen:
            parts.append(f"疑为“{self.seen}”")
        if self.advice:
            parts.append(self.advice)
        return "，".join(parts)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def message_en(self) -> str:
        """The same in English: Page 2, 明细第 49 条 ICCID: … The form's own terms stay as they are printed."""
        page = f"Page {self.page}" if self.page else (f"Page {self.scan_page} of the scan" if self.scan_page else "")
        where = ", ".join(part for part in (page, english(self.place)) if part)
        said = f"{where}: {KINDS[self.kind].en}" if where else KINDS[self.kind].en
        parts = [said[0].upper() + said[1:]]
        if self.expected is not None:
            parts.append(f'issued "{self.expected}"')
        if self.seen:
            parts.append(f'seen "{english(self.seen)}"')
        if self.advice:
            parts.append(english(self.advice))
        return "; ".join(parts)


class Seal(Frozen):
    """A seal that was found: middle and diameter in mm on the form's page, share of its ring seen, 0..1."""

    page: int
    x: float
    y: float
    diameter: float
    coverage: float


class PageReport(Frozen):
    """What was compared on one page of the scan. `dpi` is measured from the paper, not read from the file; `to_scan` is
    the homography (row by row) from the form's page at 200 dpi to the scan's pixels."""

    scan_page: int
    page: int | None
    dpi: int | None = None
    turn: int | None = None
    glyphs: int = 0
    cells: int = 0
    seconds: float = 0.0
    to_scan: tuple[float, ...] | None = None


class Verdict(Frozen):
    """Passed only if nothing differs and nothing is unclear; differs outweighs unclear."""

    outcome: Outcome
    number: str | None = None
    findings: tuple[Finding, ...] = ()
    pages: tuple[PageReport, ...] = ()
    seals: tuple[Seal, ...] = ()

    def sentences(self, language: Literal["zh", "en"] = "zh") -> list[str]:
        return [finding.message_en if language == "en" else finding.message for finding in self.findings]


def in_order(findings: list[Finding]) -> list[Finding]:
    """What differs first, notes last, page by page."""
    return sorted(findings, key=lambda found: (found.weight != "differs", found.weight == "note", found.page or 0))


def outcome_of(findings: list[Finding]) -> Outcome:
    weights = {finding.weight for finding in findings}
    if "differs" in weights:
        return "differs"
    return "unclear" if "unclear" in weights else "passed"
