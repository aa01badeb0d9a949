"""Card numbers out of what terminals answer (BND-12).

| source | what comes |
|---|---|
| Q/GDW 1376.1, AFN 09H, F9 | ICCID as 20 ASCII characters, padded with NUL, space or F |
| DL/T 698.45, OI 4500 and 4501, attributes 7 to 10 | ICCID, IMSI, signal in dBm, number; A-XDR types |
| the card's own EF_ICCID (ETSI TS 102 221) | 10 bytes, BCD, nibbles swapped, F padding |

Every function raises ReadFaultError for what is short or garbled: report it as a fault, never as a card. A carrier
that a terminal names is of no use: the number and SimKeep's own books decide.
"""

from __future__ import annotations

import re

_NUMBER = re.compile(r"[0-9][0-9A-E]{17,18}[0-9A-E]")
_PADDING = "\x00 F"
_VISIBLE_STRING, _OCTET_STRING, _LONG, _NULL = 0x0A, 0x09, 0x10, 0x00


class ReadFaultError(Exception):
    """What was read is no card number; the text says why, and is fit to be reported as the fault."""


def iccid_text(text: str) -> str:
    """A number as a terminal wrote it: padding taken off, 19 or 20 characters."""
    number = text.strip("\x00 ").upper()
    while number.endswith("F"):
        number = number[:-1]
    if not number:
        raise ReadFaultError("empty")
    if not _NUMBER.fullmatch(number):
        raise ReadFaultError(f"not an ICCID: {number[:24]!a}")
    return number


def iccid_1376_1(data: bytes) -> str:
    """The ICCID of AFN 09H F9: exactly 20 bytes of ASCII."""
    if len(data) != 20:
        raise ReadFaultError(f"{len(data)} bytes instead of 20")
    try:
        return iccid_text(data.decode("ascii"))
    except UnicodeDecodeError:
        raise ReadFaultError("not ASCII") from None


def iccid_ef(data: bytes) -> str:
    """The ICCID of EF_ICCID: 10 bytes, the low nibble first, F where nothing stands."""
    if len(data) != 10:
        raise ReadFaultError(f"{len(data)} bytes instead of 10")
    nibbles = "".join(f"{byte & 0xF:X}{byte >> 4:X}" for byte in data)
    return iccid_text(nibbles)


def _visible_string(data: bytes) -> str:
    """An A-XDR visible-string or octet-string with a length of one byte."""
    if not data:
        raise ReadFaultError("empty")
    if data[0] == _NULL:
        raise ReadFaultError("the terminal has no value")
    if data[0] not in (_VISIBLE_STRING, _OCTET_STRING) or len(data) < 2:
        raise ReadFaultError(f"type {data[0]:#04x} instead of a string")
    if len(data) != 2 + data[1]:
        raise ReadFaultError(f"{len(data) - 2} bytes instead of {data[1]}")
    try:
        return data[2:].decode("ascii")
    except UnicodeDecodeError:
        raise ReadFaultError("not ASCII") from None


def iccid_698_45(data: bytes) -> str:
    """Attribute 7 of OI 4500 or 4501."""
    return iccid_text(_visible_string(data))


def imsi_698_45(data: bytes) -> str:
    """Attribute 8: 14 or 15 digits."""
    text = _visible_string(data).strip(_PADDING)
    if not re.fullmatch(r"[0-9]{14,15}", text):
        raise ReadFaultError(f"not an IMSI: {text[:24]!a}")
    return text


def signal_698_45(data: bytes) -> int:
    """Attribute 9, in dBm: -140 to 0."""
    if len(data) != 3 or data[0] != _LONG:
        raise ReadFaultError("no long")
    value = int.from_bytes(data[1:], "big", signed=True)
    if not -140 <= value <= 0:
        raise ReadFaultError(f"{value} dBm")
    return value


def number_698_45(data: bytes) -> str:
    """Attribute 10: the card's MSISDN as the terminal has it."""
    text = _visible_string(data).strip("\x00 ")
    if not re.fullmatch(r"\+?[0-9]{5,15}", text):
        raise ReadFaultError(f"not a number: {text[:24]!a}")
    return text
