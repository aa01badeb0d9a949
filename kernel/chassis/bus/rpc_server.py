"""Questions and commands from the bus.

Guarantees. A request past its deadline is dropped: nobody waits for it, and a command must not run an hour later.
A command acts once per command id, in one transaction with its events (``receipts``, ``unit_of_work``). A request
whose worker died comes again, and so may a command whose answer was lost: the receipt answers it. Replies are
transient and unconfirmed, because a lost reply is a missed deadline and costs less than a confirm per call.

Who asks is in a token that serves this one call (``identity``); the broker vouches for the account it came from.

Every refusal leaves as one ServiceError; an unexpected error leaves only its trace id, the rest is in the log.
"""

import json
import re
import time
from collections.abc import Callable
from functools import cached_property
from typing import Any

import amqp
import orjson
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, SharedExtension, register_entrypoint
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from kernel.chassis.bus import links, wire
from kernel.chassis.bus.dispatch import Act, keywords_of
from kernel.chassis.bus.identity import BoundCall
from kernel.chassis.bus.wire import ServiceError
from kernel.chassis.data import receipts
from kernel.chassis.data.database import is_outage, is_worth_another_try
from kernel.chassis.data.unit_of_work import reading
from kernel.chassis.process import clock, crashpoints, green, logs, metrics
from kernel.chassis.process.runtime import Chassis
from kernel.contracts import topology
from kernel.contracts.method import Method, Reply
from kernel.contracts.said import in_language
from kernel.model.actor import Actor
from kernel.model.errors import DomainError

_log = logs.get(__name__)
_LONG_BYTES = 100_000
"""Reading more JSON than this takes a millisecond and more."""
_HALF_A_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")


class Incoming:
    """One message of the RPC queue, not yet trusted."""

    __slots__ = ("chassis", "headers", "message")

    def __init__(self, message: amqp.Message, chassis: Chassis) -> None:
        self.message = message
        self.headers: dict[str, Any] = message.headers or {}
        self.chassis = chassis

    @property
    def correlation_id(self) -> str:
        return str(
            self.headers.get(topology.HEADER_CORRELATION) or self.message.properties.get("correlation_id") or "-"
        )

    @property
    def command_id(self) -> str | None:
        """The command's id; else the call's own id, which a redelivery of the message has too."""
        own = self.headers.get(topology.HEADER_COMMAND) or self.message.properties.get("correlation_id")
        return str(own) if own else None

    @property
    def language(self) -> str:
        return "en" if self.headers.get(topology.HEADER_LANGUAGE) == "en" else "zh"

    def actor(self, contract: Method[Any, Any]) -> Actor:
        """Who asks for exactly this. DomainError actor_missing when nobody who may did."""
        properties, header = self.message.properties, self.headers.get
        call = BoundCall(
            method=topology.rpc_routing_key(self.chassis.service_name, contract.name),
            body=self.message.body,
            call_id=str(properties.get("correlation_id") or ""),
            reply_to=str(properties.get("reply_to") or ""),
            command_id=str(header(topology.HEADER_COMMAND) or ""),
            correlation_id=str(header(topology.HEADER_CORRELATION) or ""),
            language=str(header(topology.HEADER_LANGUAGE) or ""),
        )
        sender = properties.get("user_id")
        return self.chassis.verifier.verify(header(topology.HEADER_ACTOR), call, sender, contract.permission)

    def expired(self) -> bool:
        deadline = self.headers.get(topology.HEADER_DEADLINE)
        try:
            return deadline is not None and float(deadline) < time.time()
        except (TypeError, ValueError):
            return False


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")


_OFFERS: dict[str, Callable[[Incoming, Actor], Any]] = {
    "by": lambda _, actor: actor,
    "now": lambda *_: clock.now(),
    "blobs": lambda incoming, _: incoming.chassis.blobs,
    "service": lambda incoming, _: incoming.chassis.service_name,
    "package": lambda incoming, _: incoming.chassis.package,
}
"""Each of ``dispatch.KEYWORDS``."""


