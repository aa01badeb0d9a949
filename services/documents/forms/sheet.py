"""A composed page as plain records: the drawing and the layout record attached to the PDF are both made from these.

All lengths are mm from the top left corner of an A4 page, x to the right, y down; sizes of type are points.
"""

from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
MARK_CENTRES = ((12.0, 12.0), (12.0, 285.0), (198.0, 285.0))
MARK_SIDE = 5.0
LAYOUT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of type, its baseline starting at (x, y). `name` is how a finding calls it: 「明细第 49 条 ICCID」."""

    name: str
    x: float
    y: float
    size: float
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line, horizontal or vertical; `weight` mm."""

    x1: float
    y1: float
    x2: float
    y2: float
    weight: float = 0.18


@dataclass(frozen=True, slots=True)
class Area:
    """Where people may write or seal: `use` is signature, date, opinion or seal."""

    use: str
    name: str
    x: float
    y: float
    width: float
    height: float

    def contains(self, x: float, y: float, margin: float = 0.0) -> bool:
        return (
            self.x - margin <= x <= self.x + self.width + margin
            and self.y - margin <= y <= self.y + self.height + margin
        )


@dataclass(frozen=True, slots=True)
class Code:
    """A QR code, `side` mm square without quiet zone, its top left at (x, y). `use` is page or label."""

    use: str
    text: str
    x: float
    y: float
    side: float


@dataclass(slots=True)
class Sheet:
    cells: list[Cell] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    areas: list[Area] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)

    @property
    def page_code(self) -> Code:
        return next(code for code in self.codes if code.use == "page")


@dataclass(frozen=True, slots=True)
class SealRule:
    """`count` seals are needed on page `page` (from 1), their middles inside or within `reach` mm of a seal area."""

    page: int
    count: int = 1
    reach: float = 30.0


@dataclass(slots=True)
class Layout:
    """Everything the verifier must know of an issued form beside its rendered pages."""

    number: str
    revision: int
    kind: str
    digest: str
    sheets: list[Sheet]
    seals: list[SealRule]

    def to_json(self) -> bytes:
        """Compact: 2,000 cards make some 10,000 cells."""
        pages = [
            {
                "cells": [[c.name, round(c.x, 4), round(c.y, 4), c.size, c.text] for c in sheet.cells],
                "rules": [[r.x1, r.y1, r.x2, r.y2, r.weight] for r in sheet.rules],
                "areas": [asdict(area) for area in sheet.areas],
                "codes": [asdict(code) for code in sheet.codes],
            }
            for sheet in self.sheets
        ]
        record = {
            "version": LAYOUT_VERSION,
            "number": self.number,
            "revision": self.revision,
            "kind": self.kind,
            "digest": self.digest,
            "seals": [asdict(rule) for rule in self.seals],
            "pages": pages,
        }
        return orjson.dumps(record)

    @classmethod
    def from_json(cls, data: bytes) -> "Layout":
        """Raises ValueError (or KeyError, TypeError) on anything that is not a layout record of this version."""
        record: dict[str, Any] = orjson.loads(data)
        if record["version"] != LAYOUT_VERSION:
            raise ValueError(f"layout version {record['version']} is unknown")
        sheets = [
            Sheet(
                cells=[Cell(*cell) for cell in page["cells"]],
                rules=[Rule(*rule) for rule in page["rules"]],
                areas=[Area(**area) for area in page["areas"]],
                codes=[Code(**code) for code in page["codes"]],
            )
            for page in record["pages"]
        ]
        return cls(
            number=record["number"],
            revision=record["revision"],
            kind=record["kind"],
            digest=record["digest"],
            sheets=sheets,
            seals=[SealRule(**rule) for rule in record["seals"]],
        )
