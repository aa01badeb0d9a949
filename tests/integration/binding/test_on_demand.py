"""召测 on demand: asked, fetched by the station, answered by readings (BND-04)."""

from datetime import timedelta
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.binding.on_demand import AskReads, CancelReads, GetReads, ListAskings, TakeReadRequests
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.binding import on_demand
from services.binding.pages.askings import ASKINGS
from tests.integration.binding.nights import NOW, STATION, Network, card, row, terminal

CLERK = Actor("clerk", "县管理员", "9901", frozenset({"reading.ask"}))
STRANGER = Actor("stranger", "另一市", "9902", frozenset({"reading.ask"}))


def act(network: Network, what: Any, request: Any, by: Actor = CLERK, later: float = 0) -> Any:
    with UnitOfWork(network.engine).begin(by, "test") as tx:
        answer = what(tx, request, by=by, now=NOW + timedelta(seconds=later))
        tx.commit()
    return answer


@pytest.fixture
def three(network: Network) -> Network:
    network.know(cards=[1, 2, 3], terminals=[1, 2, 3])
    return network


@pytest.mark.req("BND-04")
def test_three_terminals_are_asked_fetched_and_answered(three: Network):
    names = [terminal(1), terminal(2), "33t0000003", terminal(9), "!!!!", "", "?" * 100]
    asked = act(three, on_demand.ask, AskReads(terminals=names))

    assert (asked.asked, asked.station_away) == (3, True)
    refused = {(each.terminal, each.code) for each in asked.refused}
    assert refused == {
        (terminal(9), "terminal_not_found"),
        ("!!!!", "terminal_malformed"),
        ("", "terminal_malformed"),
        ("?" * 100, "terminal_malformed"),
    }
    wanted = act(three, on_demand.take, TakeReadRequests(), STATION).requests
    assert [each.terminal for each in wanted] == [terminal(1), terminal(2), terminal(3)]
    assert act(three, on_demand.take, TakeReadRequests(), STATION).requests == [], "they are out"

    three.report(
        [
            row(1, NOW, card(1), request=wanted[0].request_id),
            row(2, NOW, None, request=wanted[1].request_id),
            row(1, NOW, card(1), request=wanted[2].request_id),
        ]
    )

    seen = act(three, on_demand.get, GetReads(read_id=asked.read_id))
    assert [(each.state, each.iccid) for each in seen.answers] == [("read", card(1)), ("failed", None), ("sent", None)]
    assert (seen.open, seen.answers[0].bound_iccid, seen.station_away) == (1, card(1), False)


@pytest.mark.req("BND-04")
def test_what_was_read_long_before_the_request_is_no_answer_to_it(three: Network):
    asked = act(three, on_demand.ask, AskReads(terminals=[terminal(1), terminal(2), terminal(3)]))
    one, two, three_ = act(three, on_demand.take, TakeReadRequests(), STATION).requests
    old, slow = NOW - timedelta(days=20), NOW - timedelta(minutes=50)

    three.report([
        row(1, old, card(1), request=one.request_id),
        row(2, slow, card(2), request=two.request_id),
        row(3, old, card(3), request=three_.request_id, received_at=NOW.isoformat()),
    ])  # fmt: skip

    answers = act(three, on_demand.get, GetReads(read_id=asked.read_id)).answers
    assert [each.state for each in answers] == ["sent", "read", "read"], "the third terminal's clock is bad"


@pytest.mark.req("BND-04")
def test_a_request_that_a_station_lost_is_given_out_again_and_ends_in_time(three: Network):
    asked = act(three, on_demand.ask, AskReads(terminals=[terminal(1)], minutes=5))
    act(three, on_demand.take, TakeReadRequests(), STATION)

    assert len(act(three, on_demand.take, TakeReadRequests(), STATION, later=61).requests) == 1
    assert act(three, on_demand.get, GetReads(read_id=asked.read_id), later=301).answers[0].state == "expired"
    assert act(three, on_demand.take, TakeReadRequests(), STATION, later=400).requests == []


@pytest.mark.req("BND-04")
def test_what_was_taken_back_is_not_given_out_and_others_see_nothing(three: Network):
    asked = act(three, on_demand.ask, AskReads(terminals=[terminal(1)]))

    with pytest.raises(DomainError, match="reads_not_found"):
        act(three, on_demand.get, GetReads(read_id=asked.read_id), STRANGER)
    act(three, on_demand.cancel, CancelReads(read_id=asked.read_id))

    assert act(three, on_demand.take, TakeReadRequests(), STATION).requests == []
    assert act(three, on_demand.ask, AskReads(terminals=[terminal(1)]), STRANGER).asked == 0


@pytest.mark.req("BND-04")
def test_who_asked_and_how_far_it_came_is_kept_for_their_unit(three: Network):
    first = act(three, on_demand.ask, AskReads(terminals=[terminal(1), terminal(2), terminal(3)], minutes=10))
    wanted = act(three, on_demand.take, TakeReadRequests(), STATION).requests
    three.report([row(1, NOW, card(1), request=wanted[0].request_id), row(2, NOW, None, request=wanted[1].request_id)])
    second = act(three, on_demand.ask, AskReads(terminals=[terminal(1)]), later=60)

    def listed(by: Actor, later: float = 0) -> list[tuple[int, int, int, int, int]]:
        with three.read() as tx:
            page = ASKINGS.answer(tx, ListAskings(), by=by, now=NOW + timedelta(seconds=later))
        return [(it.read_id, it.total, it.answered, it.failed, it.open) for it in page.items]

    assert listed(CLERK, 61) == [(second.read_id, 1, 0, 0, 1), (first.read_id, 3, 1, 1, 1)]
    assert listed(CLERK, 601)[1] == (first.read_id, 3, 1, 1, 0), "what nobody answered in time is open no more"
    assert listed(STRANGER) == []


@pytest.mark.req("BND-04")
def test_a_thousand_terminals_are_asked_at_once_in_a_handful_of_statements(network: Network, statements: Any):
    network.know(terminals=range(1, 1001))

    with statements(network.engine) as sent:
        asked = act(network, on_demand.ask, AskReads(terminals=[terminal(n) for n in range(1, 1001)]))

    assert (asked.asked, asked.refused) == (1000, [])
    assert len(sent) < 12
    assert len(act(network, on_demand.take, TakeReadRequests(limit=1000), STATION).requests) == 1000
