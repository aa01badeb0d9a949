"""Moved forms are posted outside: signed, once in effect, and by nobody's leave but the receiver's (WFL-03)."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr, ValidationError

from kernel.chassis.bus.events import topology_of
from kernel.chassis.bus.inbox import Inbox, Subscriber
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.envelope import Envelope
from kernel.contracts.traffic.events import CardUsed, UsageWarned
from kernel.contracts.workflow.events import FormMoved
from services.workflow import webhooks
from services.workflow.service import WorkflowService
from services.workflow.settings import WebhookSettings
from tests.integration.workflow.office import Office

SECRET = "sixteen letters and more"


@dataclass
class Receiver:
    """A real HTTP server. ``answers``: (status, headers) of the next posts; 204 when there are none left."""

    port: int = 0
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    seconds: float = 0
    meanwhile: Callable[[], Any] = lambda: None
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    seen: list[Any] = field(default_factory=list)

    def start(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posts.append((dict(self.headers), body))
                receiver.seen.append(receiver.meanwhile())
                time.sleep(receiver.seconds)
                status, headers = receiver.answers.pop(0) if receiver.answers else (204, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if status >= 300:
                    self.wfile.write(b"no such field: kind" + b" " * 100_000)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.block_on_close = False  # nobody waits for an answer that comes too late
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def settings(self) -> WebhookSettings:
        return WebhookSettings(
            url=f"http://127.0.0.1:{self.port}/moved", secret=SecretStr(SECRET), allow_http=True, answer_seconds=0.5
        )


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    receiver.start()
    yield receiver
    receiver.stop()


@dataclass
class House:
    """Workflow's inbox with its errand, as the service has it; ``moves``: facts on their way to it."""

    inbox: Inbox
    moves: list[Envelope]

    def receive(self, envelope: Envelope) -> str:
        return self.inbox.receive("workflow", envelope.model_dump_json().encode(), sender="workflow")


@pytest.fixture
def house(office: Office, receiver: Receiver) -> House:
    """One form was generated, so there is one move to tell of."""
    inbox = Inbox("workflow", UnitOfWork(office.engine), (0.0, 0.0))
    post = lambda _, event, envelope: webhooks.post_moved(event, envelope, settings=receiver.settings)  # noqa: E731
    inbox.subscribe(Subscriber("workflow", FormMoved, post, errand=True))
    office.all_written("DELETE FROM parked RETURNING 1")
    office.apply()
    office.hand_over()
    office.city_form()
    return House(inbox, [one for one in office.outbox("workflow") if one.type == FormMoved.TYPE])


def verified(headers: dict[str, str], body: bytes, secret: str = SECRET) -> bool:
    """As the README tells receivers to do it."""
    signed = headers["X-SimKeep-Timestamp"].encode() + b"." + body
    expected = "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    fresh = abs(time.time() - int(headers["X-SimKeep-Timestamp"])) < 300
    return fresh and hmac.compare_digest(headers["X-SimKeep-Signature"], expected)


def parked(office: Office) -> list[dict[str, Any]]:
    return office.all("SELECT message_id, attempts, error, next_try_at, type FROM parked")


@pytest.mark.req("WFL-03")
def test_a_form_that_moved_is_posted_once_and_its_signature_proves_it(house: House, receiver: Receiver, office: Office):
    (move,) = house.moves

    assert house.receive(move) == "handled"
    assert house.receive(move) == "duplicate"

    ((headers, body),) = receiver.posts
    assert verified(headers, body)
    assert not verified(headers, body.replace(b"9901", b"9902"))
    assert not verified(headers, body, secret="another secret of length")
    assert headers["Idempotency-Key"] == str(move.message_id)
    told = json.loads(body)
    number = move.payload["number"]
    assert {name: told[name] for name in ("event", "message_id", "number", "kind", "unit", "action", "state")} == {
        "event": "form_moved",
        "message_id": str(move.message_id),
        "number": number,
        "kind": "city_opening",
        "unit": "9901",
        "action": "generate",
        "state": "city_summarised",
    }
    assert told["text_zh"] == f"申请单 {number}：王芳 执行“生成申请单”，现为“市级汇总”"
    assert told["text_en"] == f"Form {number}: 王芳 did generate; now Summed up by the city"
    assert told["at"].startswith("2026-11-20T02:00:00")
    assert parked(office) == []


@pytest.mark.req("WFL-03")
def test_a_receiver_that_was_down_gets_the_same_message_when_it_is_back(
    house: House, receiver: Receiver, office: Office
):
    (move,) = house.moves
    receiver.stop()
    assert house.receive(move) == "failed"
    assert "could not be reached" in parked(office)[0]["error"]
    receiver.start()
    receiver.answers = [(503, {})]

    assert house.inbox.retry_one() is None
    assert house.inbox.retry_one(errands=True) == "failed"
    assert parked(office)[0]["attempts"] == 2
    assert house.inbox.retry_one(errands=True) == "handled"

    assert house.inbox.retry_one(errands=True) is None
    assert parked(office) == []
    assert [headers["Idempotency-Key"] for headers, _ in receiver.posts] == [str(move.message_id)] * 2
    assert house.receive(move) == "duplicate"


