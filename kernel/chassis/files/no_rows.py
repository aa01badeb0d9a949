"""Lines of a list that are no rows of it: heads that come again, sums, signatures and empty lines of a form.

Each sort is left out and counted in a note. A line that could be a row is none of these: where a number stands beside
the declared columns, the row is kept, and whoever reads it says what it lacks.
"""

import re
from collections.abc import Sequence

from kernel.chassis.files.batches import Batch, Notes
from kernel.chassis.files.heads import Head
from kernel.model.written import bare

_SUM = re.compile(
    r"(?i)(?:(?:本页|本批|全部)?(?:合\s*计|总\s*计|小\s*计|总\s*数)(?:数量)?|共\s*计?|(?:grand |sub)?totals?|sum)"
    r"\s*[:：]?\s*(?:[\d,]+\s*[张条行个枚]?|[张条行个枚])?\s*"
)
_SUM_WORDS = ("计", "共", "总", "otal", "OTAL", "um", "UM")
_COULD_BE_A_NUMBER = re.compile(r"\+?[0-9A-Za-z][0-9A-Za-z \-]*")
_LEAST_DIGITS = 9
"""More than a date has."""


def is_sum(text: str) -> bool:
    """True for «合计», «合 计：5 张», «Total»; not for a number."""
    return _SUM.fullmatch(bare(text)) is not None


def sums_in(values: Sequence[str]) -> set[int]:
    """Places of sums. A column of plain numbers costs one pass in C."""
    together = "".join(values)
    if (together.isascii() and together.encode().isdigit()) or not any(word in together for word in _SUM_WORDS):
        return set()
    return {place for place, text in enumerate(values) if is_sum(text)}


def holds_number(texts: Sequence[str]) -> bool:
    """True when one of the cells could be the number of a card or a phone."""
    return any(
        _COULD_BE_A_NUMBER.fullmatch(text) and sum(map(str.isdigit, text)) >= _LEAST_DIGITS for text in map(bare, texts)
    )


def sifted(batch: Batch, head: Head, notes: Notes) -> Batch:
    """The batch without such lines. Its columns are clean already."""
    columns = [batch.columns[name] for name in head.places if name in batch.columns]
    if not columns:
        return batch
    sums = _sums(batch, columns)
    again = _heads(batch, head) - sums
    idle = {place for place in _blank(columns) if not holds_number(batch.beside.get(place, ()))} - sums
    notes.add("file_totals_skipped", len(sums))
    notes.add("file_heads_repeated", len(again))
    notes.add("file_rows_without_values", len(idle))
    return _without(batch, sums | again | idle)


def _sums(batch: Batch, columns: Sequence[Sequence[str]]) -> set[int]:
    found = {place for place, texts in batch.beside.items() if texts and is_sum(texts[0])}
    return found | sums_in(columns[0])


def _heads(batch: Batch, head: Head) -> set[int]:
    if not head.row_no:
        return set()
    titles = {name: bare(head.texts[place]) for name, place in head.places.items() if place < len(head.texts)}
    name, title = next(iter(titles.items()), ("", ""))
    if not title or title not in batch.columns.get(name, ()):
        return set()
    return {
        place
        for place, text in enumerate(batch.columns[name])
        if text == title and all(batch.columns[other][place] == its for other, its in titles.items())
    }


def _blank(columns: Sequence[Sequence[str]]) -> set[int]:
    if "" not in columns[0]:
        return set()
    return {place for place in range(len(columns[0])) if not any(column[place] for column in columns)}


def _without(batch: Batch, left_out: set[int]) -> Batch:
    if not left_out:
        return batch
    kept = [place for place in range(len(batch.row_nos)) if place not in left_out]
    columns: dict[str, Sequence[str]] = {
        name: [values[place] for place in kept] for name, values in batch.columns.items()
    }
    return Batch(
        [batch.row_nos[place] for place in kept], [batch.line_nos[place] for place in kept], columns, batch.faults
    )
