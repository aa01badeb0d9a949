"""What a verification answers: passed, differs or unclear, and each finding in the form's own terms."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Outcome = Literal["passed", "differs", "unclear", "refused"]
Weight = Literal["differs", "unclear", "note"]
Kind = Literal[
    "changed", "missing", "foreign_ink", "unreadable", "rule_missing", "code_unreadable", "code_differs",
    "page_missing", "page_doubled", "page_foreign", "page_superseded", "page_blank", "page_unknown", "page_order",
    "seal_missing", "seal_invalid", "seal_misplaced", "seal_unclear", "no_colour", "low_resolution",
    "not_registered", "refused",
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

    def sentence(self) -> str:
        """The finding as people read it: 第 2 页 明细第 49 条 ICCID：…"""
        where = f"第 {self.page} 页 " if self.page else (f"扫描件第 {self.scan_page} 页 " if self.scan_page else "")
        parts = [f"{where}{self.place}：{KIND_WORDS[self.kind]}".replace(" ：", "：").lstrip("：")]
        if self.expected is not None:
            parts.append(f"应为“{self.expected}”")
        if self.seen:
            parts.append(f"疑为“{self.seen}”")
        if self.advice:
            parts.append(self.advice)
        return "，".join(parts)


KIND_WORDS: dict[str, str] = {
    "changed": "内容不一致",
    "missing": "内容缺失",
    "foreign_ink": "有原单没有的字迹",
    "unreadable": "看不清",
    "rule_missing": "表格线缺失，可能被遮盖",
    "code_unreadable": "页面识别码无法识别",
    "code_differs": "条码不一致",
    "page_missing": "缺页",
    "page_doubled": "重复的页",
    "page_foreign": "不是本申请单的页",
    "page_superseded": "是本申请单其他版次的页",
    "page_blank": "空白页",
    "page_unknown": "无法识别的页",
    "page_order": "页序与原单不同",
    "seal_missing": "没有公章",
    "seal_invalid": "不是有效的公章",
    "seal_misplaced": "公章不在盖章处",
    "seal_unclear": "公章看不清",
    "no_colour": "扫描件不是彩色",
    "low_resolution": "扫描分辨率过低",
    "not_registered": "页面无法与原单对齐",
    "refused": "文件无法处理",
}


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

    def sentences(self) -> list[str]:
        return [finding.sentence() for finding in self.findings]


def outcome_of(findings: list[Finding]) -> Outcome:
    weights = {finding.weight for finding in findings}
    if "differs" in weights:
        return "differs"
    return "unclear" if "unclear" in weights else "passed"
