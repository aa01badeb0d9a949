"""Three nights with known faults: what a station reports, and beside it what every page has to show because of it.

Nothing here asks the rules: each reading is written down with how it went, each change with its kind and cause.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from kernel.model.iccid import luhn_digit
from simkeep_station import Reading, Terminal

_HERE = ZoneInfo("Asia/Shanghai")
FIRST = datetime.now(_HERE).replace(hour=2, minute=0, second=0, microsecond=0) - timedelta(days=3)
"""02:00 of the first night."""
NIGHTS = (0, 1, 2)
COUNTY, NEXT, FAR, FARTHER = "990101", "990102", "990201", "990202"
NOBODYS = ""
"""Unit of a terminal that no station has named."""
SPARE, OTHER_SPARE, DUAL, UNNAMED = 38, 49, 50, 99
MODULES = 2


def card(number: int) -> str:
    body = f"898600{number:013d}"
    return body + luhn_digit(body)


def terminal(number: int) -> str:
    return f"36N{number:07d}"


def day(night: int) -> date:
    return (FIRST + timedelta(days=night)).date()


def unit_of(number: int, night: int = 0) -> str:
    if number == UNNAMED:
        return NOBODYS
    if number == 43 and night == 2:
        return FARTHER  # the station has named its new unit by then
    return COUNTY if number < 20 else NEXT if number < 40 else FAR


@dataclass
class Ledger:
    """``went``: (unit, day, how) of readings; ``changes``: (unit, day, kind, cause)."""

    readings: dict[int, list[Reading]] = field(default_factory=lambda: {night: [] for night in NIGHTS})
    went: Counter[tuple[str, date, str]] = field(default_factory=Counter)
    changes: Counter[tuple[str, date, str, str]] = field(default_factory=Counter)

    def read(self, night: int, number: int, iccid: str | None, went: str = "succeeded", **more: object) -> None:
        moment = FIRST + timedelta(days=night, minutes=float(more.pop("minute", number)))  # type: ignore[arg-type]
        off: timedelta = more.pop("off", timedelta(0))  # type: ignore[assignment]
        fault = None if iccid else "E05"
        received = moment + timedelta(seconds=9)
        more = {"received_at": received, **more}
        self.readings[night].append(Reading(terminal(number), moment + off, iccid, fault, **more))  # type: ignore[arg-type]
        self.went[unit_of(number, night), day(night), went] += 1

    def changed(self, night: int, number: int, kind: str, cause: str) -> None:
        self.changes[unit_of(number, night), day(night), kind, cause] += 1


ODD = {
    0: {3, 4, 5, 6, 7, 8, SPARE, OTHER_SPARE, DUAL},
    1: {3, 4, 5, 6, 7, 8, 10, 21, 30, SPARE, OTHER_SPARE},
    2: {6, 7, 8, 9, 10, 21, 30, SPARE, 40, 41, 42, OTHER_SPARE, DUAL},
}
"""Terminals that have no ordinary night; all others read their own card."""


def injected() -> Ledger:
    """The three nights."""
    ledger = Ledger()
    for night in NIGHTS:
        for number in set(range(DUAL + 1)) - ODD[night]:
            ledger.read(night, number, card(number))
            if night == 0:
                ledger.changed(night, number, "added", "first")
        ledger.read(night, OTHER_SPARE, None, "failed")
        for number, iccid in ((6, card(906)), (7, card(7)), (8, card(8))):  # unknown, terminated, never issued
            ledger.read(night, number, iccid, "abnormal")
    _first(ledger)
    _second(ledger)
    _third(ledger)
    return ledger


def _first(ledger: Ledger) -> None:
    ledger.read(0, 3, None, "failed")
    ledger.read(0, 4, "898600?", "failed")
    ledger.read(0, 5, card(5), "abnormal", off=-timedelta(days=365))
    ledger.read(0, SPARE, None, "failed")
    ledger.read(0, DUAL, card(DUAL), slot=1)
    ledger.changed(0, DUAL, "added", "first")


def _second(ledger: Ledger) -> None:
    for number in (3, 4, 5):
        ledger.read(1, number, card(number))
        ledger.changed(1, number, "added", "first")
    ledger.read(1, 10, card(100))  # 换卡
    ledger.changed(1, 10, "changed", "card_replaced")
    ledger.read(1, 21, card(11), "abnormal")  # claims the card of terminal 11, and has not its own any more
    ledger.changed(1, 21, "removed", "gone")
    ledger.read(1, SPARE, card(30), minute=5)  # 换终端
    ledger.changed(1, SPARE, "added", "terminal_replaced")
    ledger.read(1, 30, card(101), minute=30)
    ledger.changed(1, 30, "removed", "moved")
    ledger.changed(1, 30, "added", "first")


def _third(ledger: Ledger) -> None:
    ledger.read(2, 9, None, "failed")
    ledger.read(2, 10, card(100))
    ledger.read(2, 21, card(11), "abnormal")
    ledger.read(2, 30, card(101))
    ledger.read(2, SPARE, card(30))
    for number, other in ((40, 41), (41, 40)):  # two terminals change their cards at once
        ledger.read(2, number, card(other), minute=40)
        ledger.changed(2, number, "changed", "both")
    ledger.changed(2, 42, "removed", "gone")  # taken down
    ledger.read(2, DUAL, card(102), slot=1)
    ledger.read(2, DUAL, card(DUAL), slot=2)
    ledger.changed(2, DUAL, "changed", "card_replaced")
    ledger.changed(2, DUAL, "added", "module_changed")
    ledger.read(2, UNNAMED, card(103))
    ledger.changed(2, UNNAMED, "added", "first")


EXCEPTIONS = {
    ("failed", True): 2, ("failed", False): 2, ("malformed", False): 1, ("clock_off", False): 1,
    ("card_unknown", True): 1, ("card_terminated", True): 1, ("card_never_issued", True): 1,
    ("card_elsewhere", True): 1, ("terminal_unknown", True): 1,
}  # fmt: skip
"""(kind, standing) > how many."""
UNBOUND = {COUNTY: 3, NEXT: 1, FAR: 1}
"""6, 7, 8; 21; the other spare."""
TERMINALS = {(COUNTY, "running"): 20, (NEXT, "running"): 20, (FAR, "running"): 9, (FAR, "removed"): 1,
             (FARTHER, "running"): 1}  # fmt: skip
MISMATCHES = {(terminal(25), card(25)), (terminal(43), card(43))}


def cards() -> Iterator[tuple[str, str, str]]:
    """(iccid, owner unit, state) as inventory has told them."""
    states = {7: "terminated", 8: "in_stock"}
    for number in range(DUAL + 1):
        owner = COUNTY if number == 25 else unit_of(number)
        yield card(number), owner, states.get(number, "pending_install")
    for number, owner in ((100, COUNTY), (101, NEXT), (102, FAR), (103, COUNTY)):
        yield card(number), owner, "pending_install"


def terminals() -> list[Terminal]:
    before = FIRST - timedelta(days=1)
    return [
        Terminal(terminal(n), unit_of(n), "集中器", "running", MODULES if n == DUAL else 1, before)
        for n in range(DUAL + 1)
    ]


def before_the_third() -> list[Terminal]:
    """One is taken down, one changes its unit between its readings."""
    moment = FIRST + timedelta(days=2)
    return [
        Terminal(terminal(42), FAR, "集中器", "removed", 1, moment),
        Terminal(terminal(43), FARTHER, "集中器", "running", 1, moment),
    ]
