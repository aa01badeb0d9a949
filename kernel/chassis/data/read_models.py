"""Copies of another service's rows, kept by its events: one module for every such table.

A consumer's table says which facts it wants: its columns are the noun's key, ``version`` and facts (see
``kernel.contracts.read_models``), besides columns of its own that have a default.

Guarantees. Each row shows the highest version that any event or snapshot told of, whatever the order and the number of
times in which they arrive; facts that only some events tell count when they come late, too. A table of counts is
written in the same statement from the same rows. Whoever writes a model holds its lock until his transaction ends, so
events, retried events and a rebuild never deadlock, and none counts from what it cannot see.

A snapshot is applied in slices of rising keys (``ReadModel.take_over``), which may be repeated and interrupted at any
point: afterwards the rows of the slice are the owner's, or newer by an event.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table

from kernel.chassis.data.read_model_sql import Statements
from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.envelope import Event
from kernel.contracts.read_models import Fact, Noun, columns_of

_BY_HASH = "SELECT set_config('enable_sort', 'off', true)"
"""A table without statistics is grouped by sorting its texts, which takes longer than copying the rows in."""
_LOCK = "SELECT pg_advisory_xact_lock(hashtext(current_schema() || :table))"


@dataclass(frozen=True)
class Slice:
    """Part of a snapshot: whole lines of COPY text. Keys in (``after``, ``last``]: plain bounds, for an index."""

    lines: bytes
    rows: int
    after: str
    last: str


BEFORE_ALL, AFTER_ALL = "", "\U0010ffff"
"""Bounds of the first and the last slice, in the "C" collation."""


@dataclass(frozen=True)
class Taken:
    """What a slice changed."""

    changed: int = 0
    removed: int = 0


class ReadModel:
    """``table`` keeps ``noun``. ``counts``: a table with some of the facts as its key, and how many rows are alike.

    ``after(tx, keys)``: what else must follow these rows; called after they were written, in the same transaction.
    """

    def __init__(
        self,
        noun: Noun,
        table: Table,
        *,
        counts: Table | None = None,
        after: Callable[[Tx, Sequence[str]], None] | None = None,
    ) -> None:
        own = {column.name for column in table.columns if column.identity or column.server_default is not None}
        names = {column.name for column in table.columns}
        self.noun = noun
        self.table = table.name
        self.facts = {name: fact for name, fact in noun.facts.items() if name in names}
        self.columns = columns_of(noun, self.facts)
        self._after = after
        if odd := (names ^ set(self.columns)) - own:
            raise TypeError(f"{table.name} {sorted(odd)}: not what {noun.owner} tells of its {noun.name}")
        self._sql = Statements(noun, table.name, self.facts, counts)

    def apply(self, tx: Tx, event: Any) -> int:
        """Takes over what ``event`` says of its rows, one statement for all. Returns how many were news."""
        keys, params = self.noun.keys(event), self._told(event)
        self._lock(tx)
        news = int(tx.execute(self._sql.apply, params).scalar_one())
        if news < len(keys) and self._sql.fill and any(fact.tellers for fact in self._told_now(event)):
            tx.execute(self._sql.fill, params)
        if news and self._after:
            self._after(tx, keys)
        return news

    def take_over(self, tx: Tx, part: Slice, asked_at: str) -> Taken:
        """Makes the rows of ``part`` what the snapshot says, unless an event has told of something newer.

        Rows between its bounds that it does not name, and that were here before ``asked_at``, are removed: the owner
        does not know them. The condition on ``xmin`` is safe against its wrap-around: such a row is left alone.
        """
        self._lock(tx)
        bounds = {"after": part.after, "last": part.last}
        if tx.execute(self._sql.is_empty, bounds).scalar_one():
            _copy(tx, self.table, self.columns, part.lines)
            if self._sql.count_range:
                tx.execute(_BY_HASH)
                tx.execute(self._sql.count_range, bounds)
            taken = Taken(changed=part.rows)
        else:
            tx.execute(self._sql.stage)
            _copy(tx, self._sql.staging, self.columns, part.lines)
            removed = tx.execute(self._sql.remove, {**bounds, "asked_at": asked_at}).rowcount
            changed = int(tx.execute(self._sql.take_over, bounds).scalar_one())
            if self._sql.fill_from_stage:
                tx.execute(self._sql.fill_from_stage, bounds)
            taken = Taken(changed, removed)
        if taken.changed and self._after:
            self._after(tx, list(_keys(part.lines)))
        return taken

    def recount(self, tx: Tx) -> None:
        """Writes the table of counts anew from the rows."""
        if self._sql.recount:
            self._lock(tx)
            tx.execute(_BY_HASH)
            for statement in self._sql.recount:
                tx.execute(statement)

    def _lock(self, tx: Tx) -> None:
        tx.execute(_LOCK, {"table": f".{self.table}"})

    def _told_now(self, event: Event) -> Iterable[Fact]:
        return (fact for fact in self.facts.values() if fact.is_told_by(event))

    def _told(self, event: Any) -> dict[str, Any]:
        params: dict[str, Any] = {"keys": self.noun.keys(event), "versions": self.noun.versions(event)}
        for name, fact in self.facts.items():
            told = fact.is_told_by(event)
            nothing = [None] * len(params["keys"]) if fact.per_row else None
            params[f"fact_{name}"] = fact.told(event) if told else nothing
            if fact.dated:
                params[f"dated_{name}"] = told
        return params


def _copy(tx: Tx, table: str, columns: Sequence[str], lines: bytes) -> None:
    with tx.raw.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        copy.write(lines)


def _keys(lines: bytes) -> Iterable[str]:
    return (line.partition(b"\t")[0].decode() for line in lines.splitlines())
