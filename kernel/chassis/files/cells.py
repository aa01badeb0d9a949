"""Columns of cells, cleaned: guards and invisible characters taken off, dates and numbers written one way."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from kernel.chassis.files.layout import Kind
from kernel.model.written import NARROW, bare

_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?Z?)?",
    re.ASCII,
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([, ])\d{3}(?:\1\d{3})*(?:\.\d+)?", re.ASCII)
"""Not «0,512»: a comma after a leading zero is a decimal one, and whoever reads the number refuses it. Nor «1 5»."""
_SPACES = dict.fromkeys((0x20, 0xA0, 0x2007, 0x2009, 0x202F, 0x3000), " ")
_NARROW = NARROW | _SPACES
_EPOCHS = {False: datetime(1899, 12, 30), True: datetime(1904, 1, 1)}  # noqa: DTZ001  a cell has no time zone
_LAST_SERIAL = 2_958_465
_LEAP_YEAR_BUG = 60


def clean_column(values: Sequence[str], kind: Kind) -> tuple[Sequence[str], int]:
    """The column with every value clean, and how many had to be freed of what stood around them."""
    together = "".join(values)
    if kind is not Kind.DATE and together.isascii() and (together.encode().isalnum() or not together):
        return values, 0
    way = {Kind.DATE: date_text, Kind.NUMBER: plain_number}.get(kind, str)
    bared = {value: bare(value) for value in set(values)}  # most columns have few values, each many times
    freed = {value for value, text in bared.items() if text not in {value, value.strip()}}
    clean = {value: way(text) for value, text in bared.items()}
    return [clean[value] for value in values], sum(value in freed for value in values) if freed else 0


def date_text(text: str) -> str:
    """2026-11-01, or 2026-11-01 08:00:00, of a date as people write it; any other text as it is."""
    narrow = text.translate(_NARROW)
    match = _DATE.fullmatch(narrow) or _COMPACT_DATE.fullmatch(narrow)
    if not match:
        return text
    parts = [int(part) for part in match.groups() if part is not None]
    try:
        moment = datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001  a cell has no time zone
    except ValueError:
        return text
    return _moment_text(moment, timed=len(parts) > 3)


def serial_date(raw: str, *, from_1904: bool) -> str:
    """The date that a spreadsheet keeps as a number of days; ``raw`` as it is when it is none."""
    try:
        serial = float(raw)
    except ValueError:
        return raw
    if not 0 <= serial < _LAST_SERIAL:
        return raw
    if not from_1904 and serial < _LEAP_YEAR_BUG:
        serial += 1  # spreadsheets believe in a 29 February 1900
    seconds = round(serial * 86_400)
    moment = _EPOCHS[from_1904] + timedelta(seconds=seconds)
    return _moment_text(moment, timed=seconds % 86_400 != 0)


def _moment_text(moment: datetime, *, timed: bool) -> str:
    return moment.isoformat(sep=" ") if timed and moment.time() != datetime.min.time() else moment.date().isoformat()


def plain_number(text: str) -> str:
    """«1,234.50» and «1 234.50» as 1234.50, full-width digits made narrow; «10²» and any other text as it is."""
    narrow = text.translate(_NARROW).strip(" ")
    if found := _GROUPED.fullmatch(narrow):
        narrow = narrow.replace(found[1], "")
    return narrow
