"""Genuine seals of all sorts: starless, short, long, oval, worn, faded, struck twice, on a fold, over words."""

from dataclasses import replace

from tests.second_lab import pens, stamps, wear
from tests.second_lab.bench import Bench, kind


@kind("normal")
def initials_at_the_seal(bench: Bench) -> None:
    rng = bench.rng
    bench.prepare()
    area = bench.areas("seal")[0]
    at = bench.on(area.x + rng.uniform(6, 40), area.y + rng.choice([4.0, area.height - 11.0]))
    pens.write(bench.papers[0], pens.a_name(rng)[:2], *at, float(rng.uniform(5, 7)), bench.a_pen(), rng)


@kind("normal")
def starless_seal(bench: Bench) -> None:
    """A round 专用章 without a star: its purpose stands in the middle."""
    bench.print()
    bench.sign()
    base = stamps.ordinary_stamp(bench.form.content.unit, bench.rng)
    bench.stamp(replace(base, star=False, foot=str(bench.rng.choice(["业务专用章", "计量专用章", "合同专用章"]))))


@kind("normal")
def short_seal(bench: Bench) -> None:
    bench.print()
    bench.sign()
    bench.stamp(
        replace(
            stamps.ordinary_stamp("溪口县供电局", bench.rng), text="溪口县供电局章"[: int(bench.rng.integers(5, 8))]
        )
    )


@kind("normal")
def long_seal(bench: Bench) -> None:
    bench.print()
    bench.sign()
    text = "国网东方省电力有限公司北干山县供电分公司营销部计量中心"[: int(bench.rng.integers(20, 28))]
    bench.stamp(replace(stamps.ordinary_stamp(text, bench.rng), sizes=(45.0, 45.0), narrow=0.6))


@kind("normal")
def other_red(bench: Bench) -> None:
    """Orange or magenta ink pads."""
    bench.print()
    bench.sign()
    colour = (226, 84, 40) if bench.rng.random() < 0.5 else (204, 34, 96)
    bench.stamp(how=replace(stamps.ordinary_press(bench.rng), colour=colour))


@kind("hard")
def oval_seal(bench: Bench) -> None:
    bench.print()
    bench.sign()
    bench.stamp(
        replace(
            stamps.ordinary_stamp("溪口县供电局", bench.rng), sizes=(45.0, 30.0), star=False, foot="专用章", letter=4.4
        )
    )


@kind("hard")
def faded_seal(bench: Bench) -> None:
    bench.print()
    bench.sign()
    bench.stamp(how=stamps.faded(stamps.ordinary_press(bench.rng), bench.rng))


@kind("hard")
def worn_seal(bench: Bench) -> None:
    bench.print()
    bench.sign()
    bench.stamp(how=replace(stamps.ordinary_press(bench.rng), worn=float(bench.rng.uniform(0.3, 0.5)), lean=0.6))


@kind("hard")
def double_struck(bench: Bench) -> None:
    bench.print()
    bench.sign()
    bench.stamp(how=replace(stamps.ordinary_press(bench.rng), twice=float(bench.rng.uniform(0.5, 1.5))))


@kind("hard")
def folded_through_the_seal(bench: Bench) -> None:
    bench.print()
    bench.sign()
    crease = float(bench.rng.uniform(0.3, 0.7))
    bench.stamp(how=replace(stamps.ordinary_press(bench.rng), crease=crease))
    wear.fold(bench.papers[0], bench.rng, 240.0)


@kind("hard")
def seal_over_a_word(bench: Bench) -> None:
    """The seal sits high or left: half of it on the block's labels, rules and handwriting."""
    bench.print()
    bench.sign()
    area = bench.areas("seal")[0]
    bench.stamp(at=(area.x + float(bench.rng.uniform(4, 14)), area.y + float(bench.rng.uniform(18, 45))))


@kind("hard")
def small_lettered_seal(bench: Bench) -> None:
    """An old seal: five to seven letters of 4.5 to 5.6 mm with wide gaps, no number."""
    bench.print()
    bench.sign()
    base = stamps.ordinary_stamp("溪口县供电局", bench.rng)
    bench.stamp(replace(base, letter=float(bench.rng.uniform(4.5, 5.6)), number="", bold=1))


@kind("hard")
def two_seals(bench: Bench) -> None:
    """The unit's seal and a starless 业务专用章 that overlaps it a little, both in the seal's area."""
    bench.print()
    bench.sign()
    unit = bench.form.content.unit
    bench.stamp(replace(stamps.ordinary_stamp(unit, bench.rng), sizes=(38.0, 38.0)), at=(152, 230))
    second = replace(stamps.ordinary_stamp(unit, bench.rng), sizes=(38.0, 38.0), star=False, foot="业务专用章")
    bench.stamp(second, at=(172, float(bench.rng.uniform(248, 252))))


@kind("hard")
def riding_seal(bench: Bench) -> None:
    """骑缝章: the pages were fanned out, and each has a strip of one seal at its right edge."""
    bench.choose("county_termination", "city_termination", "province_opening", pages=2)
    bench.prepare()
    count, height = len(bench.papers), float(bench.rng.uniform(120, 190))
    stamp = stamps.ordinary_stamp(bench.form.content.unit, bench.rng)
    mask = stamps.inked(stamps.cut(stamp), stamps.ordinary_press(bench.rng), bench.rng)
    for at, paper in enumerate(bench.papers):
        strip = mask[:, mask.shape[1] * at // count : mask.shape[1] * (at + 1) // count]
        paper.ink(strip, stamps.RED, 210 - strip.shape[1] * 25.4 / 300, height)
