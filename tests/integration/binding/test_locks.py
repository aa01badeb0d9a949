"""Locks of cards to modules and terminals, and their breaches (BND-10)."""

from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.binding.exceptions import ListExceptions
from kernel.contracts.binding.locks import ListLocks, LockCards, ReleaseLocks
from kernel.contracts.binding.settling import HandleException
from kernel.model.actor import Actor
from services.binding.locks import lock_cards, release_locks
from services.binding.pages.exceptions import EXCEPTIONS
from services.binding.pages.locks import LOCKS
from services.binding.settling import handle
from tests.integration.binding.nights import NOW, Network, at, card, module, row, terminal
from tests.integration.binding.test_settling import act, refused

CLERK = Actor("k", "县管理员", "990101", frozenset({"binding.lock", "binding.handle", "card.view", "report.view"}))
VIEWER = Actor("v", "看", "990101", frozenset({"card.view"}))
STRANGER = Actor("s", "另一县", "990102", frozenset({"binding.lock", "card.view"}))
PROVINCE = Actor("p", "省", "99", frozenset({"report.view", "card.view", "binding.lock", "binding.handle"}))


def after(minutes: float) -> Any:
    """A reading's time after locks were set, which is at NOW."""
    return at(18.5, minutes)


def lock(network: Network, *numbers: int, hold: str = "both", by: Actor = CLERK, **more: Any) -> Any:
    request = LockCards(iccids=[card(number) for number in numbers], hold=hold, reason="高风险", **more)
    return act(network, lock_cards, request, by)


def locks(network: Network, by: Actor = CLERK, **asked: Any) -> list[Any]:
    with network.read() as tx:
        return LOCKS.answer(tx, ListLocks(**asked), by=by, now=NOW).items


def breaches(network: Network) -> list[tuple[str, str | None, str | None, int, bool]]:
    with network.read() as tx:
        found = EXCEPTIONS.answer(tx, ListExceptions(kind="lock_breached"), by=PROVINCE, now=NOW).items
    return sorted((it.terminal, it.other_terminal, it.sample, it.readings, it.standing) for it in found)


@pytest.fixture
def bound(network: Network) -> Network:
    """Cards 1 to 3, all of county 990101, in terminals and modules of their number; card 4 was never read."""
    network.know(cards=(1, 2, 3, 4), terminals=(1, 2, 3))
    network.report([row(number, at(0, number), card(number), imei=module(number)) for number in (1, 2, 3)])
    return network


@pytest.mark.req("BND-10")
def test_a_card_is_held_to_the_module_and_terminal_that_it_is_in(bound: Network) -> None:
    assert lock(bound, 1).done == 1
    lock(bound, 2, hold="imei")
    lock(bound, 3, hold="terminal")

    assert [(it.iccid, it.imei, it.terminal, it.set_by_name, it.breached, it.can) for it in locks(bound)] == [
        (card(3), None, terminal(3), "县管理员", False, ["release"]),
        (card(2), module(2), None, "县管理员", False, ["release"]),
        (card(1), module(1), terminal(1), "县管理员", False, ["release"]),
    ]


@pytest.mark.req("BND-10")
def test_what_cannot_be_locked_is_named_and_costs_the_others_nothing(bound: Network) -> None:
    lock(bound, 1)

    answer = lock(bound, 1, 2, 4, 9)

    assert answer.done == 1
    assert [(it.number, it.code) for it in answer.refused] == [
        (card(1), "lock_stands"),
        (card(4), "lock_imei_unknown"),
        (card(9), "card_unknown"),
    ]
    assert lock(bound, 4, hold="terminal").refused[0].code == "lock_terminal_unknown"


@pytest.mark.req("BND-10")
@pytest.mark.parametrize(
    ("numbers", "given", "code"),
    [
        ((1, 2), {"imei": module(5)}, "lock_names_one_card"),
        ((1,), {"imei": "86000000000001"[:12]}, "lock_imei_malformed"),
        ((1,), {"terminal": "?"}, "terminal_malformed"),
        ((1,), {"terminal": terminal(77)}, "terminal_not_found"),
        ((1,), {"terminal": terminal(1)}, "terminal_not_found"),
    ],
)
def test_a_module_or_terminal_that_one_names_must_be_one_and_be_ones_own(
    bound: Network, numbers: tuple[int, ...], given: dict[str, str], code: str
) -> None:
    """Terminal 1 is another county's."""
    request = LockCards(iccids=[card(number) for number in numbers], hold="both", reason="x", **given)

    assert refused(bound, lock_cards, request, CLERK) == code


