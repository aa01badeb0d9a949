"""Serial codes (串码) of mobile terminals: IMEI, IMEISV, MEID and ESN, brought to one normal form (IME-01, IME-17).

An IMEI's 14 digits and a MEID's 14 hex digits are one number of 56 bits, the *key*. An IMEI is a MEID that happens to
be decimal, so a device that is written either way has one key. ESNs (32 bits) have a key space of their own. A
pseudo-ESN is derived from a MEID, is not unique and never a key.

Sources: 3GPP TS 23.003 Annex B (check digit), GSMA TS.06 (reporting body identifiers), 3GPP2 S.R0048 and X.S0008-0
(MEID and its decimal form), TIA-41 (ESN).
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from kernel.model.iccid import luhn_digit

KEY_NIBBLES = 14
_SEPARATORS = str.maketrans("", "", " \t\u00a0\u3000-_.:")
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?0?\d{1,2}")
_HEX = re.compile(r"[0-9A-F]+")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad\x00-\x1f]")

REPORTING_BODIES = frozenset({"01", "35", "86", "99"})
"""Bodies that allocate type codes today (GSMA TS.06)."""
FORMER_BODIES = frozenset({"10", "30", "33", "44", "45", "49", "50", "51", "52", "53", "54", "91", "98"})
"""Bodies that allocate no longer; their devices are still in the field."""
_TEST_TACS = (*(f"{tac:06d}" for tac in range(1001, 1018)), "0044", "0086", "0091")
TEST_TYPE = "serial_test_type"
"""Warning of ``is_test_type``; of a list the reason to refuse the row."""


class SerialKind(StrEnum):
    """How a code is written. IMEI and IMEISV share keys with MEID."""

    IMEI = "imei"
    IMEISV = "imeisv"
    MEID = "meid"
    ESN = "esn"


@dataclass(frozen=True)
class Serial:
    """``key``: 14 hex digits for IMEI, IMEISV and MEID, 8 for ESN; ``text``: the usual way to write it, with the check
    digit for an IMEI. ``warnings``: codes; the value was accepted all the same."""

    kind: SerialKind
    key: str
    text: str
    warnings: tuple[str, ...] = ()

    @property
    def number(self) -> int:
        """The key as a number: 0 to 2^56 - 1, or 0 to 2^32 - 1 for an ESN."""
        return int(self.key, 16)


@dataclass(frozen=True)
class Refused:
    """``code`` of the error catalogue; ``repair``: what the value most likely should be, None when nobody can tell."""

    raw: str
    code: str
    repair: str | None = None


def normalise(raw: str) -> str:
    """Full-width made narrow, separators and invisible characters dropped, upper case. Digits are never added."""
    text = raw if raw.isascii() else unicodedata.normalize("NFKC", raw)
    return _INVISIBLE.sub("", text).translate(_SEPARATORS).strip("'`\"=").upper()


def hex_luhn_digit(body: str) -> str:
    """Check digit of a MEID with letters: Luhn in base 16 over its 14 hex digits."""
    total = 0
    for place, character in enumerate(reversed(body)):
        value = int(character, 16)
        if place % 2 == 0:
            value *= 2
            value = value // 16 + value % 16
        total += value
    return f"{-total % 16:X}"


def check_digit(key: str) -> str:
    """Check digit of a key of 14: decimal Luhn for digits only, hexadecimal for a MEID with letters."""
    return luhn_digit(key) if key.isdigit() else hex_luhn_digit(key)


def pseudo_esn(meid_key: str) -> str:
    """The pseudo-ESN (8 hex digits, beginning with 80) of a MEID's key: its 7 bytes' SHA-1, the last 24 bits."""
    return "80" + hashlib.sha1(bytes.fromhex(meid_key), usedforsecurity=False).hexdigest()[-6:].upper()


def meid_decimal(key: str) -> str:
    """A MEID's key as its 18 decimal digits: 10 of the first 32 bits, 8 of the last 24."""
    return f"{int(key[:8], 16):010d}{int(key[8:], 16):08d}"


def esn_decimal(key: str) -> str:
    """An ESN's key as its 11 decimal digits: 3 of the first byte, 8 of the other three."""
    return f"{int(key[:2], 16):03d}{int(key[2:], 16):08d}"


def is_test_type(key: str) -> bool:
    """An IMEI that a laboratory uses: no device for sale has it."""
    return key.startswith(_TEST_TACS)


