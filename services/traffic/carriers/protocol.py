"""What every carrier's interface for usage can do for us, whatever it speaks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import IO, Literal, Protocol

from kernel.carriers.asking import CarrierClient
from kernel.carriers.settings import Endpoint

Kind = Literal["day", "changes", "file"]
Row = tuple[str, str, str]
"""ICCID, day and volume as the carrier wrote them."""


@dataclass(frozen=True)
class Dropped:
    """A file that the carrier has put out. ``day``: of a day's file; a file of corrections has none."""

    name: str
    size: int
    sha256: str
    day: date | None


@dataclass(frozen=True)
class CarrierCall:
    """One question: ``cards`` on ``day``; or page ``number`` of what changed in (``since``, ``until``]; or ``file``."""

    number: int = 1
    day: date | None = None
    cards: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    file: Dropped | None = None


@dataclass(frozen=True)
class Told:
    """``strangers``: cards that are not the carrier's. ``total``: rows of all pages. ``content``: a whole file."""

    rows: Sequence[Row] = ()
    strangers: Sequence[str] = ()
    total: int | None = None
    content: IO[bytes] | None = field(default=None, compare=False)


class UsageAdapter(Protocol):
    """``kind``: what one pull is about. ``size``: cards or rows of a call; a file is one call.

    ``ask`` and ``dropped`` raise DomainError carrier_failed with the reason; what ``ask`` answers is whole and about
    what was asked. May be used by several threads.
    """

    kind: Kind
    size: int

    def __init__(self, endpoint: Endpoint, client: CarrierClient) -> None: ...

    def dropped(self) -> list[Dropped]:
        """Files that can be had now, corrections after the days; [] where there are no files."""

    def ask(self, call: CarrierCall) -> Told:
        """The answer to one call."""

    def close(self) -> None: ...
