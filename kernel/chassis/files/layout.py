"""The columns that a service declares, and how they are found in a file."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from kernel.model.errors import DomainError
from kernel.model.written import bare

HEAD_ROWS = 60
"""A head stands within the first so many rows that hold anything."""
MAX_COLUMNS = 256
"""Columns that are looked at for a head; a sheet may reach column XFD with nothing in it."""

_NOISE = re.compile(r"[\s_*:：·.\-\u200b-\u200f\u2060\ufeff\u00ad]|[(\[【<].*?[)\]】>]")
_PARTS = re.compile(r"[/、|]")
_LETTERS = re.compile(r"[0-9]{6,}")
_SHOWN = 20


class Kind(StrEnum):
    """What a column holds. TEXT: kept as it stands. DATE: 2026-11-01, also from a spreadsheet's date. NUMBER: without
    blanks and thousands separators. A value that is no date or number stays as it is, for the service to refuse."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"


@dataclass(frozen=True)
class Column:
    """``label``: its head in templates and messages, a name of its own. ``aliases``: other heads, best first.

    ``within``: a head that only contains one of these is taken when nothing fits better. ``looks_like``: what a value
    looks like, to find the column of a file without head. ``example``: for the template.
    """

    name: str
    label: str
    aliases: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    kind: Kind = Kind.TEXT
    required: bool = True
    looks_like: str | None = None
    example: str = ""

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Normalised, best first."""
        return tuple(dict.fromkeys(_names(self.label)[:1] + [_NOISE.sub("", alias.lower()) for alias in self.aliases]))


@dataclass(frozen=True)
class Layout:
    """Columns of one sort of file. ``headless``: a file without head will do; its columns are known by their looks."""

    title: str
    columns: tuple[Column, ...]
    headless: bool = False

    def __init__(self, title: str, *columns: Column, headless: bool = False) -> None:
        object.__setattr__(self, "title", title)
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "headless", headless)

    def column(self, name: str) -> Column:
        """KeyError for one that is not declared."""
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True)
class Match:
    """What one row is as a head. ``places``: column > index. ``twice``: a head that stands there two times."""

    places: dict[str, int]
    missing: tuple[Column, ...]
    twice: str | None = None

    @property
    def complete(self) -> bool:
        return not self.missing


def _names(head: str) -> list[str]:
    """The names that a head cell gives itself: «ICCID/卡号（20位）» is both."""
    text = unicodedata.normalize("NFKC", head[:200]).lower()
    return [name for part in _PARTS.split(text) if (name := _NOISE.sub("", part))]


def match_head(head: Sequence[str], layout: Layout, hidden: frozenset[int], *, loosely: bool = False) -> Match:
    """Takes ``head`` for a head. A hidden column counts only when no other has the name."""
    named = [_names(cell) for cell in head[:MAX_COLUMNS]]
    places: dict[str, int] = {}
    twice: str | None = None
    for column in layout.columns:
        found = _exactly(column, named, hidden)
        if len(found) > 1:
            twice = twice or head[found[1]].strip()[:64]
        if found:
            places[column.name] = found[0]
    if loosely:
        for column in layout.columns:
            taken = set(places.values())
            found = [
                index
                for index, names in enumerate(named)
                if index not in taken and any(word in name for name in names for word in column.within)
            ]
            if column.name not in places and len(found) == 1 and not _LETTERS.search(head[found[0]]):
                places[column.name] = found[0]
    missing = tuple(column for column in layout.columns if column.required and column.name not in places)
    return Match(places, missing, twice)


def _exactly(column: Column, named: Sequence[Sequence[str]], hidden: frozenset[int]) -> list[int]:
    for name in column.names:
        found = [index for index, own in enumerate(named) if name in own]
        if found:
            return [index for index in found if index not in hidden] or found
    return []


def chosen_places(chosen: Mapping[str, int | None], layout: Layout, width: int) -> dict[str, int | None]:
    """What a person chose, as column > index; None: not in the file.

    Raises DomainError file_choice_wrong for a column that is not there or chosen twice.
    """
    places: dict[str, int | None] = {}
    for name, number in chosen.items():
        if name not in {column.name for column in layout.columns}:
            raise DomainError("file_choice_wrong", value=name)
        if number is not None and not 1 <= number <= min(max(width, 1), 16_384):
            raise DomainError("file_choice_wrong", value=str(number))
        if number is not None and number - 1 in places.values():
            raise DomainError("file_choice_wrong", value=str(number))
        places[name] = None if number is None else number - 1
    return places


def columns_missing(missing: Sequence[Column], head: Sequence[str]) -> DomainError:
    """The refusal of a file whose head lacks columns."""
    shown = [cell.strip()[:32] for cell in head if cell.strip()][:_SHOWN]
    return DomainError(
        "file_columns_missing", missing="、".join(column.label for column in missing), found="、".join(shown)
    )


def by_looks(rows: Sequence[Sequence[str]], layout: Layout, hidden: frozenset[int]) -> dict[str, int]:
    """Places of the columns of rows without head: for each the column with most values that look like it."""
    places: dict[str, int] = {}
    width = min(max((len(row) for row in rows), default=0), MAX_COLUMNS)
    for column in layout.columns:
        if column.looks_like is None:
            continue
        like = re.compile(column.looks_like)
        votes = {
            index: sum(1 for row in rows if index < len(row) and like.fullmatch(bare(row[index])))
            for index in range(width)
            if index not in places.values() and index not in hidden
        }
        best = max(votes, key=lambda index: votes[index], default=None)
        if best is not None and votes[best]:
            places[column.name] = best
    return places


def rivals(rows: Sequence[Sequence[str]], layout: Layout, places: dict[str, int], hidden: frozenset[int]) -> list[str]:
    """Labels of columns that other places than the found ones look like too: whose are the right ones, nobody knows."""
    left = hidden | set(places.values())
    return [layout.column(name).label for name in by_looks(rows, layout, left) if name in places]


def is_title(value: str) -> bool:
    """True for a cell that names something: no run of digits that could be a number."""
    return not _LETTERS.search(unicodedata.normalize("NFKC", value))
