"""What a service may keep of another service's nouns, and how it asks the owner for all of them.

The owner declares a ``Noun``: which facts its events tell of each row, and where in an event they stand. A consumer's
table has the key, ``version`` and the columns that it wants, each named after a fact;
``kernel.chassis.data.read_models`` writes them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict

from kernel.contracts.envelope import BlobRef, Event

SNAPSHOT_JOB = "snapshot"
"""The owner writes down what its rows are at one moment (SnapshotRequest, SnapshotTaken)."""
REBUILD_JOB = "rebuild"
"""The consumer takes a snapshot over (RebuildRequest, Rebuilt)."""


@dataclass(frozen=True)
class Fact:
    """One column. ``told(event)``: its value for all rows of the event, or with ``per_row`` a list beside the keys.

    ``tellers``: the events that tell it; None: all do, and the fact goes with the row's version. A fact that only
    some events tell is either ``lasting`` (it never changes: whoever tells it, however late, is right) or it has a
    version of its own, which the consumer keeps in a column NAME_version beside it.
    """

    sql_type: str
    told: Callable[[Any], Any]
    per_row: bool = False
    tellers: tuple[type[Event], ...] | None = None
    lasting: bool = False

    @property
    def dated(self) -> bool:
        """Whether it has a version of its own."""
        return self.tellers is not None and not self.lasting

    def is_told_by(self, event: Event) -> bool:
        return self.tellers is None or isinstance(event, self.tellers)


@dataclass(frozen=True)
class Noun:
    """``owner`` tells of rows with a text ``key`` and a ``version`` that rises with every change of a row."""

    owner: str
    name: str
    key: str
    facts: Mapping[str, Fact]
    keys: Callable[[Any], Sequence[str]]
    versions: Callable[[Any], Sequence[int]]


VERSION = "version"


def version_of(fact: str) -> str:
    """The column beside a dated fact."""
    return f"{fact}_{VERSION}"


def columns_of(noun: Noun, facts: Iterable[str]) -> list[str]:
    """Of a consumer's table, and of a snapshot: key, version and these facts, each dated one before its version."""
    columns = [noun.key, VERSION]
    for name in facts:
        columns += [name, version_of(name)] if noun.facts[name].dated else [name]
    return columns


class SnapshotRequest(BaseModel):
    """``facts``: the columns of the snapshot, after the key and the version."""

    model_config = ConfigDict(extra="forbid")
    noun: str
    facts: list[str]


class SnapshotTaken(BaseModel):
    """The blob holds, compressed by gzip, the rows in PostgreSQL's COPY text format, in the order of their keys.

    ``columns``: see ``columns_of``.
    """

    model_config = ConfigDict(extra="ignore")
    noun: str
    columns: list[str]
    rows: int
    blob: BlobRef


class RebuildRequest(BaseModel):
    """``asked_at``: the consumer's own transaction id before the snapshot was asked for.

    What the consumer wrote earlier than that came from facts that the snapshot holds too.
    """

    model_config = ConfigDict(extra="forbid")
    model: str
    snapshot: SnapshotTaken
    asked_at: str


class Rebuilt(BaseModel):
    """``changed``: rows that were missing or not as the owner says. ``removed``: rows that the owner does not know."""

    model_config = ConfigDict(extra="ignore")
    rows: int
    changed: int
    removed: int
