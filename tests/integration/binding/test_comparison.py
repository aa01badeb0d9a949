"""卡数与终端数比对: the carriers' own counts beside running terminals, and the surplus as cards (BND-09)."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kernel.chassis.data.blobs import BlobStore, blob_store
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.process.settings import BlobSettings
from kernel.contracts.binding.carrier_counts import (
    CompareCards,
    ImportCarrierCounts,
    ListIdleCards,
    PushCarrierCounts,
)
from kernel.contracts.binding.registry import ListTerminals
from kernel.contracts.inventory.events import CardsIssued
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.binding import cards, carrier_counts
from services.binding.pages.comparison import IDLE_CARDS, compare
from services.binding.pages.registry import TERMINALS
from tests.integration.binding.nights import NOW, STATION, Network, at, card, row
from tests.integration.binding.test_settling import OTHER_CITY, act, refused

PROVINCE = Actor("p", "省", "99", frozenset({"carrier_count.load"}))
CITY = Actor("c", "市", "9901")
MOBILE = Actor("k", "移动推送", "99", frozenset({"carrier_count.load", "carrier:china_mobile"}))


def push(network: Network, rows: list[Any], by: Actor = PROVINCE, **more: Any) -> Any:
    asked = PushCarrierCounts(**{"carrier": "china_mobile", "month": "2026-11", "rows": rows, **more})
    return act(network, carrier_counts.push, asked, by)


def compared(network: Network, by: Actor = CITY, **asked: Any) -> dict[tuple[str, str], Any]:
    with network.read() as tx:
        return {(it.unit, it.carrier): it for it in compare(tx, CompareCards(**asked), by=by).items}


def issue(network: Network, numbers: range, unit: str) -> None:
    """Inventory tells of cards that wait for installation."""
    event = CardsIssued(
        change_id=1, action="issue", at=at(-1), by="c", reason=None, reference_kind=None, reference_id=None,
        from_state="in_stock", to_state="pending_install", from_unit=unit, to_unit=unit, carrier="china_mobile",
        card_spec="plug_in", application_month="202611", iccids=[card(n) for n in numbers], versions=[1] * len(numbers),
    )  # fmt: skip
    with UnitOfWork(network.engine).begin(STATION, "test") as tx:
        cards.follow(tx, event, now=NOW)
        tx.commit()


@pytest.fixture
def counted(network: Network) -> Iterator[Network]:
    """990101 has 4 terminals with a card each, of which one stands still, and 3 cards more; 990102 has one terminal."""
    issue(network, range(1, 8), "990101")
    issue(network, range(20, 21), "990102")
    for number in (1, 2, 3, 4):
        network.place(number, at(-1), "990101", "stopped" if number == 4 else "running")
    network.place(20, at(-1), "990102")
    network.report([row(number, at(0, number), card(number)) for number in (1, 2, 3, 4, 20)])
    yield network
    with UnitOfWork(network.engine).begin(STATION, "test") as tx:
        tx.raw.execute("DELETE FROM carrier_counts; DELETE FROM card_counts")
        tx.commit()


@pytest.mark.req("BND-09")
def test_a_carriers_count_stands_beside_the_running_terminals_with_its_day_and_source(counted: Network) -> None:
    answer = push(counted, [{"unit": "990101", "cards": 6}, {"unit": "990102", "cards": "1"}])

    assert (answer.done, answer.refused) == (2, [])
    found = compared(counted)
    one, other = found["990101", "china_mobile"], found["990102", "china_mobile"]
    assert (one.cards, one.terminals, one.difference, one.percent, one.over) == (6, 3, 3, 100.0, True)
    assert (one.counted_on, one.source) == (date(2026, 11, 20), "pushed")
    assert (other.cards, other.terminals, other.percent, other.over) == (1, 1, 0.0, False)
    assert set(compared(counted, over=True)) == {("990101", "china_mobile")}
    assert set(compared(counted, over=True, threshold=100)) == set()


@pytest.mark.req("BND-09")
def test_what_no_carrier_has_told_is_unknown_and_not_zero(counted: Network) -> None:
    found = compared(counted)["990101", "china_mobile"]

    assert (found.cards, found.difference, found.percent, found.over) == (None, None, None, False)
    assert found.terminals == 3


@pytest.mark.req("BND-09")
def test_the_numbers_are_the_totals_of_the_lists_they_open(counted: Network) -> None:
    for (unit, carrier), line in compared(counted).items():
        place = {"unit": unit, "unit_exact": line.exact, "carrier": carrier}
        with counted.read() as tx:
            running = TERMINALS.answer(tx, ListTerminals(**place, state="running"), by=CITY, now=NOW)
            idle = IDLE_CARDS.answer(tx, ListIdleCards(**place), by=CITY, now=NOW)
        assert (running.total, idle.total) == (line.terminals, line.idle)
    with counted.read() as tx:
        surplus = IDLE_CARDS.answer(tx, ListIdleCards(unit="990101"), by=CITY, now=NOW)
    # A card that was read in a terminal runs when inventory says so; until then it is pending for everybody.
    assert {it.iccid for it in surplus.items} >= {card(5), card(6), card(7)}


@pytest.mark.req("BND-09")
def test_of_two_counts_of_a_month_the_newer_holds_in_whatever_order_they_come(counted: Network) -> None:
    push(counted, [{"unit": "990101", "cards": 9}], counted_on=date(2026, 11, 15))
    late = push(counted, [{"unit": "990101", "cards": 5}], counted_on=date(2026, 11, 1))

    assert (late.done, late.older) == (0, 1)
    assert compared(counted)["990101", "china_mobile"].cards == 9
    push(counted, [{"unit": "990101", "cards": 50}], month="2026-10", counted_on=date(2026, 11, 1))
    assert compared(counted, month="2026-10")["990101", "china_mobile"].cards == 50
    assert compared(counted)["990101", "china_mobile"].cards == 9, "the newest month is shown unless one is asked for"


@pytest.mark.req("BND-09")
def test_bad_rows_are_named_and_the_good_ones_are_taken(counted: Network) -> None:
    rows = [
        {"unit": "990101", "cards": "1,234"}, {"unit": "990101", "cards": 1}, {"unit": "99010", "cards": 1},
        {"unit": "990102", "cards": -1}, {"unit": "990103", "cards": "many"}, {"unit": "990104", "cards": True}, "x",
    ]  # fmt: skip
    answer = push(counted, rows)

    assert (answer.done, answer.refused_count) == (1, 6)
    assert [(it.row, it.code) for it in answer.refused] == [
        (2, "count_twice"), (3, "unit_malformed"), (4, "count_malformed"), (5, "count_malformed"),
        (6, "count_malformed"), (7, "unit_malformed"),
    ]  # fmt: skip
    assert compared(counted)["990101", "china_mobile"].cards == 1234
    tomorrow = PushCarrierCounts(
        carrier="china_mobile", month="2026-11", counted_on=date(2026, 11, 21), rows=[{"unit": "990101", "cards": 1}]
    )
    assert refused(counted, carrier_counts.push, tomorrow, PROVINCE) == "count_in_the_future"


@pytest.mark.req("BND-09")
def test_a_file_of_units_and_numbers_is_taken(counted: Network, tmp_path: Path) -> None:
    store: BlobStore = blob_store(BlobSettings(blob_url=tmp_path.as_uri()))
    file = store.put_stream(["供电单位编码,在网卡数\n990101,40\n990102,x\n".encode()], name="卡数.csv")
    asked = ImportCarrierCounts(carrier="china_mobile", month="2026-11", file=file)

    with UnitOfWork(counted.engine).begin(PROVINCE, "test") as tx:
        answer = carrier_counts.take_file(tx, asked, by=PROVINCE, now=NOW, blobs=store)
        tx.commit()

    assert (answer.done, [it.code for it in answer.refused]) == (1, ["count_malformed"])
    found = compared(counted)["990101", "china_mobile"]
    assert (found.cards, found.source) == (40, "file")


@pytest.mark.req("BND-09", "GTW-02")
def test_a_carrier_speaks_for_itself_and_a_unit_sees_its_own(counted: Network) -> None:
    other = PushCarrierCounts(carrier="china_unicom", month="2026-11", rows=[{"unit": "990101", "cards": 1}])
    assert refused(counted, carrier_counts.push, other, MOBILE) == "carrier_not_yours"
    assert push(counted, [{"unit": "990101", "cards": 3}], MOBILE).done == 1
    city = Actor("x", "市", "9902", frozenset({"carrier_count.load"}))
    assert [it.code for it in push(counted, [{"unit": "990101", "cards": 3}], city).refused] == ["unit_out_of_scope"]

    assert compared(counted, OTHER_CITY) == {}
    with pytest.raises(DomainError, match="unit_out_of_scope"):
        compared(counted, OTHER_CITY, unit="9901")


@pytest.mark.req("BND-09")
def test_the_total_of_what_no_carrier_has_told_is_unknown_too(counted: Network) -> None:
    with counted.read() as tx:
        found = compare(tx, CompareCards(month="2025-01"), by=PROVINCE)

    assert found.items
    assert (found.totals["cards"], found.totals["terminals"]) == (None, sum(it.terminals for it in found.items))
