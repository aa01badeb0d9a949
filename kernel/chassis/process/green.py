"""Makes eventlet and psycopg live together; the first import of every service process.

Fact (docs/adr/0004): psycopg's binary build waits in C and stops eventlet's hub, so that heartbeats starve while a
query runs. With ``PSYCOPG_WAIT_FUNC=wait_selector`` set *before* psycopg is imported it waits in Python, on a
selector that eventlet has made green.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, TypeVar

Item = TypeVar("Item")
WAIT_FUNCTION = "wait_selector"
PIECE = 250
"""Items of long work, some milliseconds; then others who ask this process have their turn."""


def boot() -> None:
    """Monkey-patches, selects psycopg's wait function, imports psycopg and checks that all took effect.

    Raises RuntimeError when psycopg was imported before, or when threads or sockets are not green afterwards:
    a service that cannot be green must not start at all.
    """
    if "psycopg" in sys.modules and not is_green():
        raise RuntimeError("kernel.chassis.process.green.boot() must run before psycopg is imported")
    os.environ["PSYCOPG_WAIT_FUNC"] = WAIT_FUNCTION
    import eventlet  # noqa: PLC0415  nothing green is imported before boot() is called

    eventlet.monkey_patch()
    import psycopg.waiting  # noqa: PLC0415  must come after the patch and the variable

    if psycopg.waiting.wait is not psycopg.waiting.wait_selector:
        raise RuntimeError(f"psycopg waits with {psycopg.waiting.wait!r}; it would block eventlet's hub")
    if not is_green():
        raise RuntimeError("eventlet has not patched socket, thread and select; refusing to start")


def is_green() -> bool:
    """True when this process has been patched for eventlet."""
    if "eventlet" not in sys.modules:
        return False
    from eventlet import patcher  # noqa: PLC0415  plain processes never import eventlet

    return all(patcher.is_monkey_patched(name) for name in ("socket", "thread", "select", "time"))


@cache
def _door() -> Any:
    from eventlet.semaphore import Semaphore  # noqa: PLC0415  plain processes never import eventlet

    return Semaphore(1)


def breathe() -> None:
    """Between two pieces of long work: whatever else is ready in this process runs now. Elsewhere it does nothing.

    However many long works are under way, others wait for one piece and not for one of each: they pass one by one.
    """
    if is_green():
        import eventlet  # noqa: PLC0415  plain processes never import eventlet

        with _door():
            eventlet.sleep(0)


def breathing(items: Iterable[Item]) -> Iterator[Item]:
    """The same items, with a `breathe` after each PIECE of them."""
    for number, item in enumerate(items, 1):
        if number % PIECE == 0:
            breathe()
        yield item
