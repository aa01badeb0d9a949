"""How often one address may ask what needs no login: counted in this process, to protect it, not for ever."""

import time
from collections import OrderedDict

_ADDRESSES = 10_000


class Allowance:
    """``count`` askings per ``seconds`` and address; they come back evenly, so that patience is always rewarded."""

    def __init__(self, count: int, seconds: float) -> None:
        self._count = count
        self._every = seconds / count
        self._free_at: OrderedDict[str, float] = OrderedDict()

    def take(self, address: str) -> float:
        """0 when it may ask now, else the seconds to wait. Whoever asks too early is not made to wait longer."""
        now = time.monotonic()
        free_at = max(self._free_at.get(address, 0.0), now)
        wait = free_at - now - self._every * (self._count - 1)
        if wait > 0:
            return wait
        self._free_at[address] = free_at + self._every
        self._free_at.move_to_end(address)
        while len(self._free_at) > _ADDRESSES:
            self._free_at.popitem(last=False)
        return 0.0
