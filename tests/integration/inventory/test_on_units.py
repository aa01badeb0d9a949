"""A running card comes to its terminal's unit when somebody decided so at binding (BND-08)."""

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.binding.events import CardUnitsCorrected, CorrectedCard
from kernel.contracts.inventory.cards import GetRunLog
from kernel.contracts.inventory.statistics import GetLedger
from services.inventory import on_units
from services.inventory.ledger import get_ledger
from services.inventory.lifecycle import CardAction
from services.inventory.run_log import get_run_log
from tests.integration.inventory.stock import CITY, NOW, Stock

pytestmark = pytest.mark.req("BND-08")


def tell(stock: Stock, number: int, places: dict[str, tuple[str, str]], by_unit: str = "9901") -> None:
    event = CardUnitsCorrected(
        correction=number, at=NOW, by="c", by_name="市管理员", by_unit=by_unit, reason="现场核实",
        cards=[CorrectedCard(iccid=iccid, from_unit=old, to_unit=new) for iccid, (old, new) in places.items()],
    )  # fmt: skip
    with UnitOfWork(stock.engine).begin() as tx:
        on_units.correct(tx, event, now=stock.now)
        tx.commit()


def refused(stock: Stock, number: int) -> dict[str, str]:
    rows = stock.all(
        "SELECT payload FROM outbox WHERE type = 'cards_refused' AND payload ->> 'reference_kind' = 'unit_correction'"
        " AND payload ->> 'reference_id' = :number",
        number=str(number),
    )
    return {card["iccid"]: card["code"] for row in rows for card in row["payload"]["refused"]}


def running(stock: Stock, count: int) -> list[str]:
    cards = stock.issued(count).iccids
    stock.move(CardAction.BIND, cards, terminal_asset_no="T9")
    return cards


def test_a_running_card_comes_to_the_unit_with_who_and_why_in_its_run_log(stock: Stock) -> None:
    card, other = running(stock, 2)

    tell(stock, 1, {card: ("990101", "990102")})

    assert (stock.card(card)["owner_unit"], stock.card(card)["state"]) == ("990102", "running")
    assert (stock.card(card)["terminal_asset_no"], stock.card(other)["owner_unit"]) == ("T9", "990101")
    last = stock.do(get_run_log, GetRunLog(iccid=card), by=CITY).items[-1]
    assert (last.from_unit, last.to_unit, last.by_name, last.reason) == ("990101", "990102", "市管理员", "现场核实")
    assert (last.terminal_asset_no, last.reference_id) == ("T9", "1")
    told = stock.all("SELECT payload FROM outbox WHERE type = 'cards_unit_corrected'")[-1]["payload"]
    assert (told["iccids"], told["to_unit"], told["terminals"]) == ([card], "990102", ["T9"])


def test_the_ledgers_of_both_counties_balance_after_a_correction(stock: Stock) -> None:
    cards = running(stock, 3)
    before = stock.do(get_ledger, GetLedger(unit="990101"), by=CITY)

    tell(stock, 2, dict.fromkeys(cards[:2], ("990101", "990102")))

    after = [stock.do(get_ledger, GetLedger(unit=unit), by=CITY) for unit in ("990101", "990102")]
    assert [ledger.balanced for ledger in after] == [True, True]
    assert before.delivered - after[0].delivered == 2


def test_cards_that_have_moved_on_or_lie_elsewhere_are_refused_and_the_good_ones_follow(stock: Stock) -> None:
    good, moved, still = running(stock, 3)
    (pending,) = stock.issued(1).iccids
    tell(stock, 3, {moved: ("990101", "990103")})

    places = dict.fromkeys((good, moved, pending, "89860000000000000001"), ("990101", "990102"))
    tell(stock, 4, places)
    tell(stock, 5, {still: ("990101", "990102")}, by_unit="9902")

    assert stock.card(good)["owner_unit"] == "990102"
    assert refused(stock, 4) == {
        moved: "card_unit_changed",
        pending: "card_state_refused",
        "89860000000000000001": "card_unknown",
    }
    assert refused(stock, 5) == {still: "card_unknown"}, "who decides must hold the card"
