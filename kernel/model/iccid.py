"""ICCIDs: text of 19 or 20 characters whose first zero or last digit must never be lost (requirements, section 0).

One physical card is one card (INV-12): 19 digits and the same with their check digit, padded with F, or with swapped
nibbles as the chip stores them are one number. ``normalise`` undoes padding and swapping; ``spellings`` names the other
forms. Two numbers of 20 digits are never one card: not every carrier's last digit is a check digit.

What a carrier's numbers look like is data (:class:`IccidRule`); each aspect is an error, a warning or not looked at.
A whole column of a delivery is judged by ``kernel.model.iccid_column``.
"""

import re
import string
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kernel.model.written import HYPHENS, bare, character_name, odd_place

LENGTHS = (19, 20)
KEY = 19
"""Characters of a number that stands without its check digit."""

_SCIENTIFIC = re.compile(r"^\d(?:\.\d+)?[eE]\+?0?\d{1,2}$")
_SHAPE = re.compile(r"^[0-9A-Z]+$")
_NOT_SHAPE = re.compile(r"[^0-9A-Z]")
_SEPARATORS = str.maketrans("", "", " \u3000" + HYPHENS)
_PADDED = re.compile(r"[0-9A-Z]{19}F")
SWAPPED = "9868"
"""So begins a number with swapped nibbles; digits that begin otherwise are already as they are kept."""
_SWAPPED = re.compile(SWAPPED + r"[0-9A-F]{16}")
_LAST = string.digits + string.ascii_uppercase


class Severity(StrEnum):
    """What a breach of a rule does to a row: refused, accepted and reported, or nothing."""

    ERROR = "error"
    WARNING = "warning"
    OFF = "off"


class Missing(StrEnum):
    """What is done with a number that lacks its check digit: the digit is computed, the 19 digits are kept, or the
    number is refused."""

    COMPLETE = "complete"
    KEEP = "keep"
    REFUSE = "refuse"


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
    missing: "Missing | None" = None

    @property
    def without_check_digit(self) -> "Missing":
        """What becomes of numbers that lack their check digit: where it is surely Luhn's, it is computed."""
        return self.missing or (Missing.COMPLETE if self.luhn is Severity.ERROR else Missing.KEEP)


@dataclass(frozen=True)
class IccidVerdict:
    """``error``: code of the refusal, or None. ``warnings``: codes; the value was accepted all the same.

    ``place``: from 1, of the character of ``iccid`` that an error is about; 0: of none.
    """

    iccid: str
    error: str | None = None
    warnings: tuple[str, ...] = ()
    place: int = 0

    @property
    def strange(self) -> dict[str, Any]:
        """Which character may not be there, for the text of iccid_characters; nothing for other errors."""
        if self.error != "iccid_characters":
            return {}
        character = self.iccid[self.place - 1]
        names = {"character": character_name(character, "zh"), "character_en": character_name(character, "en")}
        return {"place": self.place, **names}


def _plain(raw: str) -> str:
    """Without what stands around it; narrow, upper-case, without blanks and hyphens. Invisible characters stay."""
    text = bare(raw)
    if not text.isascii():
        odd = odd_place(text) > 0
        text = "".join(map(_narrow, text)) if odd else unicodedata.normalize("NFKC", text)
    return text.translate(_SEPARATORS).upper()


def _narrow(character: str) -> str:
    return character if odd_place(character) else unicodedata.normalize("NFKC", character)


def normalise(raw: str) -> str:
    """The number as it is kept: full-width characters made narrow, separators and F padding dropped, letters
    upper-case, swapped nibbles put right. Nothing is ever added."""
    text = _plain(raw)
    if _SWAPPED.fullmatch(text):
        text = "".join(text[place + 1] + text[place] for place in range(0, 20, 2))
    return text[:KEY] if _PADDED.fullmatch(text) else text


def spellings(iccid: str) -> list[str]:
    """Every form in which the card of a normalised number may stand in the books, itself first."""
    if len(iccid) == KEY:
        return [iccid, *(iccid + last for last in _LAST)]
    return [iccid, iccid[:KEY]] if len(iccid) == KEY + 1 else [iccid]


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


def _shape_error(text: str, raw: str) -> tuple[str | None, int]:
    """Code of what is wrong whichever carrier issued it, and the place of the character that is."""
    if not text:
        return "iccid_blank", 0
    if _SCIENTIFIC.match(raw.strip()) or ("E+" in text and _SCIENTIFIC.match(text)):
        return "iccid_scientific", 0
    if strange := _NOT_SHAPE.search(text):
        return "iccid_characters", strange.start() + 1
    if len(text) not in LENGTHS:
        return "iccid_length", 0
    return None, 0


def check_shape(raw: str) -> IccidVerdict:
    """What is wrong with a value as sent, whichever carrier it may be of."""
    text = normalise(raw)
    error, place = _shape_error(text, raw)
    return IccidVerdict(text, error, place=place)


def shape_error(raw: str) -> str | None:
    """Code of what ``check_shape`` finds; None when nothing is wrong."""
    return check_shape(raw).error


def _alphabet_place(text: str, rule: IccidRule) -> int:
    """Place of the first letter that may not stand where it does; 0 when there is none."""
    places = (place for place, c in enumerate(text, 1) if not c.isdigit() and c not in rule.letters.get(place, ""))
    return next(places, 0)


def _carrier_findings(text: str, rule: IccidRule, lacking: bool) -> IccidVerdict:
    if not text.startswith(rule.prefixes):
        return IccidVerdict(text, "iccid_wrong_carrier")
    if len(text) not in rule.lengths:
        return IccidVerdict(text, "iccid_length")
    if not text.isdigit():
        return _as_severe(rule.alphabet, text, "iccid_characters", _alphabet_place(text, rule))
    if lacking and len(text) == KEY:
        return _without_check_digit(text, rule)
    return _as_severe(rule.luhn, text, "iccid_check_digit", 0 if luhn_valid(text) else len(text))


def _as_severe(severity: Severity, text: str, code: str, place: int) -> IccidVerdict:
    """An error or a warning about a place; nothing for place 0, or where nobody looks."""
    if not place or severity is Severity.OFF:
        return IccidVerdict(text)
    return IccidVerdict(text, code, place=place) if severity is Severity.ERROR else IccidVerdict(text, None, (code,))


def _without_check_digit(text: str, rule: IccidRule) -> IccidVerdict:
    code = "iccid_check_digit_missing"
    match rule.without_check_digit:
        case Missing.REFUSE:
            return IccidVerdict(text, code)
        case Missing.COMPLETE if len(text) + 1 in rule.lengths:
            return IccidVerdict(text + luhn_digit(text), None, (code,))
        case _:
            return IccidVerdict(text, None, (code,))


def check(raw: str, rule: IccidRule, *, lacking: bool = False) -> IccidVerdict:
    """Judges one value as it was sent. A value that had to be normalised carries the warning iccid_normalised.

    ``lacking``: the file that it stands in leaves check digits out (``iccid_column.lacks_check_digits``).
    """
    text = normalise(raw)
    error, place = _shape_error(text, raw)
    if error:
        return IccidVerdict(text or raw, error, place=place)
    found = _carrier_findings(text, rule, lacking)
    if text != raw.strip():
        return IccidVerdict(found.iccid, found.error, (*found.warnings, "iccid_normalised"), found.place)
    return found
