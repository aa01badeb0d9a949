"""The columns of a list's file: what a line holds, and how it is said to people.

Heads and words are Chinese; a code is shown by its name. The cells of a column are made together: a million lines
have twenty million of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from operator import attrgetter
from typing import Any, Literal

from kernel.model.period import BUSINESS_ZONE

Words = Mapping[str, str]
Kind = Literal["text", "code", "number"]
Values = Sequence[Any]

FORMULA_STARTS = frozenset("=+-@\t\r＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula, the full-width signs too."""

_LONGEST_NUMBER = 11
"""A spreadsheet writes longer numbers as 8.986E+18, and forgets digits from the sixteenth on."""


@dataclass(frozen=True)
class Column:
    """One column. ``name``: what callers choose it by, and the field of the line that it shows; ``title``: the head.

    ``kind`` number: to be calculated with; code: digits and letters that never begin like a formula, such as an ICCID;
    all else is text. ``words``: code > name, or the name of a catalogue (``ListSpec.words``); "units" are the names
    that come with the request. ``of``: the field that holds its values, when that is another (dots lead inside).
    ``made``: makes the value out of the whole line, for what is no field of it. ``total``: added up in the last line.
    ``usual`` False: in the file only when it is asked for by name.
    """

    name: str
    title: str
    kind: Kind = "text"
    words: Words | str | None = None
    width: int = 22
    of: str = ""
    made: Callable[[Any], Any] | None = None
    total: bool = False
    usual: bool = True

    @property
    def source(self) -> str:
        """The field of a line that holds its values."""
        return self.of or self.name

    @property
    def value(self) -> Callable[[Any], Any]:
        """What takes the column's value out of a line. A field inside a part that is missing is missing."""
        if self.made is not None:
            return self.made
        if "." not in self.source:
            return attrgetter(self.source)
        path = self.source.split(".")

        def inner(line: Any) -> Any:
            for name in path:
                line = getattr(line, name, None)
            return line

        return inner


def number(name: str, title: str, *, total: bool = False, width: int = 14, of: str = "") -> Column:
    """A column of numbers."""
    return Column(name, title, kind="number", total=total, width=width, of=of)


def unit_columns(name: str, title: str) -> tuple[Column, Column]:
    """A unit by its name, as ``<name>_name``; its code, ``name``, for those who ask for it."""
    return (
        Column(f"{name}_name", title, words="units", of=name, width=24),
        Column(name, f"{title}编码", kind="code", width=12, usual=False),
    )


@lru_cache(maxsize=4096)
def _moment(value: datetime) -> str:
    """Business time. Cards moved by one act share their moment, so most are written once only."""
    return value.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def said(value: Any) -> str:
    """A value that is no text as text."""
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list | tuple):
        return "、".join(map(said, value))
    return str(value)


def texts(column: Column, values: Values) -> list[Any]:
    """The cells of ``column``: names for codes, texts for all but numbers. None stands for an empty cell."""
    if column.kind == "number":
        return list(values)
    words = column.words
    if isinstance(words, str):
        raise TypeError(f"the words of {column.name} are not looked up yet")
    if words is None:
        return list(values) if _TEXTS.issuperset(map(type, values)) else _each(said, values)
    return _each(partial(_worded, words), values)


_TEXTS = frozenset({str, type(None)})


def _each(change: Callable[[Any], Any], values: Values) -> list[Any]:
    """Every value but None changed. States, days and names come again and again; each is changed once."""
    try:
        changed = {value: change(value) for value in set(values) if value is not None}
    except TypeError:  # lists cannot stand in a set
        return [None if value is None else change(value) for value in values]
    return list(map(changed.get, values))


def _worded(words: Words, value: Any) -> Any:
    """Of several codes each by its name."""
    if isinstance(value, list | tuple):
        return "、".join(words.get(str(one), str(one)) for one in value)
    return words.get(str(value), said(value))


def guarded(column: Column, cells: list[Any]) -> list[Any]:
    """CSV cells that a spreadsheet shows as they are: no formula is run, no number loses digits, no month is a day.

    A text that it would take for a formula gets an apostrophe before it. One that it would take for a number or a day
    gets a tab behind it, which nobody sees and every reader of ours drops.
    """
    if column.kind == "number":
        return cells
    if column.kind == "code":
        return [f"{cell}\t" if cell and (len(cell) > _LONGEST_NUMBER or cell[0] == "0") else cell for cell in cells]
    changed = {cell: safe for cell in set(cells) if cell and cell[0] in _SUSPECT and (safe := _guard(cell)) != cell}
    return [changed.get(cell, cell) for cell in cells] if changed else cells


_SUSPECT = FORMULA_STARTS | frozenset("0123456789.'")


def _guard(cell: str) -> str:
    if cell[0] in FORMULA_STARTS or (cell[0] == "'" and cell.lstrip("'")[:1] in FORMULA_STARTS):
        return f"'{cell}"
    return f"{cell}\t" if cell[0] != "'" and _is_taken_for_a_number(cell) else cell


def _is_taken_for_a_number(cell: str) -> bool:
    if cell.isdecimal():
        return len(cell) > _LONGEST_NUMBER or (cell[0] == "0" and len(cell) > 1)
    if len(cell) == len("2026-12-31") and cell[4] == cell[7] == "-":
        return False  # a day is one
    return not cell.strip("0123456789.,-/eE+")


def unguarded(cell: str) -> str:
    """The text that ``guarded`` was given."""
    cell = cell.removesuffix("\t")
    return cell[1:] if cell[:1] == "'" and cell.lstrip("'")[:1] in FORMULA_STARTS else cell
