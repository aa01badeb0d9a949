"""What a station tells and is asked. ``simkeep_bus.BusClient`` says what becomes of a call that is not answered.

A batch that ``report_readings`` returned for was committed. Nothing is buffered: a caller that is faster than SimKeep
waits, here or because an answer told how long.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from simkeep_bus import BusClient
from simkeep_station.reports import Reading, ReadRequest, Terminal

MAX_ROWS = 5_000


class StationClient(BusClient):
    """``url``: the AMQP address of the station's own account; ``private_key`` and ``unit`` as in BusClient."""

    def __init__(
        self, url: str, private_key: str, unit: str, *, timeout: float = 60, give_up_after: float = 3600
    ) -> None:
        super().__init__(url, private_key, unit, person="station", timeout=timeout, give_up_after=give_up_after)

    def report_readings(self, readings: Iterable[Reading]) -> dict[str, int]:
        """Reports any number of readings in batches. How many were taken, repeated, refused; how many bindings moved.

        Refused rows are given to ``on_refused`` when it is set; they are never sent again by themselves.
        """
        sums = {"taken": 0, "repeated": 0, "refused": 0, "changed": 0}
        ahead = _Ahead(_batches(readings))
        for batch, rows in ahead:
            answer = self.call("binding.report_readings", {"rows": rows}, meanwhile=ahead.make)
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

    def _terminals(self, batch: Sequence[Terminal], as_of: datetime, full: dict[str, Any] | None = None) -> Any:
        request: dict[str, Any] = {"as_of": as_of.isoformat(), "rows": [each.row() for each in batch]}
        if full is not None:
            request["full"] = full
        answer = self.call("binding.report_terminals", request)
        for refused in answer["refused"]:
            self.on_refused(batch[refused["row_no"] - 1], refused)
        return answer


class _Ahead:
    """Batches with their rows on the wire, each made while SimKeep works on the one before it."""

    def __init__(self, batches: Iterator[list[Any]]) -> None:
        self._batches = batches
        self._made: list[tuple[list[Any], list[Any]] | Exception | None] = []

    def make(self) -> None:
        """Makes the next one, once. What goes wrong is raised when its turn comes: the one before is answered first."""
        if self._made:
            return
        try:
            batch = next(self._batches, None)
            self._made.append(None if batch is None else (batch, [each.row() for each in batch]))
        except Exception as error:
            self._made.append(error)

    def __iter__(self) -> Iterator[tuple[list[Any], list[Any]]]:
        while True:
            self.make()
            made = self._made.pop()
            if isinstance(made, Exception):
                raise made
            if made is None:
                return
            yield made


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == MAX_ROWS:
            yield batch
            batch = []
    if batch:
        yield batch
