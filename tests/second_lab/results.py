"""A run's results: a line of JSON a trial, so that a run can be ended and go on; and the table made of them."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.second_lab.bench import KINDS
from tests.second_lab.judging import Outcome


@dataclass(frozen=True)
class Line:
    """`right`: what differs, differs at the forgery; `findings`: what stopped it, without the notes."""

    kind: str
    number: int
    outcome: str
    right: bool
    seconds: float
    findings: list[str]

    @property
    def truth(self) -> str:
        return KINDS[self.kind].truth

    @property
    def apart(self) -> bool:
        return KINDS[self.kind].kept_apart


def line_of(judged: Outcome) -> Line:
    trial, verdict = judged.trial, judged.verdict
    stopped = [f"{f.weight} {f.kind}: {f.message}" for f in verdict.findings if f.weight != "note"]
    return Line(trial.kind, trial.number, verdict.outcome, judged.right, round(judged.seconds, 2), stopped)


def lines_in(path: Path) -> list[Line]:
    """What earlier runs wrote; a last line that was cut short is taken off the file, its trial is run again."""
    if not path.exists():
        return []
    whole, end, _ = path.read_text().rpartition("\n")
    path.write_text(whole + end)
    return [Line(**json.loads(line)) for line in whole.splitlines()]


def add(line: Line, path: Path) -> None:
    with path.open("a") as file:
        file.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")


def table(lines: Iterable[Line]) -> str:
    """Markdown: per kind how many passed, were unclear, differ, were refused; for what differs, at the right place."""
    rows = [
        "| kind | of | passed | unclear | differs | refused | right place | apart |",
        "|---|---|---|---|---|---|---|---|",
    ]
    by_truth: dict[str, dict[str, list[Line]]] = {}
    for line in lines:
        by_truth.setdefault(line.truth, {}).setdefault(line.kind, []).append(line)
    for truth in ("normal", "hard", "limit", "forged"):
        kinds = by_truth.get(truth, {})
        rows += [_row(name, kinds[name]) for name in sorted(kinds)]
        for title, apart in ((f"**{truth}, seen**", False), (f"**{truth}, kept apart**", True)):
            some = [line for many in kinds.values() for line in many if line.apart == apart]
            if some:
                rows.append(_row(title, some, total=True))
    return "\n".join(rows)


def _row(name: str, lines: list[Line], *, total: bool = False) -> str:
    said = [line.outcome for line in lines]
    differing = [line for line in lines if line.outcome == "differs"]
    place = f"{sum(line.right for line in differing)}/{len(differing)}" if differing else "-"
    if lines[0].truth != "forged":
        place = "-"
    counts = " | ".join(str(said.count(word)) for word in ("passed", "unclear", "differs", "refused"))
    apart = "" if total else ("yes" if lines[0].apart else "")
    return f"| {name} | {len(lines)} | {counts} | {place} | {apart} |"
