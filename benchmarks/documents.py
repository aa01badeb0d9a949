"""Forged and genuine scans of six forms against the figures of issue 3, and CPU seconds a page against Tesseract.

    python -m benchmarks.documents --genuine 300 --forged 2000 --results results.jsonl    # hours; resumes
    python -m benchmarks.documents --results results.jsonl --table                         # what is there

Half of the trials use held-out seeds (from 1,000,000): none of them was looked at while the thresholds were set.
`run` (for `python -m benchmarks documents`) makes a small sample of the same trials.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import cv2

from benchmarks.lines import Line
from tests.documents_lab.forger import all_forgers
from tests.documents_lab.samples import KINDS
from tests.documents_lab.trial import Trial, forged_trial, genuine_trial

HELD_OUT = 1_000_000
SIZES = {"city_opening": 12, "province_opening": 2, "county_termination": 40, "city_termination": 24,
         "swap_list": 24, "box_labels": 8}  # fmt: skip
DPIS = (150, 200, 300)
TESSERACT_SHARE = 0.15
Row = dict[str, Any]


def seed_of(number: int) -> int:
    """Even trials use development seeds, odd ones held-out seeds."""
    return 20_000 + number if number % 2 == 0 else HELD_OUT + number


def genuine_rows(count: int, done: set[str]) -> Iterator[Row]:
    for number in range(count):
        key = f"genuine/{number}"
        if key not in done:
            kind, dpi = KINDS[number // 2 % 6], DPIS[number // 12 % 3]
            yield _row(key, genuine_trial(kind, seed_of(number), dpi, SIZES[kind]))


def forged_rows(count: int, done: set[str]) -> Iterator[Row]:
    """Goes round all forgeries; a form that cannot be forged so is replaced by the next kind of form."""
    names = list(all_forgers())
    for number in range(count):
        key, name = f"forged/{number}", names[number // 2 % len(names)]
        if key in done:
            continue
        for turn in range(6):
            kind, dpi = KINDS[(number // 2 + number // len(names) + turn) % 6], DPIS[(number // 7) % 3]
            trial = forged_trial(name, kind, seed_of(number), dpi, SIZES[kind])
            if trial is not None:
                yield _row(key, trial)
                break


def _row(key: str, trial: Trial) -> Row:
    return {
        "key": key, "kind": trial.kind, "seed": trial.seed, "dpi": trial.dpi, "forgery": trial.forgery,
        "outcome": trial.verdict.outcome, "placed": trial.placed,
        "seconds": [round(page.seconds, 3) for page in trial.verdict.pages if page.page],
        "said": trial.verdict.sentences()[:4],
    }  # fmt: skip


def tesseract_seconds(pages: int = 2) -> tuple[float, float] | None:
    """CPU seconds a page at 200 dpi of (this verifier, Tesseract psm 6 digits) on the same scans; None without it."""
    if shutil.which("tesseract") is None:
        return None
    own = theirs = 0.0
    seen = 0
    genuine_trial("county_termination", 699, 200, 40)  # a worker has its templates ready
    for number in range(pages):
        trial = genuine_trial("county_termination", 700 + number, 200, 40)
        for page, image in zip(trial.verdict.pages, trial.images, strict=True):
            own += page.seconds
            with tempfile.NamedTemporaryFile(suffix=".png") as file:
                upright = image if not page.turn else cv2.rotate(image, (page.turn // 90 - 1) % 3)
                cv2.imwrite(file.name, upright[:, :, ::-1])
                theirs += _cpu_of(["tesseract", file.name, "-", "--psm", "6", "--dpi", "200",
                                   "-c", "tessedit_char_whitelist=0123456789"])  # fmt: skip
            seen += 1
    return own / seen, theirs / seen


def _cpu_of(command: list[str]) -> float:
    before = os.times()
    quiet = subprocess.DEVNULL
    subprocess.run(
        command, check=True, stdin=quiet, stdout=quiet, stderr=quiet, env={**os.environ, "OMP_THREAD_LIMIT": "1"}
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def lines(rows: list[Row]) -> list[Line]:
    genuine = [row for row in rows if not row["forgery"]]
    forged = [row for row in rows if row["forgery"]]
    passed = sum(row["outcome"] == "passed" for row in forged)
    found = [Line("documents/forged-passed", passed, f"of {len(forged)}", at_most=0)]
    for dpi, least in ((150, 0.97), (200, 0.99), (300, 0.99)):
        group = [row for row in genuine if row["dpi"] == dpi]
        if group:
            share = sum(row["outcome"] == "passed" for row in group) / len(group)
            found.append(Line(f"documents/genuine-passed-{dpi}dpi", share, f"of {len(group)}", at_least=least))
    if genuine:
        wrong = sum(row["outcome"] == "differs" for row in genuine) / len(genuine)
        found.append(Line("documents/genuine-called-differs", wrong, f"of {len(genuine)}", at_most=0.003))
    differs = [row for row in forged if row["outcome"] == "differs"]
    if differs:
        right = sum(bool(row["placed"]) for row in differs) / len(differs)
        found.append(Line("documents/forged-right-place", right, f"of {len(differs)}", at_least=0.98))
    return found


def table(rows: list[Row]) -> str:
    """Markdown: the figures, by resolution and by forgery, development and held-out seeds apart."""
    out = ["| trials | seeds | dpi | passed | unclear | differs | right place |", "|---|---|---|---|---|---|---|"]
    groups: dict[tuple[str, str, int], list[Row]] = defaultdict(list)
    for row in rows:
        seeds = "held out" if row["seed"] >= HELD_OUT else "development"
        groups["forged" if row["forgery"] else "genuine", seeds, row["dpi"]].append(row)
    for (trials, seeds, dpi), group in sorted(groups.items()):
        count = Counter(row["outcome"] for row in group)
        placed = [row["placed"] for row in group if row["placed"] is not None]
        share = f"{sum(placed)}/{len(placed)}" if placed else "-"
        out.append(
            f"| {trials} | {seeds} | {dpi} | {count['passed']} | {count['unclear']} | {count['differs']} | {share} |"
        )
    out += ["", "| forgery | passed | unclear | differs | right place |", "|---|---|---|---|---|"]
    by_name: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["forgery"]:
            by_name[row["forgery"]].append(row)
    for name, group in sorted(by_name.items()):
        count = Counter(row["outcome"] for row in group)
        placed = [row["placed"] for row in group if row["placed"] is not None]
        outcomes = f"{count['passed']} | {count['unclear']} | {count['differs']}"
        out.append(f"| {name} | {outcomes} | {sum(placed)}/{len(placed)} |")
    return "\n".join(out) + "\n"


def _cost() -> list[Line]:
    cost = tesseract_seconds()
    return [Line("documents/cpu-page-200dpi", cost[0], "s", baseline=cost[1], at_most=TESSERACT_SHARE)] if cost else []


def run(_stack: object) -> Iterable[Line]:
    """A sample small enough for every build: 12 genuine, 41 forged, and the cost against Tesseract."""
    rows = [*genuine_rows(12, set()), *forged_rows(2 * len(all_forgers()), {f"forged/{n}" for n in range(0, 400, 2)})]
    yield from lines(rows)
    yield from _cost()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.documents")
    parser.add_argument("--genuine", type=int, default=0)
    parser.add_argument("--forged", type=int, default=0)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--cost", action="store_true", help="measure against Tesseract too")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    rows = [json.loads(line) for line in options.results.read_text().splitlines()] if options.results.exists() else []
    done = {row["key"] for row in rows}
    started = time.monotonic()
    with options.results.open("a") as file:
        for row in _mixed(genuine_rows(options.genuine, done), forged_rows(options.forged, done)):
            rows.append(row)
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            file.flush()
    for line in [*lines(rows), *(_cost() if options.cost else [])]:
        print(line)
    print(f"# {len(rows)} trials, {time.monotonic() - started:.0f} s")
    if options.table:
        print(table(rows))
    return 0


def _mixed(genuine: Iterator[Row], forged: Iterator[Row]) -> Iterator[Row]:
    """One genuine after every four forged, so that a run cut short has some of both."""
    while True:
        taken = 0
        for source in (forged, forged, genuine, forged, forged):
            row = next(source, None)
            if row is not None:
                taken += 1
                yield row
        if not taken:
            return


if __name__ == "__main__":
    sys.exit(main())
