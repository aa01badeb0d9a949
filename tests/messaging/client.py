"""A small bus client for tests: plain pika-like use of amqp, no eventlet; calls a service and reads the answer."""

import time
import uuid
from typing import Any

import amqp

from kernel.chassis.bus import links, wire
from kernel.chassis.bus.identity import sign_actor
from kernel.chassis.process.settings import BusSettings
from kernel.contracts import topology
from kernel.contracts.method import Method
from kernel.model.actor import Actor


class NoAnswerError(TimeoutError):
    """The service did not answer in time."""


class BusClient:
    """One connection with a reply queue of its own, as the gateway has."""

    def __init__(self, amqp_url: str) -> None:
        self._connection = links.connect(BusSettings(amqp_url=amqp_url, heartbeat_seconds=60), "test-client")
        self._channel = self._connection.channel()
        self._channel.auto_decode = False
        self._channel.exchange_declare(topology.RPC_EXCHANGE, "topic", durable=True, auto_delete=False)
        self._reply_to = f"test-{uuid.uuid4()}"
        self._channel.queue_declare(self._reply_to, exclusive=True, auto_delete=True)
        self._channel.queue_bind(self._reply_to, topology.RPC_EXCHANGE, self._reply_to)
        self._channel.basic_consume(self._reply_to, no_ack=True, callback=self._on_reply)
        self._replies: dict[str, bytes] = {}

    def _on_reply(self, message: amqp.Message) -> None:
        self._replies[message.properties["correlation_id"]] = message.body

    def send(self, service: str, method: Method[Any, Any], request: Any, **options: Any) -> str:
        """Publishes a call and returns its id. Options: actor, command_id, deadline, correlation_id, body, headers."""
        call_id = uuid.uuid4().hex
        actor: Actor | None = options.get("actor")
        headers = {
            topology.HEADER_ACTOR: sign_actor(actor, ttl_seconds=600) if actor else options.get("token"),
            topology.HEADER_CORRELATION: options.get("correlation_id", call_id),
            topology.HEADER_DEADLINE: options.get("deadline", time.time() + 30),
            topology.HEADER_COMMAND: options.get("command_id"),
            topology.HEADER_LANGUAGE: options.get("language"),
        }
        body = options.get("body") or wire.request_body(request.model_dump_json().encode())
        self._channel.basic_publish(
            amqp.Message(
                body,
                content_type="application/json",
                reply_to=self._reply_to,
                correlation_id=call_id,
                application_headers={name: value for name, value in headers.items() if value is not None},
            ),
            topology.RPC_EXCHANGE,
            topology.rpc_routing_key(service, method.name),
        )
        return call_id

    def answer(self, call_id: str, timeout: float = 30) -> Any:
        """The result, or raises the ServiceError; NoAnswerError after ``timeout`` seconds."""
        give_up = time.monotonic() + timeout
        while call_id not in self._replies:
            remaining = give_up - time.monotonic()
            if remaining <= 0:
                raise NoAnswerError(call_id)
            try:
                self._connection.drain_events(timeout=min(remaining, 1.0))
            except TimeoutError:
                continue
        return wire.read_reply(self._replies.pop(call_id))

    def call(self, service: str, method: Method[Any, Any], request: Any, timeout: float = 30, **options: Any) -> Any:
        """Sends and waits."""
        return self.answer(self.send(service, method, request, **options), timeout)

    def close(self) -> None:
        self._connection.close()
