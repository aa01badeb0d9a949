"""Questions and commands over the bus: who may, what is malformed, what comes twice, what comes too late."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from kernel.chassis.bus.wire import ServiceError
from tests.messaging import contract
from tests.messaging.client import BusClient, NoAnswerError

AddEntries, Ask = contract.AddEntries, contract.Ask


def refusal(call) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        call()
    return caught.value


@pytest.mark.req("GTW-01")
def test_a_question_is_answered_in_the_name_of_the_signed_actor(pair, client_of, clerk):
    answer = client_of(pair).call("probe", contract.ASK, Ask(word="你好"), actor=clerk)

    assert answer == {"word": "你好", "unit": "990101"}


@pytest.mark.req("GTW-02")
def test_nobody_acts_without_a_valid_signature_or_the_permission(pair, client_of, clerk, onlooker):
    client = client_of(pair)
    forger = "of somebody who knows another secret"

    codes = [
        refusal(lambda: client.call("probe", contract.ASK, Ask())).code,
        refusal(lambda: client.call("probe", contract.ASK, Ask(), actor=clerk, call_secret=forger)).code,
        refusal(lambda: client.call("probe", contract.ASK, Ask(), actor=clerk, ttl_seconds=-1)).code,
        refusal(lambda: client.call("probe", contract.ADD_ENTRIES, AddEntries(prefix="x"), actor=onlooker)).code,
    ]

    assert codes == ["actor_missing", "actor_missing", "actor_missing", "permission_denied"]


@pytest.mark.req("GTW-01")
def test_a_malformed_request_names_every_field(pair, client_of, clerk):
    client = client_of(pair)
    body = b'{"args": [{"count": "many", "colour": "red"}], "kwargs": {}}'

    error = refusal(lambda: client.call("probe", contract.ADD_ENTRIES, None, body=body, actor=clerk))

    assert error.code == "request_invalid"
    assert {item["field"] for item in error.params["errors"]} == {"prefix", "count", "colour"}


@pytest.mark.req("GTW-01")
def test_half_a_surrogate_pair_is_a_fault_of_its_field_and_not_of_the_whole_text(pair, client_of, clerk):
    client = client_of(pair)
    body = rb'{"args": [{"prefix": "\ud800", "count": 1}], "kwargs": {}}'

    error = refusal(lambda: client.call("probe", contract.ADD_ENTRIES, None, body=body, actor=clerk))

    assert [item["field"] for item in error.params["errors"]] == ["prefix"]


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b"{}", b'{"args": []}', b"\xff\xfe", b'{"args": [1, 2]}'])
def test_no_body_however_broken_stays_without_an_answer(pair, client_of, clerk, body):
    client = client_of(pair)
    call = client.send("probe", contract.ASK, None, body=body or b" ", actor=clerk)

    assert refusal(lambda: client.answer(call)).code == "request_invalid"


def test_an_unknown_method_is_refused_and_not_silent(pair, client_of, clerk):
    unknown = contract.Method("no_such_thing", Ask, contract.Answer, None)

    assert refusal(lambda: client_of(pair).call("probe", unknown, Ask(), actor=clerk)).code == "request_invalid"


def test_an_unexpected_error_tells_its_trace_id_and_nothing_else(pair, client_of, clerk):
    error = refusal(
        lambda: client_of(pair).call(
            "probe", contract.BREAK, Ask(word="hunter2"), actor=clerk, correlation_id="trace-77"
        )
    )

    assert error.code == "internal_error"
    assert error.params == {"trace_id": "trace-77"}
    assert "hunter2" not in error.detail
    assert "trace-77" in pair.processes[1].logged()


def test_a_question_cannot_write(pair, client_of, clerk):
    before = pair.one("probe", "SELECT count(*) FROM runs")

    error = refusal(lambda: client_of(pair).call("probe", contract.WRITE_IN_A_QUERY, Ask(), actor=clerk))

    assert error.code == "internal_error"
    assert pair.one("probe", "SELECT count(*) FROM runs") == before


def test_a_refused_command_leaves_nothing_and_may_be_tried_again(pair, client_of, clerk):
    client = client_of(pair)
    request = AddEntries(prefix="refused", fail="on purpose")

    first = refusal(lambda: client.call("probe", contract.ADD_ENTRIES, request, actor=clerk, command_id="r-1"))
    second = client.call("probe", contract.ADD_ENTRIES, AddEntries(prefix="refused"), actor=clerk, command_id="r-1")

    assert first.code == "version_stale"
    assert second["count"] == 1
    assert pair.one("probe", "SELECT version FROM entries WHERE key = 'refused-0'") == 1


def test_refusals_speak_the_language_of_the_caller(pair, client_of, onlooker):
    client = client_of(pair)

    english = refusal(
        lambda: client.call("probe", contract.ADD_ENTRIES, AddEntries(prefix="x"), actor=onlooker, language="en")
    )

    assert "lack the permission" in english.detail


@pytest.mark.req("GTW-01")
def test_the_same_command_twice_acts_once_and_answers_twice(pair, client_of, clerk):
    client = client_of(pair)
    request = AddEntries(prefix="once", count=3)

    answers = [client.call("probe", contract.ADD_ENTRIES, request, actor=clerk, command_id="once-1") for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert pair.one("probe", "SELECT sum(version) FROM entries WHERE key LIKE 'once-%%'") == 3


@pytest.mark.req("GTW-01")
def test_the_same_command_id_with_another_body_or_from_another_is_refused(pair, client_of, clerk, stranger):
    client = client_of(pair)
    client.call("probe", contract.ADD_ENTRIES, AddEntries(prefix="mine"), actor=clerk, command_id="reused")

    other_body = refusal(
        lambda: client.call("probe", contract.ADD_ENTRIES, AddEntries(prefix="b"), actor=clerk, command_id="reused")
    )
    other_person = refusal(
        lambda: client.call(
            "probe", contract.ADD_ENTRIES, AddEntries(prefix="mine"), actor=stranger, command_id="reused"
        )
    )

    assert {other_body.code, other_person.code} == {"idempotency_key_reused"}


def test_the_same_command_sent_at_once_by_many_acts_once(pair, client_of, clerk):
    request = AddEntries(prefix="race", sleep_seconds=0.3)
    clients = [client_of(pair) for _ in range(6)]

    def send(client: BusClient):
        return client.call("probe", contract.ADD_ENTRIES, request, actor=clerk, command_id="race-1")

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, clients))

    assert all(answer == answers[0] for answer in answers)
    assert pair.one("probe", "SELECT version FROM entries WHERE key = 'race-0'") == 1


def test_a_request_past_its_deadline_is_dropped_and_never_runs(pair, client_of, clerk):
    client = client_of(pair)
    probe = pair.processes[1]

    late = client.send("probe", contract.ADD_ENTRIES, AddEntries(prefix="late"), actor=clerk, deadline=time.time() - 1)
    client.call("probe", contract.ASK, Ask(), actor=clerk)

    with pytest.raises(NoAnswerError):
        client.answer(late, timeout=0.5)
    assert pair.one("probe", "SELECT count(*) FROM entries WHERE key LIKE 'late%%'") == 0
    assert probe.metric('simkeep_rpc_expired_total{method="add_entries"}') == 1


def test_a_slow_statement_does_not_hold_up_others(pair, client_of, clerk):
    client = client_of(pair)
    client.send("probe", contract.ADD_ENTRIES, AddEntries(prefix="slow", sleep_seconds=2), actor=clerk)

    started = time.monotonic()
    client.call("probe", contract.ASK, Ask(), actor=clerk)

    assert time.monotonic() - started < 1.5
