"""Imported by the worker once, before it forks for its jobs: judges a small form, so that each job finds the typeface,
the shapes of all characters and the usual templates made already. It halves what a one-page scan costs.
"""

from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.documents.forms.content import CityDemand, CityOpeningForm
from services.documents.forms.issuing import issue
from services.documents.verify.verifying import verify_upload

_LINES = (("中国移动", "插拔卡"), ("中国联通", "贴片卡"), ("中国电信", "Nano卡"))
_FORM = CityOpeningForm(
    number="KS-0000-000000-000",
    unit="供电公司",
    issued_on=date(2026, 1, 2),
    applicant="李建国",
    phone="13456789012",
    month="2026-01",
    demands=tuple(CityDemand(carrier=c, card_spec=s, replacement=345, new=6789) for c, s in _LINES),
)


def warm() -> None:
    """The form itself as its own scan: it has no seal and does not pass, but everything is looked at."""
    pdf = issue(_FORM, Ed25519PrivateKey.from_private_bytes(bytes(32))).pdf
    verify_upload(pdf, pdf)


warm()
