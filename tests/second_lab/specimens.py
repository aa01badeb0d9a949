"""Seals against the unit's specimen (预留印鉴): the seal of another unit, a near copy, and the genuine one.

`python -m tests.second_lab --seals 10` prints how often each is called *same*, *different* or *not enough seen*. Each
seal is enrolled from one sheet with three careful impressions; all others are pressed the ordinary way on a form.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from services.documents.impressions.comparing import compare
from services.documents.impressions.cutting import cut
from services.documents.impressions.finding import impressions_on
from services.documents.impressions.specimen import Specimen, enrol
from services.documents.verify.sealings import Sealings
from services.documents.verify.verifying import verify_upload
from tests.second_lab import files, scanners, stamps
from tests.second_lab.bench import Bench
from tests.second_lab.papers import Paper, Random
from tests.second_lab.stationery import UNITS

SWAPS = {"溪": "湾", "东": "南", "青": "清", "北": "化", "白": "百", "己": "巳", "天": "夫"}


def _another_unit(stamp: stamps.Stamp, rng: Random) -> stamps.Stamp:
    return replace(stamp, text=str(rng.choice([unit for unit in UNITS if unit != stamp.text])))


def _one_letter(stamp: stamps.Stamp, rng: Random) -> stamps.Stamp:
    return replace(stamp, text=SWAPS[stamp.text[0]] + stamp.text[1:])


def _cut_anew(stamp: stamps.Stamp, rng: Random) -> stamps.Stamp:
    """The same words by another engraver: bolder or thinner, other width of letters and rim."""
    narrow = stamp.narrow * (0.85 if stamp.narrow > 0.75 else 1.18)
    return replace(stamp, narrow=narrow, bold=3 if stamp.bold < 2 else 0, rim=stamp.rim * 1.25)


def _smaller(stamp: stamps.Stamp, rng: Random) -> stamps.Stamp:
    less = float(rng.choice([0.9, 1.08]))
    sizes = (stamp.sizes[0] * less, stamp.sizes[1] * less)
    return replace(stamp, sizes=sizes, letter=stamp.letter * less, rim=stamp.rim * less)


def _starless(stamp: stamps.Stamp, rng: Random) -> stamps.Stamp:
    return replace(stamp, star=False, foot="专用章")


COPIES: dict[str, Callable[[stamps.Stamp, Random], stamps.Stamp]] = {
    "genuine": lambda stamp, _: stamp,
    "another unit's": _another_unit,
    "one letter another": _one_letter,
    "cut anew": _cut_anew,
    "another size": _smaller,
    "starless": _starless,
}


def enrolled(stamp: stamps.Stamp, rng: Random) -> Specimen | None:
    """The specimen from a sheet with three careful impressions at 300 dpi; None if the service cannot read it."""
    sheet = Paper.blank(rng)
    for x in (45.0, 105.0, 165.0):
        press = stamps.Press(ink=0.95, worn=0.02, lean=0.05, turn=float(rng.normal(0, 4)))
        stamps.press(sheet, stamp, x, 90.0, press, rng)
    scanner = replace(scanners.flatbed(rng), dpi=300, quality=92)
    page = scanners.scan(sheet, scanner, rng)
    impressions = [cut(page, middle, 300.0) for middle in impressions_on(page, 300.0)]
    good = tuple(one for one in impressions if one is not None)
    return enrol(good) if len(good) == 3 else None  # type: ignore[arg-type]


def said_of(stamp: stamps.Stamp, specimen: Specimen, bench: Bench) -> str:
    """What the comparison says of this stamp on a signed form; `no seal` when none was found in its place."""
    bench.print()
    bench.sign()
    bench.stamp(stamp)
    bench.scan(replace(scanners.any_scanner(bench.rng), dpi=int(bench.rng.choice([200, 300]))))
    sealings = Sealings()
    verify_upload(bench.form.pdf, files.as_pdf(bench.shots), sealings=sealings)
    found = [compare(specimen, one.impression, sized=one.sized).outcome for one in sealings.found]
    return next((word for word in ("same", "not_enough_seen", "different") if word in found), "no seal")


def seal_table(count: int, first: int) -> str:
    """Markdown: each copy of `count` seals, what was said of it."""
    said: dict[str, Counter[str]] = {name: Counter() for name in COPIES}
    for number in range(first, first + count):
        rng = np.random.default_rng([991, number])
        stamp = stamps.ordinary_stamp(UNITS[number % len(UNITS)], rng)
        specimen = enrolled(stamp, rng)
        for name, copy in COPIES.items():
            bench = Bench(f"specimen {name}", number)
            said[name]["not enrolled" if specimen is None else said_of(copy(stamp, rng), specimen, bench)] += 1
    words = ("same", "not_enough_seen", "different", "no seal", "not enrolled")
    lines = ["| seal | " + " | ".join(words) + " |", "|---|" + "---|" * len(words)]
    lines += [f"| {name} | " + " | ".join(str(counts[word]) for word in words) + " |" for name, counts in said.items()]
    return "\n".join(lines)
