"""One trial: a return (genuine or forged) goes through a scanner and the verifier; was the answer right?"""

import random
from dataclasses import dataclass, replace

import numpy as np

from services.documents.verify.judging import verify_pages
from services.documents.verify.reference import Reference
from services.documents.verify.verdict import Finding, Verdict
from tests.documents_lab.forger import Forgery, forge
from tests.documents_lab.genuine import genuine
from tests.documents_lab.samples import sample_form
from tests.documents_lab.scanner import any_scanner, scan

REACH_MM = 6.0


@dataclass(slots=True)
class Trial:
    kind: str
    seed: int
    dpi: int
    forgery: str | None
    verdict: Verdict
    placed: bool | None
    images: list[np.ndarray]


def scanned(sheets: list[np.ndarray], rng: random.Random, dpi: int) -> list[np.ndarray]:
    """All sheets through one machine, each laid down anew."""
    machine = any_scanner(rng, dpi)
    return [
        scan(sheet, replace(machine, seed=rng.randrange(2**32), angle=machine.angle + rng.uniform(-1, 1)))
        for sheet in sheets
    ]


def genuine_trial(kind: str, seed: int, dpi: int, size: int = 0) -> Trial:
    form = sample_form(kind, seed, size)
    rng = random.Random(f"trial/{seed}/{dpi}")
    images = scanned(genuine(form, seed).sheets, rng, dpi)
    return Trial(kind, seed, dpi, None, verify_pages(Reference(form), images), None, images)


def forged_trial(name: str, kind: str, seed: int, dpi: int, size: int = 0) -> Trial | None:
    """None when this kind of form has nothing to forge in that way."""
    form = sample_form(kind, seed, size)
    forgery = forge(name, form, seed)
    if forgery is None:
        return None
    images = scanned(forgery.sheets, random.Random(f"trial/{name}/{seed}/{dpi}"), dpi)
    verdict = verify_pages(Reference(form), images)
    placed = any(names(finding, forgery) for finding in verdict.findings) if verdict.outcome == "differs" else None
    return Trial(kind, seed, dpi, name, verdict, placed, images)


def names(finding: Finding, forgery: Forgery) -> bool:
    """Does a finding name the right page and, where the forgery has one place, a box within 6 mm of it?"""
    if finding.weight != "differs":
        return False
    if forgery.page is None:
        return finding.kind in ("page_foreign", "page_superseded", "page_unknown")
    if finding.kind in ("page_foreign", "page_superseded"):
        return forgery.name.startswith("page_")
    if finding.page != forgery.page:
        return False
    if forgery.box is None or finding.box is None:
        return forgery.box is None
    gap_x = max(finding.box[0] - forgery.box[0] - forgery.box[2], forgery.box[0] - finding.box[0] - finding.box[2])
    gap_y = max(finding.box[1] - forgery.box[1] - forgery.box[3], forgery.box[1] - finding.box[1] - finding.box[3])
    return max(gap_x, gap_y) < REACH_MM
