"""Turns at what is dear: fair between lanes, so that a long queue delays its own lane only."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class LaneFullError(Exception):
    """So many wait in this lane already that another would wait too long."""


class Turns:
    """``at_once`` turns run together, of one lane one at a time; lanes that wait are served in rotation."""

    def __init__(self, at_once: int, waiting_per_lane: int) -> None:
        self._free = at_once
        self._waiting_per_lane = waiting_per_lane
        self._running: set[str] = set()
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, lane: str) -> AsyncIterator[None]:
        """Waits for the lane's turn. Raises LaneFullError at once when the lane is full."""
        await self._enter(lane)
        try:
            yield
        finally:
            self._leave(lane)

    async def _enter(self, lane: str) -> None:
        if self._free and lane not in self._running and lane not in self._waiting:
            self._begin(lane)
            return
        queue = self._waiting.setdefault(lane, deque())
        if len(queue) >= self._waiting_per_lane:
            raise LaneFullError(lane)
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine in queue:
                queue.remove(mine)
            elif not mine.cancelled():
                self._leave(lane)  # the turn had come in the same moment
            raise

    def _begin(self, lane: str) -> None:
        self._free -= 1
        self._running.add(lane)

    def _leave(self, lane: str) -> None:
        self._free += 1
        self._running.discard(lane)
        for waiting in [it for it in self._waiting if it not in self._running]:
            if not self._free:
                return
            self._serve(waiting)

    def _serve(self, lane: str) -> None:
        """The next of ``lane`` who still wants his turn; the lane then stands last in the rotation."""
        queue = self._waiting.pop(lane)
        while queue:
            following = queue.popleft()
            if not following.done():
                self._begin(lane)
                following.set_result(None)
                break
        if queue:
            self._waiting[lane] = queue
