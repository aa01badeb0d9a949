"""The answers of an on-demand read come as server-sent events, each once, until none is open (BND-04)."""

import contextlib
import json
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.gateway.conftest import LiveGateway
from tests.integration.gateway.peer import Peer

pytestmark = pytest.mark.req("BND-04")
AT = "2026-11-20T06:00:00+00:00"


def answer(number: int, state: str) -> dict[str, Any]:
    return {
        "request_id": number, "terminal": f"33T{number:07d}", "slot": 1, "unit": "990101", "state": state,
        "iccid": None, "bound_iccid": None, "fault": None, "read_at": None, "answered_at": None,
    }  # fmt: skip


def reads(*states: str, away: bool = False) -> dict[str, Any]:
    answers = [answer(number, state) for number, state in enumerate(states, 1)]
    waiting = sum(state in ("waiting", "sent") for state in states)
    return {
        "read_id": 7, "asked_by_name": "王芳", "asked_at": AT, "until": AT, "total": len(answers), "open": waiting,
        "station_seen_at": None, "station_away": away, "answers": answers,
    }  # fmt: skip


@pytest.fixture
def binding(gateway: LiveGateway) -> Iterator[Peer]:
    peer = Peer(gateway.amqp_url, "binding")
    peer.start()
    yield peer
    peer.stop()


def test_answers_are_told_as_they_come_each_once_and_the_stream_ends(gateway: LiveGateway, binding: Peer) -> None:
    steps = [
        reads("waiting", "waiting", "waiting", away=True),
        reads("sent", "waiting", "waiting"),
        reads("read", "failed", "waiting"),
        reads("read", "failed", "expired"),
    ]
    binding.answers["get_reads"] = lambda _: steps.pop(0) if len(steps) > 1 else steps[0]

    with gateway.login("county1").stream("GET", "/binding/reads/7/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        events = [json.loads(line[5:]) for line in stream.iter_lines() if line.startswith("data:")]

    told = [[(it["request_id"], it["state"]) for it in event["answers"]] for event in events]
    assert told == [
        [(1, "waiting"), (2, "waiting"), (3, "waiting")],
        [(1, "sent")],
        [(1, "read"), (2, "failed")],
        [(3, "expired")],
    ]
    assert [event["open"] for event in events] == [3, 3, 1, 0]
    assert [event["station_away"] for event in events] == [True, False, False, False]
    assert events[0]["answers"][0]["unit_name"], "units are named"


def test_a_station_that_stays_away_leaves_the_stream_open_and_quiet(gateway: LiveGateway, binding: Peer) -> None:
    binding.answers["get_reads"] = lambda _: reads("waiting", away=True)
    seen: list[str] = []
    twice = threading.Event()

    client = gateway.fresh_login("county1")

    def watch() -> None:
        with contextlib.suppress(httpx.HTTPError), client.stream("GET", "/binding/reads/7/events") as stream:
            for line in stream.iter_lines():
                seen.append(line)

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    for _ in range(200):
        if len(binding.received) >= 4:
            twice.set()
            break
        twice.wait(0.1)

    told = len([line for line in seen if line.startswith("data:")])
    binding.answers["get_reads"] = lambda _: reads("read")  # the stream ends, and leaves nothing behind
    watching.join(30)
    assert twice.is_set()
    assert not watching.is_alive()
    assert told == 1


@pytest.mark.req("GTW-02")
def test_only_who_may_ask_may_watch(gateway: LiveGateway, binding: Peer) -> None:
    binding.answers["get_reads"] = lambda _: reads("read")

    assert gateway.client().get("/binding/reads/7/events").status_code == 401
    assert gateway.login("viewer1").get("/binding/reads/7/events").status_code == 403
    assert gateway.login("county1").get("/binding/reads/7/events").status_code == 200
