"""终端SIM卡召测查询 (BND-04): how a night's readings went per unit, and the readings behind each number."""

from datetime import date, datetime

from pydantic import Field

from kernel.contracts.binding.readings import Outcome
from kernel.contracts.binding.service import BINDING
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest


class CountReadings(Request):
    """Readings per unit and day. ``unit``: default the actor's own; one row for the unit itself, one per child's
    subtree, of each day. The days default to today; both are included. ``nights``: instead the last so many days."""

    unit: Unit | None = None
    day_from: date | None = None
    day_to: date | None = None
    nights: int | None = Field(default=None, ge=1, le=92)


class ReadingCounts(Reply):
    """``rate``: percent of the readings that went well, one decimal; None when there was none.

    ``exact``: what belongs to the unit itself, not its subtree.
    """

    unit: str
    exact: bool
    day: date
    total: int
    succeeded: int
    abnormal: int
    failed: int
    rate: float | None


class CountedReadings(Reply):
    items: list[ReadingCounts]
    totals: dict[str, float | None]


class ListReadings(PageRequest):
    """Readings of some days, by the unit that their terminal had then. The days default to today.

    ``collected``: a card's number was read. ``abnormal``: it was read and binds nothing. ``terminal``, ``iccid``: how
    the number begins. ``unit_exact``: only what belongs to the unit itself.
    """

    unit: Unit | None = None
    unit_exact: bool | None = None
    day_from: date | None = None
    day_to: date | None = None
    terminal: str | None = Field(default=None, max_length=32)
    iccid: str | None = Field(default=None, max_length=20)
    collected: bool | None = None
    abnormal: bool | None = None


class ListedReading(Reply):
    """``unit`` None: no station had named the terminal. ``received_at``: by the station's clock."""

    terminal: str
    slot: int
    unit: str | None
    day: date
    read_at: datetime
    received_at: datetime | None
    collected: bool
    abnormal: bool
    outcome: Outcome
    iccid: str | None
    fault: str | None
    station: str


class ReadingPage(Page[ListedReading]):
    pass


COUNT_READINGS = BINDING.query("count_readings", CountReadings, CountedReadings, "report.view")
LIST_READINGS = BINDING.query("list_readings", ListReadings, ReadingPage, "report.view", consistent=True)
