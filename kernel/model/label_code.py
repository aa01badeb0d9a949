"""The code on a label of a batch or a box (INV-11): 17 digits, as a keyboard-wedge scanner types them.

Digits only: a Chinese input method that is switched on swallows letters, and leaves digits alone. ``75``, three digits
of the installation, one of the kind, nine of the thing, two to check the others (ISO 7064, MOD 97-10). No other number
of ours has 17 digits, so that an ICCID or an IMSI is never taken for a label.
"""

import re
import unicodedata
from typing import Literal

from kernel.model.errors import DomainError
from kernel.model.iccid import LENGTHS
from kernel.model.written import bare

LabelKind = Literal["batch", "box"]
LENGTH = 17
SHOWN = 40
"""Characters of a wrong code that a refusal repeats."""

_MARK = "75"
_DIGITS: dict[LabelKind, str] = {"batch": "1", "box": "2"}
_SEPARATORS = re.compile(r"[\s-]")


def label_code(system: int, kind: LabelKind, number: int) -> str:
    """``system``: of the installation, 100 to 999. ``number``: of the batch or box, at most nine digits."""
    body = f"{_MARK}{system:03d}{_DIGITS[kind]}{number:09d}"
    return f"{body}{98 - int(body) * 100 % 97:02d}"


def read_label(text: str, system: int) -> tuple[LabelKind, int]:
    """What a scanned or typed code names.

    Raises label_is_card, label_not_ours (some other code), label_misread (a digit is wrong), label_other_system.
    """
    code = _SEPARATORS.sub("", unicodedata.normalize("NFKC", bare(text)))
    value = text.strip()[:SHOWN]
    if len(code) in LENGTHS and code.startswith("89"):
        raise DomainError("label_is_card", value=value)
    if not (code.isascii() and code.isdigit() and code.startswith(_MARK) and abs(len(code) - LENGTH) <= 1):
        raise DomainError("label_not_ours", value=value)
    kind = next((kind for kind, digit in _DIGITS.items() if code[5] == digit), None)
    if len(code) != LENGTH or int(code) % 97 != 1 or kind is None:
        raise DomainError("label_misread", value=value)
    if int(code[2:5]) != system:
        raise DomainError("label_other_system", value=value, system=code[2:5])
    return kind, int(code[6:15])