def parse(raw: str, *, network: bool = False) -> Serial | Refused:
    """Judges one value as it was written.

    ``network``: it was read over the air, where the check digit is not sent and stands as 0.
    Lengths tell the kind: 8 hex or 11 decimal digits are an ESN; 14 an IMEI or a MEID; 15 the same with its check
    digit; 16 decimal an IMEISV; 18 or 19 decimal a MEID in decimal form.
    """
    text = normalise(raw)
    if not text:
        return Refused(raw, "serial_blank")
    if re.fullmatch(_SCIENTIFIC, re.sub(r"[ \t]", "", raw.strip().upper())):
        return Refused(raw, "serial_scientific")
    if not _HEX.fullmatch(text):
        return Refused(raw, "serial_characters")
    decimal = text.isdigit()
    reader = _READERS.get((len(text), decimal)) or _READERS.get((len(text), False))
    if reader is None:
        return _without_placeholders(raw, Refused(raw, "serial_length", _lost_zero(text)))
    return _without_placeholders(raw, reader(raw, text, network))


def _without_placeholders(raw: str, found: Serial | Refused) -> Serial | Refused:
    """Values that name no device, as they stand or repaired: only zeros, only F."""
    digits = found.key if isinstance(found, Serial) else found.repair
    if digits and set(digits[:KEY_NIBBLES]) in ({"0"}, {"F"}):
        return Refused(raw, "serial_placeholder")
    return found


def _lost_zero(text: str) -> str | None:
    """A 15-digit IMEI that a spreadsheet robbed of its leading zero."""
    padded = text.rjust(15, "0")
    lost = text.isdigit() and 12 <= len(text) < 14 and luhn_digit(padded[:-1]) == padded[-1]
    return padded if lost else None


def _body(kind: SerialKind, key: str, *more: str) -> Serial:
    """A code with a key of 14. Decimal keys are IMEIs, whatever they were called; RR A0 to FF are MEIDs."""
    if not key.isdigit():
        kind = SerialKind.MEID
    warnings = list(more)
    if key.isdigit():
        if is_test_type(key):
            warnings.append(TEST_TYPE)
        elif key[:2] not in REPORTING_BODIES | FORMER_BODIES:
            warnings.append("serial_unknown_body")
    elif key[:2] < "A0":
        warnings.append("serial_unknown_body")
    text = key + luhn_digit(key) if kind is not SerialKind.MEID else key
    return Serial(kind, key, text, tuple(warnings))


def _fourteen(raw: str, text: str, network: bool) -> Serial | Refused:
    padded = "0" + text
    if text.isdigit() and luhn_digit(padded[:-1]) == padded[-1] and text[:2] not in REPORTING_BODIES | FORMER_BODIES:
        return Refused(raw, "serial_lost_zero", padded)
    return _body(SerialKind.IMEI, text)


def _fifteen(raw: str, text: str, network: bool) -> Serial | Refused:
    key, digit = text[:KEY_NIBBLES], text[KEY_NIBBLES]
    right = check_digit(key)
    if digit == right:
        return _body(SerialKind.IMEI, key)
    if digit == "0" and key.isdigit() and network:
        return _body(SerialKind.IMEI, key, "serial_network_digit")
    return Refused(raw, "serial_check_digit", key + right)


def _sixteen(raw: str, text: str, network: bool) -> Serial | Refused:
    return _body(SerialKind.IMEISV, text[:KEY_NIBBLES])


def _meid_decimal(raw: str, text: str, network: bool) -> Serial | Refused:
    high, low = int(text[:10]), int(text[10:18])
    if high >= 2**32 or low >= 2**24:
        return Refused(raw, "serial_out_of_range")
    if len(text) == 19 and luhn_digit(text[:18]) != text[18]:
        return Refused(raw, "serial_check_digit", text[:18] + luhn_digit(text[:18]))
    return _body(SerialKind.MEID, f"{high:08X}{low:06X}")


def _esn_hex(raw: str, text: str, network: bool) -> Serial | Refused:
    return Serial(SerialKind.ESN, text, text)


def _esn_decimal(raw: str, text: str, network: bool) -> Serial | Refused:
    high, low = int(text[:3]), int(text[3:])
    if high >= 2**8 or low >= 2**24:
        return Refused(raw, "serial_out_of_range")
    key = f"{high:02X}{low:06X}"
    return Serial(SerialKind.ESN, key, key)


_READERS = {
    (8, False): _esn_hex,
    (11, True): _esn_decimal,
    (14, False): _fourteen,
    (15, False): _fifteen,
    (16, True): _sixteen,
    (18, True): _meid_decimal,
    (19, True): _meid_decimal,
}
"""(length, only decimal digits allowed) > who reads it."""
