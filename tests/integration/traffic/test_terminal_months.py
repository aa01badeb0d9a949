"""终端流量明细 and 终端流量分布 say what each terminal's cards used while on it, however it is asked (TRF-03)."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.lists.spec import Asked
from kernel.contracts.traffic.distribution import GetUsageDistribution, ListTerminalMonths
from kernel.model.actor import Actor
from services.traffic import folding, merging, months, terminal_list, terminals
from services.traffic.distribution import get_terminal_distribution
from services.traffic.terminal_list import TERMINAL_MONTHS, list_terminal_months
from tests.integration.traffic.meters import CARRIERS, CITY, NOW, PROVINCE, Meters, carrier_of, day, iccid

CARDS = 24
DAYS = range(1, 6)
MONTH = date(2026, 11, 1)
COUNTY = Actor("county", "区公司", "990101", PROVINCE.permissions)
UNITS = ("990101", "990102", "990201")
Line = tuple[str, str, int, str, int, int]
Asking = dict[str, Any]
ASKED: list[Asking] = [
    {}, {"sort": "terminal", "order": "desc"}, {"sort": "terminal_month", "order": "desc"}, {"sort": "carrier_month"},
    {"terminal_from": 40}, {"terminal_from": 20, "terminal_to": 90, "sort": "carrier_month", "order": "desc"},
    {"terminal": "T0"}, {"carrier": CARRIERS[1]}, {"terminal_to": 60, "carrier": CARRIERS[0]}, {"unit": "990101"},
]  # fmt: skip


class Field:
    """Cards on terminals that change from day to day, and what each used on each, kept by the plainest means."""

    def __init__(self, meters: Meters, seed: int) -> None:
        self.meters, self.dice = meters, random.Random(seed)
        self.place: dict[int, tuple[str | None, str]] = {}
        self.used: list[tuple[int, str | None, str, int, int]] = []
        """Card, terminal and unit of the day; the carrier's and the station's figure."""
        meters.run("TRUNCATE cards CASCADE")
        meters.have_cards(CARDS)
        for number in range(CARDS):
            terminal = None if number % 8 == 7 else f"T{self.dice.randrange(18):02d}"
            self.put(number, terminal, self.dice.choice(UNITS), date(2026, 9, 1))
        meters.run("TRUNCATE past_places")

    def put(self, number: int, terminal: str | None, unit: str, on: date) -> None:
        at = datetime(on.year, on.month, on.day, 2, tzinfo=UTC)
        self.meters.run(
            "UPDATE cards SET terminal_asset_no = :t, owner_unit = :u, changed_at = :at WHERE id = :id",
            t=terminal, u=unit, at=at, id=number + 1,
        )  # fmt: skip
        self.place[number] = (terminal, unit)

    def live(self, moves: list[tuple[int, int, str | None, str]]) -> None:
        """``moves``: day, card, terminal, unit. Figures of a day come when its moves are known."""
        for number_of_day in DAYS:
            for _, card, terminal, unit in [it for it in moves if it[0] == number_of_day]:
                self.put(card, terminal, unit, day(number_of_day))
            told = [(card, self.dice.randrange(30), self.dice.randrange(30)) for card in range(CARDS)]
            for carrier in CARRIERS:
                page = [
                    (iccid(card), day(number_of_day), size) for card, size, _ in told if carrier_of(card) == carrier
                ]
                self.meters.push(page, carrier=carrier)
            self.meters.report([(iccid(card), day(number_of_day), size) for card, _, size in told])
            self.used += [(card, *self.place[card], billed, used) for card, billed, used in told]

    def lines(self, by: Actor, asked: Asking) -> list[Line]:
        """Terminal, unit, cards, the first of them, the carrier's and the station's sum."""
        within = asked.get("unit", by.unit)
        found: dict[tuple[str, str], list[tuple[int, int, int]]] = defaultdict(list)
        for card, terminal, unit, billed, used in self.used:
            of_carrier = asked.get("carrier") in (None, carrier_of(card))
            if terminal and of_carrier and unit.startswith(within) and terminal.startswith(asked.get("terminal", "")):
                found[terminal, unit].append((card, billed, used))
        lines = [
            (*key, len({it[0] for it in its}), iccid(min(it[0] for it in its)), sum(it[1] for it in its),
             sum(it[2] for it in its))
            for key, its in found.items()
        ]  # fmt: skip
        least, most = asked.get("terminal_from", 0), asked.get("terminal_to", 1 << 60)
        place = {"terminal": 0, "carrier_month": 4, "terminal_month": 5}[asked.get("sort", "terminal")]
        falling = asked.get("order") == "desc"
        return sorted(
            [it for it in lines if least <= it[5] <= most], key=lambda it: (it[place], *it[:2]), reverse=falling
        )

    def fold(self) -> None:
        with UnitOfWork(self.meters.engine).begin() as tx:
            merging.lock(tx)
            newest = months.find(tx, MONTH).newest
            assert newest
            folding.fold(tx, MONTH, newest, NOW)
            tx.commit()


def random_moves(dice: random.Random) -> list[tuple[int, int, str | None, str]]:
    """Cards go from terminal to terminal and from unit to unit, never off one into nothing."""
    return [
        (number, card, f"T{dice.randrange(18):02d}", dice.choice(UNITS))
        for number in DAYS
        for card in range(CARDS)
        if card % 8 != 7 and dice.random() < 0.06
    ]


def shown(items: Any) -> list[Line]:
    return [(it.terminal, it.unit, it.cards, it.iccid, it.carrier_month, it.terminal_month) for it in items]


def all_pages(meters: Meters, by: Actor, asked: Asking) -> tuple[list[Line], set[int]]:
    """All pages, eight lines each, and the totals that they named."""
    lines, totals, cursor = [], set(), None
    while True:
        reply = meters.act(list_terminal_months, ListTerminalMonths(size=8, cursor=cursor, **asked), by)
        lines += shown(reply.items)
        totals.add(reply.total)
        cursor = reply.next_cursor
        if cursor is None:
            return lines, totals


def file_of(meters: Meters, by: Actor, asked: Asking) -> list[tuple[Any, ...]]:
    columns = [it for it in TERMINAL_MONTHS.columns if it.name in ("terminal", "cards", "iccid", "terminal_month")]
    with UnitOfWork(meters.engine).begin(by, "test") as tx:
        parts = TERMINAL_MONTHS.lines(Asked(tx, ListTerminalMonths(**asked), by, NOW), columns)
        return [tuple(line) for part in parts for line in part]


WAYS = {"as it is": {}, "many shared terminals": {"MANY": 0}, "many units": {"_MOST_UNITS": 0}}


@pytest.mark.req("TRF-03")
@pytest.mark.parametrize("folded", [False, True], ids=["open", "folded"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seed", range(3))
def test_every_page_file_and_count_of_terminals_is_the_plain_account(
    meters: Meters, monkeypatch: pytest.MonkeyPatch, seed: int, way: str, folded: bool
) -> None:
    for name, value in WAYS[way].items():
        monkeypatch.setattr(terminals if name == "MANY" else terminal_list, name, value)
    field = Field(meters, seed)
    moves = random_moves(random.Random(seed + 100))
    field.live(moves)
    if folded:
        field.fold()
    changed = {it[2] for it in moves}
    truth = field.lines(PROVINCE, {})

    assert {it[0] for it in truth} & changed, "no terminal changed within the month"
    assert any(it[2] > 1 for it in truth), "no terminal has two cards"
    assert {it[0] for it in truth} - changed, "all terminals changed"
    for by in (PROVINCE, CITY, COUNTY):
        for asked in ASKED:
            expected = field.lines(by, asked)
            lines, totals = all_pages(meters, by, asked)
            assert (lines, totals) == (expected, {len(expected)}), (by.unit, asked)
            assert file_of(meters, by, asked) == [(it[0], it[2], it[3], it[5]) for it in expected]
        assert counted(meters, by) == plainly_counted(field, by)


def counted(meters: Meters, by: Actor) -> dict[str, list[int]]:
    reply = meters.act(get_terminal_distribution, GetUsageDistribution(), by)
    names = ("terminals", "terminal_bytes", "carrier_bytes")
    return {name: [sum(getattr(it, name) for it in reply.items), reply.totals[name]] for name in names}


def plainly_counted(field: Field, by: Actor) -> dict[str, list[int]]:
    lines = field.lines(by, {})
    sums = {
        "terminals": len({it[0] for it in lines}),
        "terminal_bytes": sum(it[5] for it in lines),
        "carrier_bytes": sum(it[4] for it in lines),
    }
    return {name: [value, value] for name, value in sums.items()}


@pytest.mark.req("TRF-03")
def test_what_a_card_used_in_another_units_stock_counts_for_no_terminal_at_any_level(meters: Meters) -> None:
    meters.run("UPDATE cards SET state = 'in_stock', changed_at = '2026-10-01' WHERE id = 1")
    meters.report([(iccid(0), day(1), 5)])
    meters.run("UPDATE cards SET owner_unit = '990201', changed_at = '2026-11-02 02:00+00' WHERE id = 1")
    meters.run(
        "UPDATE cards SET terminal_asset_no = 'T1', state = 'running', changed_at = '2026-11-03 02:00+00' WHERE id = 1"
    )
    before = [shown(meters.act(list_terminal_months, ListTerminalMonths(), by).items) for by in (PROVINCE, CITY)]
    meters.report([(iccid(0), day(3), 7)])
    after = [shown(meters.act(list_terminal_months, ListTerminalMonths(), by).items) for by in (PROVINCE, CITY)]

    assert before == [[], []]
    assert [[(it[0], it[1], it[5]) for it in lines] for lines in after] == [[("T1", "990201", 7)], []]
