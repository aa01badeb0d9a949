"""ICCIDs: text of 19 or 20 characters whose first zero or last digit must never be lost (requirements, section 0).

What a carrier's numbers look like is data (:class:`IccidRule`); each aspect is an error, a warning or not looked at.
A whole column of a delivery is judged by ``kernel.model.iccid_column``.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum

LENGTHS = (19, 20)
_SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?[eE]\+?\d{1,2}$")
_SHAPE = re.compile(r"^[0-9A-Z]+$")
_SEPARATORS = str.maketrans("", "", " \t\u00a0\u3000-")


class Severity(StrEnum):
    """What a breach of a rule does to a row: refused, accepted and reported, or nothing."""

    ERROR = "error"
    WARNING = "warning"
    OFF = "off"


@dataclass(frozen=True)
class IccidRule:
    """A carrier's numbers. ``letters``: 1-based position > letters that may stand there; digits may stand anywhere.

    ``luhn``: does the last digit have to satisfy Luhn over all (ITU-T E.118)? A number with letters has no Luhn value
    and is never judged by it.
    """

    prefixes: tuple[str, ...]
    lengths: tuple[int, ...] = LENGTHS
    letters: dict[int, str] = field(default_factory=dict)
    luhn: Severity = Severity.ERROR
    alphabet: Severity = Severity.ERROR


@dataclass(frozen=True)
class IccidVerdict:
    """``error``: code of the refusal, or None. ``warnings``: codes; the value was accepted all the same."""

    iccid: str
    error: str | None = None
    warnings: tuple[str, ...] = ()


def normalise(raw: str) -> str:
    """Full-width characters made narrow, separators dropped, letters upper-case. Nothing is ever added."""
    text = raw if raw.isascii() else unicodedata.normalize("NFKC", raw)
    return text.translate(_SEPARATORS).upper()


def luhn_digit(body: str) -> str:
    """Check digit for ``body`` (digits only), so that ``body + digit`` satisfies Luhn."""
    total = 0
    for place, character in enumerate(reversed(body)):
        digit = int(character)
        if place % 2 == 0:
            digit = digit * 2 - 9 if digit > 4 else digit * 2
        total += digit
    return str(-total % 10)


def luhn_valid(number: str) -> bool:
    """True when the last digit is the Luhn digit of the others; digits only."""
    return luhn_digit(number[:-1]) == number[-1]


def _shape_error(text: str, raw: str) -> str | None:
    """Code of what is wrong whichever carrier issued it."""
    if not text:
        return "iccid_blank"
    if _SCIENTIFIC.match(raw.strip()) or ("E+" in text and _SCIENTIFIC.match(text)):
        return "iccid_scientific"
    if not _SHAPE.match(text):
        return "iccid_characters"
    if len(text) not in LENGTHS:
        return "iccid_length"
    return None


def shape_error(raw: str) -> str | None:
    """Code of what is wrong with a value as sent, whichever carrier it may be of; None when nothing is."""
    return _shape_error(normalise(raw), raw)


def _carrier_findings(text: str, rule: IccidRule) -> tuple[str | None, list[str]]:
    if not text.startswith(rule.prefixes):
        return "iccid_wrong_carrier", []
    if len(text) not in rule.lengths:
        return "iccid_length", []
    warnings: list[str] = []
    if text.isdigit():
        if rule.luhn is not Severity.OFF and not luhn_valid(text):
            if rule.luhn is Severity.ERROR:
                return "iccid_check_digit", warnings
            warnings.append("iccid_check_digit")
        return None, warnings
    strange = any(not c.isdigit() and c not in rule.letters.get(place, "") for place, c in enumerate(text, 1))
    if strange and rule.alphabet is Severity.ERROR:
        return "iccid_characters", warnings
    if strange and rule.alphabet is Severity.WARNING:
        warnings.append("iccid_characters")
    return None, warnings


def check(raw: str, rule: IccidRule) -> IccidVerdict:
    """Judges one value as it was sent. A value that had to be normalised carries the warning iccid_normalised."""
    text = normalise(raw)
    error = _shape_error(text, raw)
    if error:
        return IccidVerdict(text or raw, error)
    error, warnings = _carrier_findings(text, rule)
    if text != raw.strip():
        warnings.append("iccid_normalised")
    return IccidVerdict(text, error, tuple(warnings))
