"""Threads of the gateway, kind by kind: who waits for one kind slows down nobody who needs another (GTW-03).

Nothing holds a thread while it waits for a client: an upload and a download take one for each piece.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """``count`` threads for one kind of work."""

    def __init__(self, kind: str, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, thread_name_prefix=f"gateway-{kind}")

    async def run(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: act(*args, **kwargs))


UPLOADS = Workers("uploads", 4)
DOWNLOADS = Workers("downloads", 8)
HASHING = Workers("hashing", 2)
