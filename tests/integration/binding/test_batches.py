"""A batch is a handful of statements however many rows it has; what it decides leaves in slices (BND-01, BND-03)."""

from collections.abc import Callable
from itertools import chain
from typing import Any

import pytest
from psycopg.errors import ExclusionViolation
from sqlalchemy.exc import IntegrityError

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.binding.events import SLICE
from tests.integration.binding.nights import NOW, Network, at, card, row, terminal

HANDFUL = 25


def night(first: int, count: int) -> list[dict[str, Any]]:
    """Cards that are new to their terminals, and some faults."""
    return [row(n, at(0, 1), card(n) if n % 10 else None) for n in range(first, first + count)]


@pytest.mark.req("BND-01", "BND-03")
def test_a_batch_is_a_handful_of_statements_however_many_rows_it_has(
    network: Network, statements: Callable[..., Any]
) -> None:
    network.know(cards=range(1, 1_200), terminals=range(1, 1_200))
    network.report([row(1_199, at(0), card(1_199))])  # the night has begun, its day has a partition
    counts = []
    for batch in (night(1, 20), night(21, 1_100)):
        with statements(network.engine) as sent:
            network.report(batch)
        counts.append(len(sent))

    assert counts[0] == counts[1] <= HANDFUL


@pytest.mark.req("BND-03")
def test_cards_that_are_bound_at_once_are_told_in_slices(network: Network) -> None:
    cards = range(SLICE + 7)
    network.know(cards=cards, terminals=cards)

    network.report([row(n, at(0), card(n)) for n in cards])

    told = [[each["iccid"] for each in payload["cards"]] for kind, payload in network.told() if kind == "cards_bound"]
    assert [len(part) for part in told] == [SLICE, 7]
    assert sorted(chain.from_iterable(told)) == [card(n) for n in cards]


@pytest.mark.req("BND-03", "BND-12")
def test_the_carrier_that_a_terminal_names_is_not_believed(network: Network) -> None:
    network.know(cards=[1], terminals=[1])

    network.report([row(1, at(0), card(1), carrier="china_telecom", operator="中国电信")])

    with network.read() as tx:
        assert tx.execute("SELECT carriers FROM terminals").scalars().all() == ["china_mobile"]


@pytest.mark.req("BND-03", "BND-11")
@pytest.mark.parametrize(("place", "number"), [((2, 1), 1), ((1, 1), 2)], ids=["a card twice", "a slot twice"])
def test_the_database_itself_holds_one_card_in_one_slot_at_any_instant(
    network: Network, place: tuple[int, int], number: int
) -> None:
    network.know(cards=[1, 2], terminals=[1, 2])
    network.report([row(1, at(0), card(1))])
    insert = (
        "INSERT INTO bindings (asset_no, slot, first_read, iccid, bound_from, bound_to, decided_at)"
        " VALUES (:asset_no, :slot, :at, :iccid, :at, :until, :now)"
    )
    values = {"asset_no": terminal(place[0]), "slot": place[1], "iccid": card(number), "now": NOW}

    with UnitOfWork(network.engine).begin() as tx:
        tx.execute(insert, {**values, "at": at(-1), "until": at(0)})
        tx.commit()  # until the very instant it is another's
    with UnitOfWork(network.engine).begin() as tx:
        tx.execute(insert, {**values, "at": at(-0.5), "until": at(0, 1)})
        with pytest.raises(IntegrityError) as refused:
            tx.commit()
    assert isinstance(refused.value.orig, ExclusionViolation)
