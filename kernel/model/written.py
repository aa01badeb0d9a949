"""Numbers as people and spreadsheets write them: what stands around a number and is no part of it.

Guards (a leading apostrophe, ``="..."``) keep a spreadsheet from changing a number; invisible characters come along
with copying. Around a number both are taken off; inside it they are an error that names the character and its place.
"""

import re
import unicodedata
from decimal import Decimal

_INVISIBLE = "\u00a0\u00ad\u034f\u061c\u115f\u1160\u180e\u2007\u202f\u3164\ufeff\ufffc" + "".join(
    map(
        chr,
        (
            *range(0x20), *range(0x7F, 0xA0), *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070),
            0x2800, *range(0xFE00, 0xFE10), 0xFFA0, *range(0xFFF9, 0xFFFC), *range(0x1D173, 0x1D17B),
            *range(0xE0000, 0xE0080),
        ),
    )
)  # fmt: skip
_SPACES = " \u3000\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u205f"
_APOSTROPHES = "'`\u2018\u2019\u00b4\uff07"
_QUOTES = '"\u201c\u201d\u201e\u201f\u300c\u300d\uff02'
HYPHENS = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d"
"""As people and word processors write the one between groups of digits."""
_AROUND = _INVISIBLE.replace("\0", "") + _SPACES
_TEXT_FORMULA = re.compile(r'^=\s*"([^"]*)"$')
_PLAIN = re.compile(r"[0-9A-Za-z]*")
NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0x2212: "-"}
"""For ``str.translate``: full-width digits and signs as plain ones. Not «²», which NFKC would make a digit."""
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_INSIDE = re.compile(f"[{re.escape(_INVISIBLE)}]")
_NO_NAME = "control character"

_NAMES = {
    "\u00a0": ("不间断空格", "no-break space"),
    "\u00ad": ("软连字符", "soft hyphen"),
    "\u200b": ("零宽空格", "zero width space"),
    "\u200c": ("零宽不连字", "zero width non-joiner"),
    "\u200d": ("零宽连字", "zero width joiner"),
    "\u200e": ("左至右标记", "left-to-right mark"),
    "\u200f": ("右至左标记", "right-to-left mark"),
    "\u2060": ("词连接符", "word joiner"),
    "\ufeff": ("字节顺序标记", "byte order mark"),
    "\ufffd": ("无法识别的字符", "replacement character"),
    "\t": ("制表符", "tab"),
    "\n": ("换行符", "line break"),
    "\r": ("回车符", "carriage return"),
}


def bare(text: str) -> str:
    """``text`` without guards, spaces and invisible characters around it. What stands inside is left as it is."""
    if _PLAIN.fullmatch(text):
        return text
    text = text.strip(_AROUND)
    if match := _TEXT_FORMULA.match(text):
        text = match[1].strip(_AROUND)
    inner = text.strip(_APOSTROPHES + _QUOTES + _AROUND)
    if _PLAIN.fullmatch(inner):
        return inner
    return text.lstrip(_APOSTROPHES + _AROUND) if text[:1] in _APOSTROPHES else text


def decimal(text: str) -> Decimal | None:
    """A number in plain digits, with a point for decimals, as 1.5 or 1E+06; None for anything else.

    Python's own reading takes 1_000, ٣ and NaN too.
    """
    return Decimal(text) if _DECIMAL.fullmatch(text) else None


def odd_place(text: str) -> int:
    """Place (from 1) of the first invisible character inside ``text``; 0 when there is none."""
    match = _INSIDE.search(text)
    return match.start() + 1 if match else 0


def character_name(character: str, language: str = "zh") -> str:
    """A character for people who cannot see it: «U+200B 零宽空格»; a visible one as it is."""
    zh, en = _NAMES.get(character, ("", ""))
    name = en if language == "en" else zh
    if not name and (character.isprintable() and not unicodedata.category(character).startswith(("C", "Z"))):
        return f"{character}"
    name = name or unicodedata.name(character, _NO_NAME).lower()
    return f"U+{ord(character):04X} {name}"
