"""The client of one account on the bus: blocking and simple. One object serves one thread.

A call that was not answered (broker away, service restarted, connection lost between sending and confirming) is sent
again with the same key until it is answered or ``give_up_after`` seconds are over; SimKeep does it once. Nothing is
buffered: a caller that is faster than SimKeep waits.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import pika
import pika.exceptions
from pika.adapters.utils.connection_workflow import AMQPConnectorException

from simkeep_bus.errors import NotAllowedError, NotAnsweredError, RefusedError
from simkeep_bus.signing import Signer

_EXCHANGE = "nameko-rpc"
_NOBODYS = "nobody.nothing"
"""A routing key that no account may use and no queue is bound to."""
_PAUSES = (0.2, 0.5, 1, 2, 5)
_Client = TypeVar("_Client", bound="BusClient")


class BusClient:
    """``url``: the AMQP address of the account; ``private_key``, ``unit``, ``person``: see ``signing.Signer``.

    ``timeout``: seconds for one answer. ``give_up_after``: seconds after which a call that nobody answers raises
    NotAnsweredError. Raises NotAllowedError when the broker refuses the account, now or later, or refuses it nothing.
    """

    def __init__(
        self,
        url: str,
        private_key: str,
        unit: str,
        *,
        person: str,
        timeout: float = 60,
        give_up_after: float = 3600,
    ) -> None:
        self._parameters = pika.URLParameters(url)
        self._parameters.heartbeat = self._parameters.heartbeat or 30
        self._account = self._parameters.credentials.username
        self._signer = Signer(self._account, private_key, unit, person)
        self._timeout, self._give_up_after = timeout, give_up_after
        self._connection: Any = None
        self._channel: Any = None
        self._reply_to = ""
        self._answers: dict[str, bytes] = {}

    def __enter__(self: _Client) -> _Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection; the client may be used again and connects anew."""
        connection, self._connection = self._connection, None
        if connection is not None and connection.is_open:
            connection.close()

    def call(
        self,
        method: str,
        request: dict[str, Any],
        *,
        key: str | None = None,
        meanwhile: Callable[[], None] = lambda: None,
    ) -> dict[str, Any]:
        """One command, done once however often it has to be sent. ``meanwhile`` is called each time it was sent, before
        its answer is waited for. Raises RefusedError, NotAllowedError, NotAnsweredError."""
        key = key or uuid.uuid4().hex
        body = b'{"args": [' + json.dumps(request, ensure_ascii=False).encode() + b'], "kwargs": {}}'
        give_up, tries = time.monotonic() + self._give_up_after, 0
        while True:
            try:
                return _read(self._once(method, body, key, meanwhile))
            except (*_GONE, NotAnsweredError) as error:
                self.close()
                if isinstance(error, _REFUSALS) or _is_forbidden(error):
                    raise NotAllowedError(repr(error)) from error
                if time.monotonic() > give_up:
                    raise NotAnsweredError(f"{method} was not answered: {error!r}") from error
                time.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1

    def _once(self, method: str, body: bytes, key: str, meanwhile: Callable[[], None]) -> bytes:
        self._connect()
        call_id = uuid.uuid4().hex
        token = self._signer.token(
            method, body, call_id=call_id, reply_to=self._reply_to, command_id=key, seconds=min(self._timeout, 120)
        )
        properties = pika.BasicProperties(
            content_type="application/json",
            delivery_mode=2,
            reply_to=self._reply_to,
            correlation_id=call_id,
            user_id=self._account,
            expiration=str(int(self._timeout * 1000)),
            headers={
                "nameko.actor": token,
                "nameko.correlation_id": call_id,
                "nameko.command_id": key,
                "nameko.deadline": str(time.time() + self._timeout),
            },
        )
        self._channel.basic_publish(_EXCHANGE, method, body, properties, mandatory=True)
        meanwhile()
        end = time.monotonic() + self._timeout
        while call_id not in self._answers:
            remaining = end - time.monotonic()
            if remaining <= 0:
                raise NotAnsweredError(f"{method} was not answered within {self._timeout} s")
            self._connection.process_data_events(time_limit=min(remaining, 1.0))
        return self._answers.pop(call_id)

    def _connect(self) -> None:
        if self._connection is not None and self._connection.is_open and self._channel.is_open:
            return
        self.close()
        self._answers.clear()
        self._connection = pika.BlockingConnection(self._parameters)
        _refuse_a_wide_account(self._connection)
        self._channel = self._connection.channel()
        self._channel.confirm_delivery()
        caller = str(uuid.uuid4())
        queue = f"rpc.reply-{self._account}-{caller}"
        self._reply_to = f"reply.{self._account}.{caller}"
        self._channel.queue_declare(queue, exclusive=True, auto_delete=True)
        self._channel.queue_bind(queue, _EXCHANGE, self._reply_to)
        self._channel.basic_consume(queue, self._heard, auto_ack=True)

    def _heard(self, _channel: Any, _method: Any, properties: Any, body: bytes) -> None:
        self._answers[properties.correlation_id] = body


_GONE = (pika.exceptions.AMQPError, AMQPConnectorException, OSError)
"""The broker is away, or did not answer in time while it was connected to, which pika says outside its AMQPError."""
_REFUSALS = (
    pika.exceptions.ProbableAuthenticationError,
    pika.exceptions.ProbableAccessDeniedError,
    pika.exceptions.AuthenticationError,
)
"""The broker does not know the account, or not any more."""
_ACCESS_REFUSED = 403


def _is_forbidden(error: Exception) -> bool:
    """The broker closed the channel because the account may not do that."""
    return isinstance(error, pika.exceptions.ChannelClosedByBroker) and error.reply_code == _ACCESS_REFUSED


def _refuse_a_wide_account(connection: Any) -> None:
    """RabbitMQ allows every routing key to an account for which no topic permission is defined. Such a one could ask in
    SimKeep's name whatever it likes, so it is not used."""
    channel = connection.channel()
    channel.confirm_delivery()
    try:
        channel.basic_publish(_EXCHANGE, _NOBODYS, b"", mandatory=True)
    except pika.exceptions.UnroutableError:
        channel.close()
    except pika.exceptions.ChannelClosedByBroker as error:
        if _is_forbidden(error):
            return
        raise
    raise NotAllowedError(f"the broker account may ask every method: it has no topic permission on {_EXCHANGE}")


def _read(body: bytes) -> dict[str, Any]:
    answer = json.loads(body)
    error = answer.get("error")
    if error is None:
        result: dict[str, Any] = answer["result"]
        return result
    code, detail, params = (*error["exc_args"], "{}", "{}")[:3]
    if code in ("service_unavailable", "deadline_exceeded"):
        raise NotAnsweredError(f"{code}: {detail}")
    if code in ("actor_missing", "permission_denied", "unit_out_of_scope"):
        raise NotAllowedError(f"{code}: {detail}")
    raise RefusedError(code, detail, json.loads(params))
