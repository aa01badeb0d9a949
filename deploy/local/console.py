"""How the command speaks: one line per step on stderr, so that stdout stays for what programs read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

out = Console()
err = Console(stderr=True, highlight=False, soft_wrap=True)


class CannotContinueError(Exception):
    """The command stops here. The text says what is wrong and what to do about it."""


def say(text: str) -> None:
    err.print(text, markup=False, emoji=False)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Announces a step, and how long it took when that is worth knowing."""
    started = time.monotonic()
    say(f"* {text}")
    yield
    seconds = time.monotonic() - started
    if seconds >= 1:
        say(f"  done in {seconds:.1f} s")