@pytest.mark.req("BND-10")
def test_a_card_read_in_another_terminal_or_module_breaches_its_lock_and_each_kind_of_end_ends_it(
    bound: Network,
) -> None:
    lock(bound, 1, hold="terminal")
    lock(bound, 2, hold="imei")
    bound.report([row(2, after(1), card(1), imei=module(9)), row(3, after(1), card(2), imei=module(3))])
    assert breaches(bound) == [
        (terminal(2), terminal(1), module(9), 1, True),
        (terminal(3), None, module(3), 1, True),
    ]
    assert [it.iccid for it in locks(bound, breached=True)] == [card(2), card(1)]

    bound.report([row(2, after(2), card(3)), row(3, after(2), card(2), imei=module(2))])

    assert [each[-1] for each in breaches(bound)] == [False, False], "the slot reads another card; the module is back"
    assert locks(bound, breached=True) == []


@pytest.mark.req("BND-10")
def test_a_confirmed_breach_is_counted_and_an_unbreached_lock_never(bound: Network) -> None:
    """The readings after the first are mere confirmations of a binding, and counted all the same."""
    lock(bound, 1, hold="terminal", terminal=terminal(3), by=PROVINCE)
    lock(bound, 2, hold="both")
    for minute in range(1, 4):
        bound.report([row(1, after(minute), card(1)), row(2, after(minute), card(2), imei=module(2))])
    bound.report([row(1, after(3), card(1))])

    assert breaches(bound) == [(terminal(1), terminal(3), None, 3, True)]


@pytest.mark.req("BND-10")
def test_readings_before_the_lock_and_after_its_release_breach_nothing(bound: Network) -> None:
    lock(bound, 1, hold="terminal")
    bound.report([row(2, at(3), card(1))])
    assert breaches(bound) == []

    bound.report([row(2, after(1), card(1))])
    assert [each[-1] for each in breaches(bound)] == [True]
    released = act(bound, release_locks, ReleaseLocks(locks=[locks(bound)[0].lock_id], reason="轮换"), CLERK)

    assert released.done == 1
    assert [each[-1] for each in breaches(bound)] == [], "read after the release, which is at the same moment"
    done = locks(bound)[0]
    assert (done.released_by_name, done.release_reason, done.breached, done.can) == ("县管理员", "轮换", False, [])
    assert lock(bound, 1, hold="terminal").done == 1, "and may be locked again"


@pytest.mark.req("BND-10", "BND-06")
def test_a_breach_is_handled_as_other_exceptions_are_and_opens_again_when_it_comes_back(bound: Network) -> None:
    lock(bound, 1, hold="terminal")
    bound.report([row(2, after(1), card(1))])
    with bound.read() as tx:
        found = EXCEPTIONS.answer(tx, ListExceptions(kind="lock_breached"), by=PROVINCE, now=NOW).items[0]
    assert found.can == ["take", "close"]

    act(bound, handle, HandleException(exception_id=found.exception_id, state="closed", note="已归还"), PROVINCE)
    bound.report([row(2, after(2), card(1))], now=at(19))

    with bound.read() as tx:
        again = EXCEPTIONS.answer(tx, ListExceptions(kind="lock_breached"), by=PROVINCE, now=NOW).items
    assert [(it.exception_id, it.state, it.readings) for it in again] == [(found.exception_id, "open", 2)]


@pytest.mark.req("BND-10", "GTW-02")
def test_only_whose_card_it_is_sees_locks_and_releases_it(bound: Network) -> None:
    assert [it.code for it in lock(bound, 1, by=STRANGER).refused] == ["card_unknown"]
    lock(bound, 1)
    number = locks(bound)[0].lock_id

    assert locks(bound, STRANGER) == []
    answer = act(bound, release_locks, ReleaseLocks(locks=[number, number, 999], reason="x"), STRANGER)
    assert (answer.done, [(it.number, it.code) for it in answer.refused]) == (
        0,
        [(str(number), "lock_not_found"), ("999", "lock_not_found")],
    )
    assert locks(bound, VIEWER)[0].can == []
    assert [it.lock_id for it in locks(bound, PROVINCE)] == [number]


@pytest.mark.req("BND-10", "GTW-02")
def test_a_lock_is_seen_by_whoever_has_the_card_now(bound: Network) -> None:
    lock(bound, 1)
    other = Actor("o", "另一县", "990102", frozenset({"card.view"}))
    assert [it.iccid for it in locks(bound)] == [card(1)]

    with UnitOfWork(bound.engine).begin(CLERK, "test") as tx:
        tx.execute("UPDATE cards SET owner_unit = '990102' WHERE iccid = :iccid", {"iccid": card(1)})
        tx.commit()

    assert (locks(bound), [(it.iccid, it.unit) for it in locks(bound, by=other)]) == ([], [(card(1), "990102")])
