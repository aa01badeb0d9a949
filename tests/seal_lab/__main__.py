"""The table of the seals: `python -m tests.seal_lab`. Seals below 240 set the limits."""

import argparse
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor

import cv2

from services.documents.impressions.reuse import REUSED
from tests.seal_lab.trial import GENUINE, GOOD, NEAR, NEVER_SAME, compared, likeness_of_prints

OUTCOMES = ("same", "not_enough_seen", "different")


def of_seal(seal: int) -> list[tuple[str, int, str, float]]:
    """Every class once, genuine ones at each resolution: kind, dpi, outcome, CPU seconds with the laboratory's own."""
    cv2.setNumThreads(1)
    plan = [(GENUINE, dpi, at) for at, dpi in enumerate((150, 200, 300))] + [(GOOD, 300, 3), (GOOD, 300, 4)]
    plan += [(kind, 300, 10) for kind in NEVER_SAME] + [(kind, dpi, 20) for kind in NEAR for dpi in (200, 300)]
    rows = []
    for kind, dpi, seed in plan:
        started = time.process_time()
        trial = compared(kind, seal, seed, dpi)
        rows.append((kind, dpi, trial.comparison.outcome, time.process_time() - started))
    for dpi in (200, 300):
        for kind, reused in (("the same impression", True), ("another impression", False)):
            again = likeness_of_prints(seal, 30, dpi, reused=reused) >= REUSED
            rows.append((kind, dpi, "told as reused" if again else "not told", 0.0))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=300)
    parser.add_argument("--seals", type=int, default=75)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    counts: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    with ProcessPoolExecutor(options.processes) as pool:
        for rows in pool.map(of_seal, range(options.first, options.first + options.seals)):
            for kind, dpi, outcome, _ in rows:
                counts[kind, dpi][outcome] += 1
    print("| impression | dpi | same | not enough seen | different |\n|---|---|---|---|---|")
    for (kind, dpi), found in sorted(counts.items()):
        if set(found) <= set(OUTCOMES):
            print(f"| {kind} | {dpi} | " + " | ".join(str(found[outcome]) for outcome in OUTCOMES) + " |")
    print("\n| impression | dpi | told as reused | not told |\n|---|---|---|---|")
    for (kind, dpi), found in sorted(counts.items()):
        if not set(found) <= set(OUTCOMES):
            print(f"| {kind} | {dpi} | {found['told as reused']} | {found['not told']} |")


if __name__ == "__main__":
    main()
