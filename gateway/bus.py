"""RPC over RabbitMQ from asyncio: Nameko's request format, without Nameko.

Guarantee: a call ends by its deadline. It ends with the service's answer, with ``service_unavailable`` (broker away,
nobody serves the method, too many calls in flight: nothing was done or nothing is known to be done) or with
``deadline_exceeded`` (it may have been done: commands are repeated under the same command id, which is safe).
Requests are transient and expire in their queue at the deadline, so that no abandoned command runs an hour later.
A reply that comes late finds nobody waiting and is dropped; so is one that is not from the service that was asked.

Each request carries a token that serves it alone (``kernel.chassis.bus.identity``), until its deadline.
"""

import asyncio
import logging
import os
import random
import time
import uuid
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson
import pika
from pika.adapters.asyncio_connection import AsyncioConnection
from pika.channel import Channel
from pika.exceptions import AMQPError
from prometheus_client import Histogram
from pydantic import BaseModel

from gateway.metrics import RPC_SECONDS
from kernel.chassis.bus.identity import BoundCall, seal_call
from kernel.chassis.process import logs
from kernel.chassis.process.settings import call_key
from kernel.contracts import topology
from kernel.contracts.errors import CATALOGUE
from kernel.contracts.method import Method
from kernel.model.actor import Actor
from kernel.model.errors import DomainError

log = logs.get(__name__)
logging.getLogger("pika").setLevel(logging.CRITICAL)  # it tells each step; what matters is logged here

HEARTBEAT_SECONDS = 20
SETUP_TIMEOUT_SECONDS = 10
MAX_BACKOFF_SECONDS = 5.0
FIRST_BACKOFF_SECONDS = 0.2


class _Waiting:
    """One call in flight: its future, the timer that ends it, and the account that may answer."""

    __slots__ = ("account", "future", "timer")

    def __init__(self, future: asyncio.Future[bytes], timer: asyncio.TimerHandle, account: str) -> None:
        self.future = future
        self.timer = timer
        self.account = account


