"""The second laboratory's table, and single trials rebuilt.

    python -m tests.second_lab --genuine 60 --forged 120 [--first 0] [--jobs 2] [--write DIRECTORY]
    python -m tests.second_lab --forged 1000 --first 100 --results FILE
    python -m tests.second_lab --seals 10
    python -m tests.second_lab --kind one_stroke --number 3 --write DIRECTORY

`--write` keeps what the verifier got wrong, and single trials: the issued PDF, the upload and what was found. With
`--seen` no kind that is kept apart is made. `--results` keeps a line a trial: those that stand in the file are not run
again, and the table is made of the whole file. Exit status 0 whatever the figures are: a table is no test.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from tests.second_lab import (
    forged_files,
    forged_later,
    forged_more,
    forged_papers,
    forged_prints,
    genuine,
    genuine_more,
    genuine_scans,
    genuine_seals,
)
from tests.second_lab.bench import KINDS, build
from tests.second_lab.judging import Outcome, judge
from tests.second_lab.results import add, line_of, lines_in, table
from tests.second_lab.specimens import seal_table

# Importing them registers their kinds.
MODULES = (
    *(genuine, genuine_scans, genuine_seals, genuine_more),
    *(forged_prints, forged_papers, forged_files, forged_more, forged_later),
)


def plan(genuine_count: int, forged_count: int, first: int) -> list[tuple[str, int]]:
    """Which trials: in turn through the kinds, numbers from `first`."""
    trials = []
    for count, forged in ((genuine_count, False), (forged_count, True)):
        names = [name for name, made in KINDS.items() if (made.truth == "forged") == forged]
        trials += [(names[at % len(names)], first + at // len(names)) for at in range(count)]
    return trials


def run(trial: tuple[str, int]) -> Outcome:
    return judge(build(*trial))


def outcomes(trials: list[tuple[str, int]], jobs: int) -> Iterator[Outcome]:
    if jobs == 1:
        yield from map(run, trials)
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(run, trials)


def write(outcome: Outcome, directory: Path) -> None:
    """Everything somebody needs who looks into one trial."""
    trial = outcome.trial
    name = f"{trial.kind}-{trial.number:03}"
    directory.mkdir(parents=True, exist_ok=True)
    suffix = "pdf" if trial.upload.startswith(b"%PDF") else "tif" if trial.upload[:2] in (b"II", b"MM") else "jpg"
    (directory / f"{name}-issued.pdf").write_bytes(trial.form.pdf)
    (directory / f"{name}-scan.{suffix}").write_bytes(trial.upload)
    said = {
        "truth": trial.truth, "note": trial.note, "outcome": outcome.verdict.outcome, "wrong": outcome.wrong,
        "places": [(place.page, place.box) for place in trial.places],
        "findings": [(f.weight, f.kind, f.page, f.box, f.message) for f in outcome.verdict.findings],
    }  # fmt: skip
    (directory / f"{name}.json").write_text(json.dumps(said, ensure_ascii=False, indent=1))


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.second_lab")
    parser.add_argument("--genuine", type=int, default=0)
    parser.add_argument("--forged", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="number of the first trial of each kind")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--kind", choices=sorted(KINDS), help="one trial, or with --count several of one kind")
    parser.add_argument("--number", type=int, default=0)
    parser.add_argument("--count", type=int, default=1)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--seen", action="store_true", help="without the kinds that are kept apart from tuning")
    parser.add_argument("--seals", type=int, default=0, help="so many seals against specimens, instead of papers")
    parser.add_argument("--results", type=Path, help="a file of lines that the run goes on with")
    options = parser.parse_args()
    if options.seals:
        print(seal_table(options.seals, options.first))
        return 0
    trials = plan(options.genuine, options.forged, options.first)
    if options.kind:
        trials = [(options.kind, options.number + at) for at in range(options.count)]
    if options.seen:
        trials = [trial for trial in trials if not KINDS[trial[0]].kept_apart]
    lines = lines_in(options.results) if options.results else []
    known = {(line.kind, line.number) for line in lines}
    for outcome in outcomes([trial for trial in trials if trial not in known], options.jobs):
        lines.append(line_of(outcome))
        if options.results:
            add(lines[-1], options.results)
        said = f"{outcome.trial.kind} {outcome.trial.number}: {outcome.verdict.outcome} {outcome.wrong}"
        print(said.rstrip(), file=sys.stderr, flush=True)
        if options.write and (outcome.wrong or options.kind):
            write(outcome, options.write)
    print(table(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
