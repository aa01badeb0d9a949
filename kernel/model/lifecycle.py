"""The engine of every lifecycle: a table of transitions, checked when it is imported, and nothing else.

A lifecycle is a value; a row is a sentence: «action takes these states to that state, if these facts hold». The
same table serves the bulk SQL, the database's CHECK constraint, the buttons of the portal and the diagram in the docs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kernel.model.errors import DomainError


@dataclass(frozen=True)
class Requires:
    """A condition beside the state: the subject's ``fact`` must equal ``value``, else the refusal is ``code``.

    Being data, it is evaluated here for one subject and compiled to SQL for a million.
    """

    fact: str
    value: str
    code: str


@dataclass(frozen=True)
class Transition:
    """``sources`` empty: the action brings the subject into being."""

    action: str
    sources: frozenset[str]
    target: str
    requires: tuple[Requires, ...] = ()


def move(action: str, sources: Iterable[str], target: str, *requires: Requires) -> Transition:
    """One row of a table."""
    return Transition(action, frozenset(sources), target, requires)


@dataclass(frozen=True)
class Lifecycle:
    """Checked at import: one row per action, every state reachable, final states without exit, the others with one.

    ``initial``: where the first action without sources leads; another may lead to another state.
    ``ignores``: (state, action) pairs that late or repeated messages may bring; they change nothing and are no error.
    """

    name: str
    initial: str
    final: frozenset[str]
    transitions: tuple[Transition, ...]
    ignores: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        actions = [row.action for row in self.transitions]
        if len(set(actions)) != len(actions):
            raise ValueError(f"{self.name}: an action stands in two rows")
        born = [row.target for row in self._births()]
        if not born or born[0] != self.initial or len(set(born)) < len(born):
            raise ValueError(
                f"{self.name}: the first action without sources leads to {self.initial}, no two to one"
            )
        leaving = {source for row in self.transitions for source in row.sources}
        if leaving & self.final:
            raise ValueError(f"{self.name}: final states with an exit: {sorted(leaving & self.final)}")
        if trapped := self.states - leaving - self.final:
            raise ValueError(f"{self.name}: states without an exit: {sorted(trapped)}")
        if unreachable := self.states - self._reachable():
            raise ValueError(f"{self.name}: unreachable states: {sorted(unreachable)}")
        for state, action in self.ignores:
            if state in self.row(action).sources:
                raise ValueError(f"{self.name}: ({state}, {action}) is both a transition and ignored")

    def _reachable(self) -> set[str]:
        reached = {row.target for row in self._births()}
        while True:
            more = {row.target for row in self.transitions if row.sources & reached} - reached
            if not more:
                return reached
            reached |= more

    @property
    def states(self) -> frozenset[str]:
        """Every state that the table names."""
        return frozenset(
            {row.target for row in self.transitions} | {s for row in self.transitions for s in row.sources}
        )

    def row(self, action: str) -> Transition:
        """The row of ``action``; KeyError when the table has none."""
        for candidate in self.transitions:
            if candidate.action == action:
                return candidate
        raise KeyError(action)

    def next_state(self, state: str, action: str, facts: Mapping[str, Any] | None = None) -> str:
        """State after ``action``. Raises DomainError transition_refused or the code of the condition not met.

        An ignored pair answers the state itself.
        """
        if (state, action) in self.ignores:
            return state
        row = self.row(action)
        if state not in row.sources:
            raise DomainError("transition_refused", subject=self.name, state=state, action=action)
        for condition in row.requires:
            if (facts or {}).get(condition.fact) != condition.value:
                raise DomainError(condition.code, state=state, action=action)
        return row.target

    def actions_from(self, state: str) -> tuple[str, ...]:
        """Actions that the table allows in ``state``, in the table's order."""
        return tuple(row.action for row in self.transitions if state in row.sources)

    def mermaid(self, labels: Mapping[str, str] | None = None) -> str:
        """The table as a Mermaid state diagram; ``labels`` gives states and actions their Chinese names."""
        named = labels or {}
        lines = ["stateDiagram-v2"]
        lines += [f"    {state}: {named.get(state, state)}" for state in sorted(self.states)]
        lines += [f"    [*] --> {row.target}: {named.get(row.action, row.action)}" for row in self._births()]
        for row in self.transitions:
            for source in sorted(row.sources):
                lines.append(f"    {source} --> {row.target}: {named.get(row.action, row.action)}")
        lines += [f"    {state} --> [*]" for state in sorted(self.final)]
        return "\n".join(lines) + "\n"

    def _births(self) -> list[Transition]:
        return [row for row in self.transitions if not row.sources]