class Bus:
    """One connection, one channel, one reply queue per process; reconnects by itself for ever.

    ``call_secret``: what the key of each service's calls follows from. ``in_flight_limit``: calls waiting for an answer
    at one moment; one more is refused at once.
    """

    def __init__(
        self, url: str, call_secret: str, *, in_flight_limit: int = 1000, timeout_seconds: float = 10.0
    ) -> None:
        self._parameters = pika.URLParameters(url)
        self._parameters.heartbeat = HEARTBEAT_SECONDS
        self._parameters.connection_attempts = 1
        self._parameters.socket_timeout = 5
        self._parameters.stack_timeout = SETUP_TIMEOUT_SECONDS
        self._parameters.blocked_connection_timeout = 60
        self._parameters.client_properties = {"connection_name": "gateway"}
        self._call_keys = {service: call_key(call_secret, service) for service in topology.SERVICES}
        self._account = self._parameters.credentials.username
        self._in_flight_limit = in_flight_limit
        self._timeout_seconds = timeout_seconds
        self._waiting: dict[str, _Waiting] = {}
        self._channel: Channel | None = None
        self._reply_to = ""
        self._blocked = False
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop

    # -- life ------------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Begins connecting and returns at once: the gateway starts whether the broker is there or not."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._keep_connected(), name="bus")

    async def stop(self) -> None:
        """Ends the connection; calls still in flight end with service_unavailable."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    @property
    def connected(self) -> bool:
        """True while requests can be published and replies can arrive."""
        return self._channel is not None and not self._blocked

    @property
    def in_flight(self) -> int:
        return len(self._waiting)

    async def _keep_connected(self) -> None:
        backoff = FIRST_BACKOFF_SECONDS
        while True:
            closed: asyncio.Future[BaseException] = self._loop.create_future()
            connection: AsyncioConnection | None = None
            try:
                connection = await asyncio.wait_for(self._connect(closed), SETUP_TIMEOUT_SECONDS)
                log.info("bus connected")
                backoff = FIRST_BACKOFF_SECONDS
                reason: object = await closed
            except (AMQPError, OSError, TimeoutError) as error:
                reason = error
            finally:
                self._disconnected()
                if connection is not None and not (connection.is_closed or connection.is_closing):
                    connection.close()
            log.warning("bus away, connecting again", reason=repr(reason), seconds=backoff)
            await asyncio.sleep(backoff * random.uniform(0.7, 1.3))  # noqa: S311  (spreads reconnects, no secret)
            backoff = min(backoff * 2, MAX_BACKOFF_SECONDS)

    async def _connect(self, closed: "asyncio.Future[BaseException]") -> AsyncioConnection:
        """Connection, channel, reply queue, consumer. The connection is closed again when a step fails."""
        opened: asyncio.Future[AsyncioConnection] = self._loop.create_future()

        def on_close(_: Any, error: BaseException) -> None:
            _settle(closed, error)
            _fail(opened, error)

        connection = AsyncioConnection(
            self._parameters,
            on_open_callback=lambda it: _settle(opened, it),
            on_open_error_callback=lambda _, error: _fail(opened, error),
            on_close_callback=on_close,
            custom_ioloop=self._loop,
        )
        try:
            await opened
            connection.add_on_connection_blocked_callback(lambda *_: self._set_blocked(True))
            connection.add_on_connection_unblocked_callback(lambda *_: self._set_blocked(False))
            await self._open_channel(connection, closed)
        except BaseException:
            if not (connection.is_closed or connection.is_closing):
                connection.close()
            raise
        return connection

    async def _open_channel(self, connection: AsyncioConnection, closed: "asyncio.Future[BaseException]") -> None:
        async def answer(send: Callable[[Callable[[Any], None]], Any]) -> Any:
            """The broker's answer to one setup frame, or the reason why the connection closed meanwhile."""
            answered: asyncio.Future[Any] = self._loop.create_future()
            send(lambda frame: _settle(answered, frame))
            await asyncio.wait({answered, closed}, return_when=asyncio.FIRST_COMPLETED)
            if not answered.done():
                raise closed.result()
            return answered.result()

        channel: Channel = await answer(lambda done: connection.channel(on_open_callback=done))
        channel.add_on_close_callback(lambda _, error: self._channel_closed(connection, error))
        channel.add_on_return_callback(self._on_unroutable)
        exchange, caller = topology.RPC_EXCHANGE, str(uuid.uuid4())
        reply_to = topology.reply_key(self._account, caller)
        queue = topology.reply_queue(self._account, caller)
        await answer(lambda done: channel.queue_declare(queue, exclusive=True, auto_delete=True, callback=done))
        await answer(lambda done: channel.queue_bind(queue, exchange, routing_key=reply_to, callback=done))
        await answer(
            lambda done: channel.basic_consume(queue, self._on_reply, auto_ack=True, exclusive=True, callback=done)
        )
        self._reply_to = reply_to
        self._channel = channel

    def _channel_closed(self, connection: AsyncioConnection, error: BaseException) -> None:
        self._channel = None
        if not (connection.is_closed or connection.is_closing):
            log.warning("bus channel closed", reason=repr(error))
            connection.close()

    def _set_blocked(self, blocked: bool) -> None:
        self._blocked = blocked
        log.warning("bus blocked by the broker" if blocked else "bus unblocked")

    def _disconnected(self) -> None:
        """Nobody will answer the calls in flight: the reply queue died with the connection."""
        self._channel = None
        self._blocked = False
        for correlation_id in list(self._waiting):
            self._end(correlation_id, DomainError("service_unavailable"))

    # -- calls -----------------------------------------------------------------------------------------------------

    async def call(
        self,
        service: str,
        method: "Method[Any, Any]",
        request: BaseModel,
        *,
        actor: Actor,
        correlation_id: str,
        command_id: str | None = None,
        timeout_seconds: float | None = None,
        language: str = "zh",
    ) -> Any:
        """The service's reply as JSON values (already validated and dumped by the service).

        Raises DomainError with the service's code, or service_unavailable / deadline_exceeded / internal_error.
        """
        started = time.perf_counter()
        outcome = "ok"
        try:
            timeout = timeout_seconds or self._timeout_seconds
            headers: dict[str, Any] = {
                topology.HEADER_CORRELATION: correlation_id,
                topology.HEADER_DEADLINE: repr(time.time() + timeout),  # as text: pika writes no floats
                topology.HEADER_LANGUAGE: language,
            }
            if command_id is not None:
                headers[topology.HEADER_COMMAND] = command_id
            routing_key = topology.rpc_routing_key(service, method.name)
            arguments = request.model_dump_json(exclude_unset=True).encode()
            body = await self._ask(routing_key, actor, arguments, headers, timeout)
            return _result(body, method.name, correlation_id)
        except DomainError as error:
            outcome = error.code
            raise
        finally:
            _timer(service, method.name, outcome).observe(time.perf_counter() - started)

    async def _ask(
        self, routing_key: str, actor: Actor, arguments: bytes, headers: dict[str, Any], timeout: float
    ) -> bytes:
        channel = self._channel
        if channel is None or self._blocked or len(self._waiting) >= self._in_flight_limit:
            raise DomainError("service_unavailable")
        service = routing_key.partition(".")[0]
        call_id = os.urandom(16).hex()
        future: asyncio.Future[bytes] = self._loop.create_future()
        timer = self._loop.call_later(timeout, self._end, call_id, DomainError("deadline_exceeded"))
        self._waiting[call_id] = _Waiting(future, timer, topology.account(service))
        try:
            payload = b'{"args":[' + arguments + b'],"kwargs":{}}'
            bound = BoundCall(
                routing_key,
                payload,
                call_id,
                self._reply_to,
                headers.get(topology.HEADER_COMMAND, ""),
                headers[topology.HEADER_CORRELATION],
                headers[topology.HEADER_LANGUAGE],
            )
            headers[topology.HEADER_ACTOR] = seal_call(actor, bound, self._call_keys[service], timeout)
            properties = pika.BasicProperties(
                content_type="application/json",
                content_encoding="utf-8",
                headers=headers,
                correlation_id=call_id,
                reply_to=self._reply_to,
                expiration=str(int(timeout * 1000)),
                delivery_mode=1,
                user_id=self._account,
            )
            channel.basic_publish(topology.RPC_EXCHANGE, routing_key, payload, properties, mandatory=True)
            return await future
        except AMQPError as error:
            log.warning("publish failed", reason=repr(error))
            raise DomainError("service_unavailable") from error
        finally:
            timer.cancel()
            self._waiting.pop(call_id, None)

    def _on_reply(self, _channel: Channel, _method: Any, properties: pika.BasicProperties, body: bytes) -> None:
        waiting = self._waiting.get(properties.correlation_id or "")
        if waiting is None or waiting.future.done():
            return
        if properties.user_id != waiting.account:
            log.error("an answer from a foreign account", account=properties.user_id, asked=waiting.account)
            return
        waiting.future.set_result(body)

    def _on_unroutable(self, _channel: Channel, _method: Any, properties: pika.BasicProperties, _body: bytes) -> None:
        self._end(properties.correlation_id or "", DomainError("service_unavailable"))

    def _end(self, call_id: str, error: DomainError) -> None:
        waiting = self._waiting.get(call_id)
        if waiting is not None and not waiting.future.done():
            waiting.future.set_exception(error)


@lru_cache(maxsize=4096)
def _timer(service: str, method: str, outcome: str) -> Histogram:
    """One method's histogram, kept: finding it among its labels costs more than observing."""
    return RPC_SECONDS.labels(service, method, outcome)


def _result(body: bytes, method: str, correlation_id: str) -> Any:
    """What the reply says. Only the single wire exception is understood; anything else is an internal error."""
    reply = orjson.loads(body)
    error = reply.get("error")
    if not error:
        return reply["result"]
    arguments = error.get("exc_args") or []
    if error.get("exc_type") == "ServiceError" and len(arguments) == 3 and arguments[0] in CATALOGUE:
        code, _detail, params = arguments
        raise DomainError(code, **orjson.loads(params or "{}"))
    log.error("a service failed", method=method, remote=error, correlation_id=correlation_id)
    raise DomainError("internal_error", trace_id=correlation_id)


def _settle(future: "asyncio.Future[Any]", value: Any) -> None:
    if not future.done():
        future.set_result(value)


def _fail(future: "asyncio.Future[Any]", error: BaseException) -> None:
    if not future.done():
        future.set_exception(error)
