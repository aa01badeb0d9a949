"""Facts that traffic publishes: none yet."""

from kernel.contracts.envelope import Event

EVENTS: tuple[type[Event], ...] = ()
