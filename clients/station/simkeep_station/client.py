"""The client: blocking and simple. One object serves one thread.

Guarantees. A batch that ``report_readings`` returned for was committed. A call that was not answered (broker away,
service restarted, connection lost between sending and confirming) is sent again with the same key until it is answered
or ``give_up_after`` seconds are over; SimKeep does it once. Nothing is buffered: a caller that is faster than SimKeep
waits, here or because an answer told how long.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import pika
import pika.exceptions

from simkeep_station.errors import NotAllowedError, NotAnsweredError, RefusedError
from simkeep_station.reports import Reading, ReadRequest, Terminal
from simkeep_station.signing import Signer

MAX_ROWS = 5_000
_EXCHANGE = "nameko-rpc"
_PAUSES = (0.2, 0.5, 1, 2, 5)


class StationClient:
    """``url``: the AMQP address of the station's own account; ``private_key``, ``unit``: see ``signing.Signer``.

    ``timeout``: seconds for one answer. ``give_up_after``: seconds after which a call that nobody answers raises
    NotAnsweredError. Raises NotAllowedError when the broker refuses the account, now or later.
    """

    def __init__(
        self, url: str, private_key: str, unit: str, *, timeout: float = 60, give_up_after: float = 3600
    ) -> None:
        self._parameters = pika.URLParameters(url)
        self._parameters.heartbeat = self._parameters.heartbeat or 30
        self._account = self._parameters.credentials.username
        self._signer = Signer(self._account, private_key, unit)
        self._timeout, self._give_up_after = timeout, give_up_after
        self._connection: Any = None
        self._channel: Any = None
        self._reply_to = ""
        self._answers: dict[str, bytes] = {}

    def __enter__(self) -> StationClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection; the client may be used again and connects anew."""
        connection, self._connection = self._connection, None
        if connection is not None and connection.is_open:
            connection.close()

    def report_readings(self, readings: Iterable[Reading]) -> dict[str, int]:
        """Reports any number of readings in batches. How many were taken, repeated, refused; how many bindings moved.

        Refused rows are given to ``on_refused`` when it is set; they are never sent again by themselves.
        """
        sums = {"taken": 0, "repeated": 0, "refused": 0, "changed": 0}
        for batch in _batches(readings):
            answer = self.call("binding.report_readings", {"rows": [each.row() for each in batch]})
            for name in ("taken", "repeated", "changed"):
                sums[name] += answer[name]
            sums["refused"] += len(answer["refused"])
            for refused in answer["refused"]:
                self.on_refused(batch[refused["row_no"] - 1], refused)
            time.sleep(answer.get("pause_ms", 0) / 1000)
        return sums

    def on_refused(self, row: Reading | Terminal, refused: dict[str, Any]) -> None:
        """Called for every refused row with its field, code and message; replace it to keep them."""

    def report_terminals(self, terminals: Iterable[Terminal], *, as_of: datetime) -> dict[str, int]:
        """Reports changes."""
        sums = {"taken": 0, "changed": 0, "refused": 0}
        for batch in _batches(terminals):
            answer = self._terminals(batch, as_of)
            sums["taken"] += answer["taken"]
            sums["changed"] += answer["changed"]
            sums["refused"] += len(answer["refused"])
        return sums

    def report_all_terminals(self, terminals: Sequence[Terminal], *, as_of: datetime, list_id: str) -> str:
        """Reports the whole list; terminals that it lacks are out of service. Answers applied, or held when it lacks so
        many that a person has to look at it."""
        batches = list(_batches(terminals)) or [[]]
        state = ""
        for part, batch in enumerate(batches, 1):
            full = {"list_id": list_id, "part": part, "parts": len(batches)}
            state = self._terminals(batch, as_of, full)["list_state"]
        return state

    def serve_reads(
        self,
        read: Callable[[ReadRequest], Reading],
        *,
        every: float = 2.0,
        while_true: Callable[[], bool] = lambda: True,
    ) -> None:
        """Reads on demand: asks SimKeep for requests, calls ``read`` for each, reports what it answers.

        ``read`` returns a Reading, with a fault when the terminal does not answer. Goes on while ``while_true()``.
        """
        while while_true():
            answer = self.call("binding.take_read_requests", {"limit": 200})
            wanted = [
                ReadRequest(each["request_id"], each["terminal"], each["slot"], datetime.fromisoformat(each["until"]))
                for each in answer["requests"]
            ]
            self.report_readings(read(each) for each in wanted)
            if not wanted:
                time.sleep(every)

    def call(self, method: str, request: dict[str, Any], *, key: str | None = None) -> dict[str, Any]:
        """One command, done once however often it has to be sent. Raises RefusedError, NotAllowedError,
        NotAnsweredError."""
        key = key or uuid.uuid4().hex
        body = b'{"args": [' + json.dumps(request, ensure_ascii=False).encode() + b'], "kwargs": {}}'
        give_up, tries = time.monotonic() + self._give_up_after, 0
        while True:
            try:
                return _read(self._once(method, body, key))
            except (pika.exceptions.AMQPError, NotAnsweredError, OSError) as error:
                self.close()
                if isinstance(error, _REFUSALS) or _is_forbidden(error):
                    raise NotAllowedError(repr(error)) from error
                if time.monotonic() > give_up:
                    raise NotAnsweredError(f"{method} was not answered: {error!r}") from error
                time.sleep(_PAUSES[min(tries, len(_PAUSES) - 1)])
                tries += 1

    def _terminals(self, batch: Sequence[Terminal], as_of: datetime, full: dict[str, Any] | None = None) -> Any:
        request: dict[str, Any] = {"as_of": as_of.isoformat(), "rows": [each.row() for each in batch]}
        if full is not None:
            request["full"] = full
        answer = self.call("binding.report_terminals", request)
        for refused in answer["refused"]:
            self.on_refused(batch[refused["row_no"] - 1], refused)
        return answer

    def _once(self, method: str, body: bytes, key: str) -> bytes:
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


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == MAX_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch


def _read(body: bytes) -> dict[str, Any]:
    answer = json.loads(body)
    error = answer.get("error")
    if error is None:
        result: dict[str, Any] = answer["result"]
        return result
    code, detail, params = (*error["exc_args"], "{}", "{}")[:3]
    if code == "service_unavailable":
        raise NotAnsweredError(f"{code}: {detail}")
    if code in ("actor_missing", "permission_denied", "unit_out_of_scope"):
        raise NotAllowedError(f"{code}: {detail}")
    raise RefusedError(code, detail, json.loads(params))
