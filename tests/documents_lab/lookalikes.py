"""Look-alikes pair by pair: one character of a short cell printed as its nearest neighbour of the typeface.

`python -m tests.documents_lab.lookalikes --pairs 240 --rounds 3` prints the table of docs/verification.md. A page is a
grid of cells of three characters; in half of them the middle one is its look-alike, printed in the form's own face.
"""

import argparse
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from services.documents.forms.drawing import draw
from services.documents.forms.fonts import can_print
from services.documents.forms.issuing import IssuedForm
from services.documents.forms.sheet import Cell, Layout, Sheet
from services.documents.verify.judging import verify_pages
from services.documents.verify.reference import Reference
from services.documents.verify.templates import book, frame_of
from tests.documents_lab import paper
from tests.documents_lab.samples import sample_form
from tests.documents_lab.scanner import any_scanner, scan


def _in_pairs(text: str) -> tuple[str, ...]:
    return tuple(text[at : at + 2] for at in range(0, len(text), 2))


NAMED = _in_pairs(
    "未末土士木本日目日曰大太大犬太犬己已已巳己巳胃胄撒撤赢嬴嬴蠃赢蠃天夭戊戌戌戍戊戍人入八入千干干于王玉王主"
    "免兔候侯汨汩治冶州洲一二二三十千口日田由由甲甲申东车市布贝见阴阳何河幻幼县具拆折"
)
RARE = _in_pairs("妹妺任仼沫沬抹抺昧昩祗袛皎晈迁迀晚睌姘妌杆杅达迏狂狅国囯涑洓圈圏暟皚鐦鐗舗舖涎涏瞻曕皙晳")
"""A common character and one outside GB 2312 that prints like it."""
FIGURES = tuple(a + b for at, a in enumerate("0123456789") for b in "0123456789"[at + 1 :])
LETTERS = _in_pairs("IlIiljrtCGOQPRPFEFBEceocaonumnvyhbkhtftlZzSsVvXxDOUVMNWVJj")
COLUMNS, ROWS, SIZE = 8, 34, 9.5


@dataclass(frozen=True, slots=True)
class Seen:
    """How a cell came out: what was issued, what was printed (the same where nothing was forged), the finding's weight
    ("" without one)."""

    issued: str
    printed: str
    dpi: int
    weight: str


@lru_cache(maxsize=4)
def nearest(count: int, *, common: bool) -> tuple[str, ...]:
    """The pairs of the typeface that print most alike: of GB 2312 (`common`), or of all its Chinese characters."""
    if common:
        codes = bytes(b for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF) for b in (high, low))
        characters = "".join(filter(can_print, codes.decode("gb2312", errors="ignore")))
    else:
        characters = "".join(filter(can_print, map(chr, range(0x4E00, 0x9FA6))))
    frame, blurred = frame_of("国", SIZE), book(0.8)
    shapes = np.stack([blurred._make(character, SIZE, frame)[7] for character in characters])
    best: list[tuple[float, str]] = []
    for at in range(0, len(characters), 512):
        alike = shapes[at : at + 512] @ shapes.T
        alike[np.arange(len(alike))[:, None] + at >= np.arange(len(characters))] = -1.0
        rows, columns = np.nonzero(alike > 0.9)
        pairs = zip(alike[rows, columns], rows + at, columns, strict=True)
        best += [(float(score), characters[row] + characters[column]) for score, row, column in pairs]
    # what prints the very same is no other character to anybody who reads it
    return tuple(pair for score, pair in sorted(best, reverse=True) if score < 0.9999)[:count]


def issued_with(pairs: Sequence[str], rng: random.Random) -> tuple[IssuedForm, IssuedForm, list[tuple[Cell, str, str]]]:
    """A page with a cell for each pair as it was issued, the same with half of them forged, and the truth."""
    form = sample_form("swap_list", 1, 4)
    truths, cells, forged = [], [], []
    width, height = 170 / COLUMNS, 232 / ROWS
    for at, pair in enumerate(pairs):
        x, y = 20 + at % COLUMNS * width, 44 + at // COLUMNS * height
        first, last = ("8", "6") if pair[0].isdigit() else ("D", "") if pair[0].isascii() else ("县", "公")
        cell = Cell(f"第 {at + 1} 条", x, y, SIZE, first + pair[0] + last)
        printed = pair[rng.random() < 0.5]
        truths.append((cell, pair[0], printed))
        cells.append(cell)
        forged.append(replace(cell, text=first + printed + last))
    code = form.layout.sheets[0].page_code
    layouts = [Layout(form.layout.number, form.layout.revision, form.layout.kind, form.layout.digest,
                      [Sheet(cells=kept, codes=[code])], []) for kept in (cells, forged)]  # fmt: skip
    right, wrong = (IssuedForm(draw(layout, "x"), form.content, layout) for layout in layouts)
    return right, wrong, truths


def tried(pairs: Sequence[str], dpi: int, seed: int) -> Iterator[Seen]:
    """Each pair once, on one scan under ordinary office conditions."""
    rng = random.Random(f"{seed}/{dpi}")
    for at in range(0, len(pairs), COLUMNS * ROWS):
        right, wrong, truths = issued_with(pairs[at : at + COLUMNS * ROWS], rng)
        sheet = paper.toner(rng, paper.rendered(wrong.pdf, 0), rng.choice((0, 0.3)))
        verdict = verify_pages(Reference(right), [scan(sheet, any_scanner(rng, dpi))])
        weights = {finding.place.removesuffix(" 旁"): finding.weight for finding in reversed(verdict.findings)
                   if finding.weight != "note"}  # fmt: skip
        if any(finding.kind in ("not_registered", "page_unknown") for finding in verdict.findings):
            continue
        for cell, issued, printed in truths:
            yield Seen(issued, printed, dpi, weights.get(cell.name, ""))


def both(pairs: Sequence[str]) -> list[str]:
    return [pair for a, b in pairs for pair in (a + b, b + a)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0)
    chosen = parser.parse_args()
    common, every = (nearest(chosen.pairs, common=common) for common in (True, False))
    sets = {
        "digits": FIGURES * 6,
        "letters": LETTERS * 4,
        "named": NAMED + RARE,
        "GB 2312": common,
        "all Chinese": every,
    }
    print("| pairs | dpi | forged | passed | unclear | differs | genuine | passed | unclear | differs |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    passed: Counter[tuple[str, int]] = Counter()
    for name, pairs in sets.items():
        for dpi in (150, 200, 300):
            seen = [found for seed in range(chosen.first, chosen.first + chosen.rounds)
                    for found in tried(both(pairs), dpi, seed)]  # fmt: skip
            columns = []
            for forged in (True, False):
                weights = Counter(found.weight for found in seen if (found.issued != found.printed) is forged)
                columns += [weights.total(), weights[""], weights["unclear"], weights["differs"]]
            passed.update((s.issued + s.printed, dpi) for s in seen if s.issued != s.printed and not s.weight)
            print(f"| {name} | {dpi} | " + " | ".join(map(str, columns)) + " |", flush=True)
    print(" ".join(f"{pair}@{dpi}x{times}" for (pair, dpi), times in passed.most_common(80)))


if __name__ == "__main__":
    main()
