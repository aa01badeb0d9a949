"""Two rows of one terminal, slot and read time that contradict each other: one of them stays, whichever came first, and
everything that follows from readings is as if only that one had come (BND-01, BND-11)."""

from typing import Any

import pytest

from tests.integration.binding.nights import NOW, Network, at, card, module, row, terminal

READ = row(1, at(1), card(1))
ROWS = {
    "read": READ,
    "another card": row(1, at(1), card(2)),
    "with its module": row(1, at(1), card(1), imei=module(1)),
    "not answered": row(1, at(1), None),
    "not answered for another reason": {**row(1, at(1), None), "fault": "E01"},
    "garbled": row(1, at(1), card(1)[:12]),
    "its clock is off": {**READ, "clock": "bad"},
}
PAIRS = [(one, other) for number, one in enumerate(ROWS) for other in list(ROWS)[number + 1 :]]


def ends(network: Network, *batches: list[dict[str, Any]]) -> dict[str, list[Any]]:
    """The tables after a night before, these batches, and a night after."""
    network.know(cards=[1, 2], terminals=[1])
    for batch in ([row(1, at(0), None)], *batches, [row(1, at(2), None)]):
        network.report(batch)
    found = network.tables()
    network.forget()
    return found


@pytest.mark.req("BND-01", "BND-11")
@pytest.mark.parametrize(("one", "other"), PAIRS, ids=[f"{one} and {other}" for one, other in PAIRS])
def test_of_two_rows_of_one_moment_the_same_one_stays_in_either_order(network: Network, one: str, other: str) -> None:
    first, second = ROWS[one], ROWS[other]

    in_order = ends(network, [first], [second])
    turned = ends(network, [second], [first])
    at_once = ends(network, [first, second])
    alone = [ends(network, [first]), ends(network, [second])]

    assert in_order == turned == at_once
    assert in_order in alone


@pytest.mark.req("BND-06", "BND-11")
def test_a_fault_that_a_person_has_in_hand_stays_when_another_row_takes_its_readings_place(network: Network) -> None:
    network.know(cards=[1], terminals=[1])
    network.report([row(1, at(0), None)])
    with network.read() as tx:
        number = tx.execute("UPDATE exceptions SET state = 'in_hand', handled_at = :now RETURNING id", {"now": NOW})
        assert number.scalar_one()

    network.report([row(1, at(0), card(1))])

    (exception,) = network.tables()["exceptions"]
    assert (exception[0], exception[2], exception[9], exception[10]) == (terminal(1), "failed", "in_hand", False)
