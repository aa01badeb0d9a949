"""A small bus client for tests: plain use of amqp, no eventlet; calls a service and reads the answer."""

import time
import uuid
from typing import Any

import amqp

from deploy.accounts import url_as
from kernel.chassis.bus import links, wire
from kernel.chassis.bus.identity import BoundCall
from kernel.chassis.process.settings import BusSettings
from kernel.contracts import topology
from kernel.contracts.method import Method
from kernel.model.actor import Actor
from tests.tokens import CALL_SECRET, sealed, signed


class NoAnswerError(TimeoutError):
    """The service did not answer in time."""


class BusClient:
    """One connection with a reply queue of its own, as the gateway has.

    ``amqp_url`` is the administrator's; ``account`` is who connects: the gateway, or another of the table, or one whose
    own address is given as ``own_url``.
    """

    def __init__(self, amqp_url: str, account: str = topology.GATEWAY, own_url: str | None = None) -> None:
        self.account = account
        url = own_url or url_as(account, amqp_url)
        self._connection = links.connect(BusSettings(amqp_url=url, heartbeat_seconds=600), "test-client")
        self._channel = self._connection.channel()
        self._channel.auto_decode = False
        caller = str(uuid.uuid4())
        self.reply_to = topology.reply_key(account, caller)
        queue = topology.reply_queue(account, caller)
        self._channel.queue_declare(queue, exclusive=True, auto_delete=True)
        self._channel.queue_bind(queue, topology.RPC_EXCHANGE, self.reply_to)
        self._channel.basic_consume(queue, no_ack=True, callback=self._on_reply)
        self._replies: dict[str, bytes] = {}

    def _on_reply(self, message: amqp.Message) -> None:
        self._replies[message.properties["correlation_id"]] = message.body

    def send(self, service: str, method: Method[Any, Any], request: Any, **options: Any) -> str:
        """Publishes a call and returns its id.

        Options: actor, command_id, deadline, correlation_id, language, body; ttl_seconds of the token, and either the
        call_secret that it is sealed by or private_key and issuer, or the token itself; call_id, reply_to,
        user_id (None: unset).
        """
        call_id = options.get("call_id") or uuid.uuid4().hex
        body = options.get("body") or wire.request_body(request.model_dump_json().encode())
        bound = BoundCall(
            topology.rpc_routing_key(service, method.name),
            body,
            call_id,
            options.get("reply_to", self.reply_to),
            options.get("command_id") or "",
            options.get("correlation_id", call_id),
            options.get("language") or "",
        )
        headers = {
            topology.HEADER_ACTOR: options.get("token") or self.token(bound, **options),
            topology.HEADER_CORRELATION: bound.correlation_id,
            topology.HEADER_DEADLINE: options.get("deadline", time.time() + 30),
            topology.HEADER_COMMAND: options.get("command_id"),
            topology.HEADER_LANGUAGE: options.get("language"),
        }
        properties = {
            "content_type": "application/json",
            "reply_to": bound.reply_to,
            "correlation_id": call_id,
            "user_id": options.get("user_id", self.account),
            "application_headers": {name: value for name, value in headers.items() if value is not None},
        }
        message = amqp.Message(body, **{name: value for name, value in properties.items() if value is not None})
        self._channel.basic_publish(message, topology.RPC_EXCHANGE, bound.method)
        return call_id

    def token(self, bound: BoundCall, **options: Any) -> str | None:
        """For this call of ``actor``; None for nobody."""
        actor: Actor | None = options.get("actor")
        if actor is None:
            return None
        ttl_seconds = options.get("ttl_seconds", 60)
        if "private_key" in options:
            return signed(actor, bound, options["private_key"], options.get("issuer", self.account), ttl_seconds)
        return sealed(actor, bound, options.get("call_secret", CALL_SECRET), ttl_seconds)

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
