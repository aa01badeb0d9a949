"""Money has one rounding point, and months change by appended corrections (TRF-05, TRF-09, TRF-10)."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.traffic.rating import (
    MB,
    CardMonth,
    Entry,
    RatingError,
    Tariff,
    as_billed,
    as_known,
    by_unit,
    in_fen,
    post,
    rate,
    yuan,
)

MONTH = "2026-11"
FROM = date(2026, 1, 1)
PLAIN = Tariff("mobile", "plug_in", FROM, Decimal("1.005"), 30 * MB, Decimal("0.29"))
POOLED = Tariff("mobile", "smd", FROM, Decimal("2.5"), 10 * MB, Decimal("0.1"), pool="P1", prorated=True)
ALSO_POOLED = Tariff("mobile", "nano", FROM, Decimal("0.333"), 20 * MB, Decimal("0.1"), pool="P1")
TARIFFS = (PLAIN, POOLED, ALSO_POOLED)


@st.composite
def months(draw: st.DrawFn) -> list[CardMonth]:
    return [
        CardMonth(
            f"8986{number:03d}",
            draw(st.sampled_from(["990101", "990102", "990201", "9902", "99"])),
            "mobile",
            draw(st.sampled_from(["plug_in", "smd", "nano"])),
            draw(st.one_of(st.just(0), st.integers(0, 200 * MB))),
            draw(st.integers(0, 30)),
        )
        for number in range(draw(st.integers(1, 25)))
    ]


def exactly(cards: list[CardMonth]) -> dict[str, Fraction]:
    """What each line costs in yuan, computed the other way round: line by line, nothing rounded."""
    sums = {"": Fraction(0), "P1": Fraction(0)}
    pool_usage, pool_included = 0, Fraction(0)
    for card in cards:
        if card.card_spec == "plug_in":
            beyond = max(0, card.usage - PLAIN.included)
            sums[""] += Fraction(PLAIN.monthly_fee) + Fraction(beyond, MB) * Fraction(PLAIN.per_mb)
        else:
            tariff = POOLED if card.card_spec == "smd" else ALSO_POOLED
            share = Fraction(card.days, 30) if tariff.prorated else Fraction(1)
            sums["P1"] += Fraction(tariff.monthly_fee) * share
            pool_usage, pool_included = pool_usage + card.usage, pool_included + tariff.included * share
    sums["P1"] += max(Fraction(0), pool_usage - pool_included) / MB * Fraction(POOLED.per_mb)
    return sums


@pytest.mark.req("TRF-10")
@settings(max_examples=150, deadline=None)
@given(months())
def test_cards_cities_and_province_add_up_to_the_bills_lines(cards: list[CardMonth]) -> None:
    charges = rate(TARIFFS, cards, MONTH)
    lines: dict[str, int] = {"": 0, "P1": 0}
    for charge in charges:
        lines[charge.line.pool] += charge.fen

    assert lines == {pool: int(amount * 100 + Fraction(1, 2)) for pool, amount in exactly(cards).items()}
    for length in (2, 4, 6):
        assert sum(by_unit(charges, length).values()) == sum(lines.values())
    assert all(charge.fen >= 0 for charge in charges)


@pytest.mark.req("TRF-10")
@settings(max_examples=100, deadline=None)
@given(months(), st.randoms(use_true_random=False))
def test_the_order_of_cards_and_tariffs_changes_nothing(cards: list[CardMonth], dice: random.Random) -> None:
    mixed = rate(dice.sample(TARIFFS, len(TARIFFS)), dice.sample(cards, len(cards)), MONTH)

    assert mixed == rate(TARIFFS, cards, MONTH)


@pytest.mark.req("TRF-10")
@given(st.lists(st.fractions(0, 1000), min_size=1, max_size=30))
def test_nobody_is_a_fen_or_more_from_his_exact_amount(amounts: list[Fraction]) -> None:
    dealt = in_fen(amounts)

    assert all(abs(fen - amount * 100) < 1 for fen, amount in zip(dealt, amounts, strict=True))
    assert abs(sum(dealt) - sum(amounts) * 100) <= Fraction(1, 2)


@pytest.mark.req("TRF-09")
@settings(max_examples=100, deadline=None)
@given(months(), months(), months())
def test_a_closed_month_keeps_its_bill_and_is_known_better_by_corrections(
    billed: list[CardMonth], later: list[CardMonth], latest: list[CardMonth]
) -> None:
    ledger: list[Entry] = []
    ledger += post(ledger, rate(TARIFFS, billed, MONTH), MONTH, MONTH)
    bill = as_billed(ledger, MONTH)
    for cards, posted_in in ((later, "2026-12"), (latest, "2027-01")):
        wanted = rate(TARIFFS, cards, MONTH)
        ledger += post(ledger, wanted, MONTH, posted_in)
        assert post(ledger, wanted, MONTH, posted_in) == []
        assert as_billed(ledger, MONTH) == bill
        known = as_known(ledger, MONTH)
        assert costs(known) == costs(wanted)
        assert sum(entry.fen for entry in known) == sum(charge.fen for charge in wanted)
    numbers = {entry.number: entry for entry in ledger}
    assert len(numbers) == len(ledger)
    for entry in ledger:
        if entry.corrects is not None:
            before = numbers[entry.corrects]
            assert (before.iccid, before.about) == (entry.iccid, entry.about)
            assert before.number < entry.number


def costs(charges: list) -> dict[str, int]:
    """分 per unit, of those that cost something."""
    return {unit: fen for unit, fen in by_unit(charges, 6).items() if fen}


CARD = CardMonth("89860001", "990101", "mobile", "plug_in", 40 * MB, 30)


@pytest.mark.req("TRF-05")
def test_a_card_pays_its_fee_and_what_is_beyond_its_volume() -> None:
    (charge,) = rate(TARIFFS, [CARD], MONTH)

    assert yuan(charge.fen) == Decimal("3.91")  # 1.005 + 10 x 0.29, half a fen up


@pytest.mark.req("TRF-05", "TRF-10")
def test_what_one_card_of_a_pool_leaves_another_uses() -> None:
    thrifty = replace(CARD, iccid="1", card_spec="nano", usage=0)
    greedy = replace(CARD, iccid="2", card_spec="smd", usage=30 * MB)
    over = replace(greedy, usage=40 * MB)

    assert [charge.fen for charge in rate(TARIFFS, [thrifty, greedy], MONTH)] == [33, 250]
    assert sum(charge.fen for charge in rate(TARIFFS, [thrifty, over], MONTH)) == 383


@pytest.mark.req("TRF-05")
def test_a_prorated_card_pays_its_days() -> None:
    (charge,) = rate(TARIFFS, [replace(CARD, card_spec="smd", usage=0, days=12)], MONTH)

    assert yuan(charge.fen) == Decimal("1.00")


@pytest.mark.req("TRF-05")
def test_the_tariff_is_the_one_of_the_months_first_day() -> None:
    old = replace(PLAIN, valid_to=date(2026, 11, 1))
    new = replace(PLAIN, valid_from=date(2026, 11, 1), monthly_fee=Decimal(2))

    assert rate([old, new], [CARD], "2026-10")[0].fen == 391
    assert rate([old, new], [CARD], MONTH)[0].fen == 490


@pytest.mark.req("TRF-05")
@pytest.mark.parametrize(
    ("tariffs", "cards"),
    [
        ((), [CARD]),
        ((PLAIN, PLAIN), [CARD]),
        (TARIFFS, [CARD, CARD]),
        (TARIFFS, [replace(CARD, days=31)]),
        (
            (POOLED, replace(ALSO_POOLED, per_mb=Decimal(1))),
            [replace(CARD, card_spec="smd"), replace(CARD, iccid="2", card_spec="nano")],
        ),
    ],
)
def test_what_cannot_be_rated_is_refused_by_name(tariffs: tuple[Tariff, ...], cards: list[CardMonth]) -> None:
    with pytest.raises(RatingError, match=r"mobile|89860001"):
        rate(tariffs, cards, MONTH)


@pytest.mark.req("TRF-09")
def test_a_month_is_not_corrected_in_an_earlier_one() -> None:
    with pytest.raises(RatingError, match="2026-11"):
        post([], rate(TARIFFS, [CARD], MONTH), MONTH, "2026-10")
