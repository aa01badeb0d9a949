"""Binding's facts about cards and terminals: 运行 and 待装 follow, whatever the order in which they come (BND-03)."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from kernel.chassis.bus.events import topology_of
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.binding.events import BoundCard, CardsBound, CardsUnbound, UnboundCard
from kernel.contracts.inventory.cards import GetRunLog, ListCards
from services.inventory import on_terminals
from services.inventory.card_lists.card_list import list_cards
from services.inventory.lifecycle import CardAction
from services.inventory.run_log import get_run_log
from services.inventory.service import InventoryService
from tests.integration.inventory.stock import COUNTY, NOW, Stock

A = CardAction
READ_AT = datetime(2026, 11, 19, 18, 30, tzinfo=UTC)
STATION = "采集主站"


def bound(decision: int, places: dict[str, str], since: datetime = READ_AT) -> CardsBound:
    cards = [
        BoundCard(iccid=iccid, terminal=terminal, slot=1, unit=None, since=since) for iccid, terminal in places.items()
    ]
    return CardsBound(decision=decision, at=NOW, station=STATION, cards=cards)


def unbound(decision: int, places: dict[str, str], until: datetime = READ_AT) -> CardsUnbound:
    cards = [UnboundCard(iccid=iccid, terminal=terminal, slot=1, until=until) for iccid, terminal in places.items()]
    return CardsUnbound(decision=decision, at=NOW, station=STATION, cards=cards)


def tell(stock: Stock, *events: CardsBound | CardsUnbound) -> None:
    for event in events:
        with UnitOfWork(stock.engine).begin() as tx:
            if isinstance(event, CardsBound):
                on_terminals.bind(tx, event, now=stock.now)
            else:
                on_terminals.unbind(tx, event, now=stock.now)
            tx.commit()


def refusals(stock: Stock, decision: int) -> list[dict]:
    rows = stock.all(
        "SELECT payload FROM outbox WHERE type = 'cards_refused' AND payload ->> 'reference_kind' = 'binding'"
        " AND payload ->> 'reference_id' = :decision",
        decision=str(decision),
    )
    return [card for row in rows for card in row["payload"]["refused"]]


@pytest.mark.req("BND-03", "INV-05")
def test_a_card_read_in_a_terminal_runs_and_shows_it_with_its_reading_in_the_run_log(stock: Stock):
    card, other = stock.issued(2).iccids

    tell(stock, bound(7, {card: "T100"}))

    assert stock.states([card, other]) == {"running": 1, "pending_install": 1}
    found = stock.do(list_cards, ListCards(terminal_asset_no="T100"), by=COUNTY)
    assert [item.iccid for item in found.items] == [card]
    log = stock.do(get_run_log, GetRunLog(iccid=card), by=COUNTY)
    assert log.items[-1].terminal_asset_no == "T100"
    assert log.items[-1].reference_kind == "reading"
    assert log.items[-1].reference_id == "T100/1 2026-11-20 02:30:00"
    assert log.items[-1].by == STATION


@pytest.mark.req("BND-03")
def test_a_card_in_no_terminal_any_more_waits_for_installation(stock: Stock):
    (card,) = stock.issued(1).iccids

    tell(stock, bound(1, {card: "T1"}), unbound(2, {card: "T1"}))

    row, log = stock.card(card), stock.log(card)
    assert (row["state"], row["terminal_asset_no"]) == ("pending_install", None)
    assert [(entry["action"], entry["terminal_asset_no"]) for entry in log[-2:]] == [("bind", "T1"), ("unbind", "T1")]


@pytest.mark.req("BND-03")
def test_a_card_that_moved_leaves_the_one_terminal_for_the_other(stock: Stock):
    (card,) = stock.issued(1).iccids
    tell(stock, bound(1, {card: "T1"}), bound(2, {card: "T2"}))

    row, log = stock.card(card), stock.log(card)
    assert (row["state"], row["terminal_asset_no"]) == ("running", "T2")
    assert [(entry["action"], entry["terminal_asset_no"]) for entry in log[-3:]] == [
        ("bind", "T1"), ("unbind", "T1"), ("bind", "T2"),
    ]  # fmt: skip


@pytest.mark.req("BND-03")
@pytest.mark.parametrize("seed", range(12))
def test_the_highest_decision_holds_whatever_the_order_and_the_repeats(stock: Stock, seed: int):
    chance = random.Random(seed)
    cards = stock.issued(6).iccids
    facts = [
        chance.choice((bound, unbound))(
            decision,
            {card: f"T{chance.randint(1, 3)}" for card in chance.sample(cards, 4)},
            READ_AT + timedelta(minutes=decision),
        )
        for decision in range(1, 9)
    ]
    newest = {card.iccid: (fact, card) for fact in facts for card in fact.cards}
    told = facts + chance.sample(facts, 4)
    chance.shuffle(told)

    tell(stock, *told)

    for iccid, (fact, told_card) in newest.items():
        row = stock.card(iccid)
        expected = ("running", told_card.terminal) if isinstance(fact, CardsBound) else ("pending_install", None)
        assert (row["state"], row["terminal_asset_no"]) == expected
        assert row["terminal_decision"] == fact.decision


@pytest.mark.req("BND-03")
def test_a_card_that_cannot_be_bound_is_refused_with_its_state_and_the_others_are_bound(stock: Stock):
    stocked, (card,) = stock.stocked(1).iccids, stock.issued(1).iccids
    unknown = stock.number(999_999)

    tell(stock, bound(77, {card: "T1", stocked[0]: "T2", unknown: "T3"}))

    assert stock.card(card)["state"] == "running"
    assert stock.card(stocked[0])["state"] == "in_stock"
    assert {(row["iccid"], row["code"], row["state"]) for row in refusals(stock, 77)} == {
        (stocked[0], "card_state_refused", "in_stock"),
        (unknown, "card_unknown", None),
    }


@pytest.mark.req("BND-03")
def test_a_thousand_cards_in_a_thousand_terminals_are_one_change_and_one_event(stock: Stock):
    cards = stock.issued(1000).iccids
    before = stock.one("SELECT count(*) AS n FROM changes")["n"]

    tell(stock, bound(1, {card: f"T{number}" for number, card in enumerate(cards)}))

    last = stock.log(cards[0])[-1]
    (event,) = stock.events(last["change_id"])
    assert stock.one("SELECT count(*) AS n FROM changes")["n"] == before + 1
    assert dict(zip(event["iccids"], event["terminals"], strict=True)) == {
        card: f"T{number}" for number, card in enumerate(cards)
    }
    assert stock.states(cards) == {"running": 1000}


def test_inventory_hears_what_binding_tells():
    assert sorted(topology_of(InventoryService)["binding"]) == ["card_units_corrected", "cards_bound", "cards_unbound"]
