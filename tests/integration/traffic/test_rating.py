"""What the service charges in sets is what a plain account says card by card, to the fen (TRF-05, TRF-10)."""

import random
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from kernel.contracts.traffic.pools import AgreePool, ListPools
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.traffic.pool_list import agree_pool, list_pools
from tests.integration.traffic import plain_costs
from tests.integration.traffic.costs_office import BOSS, MB, OCTOBER, Office
from tests.integration.traffic.meters import CARRIERS, Meters, carrier_of, day, iccid
from tests.integration.traffic.plain_costs import PlainCard, PlainPool, PlainTariff

SPECS = ("plug_in", "smd", "nano")
FROM = date(2026, 1, 1)
CARDS = 40


@pytest.fixture
def office(meters: Meters) -> Office:
    meters.run("TRUNCATE tariffs, pools, cost_months, cost_entries, cost_sums, bills, bill_lines")
    return Office(meters)


def a_book(office: Office, dice: random.Random) -> list[PlainCard]:
    """Cards with figures of October: some joined within the month, some left, some did not use anything."""
    meters = office.meters
    meters.have_cards(CARDS - 12, first=12)
    cards, rows = [], []
    for number in range(CARDS):
        spec, kind = dice.choice(SPECS), dice.choice(["whole", "whole", "new", "gone", "silent"])
        first = dice.randint(2, 28) if kind == "new" else 1
        last = dice.randint(first, 28) if kind == "gone" else 31
        used = 0 if kind == "silent" else dice.choice([dice.randint(0, 90 * MB), dice.randint(0, 5)])
        begun = OCTOBER if kind == "new" else "2026-05"
        state = "terminated" if kind == "gone" else "running"
        meters.run(
            "UPDATE cards SET card_spec = :spec, application_month = :begun, state = :state, changed_at = :at"
            " WHERE id = :id",
            spec=spec, begun=begun, state=state, at=f"2026-10-{last:02d}T12:00:00+08:00", id=number + 1,
        )  # fmt: skip
        rows.append((iccid(number), day(first, 10), used))
        days = 32 - first if kind == "new" else last
        cards.append(PlainCard(iccid(number), carrier_of(number), spec, used, days, kind == "new"))
    for carrier in CARRIERS:
        meters.push([row for row, card in zip(rows, cards, strict=True) if card.carrier == carrier], carrier)
    return cards


def prices(office: Office, dice: random.Random) -> plain_costs.Tariffs:
    """A tariff for each carrier and specification; two of them in one pool."""
    tariffs = {}
    for carrier in CARRIERS:
        beyond = Decimal(dice.choice(["0.29", "0.137", "0.000001"]))
        for spec in SPECS:
            tariffs[carrier, spec] = one = PlainTariff(
                Decimal(dice.choice(["1.005", "2.5", "0.333", "0"])), dice.choice([0, 10 * MB, 30 * MB + 1]),
                beyond, dice.choice([None, Decimal("0.1")]), "" if spec == "plug_in" else "P1", dice.random() < 0.5,
            )  # fmt: skip
            office.tariff(carrier=carrier, card_spec=spec, valid_from=FROM, monthly_fee=one.fee, per_mb=one.per_mb,
                          included=one.included, silent_fee=one.silent_fee, pool=one.pool or None,
                          prorated=one.prorated)  # fmt: skip
    return tariffs


def agree(office: Office, carrier: str, pool: PlainPool, **more: Any) -> Any:
    asked = {"carrier": carrier, "name": "P1", "valid_from": FROM, **pool.__dict__, **more}
    return office.meters.act(agree_pool, AgreePool(**asked), BOSS)


def charged(office: Office) -> dict[str, int]:
    return {entry.iccid: int(entry.amount * 100) for entry in office.costs()}


@pytest.mark.req("TRF-05", "TRF-10")
@pytest.mark.parametrize("seed", range(8))
def test_any_book_costs_what_a_plain_account_says_to_the_fen(office: Office, seed: int) -> None:
    dice = random.Random(seed)
    cards, tariffs = a_book(office, dice), prices(office, dice)
    pools = {}
    for carrier in CARRIERS[: seed % 3]:
        pool = PlainPool(
            dice.choice([None, 0, 300 * MB]), dice.random() < 0.5, dice.random() < 0.5,
            dice.choice(["excess", "usage", "equal"]),
        )  # fmt: skip
        pools[carrier, "P1"] = pool
        agree(office, carrier, pool)
    office.rate()

    expected = plain_costs.costs(cards, tariffs, pools, 31)
    assert charged(office) == {card: fen for card, fen in expected.items() if fen or card in charged(office)}
    assert set(expected) == set(charged(office))
    assert office.rate()["entries"] == 0