@pytest.mark.req("WFL-03")
@pytest.mark.parametrize("status", [400, 401, 302, 410])
def test_what_the_receiver_refuses_waits_for_a_person_at_once(
    house: House, receiver: Receiver, office: Office, status: int
):
    (move,) = house.moves
    receiver.answers = [(status, {"Location": f"http://127.0.0.1:{receiver.port}/elsewhere"})]

    assert house.receive(move) == "failed"

    (waiting,) = parked(office)
    assert waiting["message_id"] == move.message_id
    assert waiting["next_try_at"] is None
    assert f"HTTP {status}: no such field: kind" in waiting["error"]
    assert len(waiting["error"]) < 300
    assert house.inbox.retry_one(errands=True) is None
    assert len(receiver.posts) == 1


@pytest.mark.req("WFL-03")
@pytest.mark.parametrize("status", [408, 425, 429, 500])
def test_what_may_pass_later_is_tried_again(house: House, receiver: Receiver, office: Office, status: int):
    receiver.answers = [(status, {})]

    assert house.receive(house.moves[0]) == "failed"

    assert parked(office)[0]["next_try_at"] is not None
    assert house.inbox.retry_one(errands=True) == "handled"


@pytest.mark.req("WFL-03")
def test_a_slow_receiver_is_given_up_and_no_transaction_waits_for_it(house: House, receiver: Receiver, office: Office):
    open_ones = "SELECT count(*) AS n FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND datname = :name"
    name = office.one("SELECT current_database() AS name")["name"]
    other = Inbox("workflow", UnitOfWork(office.engine), (0.0, 0.0))  # of a second process of the service
    other.subscribe(Subscriber("workflow", FormMoved, lambda *_: None, errand=True))
    receiver.meanwhile = lambda: (office.one(open_ones, name=name)["n"], other.retry_one(errands=True))
    receiver.seconds = 20

    began = time.monotonic()
    assert house.receive(house.moves[0]) == "failed"
    assert house.inbox.retry_one(errands=True) == "failed"

    assert time.monotonic() - began < 15
    assert "did not answer in time" in parked(office)[0]["error"]
    assert receiver.seen == [(0, None), (0, None)]


@pytest.mark.req("WFL-03")
def test_without_an_address_there_is_no_queue_and_wrong_settings_are_refused():
    assert not WebhookSettings().wanted
    assert sorted(topology_of(WorkflowService)) == ["binding", "documents", "inventory", "traffic"]
    for wrong in (
        {"url": "http://portal.example/", "secret": SECRET},
        {"url": "https://portal.example/", "secret": "short"},
        {"url": "https://portal.example/"},
        {"url": "https://me:you@portal.example/", "secret": SECRET},
        {"url": "ftp://portal.example/", "secret": SECRET, "allow_http": True},
        {"url": "https:///path", "secret": SECRET},
    ):
        with pytest.raises(ValidationError):
            WebhookSettings.model_validate(wrong)


@pytest.mark.req("TRF-07")
def test_a_warning_of_usage_is_posted_signed_and_once(receiver: Receiver, office: Office):
    inbox = Inbox("workflow", UnitOfWork(office.engine), (0.0, 0.0))
    post = lambda _, event, envelope: webhooks.post_warned(event, envelope, settings=receiver.settings)  # noqa: E731
    inbox.subscribe(Subscriber("traffic", UsageWarned, post, errand=True))
    cards = [CardUsed(iccid="89860426010000000001", unit="990101", value=29 << 20, limit_value=27 << 20)]
    warning = UsageWarned(
        rule_id=7, name="达 90%", kind="plan_percent", unit="99", period="2026-11", cards=cards, at=office.now
    )
    envelope = Envelope(
        message_id=uuid4(), source="traffic", type="usage_warned", payload=warning.model_dump(mode="json"), sequence=1,
        occurred_at=office.now,
    )  # fmt: skip

    outcomes = [inbox.receive("traffic", envelope.model_dump_json().encode(), sender="traffic") for _ in range(2)]

    assert outcomes == ["handled", "duplicate"]
    ((headers, body),) = receiver.posts
    assert verified(headers, body)
    told = json.loads(body)
    assert (told["event"], told["rule_id"], told["period"]) == ("usage_warned", 7, "2026-11")
    assert told["cards"] == [
        {"iccid": "89860426010000000001", "unit": "990101", "value": 29 << 20, "limit_value": 27 << 20}
    ]
