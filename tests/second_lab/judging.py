"""What the verifier says of a trial, and whether it says it of the right place."""

import time
from dataclasses import dataclass

from services.documents.verify.verdict import Finding, Verdict
from services.documents.verify.verifying import verify_upload
from tests.second_lab.bench import Place, Trial

NEAR = 3.0  # mm that a finding's box may lie beside the forgery
TRIES = 4  # a file that was refused for the time it took: the machine was busy, not the file slow


@dataclass(frozen=True)
class Outcome:
    """`right`: every finding that says *differs* is at the forgery, or of a kind that is true of the whole file."""

    trial: Trial
    verdict: Verdict
    right: bool
    seconds: float

    @property
    def wrong(self) -> str:
        """In a word what is wrong with the verdict, empty when nothing is."""
        said, truth = self.verdict.outcome, self.trial.truth
        if truth == "forged":
            return (
                "forged passed" if said == "passed" else ("wrong place" if said == "differs" and not self.right else "")
            )
        if said == "differs":
            return "genuine accused"
        return "" if said == "passed" or truth == "limit" else f"genuine {said}"


def judge(trial: Trial) -> Outcome:
    began = time.process_time()
    for _ in range(TRIES):
        verdict = verify_upload(trial.form.pdf, trial.upload)
        if not any(finding.kind == "refused" and finding.seen == "slow" for finding in verdict.findings):
            break
    accused = [finding for finding in verdict.findings if finding.weight == "differs"]
    right = bool(accused) and all(is_there(finding, trial) for finding in accused)
    return Outcome(trial, verdict, right, time.process_time() - began)


def is_there(finding: Finding, trial: Trial) -> bool:
    return finding.kind in trial.says or any(_at(finding, place) for place in trial.places)


def _at(finding: Finding, place: Place) -> bool:
    if place.page is not None and finding.page != place.page:
        return False
    if place.box is None:
        return True
    if finding.box is None:
        return False
    (x, y, w, h), (a, b, c, d) = finding.box, place.box
    return x - NEAR < a + c and a < x + w + NEAR and y - NEAR < b + d and b < y + h + NEAR
