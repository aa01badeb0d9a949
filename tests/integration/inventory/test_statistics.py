"""Every number of every statistic is the total of the list that it opens, and the sum of the numbers below it."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from kernel.chassis.bus.dispatch import asked_for
from kernel.contracts.inventory.cards import ListCards
from kernel.contracts.inventory.overview import CountCover, CountTrend
from kernel.contracts.inventory.redirection import CountPendingInstall
from kernel.contracts.inventory.statistics import (
    CountAbnormal,
    CountActivations,
    CountByState,
    GetDashboard,
    GetLedger,
    SetAbnormalLimits,
)
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from services.inventory import dashboard, ledger
from services.inventory.card_lists.card_list import list_cards
from services.inventory.closing import close, compact, nightly, rebuild
from services.inventory.lifecycle import CardAction
from services.inventory.redirection import AGES, count_pending_install
from services.inventory.statistics import abnormal_cards, activations, cards_by_state, cover, trend
from services.inventory.statistics.activations import month_days
from tests.integration.inventory.world import NOW, World, actor, inventory_engine

TODAY = business_date(NOW)
MONTHS = ("2026-06", "2026-08", "2026-10", "2026-11")


@pytest.fixture(scope="module")
def world(module_database: str) -> World:
    world = World(inventory_engine(module_database))
    world.live(batches=8, size=70)
    with world.writing(actor("99")) as tx:
        nightly(tx, now=NOW - timedelta(days=4))
    world.move(CardAction.ISSUE, "owner_unit = '990101' AND state = 'in_stock' AND id % 2 = 0", days_ago=2)
    world.move(CardAction.MARK_PENDING_SCRAP, "state = 'pending_install' AND id % 5 = 0", days_ago=0)
    return world


Cell = tuple[int, dict[str, Any]]
"""A number of a statistic, and the conditions of the list that it opens."""


def _unit(item: Any) -> dict[str, Any]:
    return {"owner_unit": item.unit, "unit_exact": item.exact}


def cells_by_state(tx: Any, unit: str) -> Iterable[Cell]:
    for filters in ({}, {"carrier": "china_mobile"}, {"card_spec": "nano", "application_month": "2026-09"}):
        answer = cards_by_state.count_by_state(tx, CountByState(unit=unit, **filters), by=actor("99"), now=NOW)
        for item in answer.items:
            yield item.total, _unit(item) | filters
            for state, number in item.counts.items():
                yield number, _unit(item) | filters | {"state": [state]}
        yield answer.total, {"owner_unit": unit} | filters
        for state, number in answer.totals.items():
            yield number, {"owner_unit": unit, "state": [state]} | filters


def cells_of_pending_install(tx: Any, unit: str) -> Iterable[Cell]:
    answer = count_pending_install(tx, CountPendingInstall(unit=unit), by=actor("99"), now=NOW)
    for item in [*answer.items, answer.totals]:
        for column, (least, most) in AGES.items():
            days = {"state_days_min": least, "state_days_max": most}
            yield getattr(item, column), _unit(item) | days | {"state": ["pending_install"]}
        yield item.total, _unit(item) | {"state": ["pending_install"]}


def cells_of_activations(tx: Any, unit: str) -> Iterable[Cell]:
    for month in MONTHS:
        first, last = month_days(month)
        request = CountActivations(unit=unit, month=month)
        for item in activations.count_activations(tx, request, by=actor("99"), now=NOW).items:
            where = _unit(item) | {"carrier": item.carrier, "card_spec": item.card_spec}
            yield item.opened_month, where | {"stocked_in_from": first, "stocked_in_to": last}
            yield item.opened_total, where | {"stocked_in_to": last}
            since = {"state": ["terminated"], "state_days_min": max(0, (TODAY - last).days)}
            yield item.terminated_total, where | since
            yield item.terminated_month, where | since | {"state_days_max": (TODAY - first).days}


def cells_of_abnormal(tx: Any, unit: str) -> Iterable[Cell]:
    for filters in ({}, {"carrier": "china_mobile"}):
        answer = abnormal_cards.count_abnormal(tx, CountAbnormal(unit=unit, **filters), by=actor("99"), now=NOW)
        for item in answer.items:
            yield item.count, _unit(item) | filters | {"state": [item.state], "abnormal": True}
        yield answer.total, {"owner_unit": unit, "abnormal": True} | filters


def cells_of_dashboard(tx: Any, unit: str) -> Iterable[Cell]:
    answer = dashboard.get_dashboard(tx, GetDashboard(), by=actor(unit), now=NOW)
    yield answer.total, {"owner_unit": unit}
    for state, number in answer.counts.items():
        yield number, {"owner_unit": unit, "state": [state]}
    for line in answer.waiting:
        if line.page != "stock-in":
            filters = {name: value == "true" if name == "abnormal" else [value] for name, value in line.params.items()}
            yield line.count, {"owner_unit": unit} | filters


def cells_of_cover(tx: Any, unit: str) -> Iterable[Cell]:
    answer = cover.count_cover(tx, CountCover(unit=unit), by=actor("99"), now=NOW)
    for item in answer.items:
        yield item.in_stock, _unit(item) | {"state": ["in_stock"]}
    yield answer.total.in_stock, {"owner_unit": unit, "state": ["in_stock"]}


def cells_of_trend(tx: Any, unit: str) -> Iterable[Cell]:
    for item in trend.count_trend(tx, CountTrend(unit=unit), by=actor("99"), now=NOW).items:
        first, last = month_days(item.month)
        yield item.opened, {"owner_unit": unit, "stocked_in_from": first, "stocked_in_to": last}
        days = {"state_days_min": max(0, (TODAY - last).days), "state_days_max": (TODAY - first).days}
        yield item.terminated, {"owner_unit": unit, "state": ["terminated"]} | days
    yield item.in_stock, {"owner_unit": unit, "state": ["in_stock"]}


@pytest.mark.req("INV-06", "INV-07", "INV-08", "INV-09", "GTW-05")
@pytest.mark.parametrize("unit", ["99", "9901", "9902", "990101"])
@pytest.mark.parametrize(
    "cells",
    [
        cells_by_state, cells_of_pending_install, cells_of_activations, cells_of_abnormal, cells_of_dashboard,
        cells_of_cover, cells_of_trend,
    ],
)  # fmt: skip
def test_a_number_that_is_clicked_opens_as_many_cards(world: World, cells: Any, unit: str) -> None:
    with world.reading() as tx:
        shown = list(cells(tx, unit))
        assert any(number for number, _ in shown)
        for number, conditions in shown:
            page = list_cards(tx, ListCards(size=1000, **conditions), by=actor("99"), now=NOW)

            assert (page.total, page.total_is) == (number, "exact"), conditions
            assert len(page.items) == min(number, 1000), conditions


@pytest.mark.req("GTW-05")
@pytest.mark.parametrize("unit", ["99", "9901", "990101"])
def test_the_stock_lasts_as_long_as_the_run_log_says_at_the_pace_of_ninety_days(world: World, unit: str) -> None:
    first = TODAY - timedelta(days=89)
    with world.reading() as tx:
        issued = tx.execute(
            """
            SELECT to_unit AS unit, (at AT TIME ZONE 'Asia/Shanghai')::date AS day
            FROM run_log JOIN changes ON changes.id = change_id
            WHERE action = 'issue' AND to_unit LIKE :unit || '%'
            """,
            {"unit": unit},
        ).all()
        answer = cover.count_cover(tx, CountCover(unit=unit), by=actor("99"), now=NOW)
        year = trend.count_trend(tx, CountTrend(unit=unit), by=actor("99"), now=NOW).items

    assert sum(item.issued for item in answer.items) == answer.total.issued > 0
    for item in answer.items:
        mine = [row for row in issued if (row.unit == unit if item.exact else row.unit.startswith(item.unit))]
        assert item.issued == sum(row.day >= first for row in mine)
        if item.issued:
            lasts = Decimal(item.in_stock * 3) / item.issued
            assert item.months == lasts.quantize(Decimal("0.1"), ROUND_HALF_UP)
    months = [item.months for item in answer.items if item.months is not None]
    assert months == sorted(months)
    assert {item.month: item.issued for item in year if item.issued} == Counter(f"{row.day:%Y-%m}" for row in issued)


@pytest.mark.req("GTW-05")
def test_a_trends_stock_at_a_months_end_is_what_the_statistic_of_that_day_says(world: World) -> None:
    with world.reading() as tx:
        items = trend.count_trend(tx, CountTrend(unit="9901"), by=actor("99"), now=NOW).items
        assert [item.month for item in items][::11] == ["2025-12", "2026-11"]
        for item in items:
            request = CountByState(unit="9901", as_of=date.fromisoformat(item.day))
            told = cards_by_state.count_by_state(tx, request, by=actor("99"), now=NOW)
            assert item.in_stock == told.totals["in_stock"], item.month


@pytest.mark.req("GTW-05", "GTW-02")
@pytest.mark.parametrize(("act", "request_"), [(cover.count_cover, CountCover), (trend.count_trend, CountTrend)])
def test_nobody_asks_for_the_stock_of_another_unit(world: World, act: Any, request_: Any) -> None:
    with world.reading() as tx, pytest.raises(DomainError) as refused:
        act(tx, request_(unit="9902"), by=actor("9901"), now=NOW)
    assert refused.value.code == "unit_out_of_scope"


@pytest.mark.req("INV-07")
def test_a_past_day_is_counted_as_the_run_log_tells_it(world: World) -> None:
    with world.reading() as tx:
        for days_ago in (0, 2, 3, 4, 5, 20, 47, 90, 169, 200):
            day = TODAY - timedelta(days=days_ago)
            told = tx.execute(
                """
                SELECT DISTINCT ON (card_id) to_state, to_unit FROM run_log JOIN changes ON changes.id = change_id
                WHERE (at AT TIME ZONE 'Asia/Shanghai')::date <= :day ORDER BY card_id, version DESC
                """,
                {"day": day},
            ).all()
            answer = cards_by_state.count_by_state(tx, CountByState(as_of=day), by=actor("99"), now=NOW)

            assert answer.total == len(told)
            for state, number in answer.totals.items():
                assert number == sum(row.to_state == state for row in told), (day, state)
            for item in answer.items:
                own = [r for r in told if (r.to_unit == item.unit if item.exact else r.to_unit.startswith(item.unit))]
                assert item.total == len(own), (day, item.unit)


@pytest.mark.req("INV-10")
@pytest.mark.parametrize("unit", ["99", "9901", "9902", "990101", "990201"])
def test_what_was_delivered_stands_somewhere_on_every_day(world: World, unit: str) -> None:
    with world.reading() as tx:
        for days_ago in (0, 1, 4, 30, 60, 120, 180):
            day = TODAY - timedelta(days=days_ago)
            book = ledger.get_ledger(tx, GetLedger(unit=unit, day=day), by=actor("99"), now=NOW)

            assert book.balanced
            assert book.delivered == sum(book.counts.values())


@pytest.mark.req("INV-10")
def test_closing_compacting_and_rebuilding_change_no_answer(world: World) -> None:
    def answers(tx: Any) -> list[Any]:
        by = actor("99")
        told: list[Any] = [
            cards_by_state.count_by_state(tx, CountByState(as_of=TODAY - timedelta(days=ago)), by=by, now=NOW)
            for ago in range(0, 180, 9)
        ]
        told.append(count_pending_install(tx, CountPendingInstall(), by=by, now=NOW))
        told += [activations.count_activations(tx, CountActivations(month=month), by=by, now=NOW) for month in MONTHS]
        told.append(abnormal_cards.count_abnormal(tx, CountAbnormal(), by=by, now=NOW))
        told += [
            ledger.get_ledger(tx, GetLedger(unit="9901", day=TODAY - timedelta(days=ago)), by=by, now=NOW)
            for ago in (0, 3, 40, 100)
        ]
        return told

    with world.reading() as tx:
        before = answers(tx)
    for step in (
        lambda tx: compact(tx, TODAY),
        lambda tx: close(tx, TODAY - timedelta(days=30)),
        lambda tx: close(tx, TODAY - timedelta(days=1)),
        lambda tx: rebuild(tx, TODAY - timedelta(days=2)),
        lambda tx: tx.execute("TRUNCATE closings, ages"),
        lambda tx: nightly(tx, now=NOW),
    ):
        with world.writing(actor("99")) as tx:
            step(tx)
        with world.reading() as tx:
            assert answers(tx) == before


@pytest.mark.req("INV-10")
def test_compacting_merges_what_says_the_same_and_drops_what_came_to_nothing(world: World) -> None:
    with world.writing(actor("99")) as tx:
        row = "'2026-01-01', 'issue', 'in_stock', '2026-01-01', '99', 'china_mobile', 'smd', '2026-01'"
        tx.execute(
            "INSERT INTO ledger (day, action, state, since, owner_unit, carrier, card_spec, application_month, delta)"
            f" VALUES ({row}, 5), ({row}, -2), ({row}, -3)"
        )
        compact(tx, date(2026, 1, 1))
        assert tx.execute("SELECT count(*) FROM ledger WHERE day = '2026-01-01'").scalar_one() == 3
        assert compact(tx, date(2026, 1, 2)) == 3
        assert tx.execute("SELECT count(*) FROM ledger WHERE day = '2026-01-01'").scalar_one() == 0


@pytest.mark.req("INV-09", "GTW-01")
def test_limits_change_together_and_only_from_the_version_seen(world: World) -> None:
    with world.writing(actor("99")) as tx:
        old = abnormal_cards.get_abnormal_limits(tx)
        new = SetAbnormalLimits(limits={"pending_install": 10, "in_stock": 400}, version=old.version)
        answer = abnormal_cards.set_abnormal_limits(tx, new)

        assert answer.limits == {"pending_install": 10, "in_stock": 400}
        with pytest.raises(DomainError, match="version_stale"):
            abnormal_cards.set_abnormal_limits(tx, new)
        again = SetAbnormalLimits(limits=old.limits, version=answer.version)
        assert abnormal_cards.set_abnormal_limits(tx, again).limits == old.limits


@pytest.mark.req("GTW-02")
def test_nobody_counts_another_subtree(world: World) -> None:
    with world.reading() as tx:
        for count, request in (
            (cards_by_state.count_by_state, CountByState(unit="9902")),
            (abnormal_cards.count_abnormal, CountAbnormal(unit="99")),
            (ledger.get_ledger, GetLedger(unit="990201")),
        ):
            with pytest.raises(DomainError, match="unit_out_of_scope"):
                count(tx, request, **asked_for(count, by=actor("9901"), now=NOW))
