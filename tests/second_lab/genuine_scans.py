"""Genuine papers in the scanners, resolutions, orders and files that offices have."""

from dataclasses import replace

from tests.second_lab import files, scanners
from tests.second_lab.bench import Bench, kind


@kind("normal")
def flatbed(bench: Bench) -> None:
    bench.prepare()
    bench.scan(scanners.flatbed(bench.rng))


@kind("normal")
def sheet_feeder(bench: Bench) -> None:
    bench.prepare()
    bench.scan(scanners.feeder(bench.rng))


@kind("normal")
def office_copier(bench: Bench) -> None:
    bench.prepare()
    bench.scan(scanners.copier(bench.rng))


@kind("normal")
def coarse_150(bench: Bench) -> None:
    bench.prepare()
    bench.scan(replace(scanners.any_scanner(bench.rng), dpi=150, quality=int(bench.rng.integers(70, 90))))


@kind("normal")
def swapped_pages(bench: Bench) -> None:
    bench.choose("county_termination", "city_termination", "province_opening", pages=2)
    bench.prepare()
    bench.papers.reverse()


@kind("normal")
def turned_pages(bench: Bench) -> None:
    bench.prepare()
    base = scanners.any_scanner(bench.rng)
    bench.scan(*(replace(base, turn=int(t)) for t in bench.rng.integers(0, 4, len(bench.papers))))


@kind("normal")
def mixed_resolution(bench: Bench) -> None:
    bench.choose("county_termination", "city_termination", pages=2)
    bench.prepare()
    bench.scan(*(replace(scanners.flatbed(bench.rng), dpi=d) for d in (300, 150, 200)))


@kind("normal")
def multi_page_tiff(bench: Bench) -> None:
    bench.prepare()
    shots = bench.scan(replace(scanners.flatbed(bench.rng), dpi=200))
    bench.upload = files.as_tiff(shots)


@kind("normal")
def single_jpeg(bench: Bench) -> None:
    bench.choose("city_opening", "swap_list")
    while len(bench.form.layout.sheets) > 1:
        bench.choose("swap_list")
    bench.prepare()
    bench.upload = files.jpeg(bench.scan(scanners.flatbed(bench.rng))[0])


@kind("normal")
def in_strips(bench: Bench) -> None:
    bench.prepare()
    bench.upload = files.as_strips(bench.scan(scanners.any_scanner(bench.rng)), int(bench.rng.integers(3, 9)))


@kind("hard")
def compact_pdf(bench: Bench) -> None:
    bench.prepare()
    bench.upload = files.as_compact_pdf(bench.scan(replace(scanners.copier(bench.rng), dpi=300)))


@kind("hard")
def askew_three_degrees(bench: Bench) -> None:
    bench.prepare()
    skew = float(bench.rng.choice([-1, 1]) * bench.rng.uniform(2, 3))
    bench.scan(replace(scanners.feeder(bench.rng), skew=skew))


@kind("hard")
def squeezed_jpeg(bench: Bench) -> None:
    bench.prepare()
    bench.scan(scanners.copier(bench.rng, 38, 48))


@kind("hard")
def moire(bench: Bench) -> None:
    bench.prepare()
    bench.scan(replace(scanners.copier(bench.rng), moire=float(bench.rng.uniform(0.03, 0.08))))


@kind("hard")
def dropped_lines(bench: Bench) -> None:
    bench.prepare()
    bench.scan(replace(scanners.feeder(bench.rng), dropped=int(bench.rng.integers(3, 12))))


@kind("hard")
def colours_apart(bench: Bench) -> None:
    bench.prepare()
    bench.scan(replace(scanners.feeder(bench.rng), apart=float(bench.rng.uniform(0.8, 1.3))))


@kind("hard")
def clipped_white(bench: Bench) -> None:
    bench.prepare()
    bench.scan(replace(scanners.copier(bench.rng), white=float(bench.rng.uniform(0.78, 0.86)), gamma=0.8))


@kind("hard")
def scanner_app(bench: Bench) -> None:
    bench.prepare()
    bench.scan(scanners.telephone(bench.rng))


@kind("limit")
def gray_scan(bench: Bench) -> None:
    """Without colour: the seal cannot be told from a photocopy; a pass is not promised, an accusation is wrong."""
    bench.prepare()
    bench.scan(replace(scanners.copier(bench.rng), gray=True))


@kind("limit")
def coarse_100(bench: Bench) -> None:
    bench.prepare()
    bench.scan(replace(scanners.flatbed(bench.rng), dpi=100, quality=70))


@kind("limit")
def two_forms_in_one_file(bench: Bench) -> None:
    """Another signed form follows in the same file: somebody should take it out, nobody forged anything."""
    bench.prepare()
    other = Bench("two_forms_other", bench.number)
    while other.form.layout.number == bench.form.layout.number:
        other.choose("swap_list", "city_opening")
    other.prepare()
    bench.papers += other.papers