class _Served:
    """One method of a service, ready to answer: contract, act, and what is computed once."""

    def __init__(self, contract: Method[Any, Any], act: Act) -> None:
        self.contract = contract
        self.act = act
        self._keywords = keywords_of(act)
        self.seconds = metrics.RPC_SECONDS.labels(contract.name)
        self._body = create_model(
            f"{contract.name}_body",
            __base__=_Body,
            args=(tuple[contract.request], ...),  # type: ignore[name-defined]
        )

    def parse(self, body: bytes) -> Any:
        """The request. Raises DomainError request_invalid naming each field (GTW-01)."""
        if len(body) > _LONG_BYTES:
            green.breathe()
        try:
            return self._read(body).args[0]  # type: ignore[attr-defined]
        except ValidationError as error:
            raise DomainError("request_invalid", errors=field_errors(error, skip=2)) from error

    def _read(self, body: bytes) -> _Body:
        """Raises ValidationError. JSON may escape half of a surrogate pair; pydantic calls the whole text broken then,
        where it is one field, or one row of a batch."""
        try:
            return self._body.model_validate_json(body)
        except ValidationError:
            if not _HALF_A_PAIR.search(body):
                raise
            try:
                loaded = json.loads(body)
            except (ValueError, RecursionError):
                loaded = None
            if loaded is None:
                raise
            return self._body.model_validate(loaded)

    def answer(self, incoming: Incoming) -> bytes:
        """JSON of the reply."""
        if incoming.expired():  # while it waited for its turn: its token ends then, and that is no missing login
            raise DomainError("deadline_exceeded")
        actor = incoming.actor(self.contract)
        self.contract.require(actor)
        request = self.parse(incoming.message.body)
        self.contract.require_scope(actor, request)
        run = self._command if self.contract.writes else self._query
        try:
            return run(incoming, actor, request)
        except Exception as error:
            if not is_worth_another_try(error):
                raise
            _log.warning("trying once more", method=self.contract.name, error=repr(error.__class__))
            return run(incoming, actor, request)

    def _query(self, incoming: Incoming, actor: Actor, request: Any) -> bytes:
        engine, consistent = incoming.chassis.read_engine, self.contract.consistent
        with reading(engine, actor, incoming.correlation_id, consistent=consistent) as tx:
            return _dump(self.act(tx, request, **self._offered(incoming, actor)), incoming.language)

    def _command(self, incoming: Incoming, actor: Actor, request: Any) -> bytes:
        command_id = incoming.command_id
        if command_id is None:
            raise DomainError(
                "request_invalid",
                errors=[{"field": topology.HEADER_COMMAND, "message": "a command needs a command id"}],
            )
        sha256 = receipts.fingerprint(request, actor.id)
        with incoming.chassis.unit_of_work.begin(actor, incoming.correlation_id, context=False) as tx:
            former = receipts.claim(tx, command_id, self.contract.name, sha256)
            if former is not None:
                return former
            reply = _dump(self.act(tx, request, **self._offered(incoming, actor)), incoming.language)
            receipts.remember(tx, command_id, reply)
            tx.commit()
        crashpoints.hit("command.after_commit")
        _log.info("command done", method=self.contract.name, actor=actor.id, command_id=command_id)
        return reply

    def _offered(self, incoming: Incoming, actor: Actor) -> dict[str, Any]:
        return {name: _OFFERS[name](incoming, actor) for name in self._keywords}


def _dump(reply: Reply, language: str) -> bytes:
    return reply.__pydantic_serializer__.to_json(reply, context=in_language(language))


def field_errors(error: ValidationError, skip: int = 0) -> list[dict[str, str]]:
    """``[{field, message}]`` of a pydantic error; ``skip`` leading parts of each location are left out."""
    return [
        {"field": ".".join(str(part) for part in item["loc"][skip:]) or "request", "message": item["msg"]}
        for item in error.errors(include_url=False, include_context=False, include_input=False)
    ]


def entrypoint(contract: Method[Any, Any], act: Act) -> Callable[..., bytes]:
    """Nameko's entrypoint that serves ``contract`` by ``act``: a method for the class of the service."""
    served = _Served(contract, act)

    def serve(_service: Any, incoming: Incoming) -> bytes:
        return _serve(served, incoming)

    serve.__name__ = contract.name
    serve.contract = contract  # type: ignore[attr-defined]
    register_entrypoint(serve, RpcMethod(contract))
    return serve


