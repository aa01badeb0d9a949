"""A service's end of the bus in a thread: answers RPC in Nameko's format as a test tells it to. No eventlet here."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel

from deploy.accounts import url_as
from kernel.chassis.bus import wire
from kernel.chassis.bus.identity import BoundCall, CallVerifier
from kernel.contracts import topology
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from tests.tokens import key_of


@dataclass(frozen=True)
class Received:
    """One request as it came over the bus."""

    method: str
    request: dict[str, Any]
    actor: Actor
    headers: dict[str, Any]
    expiration: str | None


Answer = Callable[[Received], Any]


@dataclass
class Peer:
    """``answers[method]`` makes the reply or raises DomainError; ``received`` keeps what came, in order.

    It serves as the account of ``service``; ``amqp_url`` is the administrator's, who declares.
    """

    amqp_url: str
    service: str = "inventory"
    answers: dict[str, Answer] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ready = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._verifier = CallVerifier(key_of(self.service), lambda _: None)
        self._account = topology.account(self.service)

    def start(self) -> None:
        self._ready.clear()
        self._stop.clear()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._ready.wait(20), "the peer did not reach the broker"

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(10)

    def last(self, method: str) -> Received:
        return [it for it in self.received if it.method == method][-1]

    def count(self, method: str) -> int:
        return sum(it.method == method for it in self.received)

    def _serve(self) -> None:
        queue = topology.rpc_queue(self.service)
        declare(self.amqp_url, self.service)
        connection = pika.BlockingConnection(pika.URLParameters(url_as(self._account, self.amqp_url)))
        channel = connection.channel()
        channel.basic_qos(prefetch_count=16)
        channel.basic_consume(queue, self._on_request)
        self._ready.set()
        while not self._stop.is_set():
            connection.process_data_events(time_limit=0.05)
        connection.close()

    def _on_request(self, channel: BlockingChannel, frame: Any, properties: Any, body: bytes) -> None:
        channel.basic_ack(frame.delivery_tag)
        headers = properties.headers or {}
        received = Received(
            method=frame.routing_key.partition(".")[2],
            request=json.loads(body)["args"][0],
            actor=self._actor(frame.routing_key, properties, body),
            headers=headers,
            expiration=properties.expiration,
        )
        self.received.append(received)
        reply = self._reply(received)
        if reply is not None:
            channel.basic_publish(
                topology.RPC_EXCHANGE,
                properties.reply_to,
                reply,
                pika.BasicProperties(
                    content_type="application/json",
                    correlation_id=properties.correlation_id,
                    user_id=self._account,
                ),
            )

    def _actor(self, method: str, properties: Any, body: bytes) -> Actor:
        header = (properties.headers or {}).get
        call = BoundCall(
            method,
            body,
            properties.correlation_id,
            properties.reply_to,
            header(topology.HEADER_COMMAND, ""),
            header(topology.HEADER_CORRELATION, ""),
            header(topology.HEADER_LANGUAGE, ""),
        )
        return self._verifier.verify(header(topology.HEADER_ACTOR), call, properties.user_id, None)

    def _reply(self, received: Received) -> bytes | None:
        try:
            result = self.answers[received.method](received)
        except DomainError as error:
            return wire.error_body(wire.ServiceError.of(error))
        except Exception as error:  # what a service that knows nothing of our wire error would send
            return json.dumps(
                {"result": None, "error": {"exc_type": type(error).__name__, "value": str(error)}}
            ).encode()
        return None if result is SILENCE else wire.reply_body(json.dumps(result).encode())


def declare(amqp_url: str, *services: str) -> None:
    """As the administrator does it before anything starts: the exchange of calls, and queues of ``services``."""
    with pika.BlockingConnection(pika.URLParameters(amqp_url)) as administrators:
        channel = administrators.channel()
        channel.exchange_declare(topology.RPC_EXCHANGE, "topic", durable=True)
        for service in services:
            channel.queue_declare(topology.rpc_queue(service), durable=True)
            channel.queue_bind(topology.rpc_queue(service), topology.RPC_EXCHANGE, f"{service}.*")


SILENCE = object()
"""An answer that never comes."""


def after(seconds: float, result: Any) -> Answer:
    """Answers late; the peer does nothing else meanwhile."""

    def answer(_: Received) -> Any:
        time.sleep(seconds)
        return result

    return answer
