"""Facts that imei publishes: which lists of swaps it wants printed."""

from typing import Any

from kernel.contracts.envelope import Event


class SwapListSubmitted(Event):
    """Documents shall issue this content, as it does for workflow's forms (DOC-01, IME-08)."""

    TYPE = "swap_list_submitted"
    kind: str
    number: str
    revision: int
    unit: str
    content: dict[str, Any]
    by_name: str | None = None


EVENTS: tuple[type[Event], ...] = (SwapListSubmitted,)
