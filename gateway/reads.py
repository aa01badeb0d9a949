"""An on-demand read as a stream: the answers as they arrive, each told once."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import orjson

from gateway.calls import Call
from gateway.identity import current_user
from gateway.jobs import KEEPALIVE_POLLS, STREAM_SECONDS, is_passing
from kernel.contracts.binding.on_demand import GET_READS, GetReads
from kernel.model.errors import DomainError

POLL_SECONDS = 1.0
"""A thousand answers are a third of a megabyte on the bus; nobody waits for a terminal more closely than this."""


async def watch(call: Call, request: GetReads, first: dict[str, Any]) -> AsyncIterator[bytes]:
    """Server-sent events: the asking with all its answers, then with those that have changed, until none is open."""
    found, quiet = first, 0
    told: dict[int, Any] = {}
    head: dict[str, Any] = {}
    for _ in range(int(STREAM_SECONDS / POLL_SECONDS)):
        call.gateway.units.name_all(found["answers"])
        news = [answer for answer in found["answers"] if told.get(answer["request_id"]) != answer]
        told = {answer["request_id"]: answer for answer in found["answers"]}
        last, head = head, {name: value for name, value in found.items() if name != "answers"}
        if news or head != last:
            yield b"event: reads\ndata: " + orjson.dumps({**head, "answers": news}, default=str) + b"\n\n"
            quiet = 0
        elif (quiet := quiet + 1) % KEEPALIVE_POLLS == 0:
            yield b": still here\n\n"
        if not found["open"] or call.request.app.state.stopping:
            return
        await asyncio.sleep(POLL_SECONDS)
        try:
            call.user = await current_user(call.request)  # the login may have ended, or his rights and unit changed
            found = await call.ask(request, GET_READS)
        except DomainError as error:
            if not is_passing(error):
                return
