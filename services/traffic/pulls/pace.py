"""Calls spread evenly over time, from whatever thread."""

import threading
import time
from collections.abc import Callable


class Pace:
    """``wait`` returns when the next call may begin: never more than ``per_second`` in any second."""

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._step = 1 / per_second
        self._clock, self._sleep = clock, sleep
        self._next = clock()
        self._lock = threading.Lock()

    def wait(self) -> None:
        with self._lock:
            now = self._clock()
            mine = max(now, self._next)
            self._next = mine + self._step
        if mine > now:
            self._sleep(mine - now)
