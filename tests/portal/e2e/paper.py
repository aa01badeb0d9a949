"""Paper for the portal's tests: a form issued over REST, printed, sealed and scanned in the laboratory."""

import random
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from services.documents.forms.issuing import IssuedForm, read_issued
from tests.documents_lab.files import scan_pdf
from tests.documents_lab.forger import forge
from tests.documents_lab.genuine import genuine
from tests.documents_lab.paper import scribble, stroke, written_back
from tests.documents_lab.samples import sample_content
from tests.documents_lab.scanner import Scanner, scan
from tests.running_stack import RunningStack, explain

UNIT = "9901"
SCANNER = Scanner(dpi=200, seed=11)


@dataclass(frozen=True)
class Paper:
    """A one-page form of unit 9901 as it was issued, and scans of what came back."""

    number: str
    form: IssuedForm
    genuine: Path
    forged: Path
    scribbled: Path
    noted: Path
    county: Path


def issue_paper(stack: RunningStack, folder: Path, serial: int = 1) -> Paper:
    """``forged``: one digit of a serial is another; ``scribbled``: with a page more that nobody issued; ``noted``: a
    violet pen's stroke across two serials; ``county``: signed as people sign, over the cells' rules."""
    content = sample_content("swap_list", serial, 6)
    number = f"HJ-{UNIT}-{serial:05d}"
    body = content.model_dump(mode="json") | {"number": number, "revision": 1}
    client = stack.login("province")
    answer = client.post("issued-forms", json={"unit": UNIT, "content": body})
    assert answer.status_code == 202, explain(answer)
    pdf = _drawn(client, number)
    form = read_issued(pdf)
    honest = [scan(sheet, SCANNER) for sheet in genuine(form, 3, wear=False).sheets]
    forgery = forge("serial_digit", form, serial)
    assert forgery is not None
    scans = {
        "genuine": honest,
        "forged": [scan(sheet, SCANNER) for sheet in forgery.sheets],
        "scribbled": [*honest, written_back(honest[0])],
        "noted": [scan(sheet, SCANNER) for sheet in _noted(form)],
        "county": [scan(sheet, SCANNER) for sheet in _signed_freely(form)],
    }
    files = {}
    for name, images in scans.items():
        files[name] = folder / f"{name}.pdf"
        files[name].write_bytes(scan_pdf(images))
    return Paper(number, form, **files)


def _noted(form: IssuedForm) -> list[np.ndarray]:
    """Violet ink across the table: no content, but on content."""
    sheets = genuine(form, 3, wear=False).sheets
    cell = next(cell for cell in form.layout.sheets[0].cells if "第 3 条" in cell.name and "串码" in cell.name)
    stroke(sheets[0], [(cell.x + 2, cell.y - 1.5), (cell.x + 20, cell.y + 4)], 0.6, (150, 40, 170))
    return sheets


def _signed_freely(form: IssuedForm) -> list[np.ndarray]:
    """Handwriting 55 mm wide that leaves its cell by some millimetres, beside the one that was there."""
    sheets = genuine(form, 3, wear=False).sheets
    areas = [area for area in form.layout.sheets[0].areas if area.use == "signature"]
    for at, area in enumerate(areas):
        scribble(random.Random(at), sheets[0], area.x + 1, area.y - 2, min(55, area.width + 12), area.height + 4)
    return sheets


def _drawn(client: httpx.Client, number: str, seconds: float = 60) -> bytes:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        form: dict[str, Any] = client.get(f"issued-forms/{number}").json()
        if form["state"] == "current":
            return client.get(f"issued-forms/{number}/file").content
        time.sleep(0.2)
    raise AssertionError(f"not issued within {seconds} s: {number}")