def a_pool_of_three(office: Office, *used: int) -> None:
    """Cards 0, 1 and 3 of one carrier, each with 10 MB in the pool and 1 yuan a MB beyond; nothing else costs."""
    office.meters.run("DELETE FROM cards WHERE id NOT IN (1, 2, 4)")
    office.meters.run("UPDATE cards SET application_month = '2026-05'")
    office.tariff(monthly_fee=Decimal(0), included=10 * MB, per_mb=Decimal(1), pool="P1")
    office.meters.push([(iccid(card), day(1, 10), size * MB) for card, size in zip((0, 1, 3), used, strict=True)])


@pytest.mark.req("TRF-10")
@pytest.mark.parametrize(
    ("size", "overage", "fen"),
    [
        (None, "excess", [0, 0, 900]),  # 39 MB used, 30 MB brought: whoever went beyond his 10 MB pays
        (None, "usage", [23, 208, 669]),
        (None, "equal", [300, 300, 300]),
        (36, "excess", [0, 0, 300]),  # of a fixed 36 MB each has 12
        (36, "equal", [100, 100, 100]),
        (100, "usage", [0, 0, 0]),
    ],
)
def test_a_pools_size_and_who_bears_the_overage_are_data(
    office: Office, size: int | None, overage: str, fen: list[int]
) -> None:
    a_pool_of_three(office, 1, 9, 29)
    agree(office, CARRIERS[0], PlainPool(size and size * MB, True, True, overage))
    office.rate()

    assert [charged(office)[iccid(card)] for card in (0, 1, 3)] == fen


@pytest.mark.req("TRF-10")
@pytest.mark.parametrize(("shrinks", "fen"), [(True, 387), (False, 0)])
def test_a_card_that_leaves_takes_its_part_along_or_leaves_it(office: Office, shrinks: bool, fen: int) -> None:
    a_pool_of_three(office, 0, 10, 20)
    office.meters.run("UPDATE cards SET state = 'terminated', changed_at = '2026-10-19T04:00:00Z' WHERE id = 1")
    agree(office, CARRIERS[0], PlainPool(None, True, shrinks, "excess"))
    office.rate()

    # 19 of 31 days: 10 MB x 12 / 31 = 3.87 MB are gone
    assert sum(charged(office).values()) == fen


@pytest.mark.req("TRF-10")
def test_an_agreement_holds_from_its_month_on_and_is_never_overwritten(office: Office) -> None:
    a_pool_of_three(office, 1, 9, 29)
    carrier, equal = CARRIERS[0], PlainPool(None, True, True, "equal")
    agree(office, carrier, equal)
    agree(office, carrier, PlainPool(100 * MB, True, True, "equal"), valid_from=date(2026, 11, 1))
    with pytest.raises(DomainError) as twice:
        agree(office, carrier, PlainPool(0, True, True, "usage"))
    with pytest.raises(DomainError) as odd:
        agree(office, carrier, equal, valid_from=date(2026, 12, 2))
    office.rate()

    elsewhere = Actor("boss", "他省", "98", BOSS.permissions)
    assert (twice.value.code, odd.value.code) == ("pool_agreed", "pool_month")
    assert sum(charged(office).values()) == 900
    listed = office.meters.act(list_pools, ListPools(), BOSS).items
    assert [(it.valid_from.month, it.size) for it in listed] == [(11, 100 * MB), (1, None)]
    assert office.meters.act(list_pools, ListPools(), elsewhere).items == []


@pytest.mark.req("TRF-05", "TRF-10")
def test_a_pool_of_two_prices_cannot_be_rated_and_is_named(office: Office) -> None:
    office.tariff(pool="P1", per_mb=Decimal("0.29"))
    office.tariff(card_spec="smd", pool="P1", per_mb=Decimal("0.3"))
    office.meters.run("UPDATE cards SET card_spec = 'smd' WHERE id = 1")

    with pytest.raises(DomainError, match="rating_impossible") as refused:
        office.rate()
    assert "P1" in refused.value.params["reason"]


@pytest.mark.req("TRF-05")
def test_the_tariff_is_the_one_of_the_months_first_day(office: Office) -> None:
    office.tariff(monthly_fee=Decimal(1))
    office.tariff(monthly_fee=Decimal(2), valid_from=date(2026, 11, 1))
    office.tariff(carrier=CARRIERS[1])
    office.meters.run("UPDATE cards SET application_month = '2026-05'")
    office.meters.push([(iccid(0), day(1, 10), 5), (iccid(0), day(1, 11), 5)])
    office.meters.now = office.meters.now.replace(month=12)
    office.rate()
    office.rate("2026-11")

    fees = {entry.about: entry.amount for entry in office.costs(iccid=iccid(0))}
    assert fees == {"2026-10": Decimal("1.00"), "2026-11": Decimal("2.00")}
