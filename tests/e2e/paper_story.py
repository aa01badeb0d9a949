"""What clerks do with paper between two calls: print the form, sign and seal it, scan it."""

from services.documents.forms.issuing import read_issued
from tests.documents_lab.files import scan_pdf
from tests.documents_lab.forger import forge
from tests.documents_lab.genuine import genuine
from tests.documents_lab.scanner import Scanner, scan

_SCANNER = Scanner(dpi=200, seed=11, angle=0.4)


def signed_scan(pdf: bytes, seed: int = 1) -> bytes:
    """The scan of the issued form, printed, signed and sealed by an honest clerk."""
    return scan_pdf([scan(sheet, _SCANNER) for sheet in genuine(read_issued(pdf), seed, wear=False).sheets])


def altered_scan(pdf: bytes, kind: str = "quantity_digit", seed: int = 1) -> bytes:
    """The scan of a paper that was changed after it was issued; ``kind`` as in the laboratory's forger."""
    forgery = forge(kind, read_issued(pdf), seed)
    assert forgery is not None, f"this form has nothing to forge as {kind}"
    return scan_pdf([scan(sheet, _SCANNER) for sheet in forgery.sheets])
