"""Where a table begins: its head below title rows, its columns, or what a person chose instead."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from kernel.chassis.files.layout import (
    MAX_COLUMNS,
    Layout,
    Match,
    by_looks,
    chosen_places,
    columns_missing,
    is_title,
    match_head,
    rivals,
)
from kernel.contracts.files import FileChoice
from kernel.model.errors import DomainError


class Sampled(Protocol):
    """A row of a sample, whatever the kind of file."""

    @property
    def row_no(self) -> int: ...
    @property
    def last_line(self) -> int: ...
    @property
    def texts(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Head:
    """How a table is read. ``row_no``: of the head; 0: none. ``data_after``: the last row above the data, by number.

    ``places``: column > index. ``texts``: the head's cells. ``refusal``: why it cannot be read so, or None.
    ``exact``: every required column was found by its name or chosen. ``skipped``: title rows of a table without head.
    ``above``: cells of the rows above the head.
    """

    row_no: int
    data_after: int
    places: dict[str, int]
    texts: Sequence[str] = ()
    refusal: DomainError | None = None
    exact: bool = True
    skipped: int = 0
    hidden: tuple[str, ...] = field(default=())
    above: tuple[str, ...] = ()


def find_head(sample: Sequence[Sampled], layout: Layout, choice: FileChoice, hidden: frozenset[int]) -> Head | None:
    """The head of a table that begins with ``sample``; None when it is empty. Prefers exact names to loose ones."""
    if not sample:
        return None
    rows = [list(row.texts[:MAX_COLUMNS]) for row in sample]
    if choice.head_row is not None:
        head = _chosen_head(sample, rows, layout, choice.head_row, hidden)
    else:
        head = (
            _best(sample, rows, layout, hidden)
            or _two_rows(sample, rows, layout, hidden)
            or _best(sample, rows, layout, hidden, loosely=True)
            or (_headless(sample, rows, layout, hidden) if layout.headless else None)
            or _nearest(sample, rows, layout, hidden)
        )
    if choice.columns:
        head = _with_choice(head, rows, layout, choice)
    above = [text for row, texts in zip(sample, rows, strict=True) if row.row_no < head.row_no for text in texts]
    return _checked(replace(head, above=tuple(filter(None, above))), layout, choice, hidden)


def _head(row: Sampled, texts: Sequence[str], match: Match, *, exact: bool = True) -> Head:
    refusal = columns_missing(match.missing, texts) if match.missing else None
    if match.twice is not None and refusal is None:
        refusal = DomainError("file_columns_twice", column=match.twice)
    return Head(row.row_no, row.row_no, match.places, texts, refusal, exact)


def _best(
    sample: Sequence[Sampled],
    rows: Sequence[list[str]],
    layout: Layout,
    hidden: frozenset[int],
    *,
    loosely: bool = False,
) -> Head | None:
    for row, texts in zip(sample, rows, strict=True):
        match = match_head(texts, layout, hidden, loosely=loosely)
        if match.complete:
            return _head(row, texts, match, exact=not loosely)
    return None


def _two_rows(
    sample: Sequence[Sampled], rows: Sequence[list[str]], layout: Layout, hidden: frozenset[int]
) -> Head | None:
    """A head whose upper row groups columns («号码» over IMSI and MSISDN)."""
    for place in range(len(rows) - 1):
        upper, lower = rows[place], rows[place + 1]
        width = max(len(upper), len(lower))
        texts = [
            (lower[i] if i < len(lower) and lower[i].strip() else upper[i] if i < len(upper) else "")
            for i in range(width)
        ]
        if match_head(texts, layout, hidden).complete and all(map(is_title, texts)):
            return _head(sample[place + 1], texts, match_head(texts, layout, hidden))
    return None


def _headless(
    sample: Sequence[Sampled], rows: Sequence[list[str]], layout: Layout, hidden: frozenset[int]
) -> Head | None:
    """Columns by their looks; rows above the first that has a number there are titles and no data."""
    places = by_looks(rows, layout, hidden)
    required = [column for column in layout.columns if column.required]
    if not places and len(required) == 1 and all(is_title(cell) for row in rows[:1] for cell in row):
        return None
    if not places and len(required) == 1 and max(map(len, rows)) == 1:
        places = {required[0].name: 0}
    if any(column.name not in places for column in required):
        return None
    first = places[required[0].name]
    titles = 0
    while titles < len(rows) - 1 and is_title(rows[titles][first] if first < len(rows[titles]) else ""):
        titles += 1
    twice = rivals(rows, layout, places, hidden)
    refusal = DomainError("file_columns_twice", column="、".join(twice)) if twice else None
    return Head(0, sample[titles].row_no - 1, places, (), refusal, skipped=titles)


def _nearest(sample: Sequence[Sampled], rows: Sequence[list[str]], layout: Layout, hidden: frozenset[int]) -> Head:
    """The row that comes nearest to a head, for the refusal and for a person to go on from."""
    matches = [match_head(texts, layout, hidden, loosely=True) for texts in rows]
    best = max(range(len(rows)), key=lambda place: (len(matches[place].places), -place))
    if not matches[best].places:
        best = next((place for place, texts in enumerate(rows) if sum(1 for text in texts if text.strip()) > 1), 0)
    head = _head(sample[best], rows[best], matches[best], exact=False)
    return replace(head, refusal=columns_missing(matches[best].missing, rows[best]))


def _chosen_head(
    sample: Sequence[Sampled], rows: Sequence[list[str]], layout: Layout, row_no: int, hidden: frozenset[int]
) -> Head:
    if row_no == 0:
        places = by_looks(rows, layout, hidden)
        missing = [column for column in layout.columns if column.required and column.name not in places]
        refusal = columns_missing(missing, rows[0]) if missing else None
        return Head(0, sample[0].row_no - 1, places, (), refusal)
    for row, texts in zip(sample, rows, strict=True):
        if row.row_no == row_no:
            return _head(row, texts, match_head(texts, layout, hidden, loosely=True))
    return Head(0, sample[0].row_no - 1, {}, (), DomainError("file_choice_wrong", value=str(row_no)))


def _with_choice(head: Head, rows: Sequence[list[str]], layout: Layout, choice: FileChoice) -> Head:
    """The columns that a person chose win; a column that two want goes to the chosen one."""
    width = max(*map(len, rows), len(head.texts))
    try:
        chosen = chosen_places(choice.columns, layout, width)
    except DomainError as error:
        return replace(head, refusal=error)
    taken = {place for place in chosen.values() if place is not None}
    places = {name: place for name, place in head.places.items() if name not in chosen and place not in taken}
    places |= {name: place for name, place in chosen.items() if place is not None}
    missing = [
        column
        for column in layout.columns
        if column.required and column.name not in places and column.name not in chosen
    ]
    if not places:
        missing = missing or list(layout.columns[:1])
    refusal = columns_missing(missing, head.texts or rows[0]) if missing else None
    return replace(head, places=places, refusal=refusal)


def _checked(head: Head, layout: Layout, choice: FileChoice, hidden: frozenset[int]) -> Head:
    """A hidden column is read only when somebody chose it."""
    unseen = [name for name, place in head.places.items() if place in hidden and name not in choice.columns]
    if not unseen:
        return head
    labels = "、".join(layout.column(name).label for name in unseen)
    refusal = head.refusal or DomainError("file_column_hidden", column=labels)
    return replace(head, refusal=refusal, hidden=tuple(unseen))