def _serve(served: _Served, incoming: Incoming) -> bytes:
    name = served.contract.name
    trace_id = incoming.correlation_id
    started = time.perf_counter()
    with logs.context(correlation_id=trace_id, method=name):
        try:
            return served.answer(incoming)
        except DomainError as error:
            refusal = ServiceError.of(error, incoming.language)
        except ServiceError as error:
            refusal = error
        except Exception as error:
            away = is_outage(error)
            code = "service_unavailable" if away else "internal_error"
            _log.error("call failed", code=code, error=repr(error.__class__), exc_info=not away)
            refusal = ServiceError.of(DomainError(code, trace_id=trace_id), incoming.language)
        finally:
            served.seconds.observe(time.perf_counter() - started)
        metrics.RPC_REFUSED.labels(name, refusal.code).inc()
        _log.info("call refused", code=refusal.code, params=refusal.params_json[:500])
        raise refusal


class RpcServer(SharedExtension):  # type: ignore[misc]
    """The one consumer of a service's RPC queue; hands each request to the entrypoint of its method."""

    chassis = Chassis()

    def __init__(self) -> None:
        self._methods: dict[str, RpcMethod] = {}

    def register(self, entrypoint: "RpcMethod") -> None:
        name = entrypoint.contract.name
        if name in self._methods:
            raise ValueError(f"method {name} is served twice")
        self._methods[name] = entrypoint

    @cached_property
    def _queue(self) -> str:
        return topology.rpc_queue(self.chassis.service_name)

    def setup(self) -> None:
        self.chassis.requests.add(
            links.Subscription(
                queue=self._queue,
                prefetch=self.chassis.settings.rpc_workers,
                on_message=self._on_message,
            )
        )

    def _on_message(self, message: amqp.Message) -> None:
        incoming = Incoming(message, self.chassis)
        name = str(message.delivery_info["routing_key"]).rpartition(".")[2]
        if incoming.expired():
            metrics.RPC_EXPIRED.labels(name if name in self._methods else "?").inc()
            links.ack(message)
            return
        entrypoint = self._methods.get(name)
        if entrypoint is None:
            error = DomainError("request_invalid", errors=[{"field": "method", "message": f"no method {name}"}])
            self.reply(message, wire.error_body(ServiceError.of(error)))
            return
        try:
            self.container.spawn_worker(entrypoint, (incoming,), {}, handle_result=entrypoint.handle_result)
        except ContainerBeingKilled:
            links.requeue(message)

    def reply(self, message: amqp.Message, body: bytes) -> None:
        """Answers and then acknowledges: a request whose answer was never sent comes again."""
        reply_to = str(message.properties.get("reply_to") or "")
        # To the asking account only: the broker would close our channel at a key that is no caller's.
        if topology.is_reply_key(reply_to, message.properties.get("user_id")):
            try:
                self.chassis.replies.publish(
                    body,
                    topology.RPC_EXCHANGE,
                    reply_to,
                    delivery_mode=links.TRANSIENT,
                    content_type="application/json",
                    content_encoding="utf-8",
                    correlation_id=message.properties.get("correlation_id", ""),
                )
            except links.LinkDownError:
                metrics.RPC_REPLY_LOST.inc()
        links.ack(message)


class RpcMethod(Entrypoint):  # type: ignore[misc]
    """Nameko's view of one method."""

    server = RpcServer()

    def __init__(self, contract: Method[Any, Any]) -> None:
        super().__init__(expected_exceptions=(ServiceError,))
        self.contract = contract

    def setup(self) -> None:
        self.server.register(self)

    def stop(self) -> None:
        self.server.chassis.begin_stop()
        self.server.chassis.requests.cancel()

    def handle_result(self, worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        """Sends the answer. Never raises: an error here would end the container."""
        message = worker_ctx.args[0].message
        if exc_info is None:
            body = wire.reply_body(result)
        elif isinstance(exc_info[1], ServiceError):
            body = wire.error_body(exc_info[1])
        else:
            body = wire.error_body(ServiceError("internal_error", "internal error", orjson.dumps({}).decode()))
        self.server.reply(message, body)
        return result, exc_info


def declare_rpc(channel: amqp.Channel, service: str, kind: topology.QueueType = "classic") -> None:
    """A classic queue is exactly as Nameko's own Rpc declares it, so that stock clients and services get along."""
    channel.exchange_declare(topology.RPC_EXCHANGE, "topic", durable=True, auto_delete=False)
    arguments = topology.request_queue_arguments(kind)
    channel.queue_declare(topology.rpc_queue(service), durable=True, auto_delete=False, arguments=arguments)
    channel.queue_bind(topology.rpc_queue(service), topology.RPC_EXCHANGE, topology.rpc_routing_key(service, "*"))
