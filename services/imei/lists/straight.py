"""The rows of wholly new devices go into their tables while the rest of the list is read (docs/adr/0020), those of a
long list onto a shelf of its own (docs/adr/0023).

What the database has to look at as a whole is put by: rows with a code of a known device, or of one that is subsidised
elsewhere. Only a list that is certain to be published comes this way.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from kernel.chassis.data import binary_copy as binary
from kernel.chassis.data.unit_of_work import Tx
from services.imei.lists import shelves
from services.imei.lists.entering import Entry, enter
from services.imei.lists.shelves import Shelf
from services.imei.lists.staging import Part, Seen, Staged, together

ROWS_AT_ONCE = 100_000
"""So many are sorted by their codes before they are written."""

_TABLES = """
CREATE TEMPORARY TABLE arriving (row_no integer, code bigint) ON COMMIT DROP;
CREATE TEMPORARY TABLE announced (code bigint, at timestamptz) ON COMMIT DROP
"""
_PUT_BY = """
SELECT arriving.row_no FROM arriving JOIN subsidised USING (code) WHERE subsidised.code BETWEEN :least AND :most
UNION SELECT arriving.row_no FROM arriving JOIN codes USING (code) WHERE codes.code BETWEEN :least AND :most
"""
_TOLD = """
WITH told AS (
    UPDATE registrations SET unit = :province FROM arriving WHERE registrations.code = arriving.code
    RETURNING row_no, registered_at
)
INSERT INTO announced
SELECT arriving.code, first.at
FROM (SELECT row_no, min(registered_at) AS at FROM told GROUP BY row_no) AS first JOIN arriving USING (row_no)
"""
_REGISTERED = "UPDATE devices SET registered_at = announced.at FROM announced WHERE devices.id = announced.code"
"""A row's further codes are the id of no device."""


@dataclass
class Straight:
    """``twice``: rows with a code that an earlier row has, and how that is written."""

    entered: int = 0
    twice: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class _Way:
    tx: Tx
    staged: Staged
    entry: Entry
    at_once: int
    shelf: Shelf | None = None
    done: Straight = field(default_factory=Straight)
    seen: Seen = field(default_factory=Seen)
    announced: int = 0

    def look(self, part: Part) -> Part:
        """The rows without those that have a code of an earlier row, in the order of their codes. Asks nobody."""
        again, part = part.split(self.seen.again(part))
        self.done.twice += zip(again.first.row_nos.tolist(), self.staged.shown(again), strict=True)
        return Part(part.first.by_code(), part.further.by_code())

    def take(self, part: Part) -> None:
        """Enters what is new and puts by what is not."""
        if not len(part):
            return
        codes = part.codes
        made = binary.rows([part.row_nos, codes], len(codes))
        binary.copy_in(self.tx, "arriving", "row_no, code", [made.tobytes()])
        span = {"least": int(codes.min()), "most": int(codes.max())}
        known = np.fromiter(self.tx.execute(_PUT_BY, span).scalars(), np.int32)
        put_by, new = part.split(known)
        self.staged.keep(self.tx, put_by)
        if self.shelf is None and 2 * len(new) > self.at_once:
            self.shelf = shelves.begin(self.tx)
        enter(self.tx, new, len(self.staged.words), self.entry, self.shelf)
        self.done.entered += len(new)
        if len(known):
            self.tx.execute("DELETE FROM arriving WHERE row_no = ANY(:known)", {"known": known.tolist()})
        self.announced += self.tx.execute(_TOLD, {"province": self.entry.province}).rowcount
        self.tx.raw.execute("TRUNCATE arriving")

    def end(self) -> None:
        """What is said of all that was entered at once."""
        if self.shelf is not None:
            shelves.attach(self.tx, self.shelf, self.entry.alike)
        if self.announced:
            self.tx.execute(_REGISTERED)
        if self.done.entered:
            self.entry.note(self.tx, self.done.entered)


def take(tx: Tx, staged: Staged, parts: Iterable[Part], entry: Entry, *, at_once: int = ROWS_AT_ONCE) -> Straight:
    """Enters the new devices of a list. While some are written the next are read."""
    tx.raw.execute(_TABLES)
    way = _Way(tx, staged, entry, at_once)
    written: Future[None] | None = None
    with ThreadPoolExecutor(1) as writer:
        for gathered in _by_thousands(parts, at_once):
            part = way.look(gathered)
            if written is not None:
                written.result()
            written = writer.submit(way.take, part)
        if written is not None:
            written.result()
    way.end()
    return way.done


def _by_thousands(parts: Iterable[Part], at_once: int) -> Iterator[Part]:
    gathered: list[Part] = []
    for part in parts:
        gathered.append(part)
        if sum(map(len, gathered)) >= at_once:
            yield together(gathered)
            gathered = []
    if gathered:
        yield together(gathered)
