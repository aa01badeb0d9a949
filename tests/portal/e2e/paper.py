"""Paper for the portal's tests: a form issued over REST, printed, sealed and scanned in the laboratory."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from services.documents.forms.issuing import IssuedForm, read_issued
from tests.documents_lab.files import scan_pdf
from tests.documents_lab.forger import forge
from tests.documents_lab.genuine import genuine
from tests.documents_lab.paper import written_back
from tests.documents_lab.samples import sample_content
from tests.documents_lab.scanner import Scanner, scan
from tests.running_stack import RunningStack, explain

UNIT = "9901"
SCANNER = Scanner(dpi=200, seed=11)


@dataclass(frozen=True)
class Paper:
    """A one-page form of unit 9901 as it was issued, and three scans of what came back."""

    number: str
    form: IssuedForm
    genuine: Path
    forged: Path
    scribbled: Path


def issue_paper(stack: RunningStack, folder: Path, serial: int = 1) -> Paper:
    """``forged``: one digit of a serial is another; ``scribbled``: with a page more that nobody issued."""
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
    }
    files = {}
    for name, images in scans.items():
        files[name] = folder / f"{name}.pdf"
        files[name].write_bytes(scan_pdf(images))
    return Paper(number, form, **files)


def _drawn(client: httpx.Client, number: str, seconds: float = 60) -> bytes:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        form: dict[str, Any] = client.get(f"issued-forms/{number}").json()
        if form["state"] == "current":
            return client.get(f"issued-forms/{number}/file").content
        time.sleep(0.2)
    raise AssertionError(f"not issued within {seconds} s: {number}")
