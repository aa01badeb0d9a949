"""A call whose turn comes too late is late, not without a login (GTW-01, GTW-02)."""

import time
from types import SimpleNamespace
from typing import Any

import amqp
import pytest

from kernel.chassis.bus.identity import BoundCall, CallVerifier, seal_call
from kernel.chassis.bus.rpc_server import Incoming, _Served
from kernel.contracts import topology
from kernel.contracts.binding.locks import LIST_LOCKS
from kernel.model.actor import Actor
from kernel.model.errors import DomainError

KEY = "the key of binding" * 2
BODY = b'{"args": [{}], "kwargs": {}}'


def waiting(lives: float, deadline: float) -> Incoming:
    """A call of the gateway whose token lives so long, with a deadline so many seconds from now."""
    call = BoundCall("binding.list_locks", BODY, "call-1", "reply.gateway.1", correlation_id="trace-1")
    clerk = Actor("clerk", "县局资产管理员", "990101", frozenset({LIST_LOCKS.permission or ""}))
    headers: dict[str, Any] = {
        topology.HEADER_ACTOR: seal_call(clerk, call, KEY, lives),
        topology.HEADER_CORRELATION: "trace-1",
        topology.HEADER_DEADLINE: repr(time.time() + deadline),
    }
    message = amqp.Message(BODY, application_headers=headers)
    message.properties |= {"correlation_id": "call-1", "reply_to": "reply.gateway.1", "user_id": topology.GATEWAY}
    chassis = SimpleNamespace(service_name="binding", verifier=CallVerifier(KEY, lambda _: None))
    return Incoming(message, chassis)  # type: ignore[arg-type]


def refusal(incoming: Incoming) -> str:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("nobody waits for this any more")

    with pytest.raises(DomainError) as refused:
        _Served(LIST_LOCKS, never).answer(incoming)
    return refused.value.code


@pytest.mark.req("GTW-01", "GTW-02")
def test_a_call_that_waited_past_its_deadline_is_told_so_and_not_that_nobody_is_signed_in() -> None:
    incoming = waiting(lives=0.02, deadline=0.02)
    time.sleep(0.03)

    assert refusal(incoming) == "deadline_exceeded"


@pytest.mark.req("GTW-02")
def test_an_old_token_with_a_new_deadline_is_nobodys() -> None:
    incoming = waiting(lives=0.02, deadline=60)
    time.sleep(0.03)

    assert refusal(incoming) == "actor_missing"
