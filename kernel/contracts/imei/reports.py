"""Reports: how many devices are in which state, by organisation, source, age or unit (IME-16)."""

from typing import Literal

from kernel.contracts.imei.devices import Age, Pool, Source
from kernel.contracts.imei.service import IMEI
from kernel.contracts.method import Reply, Request, Unit

GroupedBy = Literal["organisation", "source", "age", "unit"]


class CountSerials(Request):
    """One line ``per`` organisation, source, age or unit. ``unit``: default the actor's own, and all below it."""

    per: GroupedBy = "organisation"
    unit: Unit | None = None
    pool: Pool | None = None


class SerialCounts(Reply):
    """Devices of one line per state. Of organisation, source, age and unit the one is said by which lines are made.

    It is null for devices in no organisation, or of no known source. ``unit``: with everything below it; ``exact``:
    only what lies in the unit itself; ``unplaced``: what is in no organisation.
    """

    organisation: str | None = None
    source: Source | None = None
    age: Age | None = None
    unit: str | None = None
    exact: bool = False
    unplaced: bool = False
    unclaimed: int
    claimed: int
    sold: int
    subsidised: int
    silent: int
    frozen: int
    damaged: int
    total: int


class CountedSerials(Reply):
    """``totals``: of all lines."""

    items: list[SerialCounts]
    totals: dict[str, int]


COUNT_SERIALS = IMEI.query("count_serials", CountSerials, CountedSerials, "serial.view")
