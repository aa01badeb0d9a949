"""Decisions about a case that moves by few words (approve, refuse, ...): from which states to which one."""

from collections.abc import Mapping
from typing import NamedTuple


class Decision(NamedTuple):
    """Possible in ``states``; the case is ``becomes`` afterwards."""

    states: tuple[str, ...]
    becomes: str


Decisions = Mapping[str, Decision]
"""By the word that the request says."""


def possible(decisions: Decisions, state: str) -> list[str]:
    """The words that can be said of a case in ``state``."""
    return [word for word, decision in decisions.items() if state in decision.states]
