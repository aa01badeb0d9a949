"""Who acts: a person or a system, with what he may do and where."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from kernel.model.errors import DomainError
from kernel.model.unit import is_within


@dataclass(frozen=True)
class Actor:
    """``unit``: code of the unit whose subtree he sees and touches. ``permissions``: flat list (see contracts)."""

    id: str
    name: str
    unit: str
    permissions: frozenset[str] = field(default_factory=frozenset)

    def require(self, permission: str) -> None:
        """Raises DomainError permission_denied unless he holds ``permission`` (GTW-02)."""
        if permission not in self.permissions:
            raise DomainError("permission_denied", permission=permission)

    def require_within(self, unit: str, field: str = "unit") -> None:
        """Raises DomainError unit_out_of_scope when ``unit`` is not in his subtree (GTW-02)."""
        if not is_within(unit, self.unit):
            raise DomainError("unit_out_of_scope", field=field, unit=unit, own_unit=self.unit)


def key_actor_id(prefix: str, owner: str | None, formerly: Iterable[str] = ()) -> str:
    """How an API key is called wherever it acts; ``owner``: the login of the person who answers for it.

    ``formerly``: who answered for it before it was passed on; they may know the key still.
    """
    return f"key:{prefix}@{','.join((owner, *formerly))}" if owner else f"key:{prefix}"


def people_behind(actor_id: str) -> tuple[str, ...]:
    """The person himself; of a key, who answers for it, and then whoever did before him."""
    behind = actor_id.partition("@")[2] if actor_id.startswith("key:") else ""
    return tuple(behind.split(",")) if behind else (actor_id,)


def person_behind(actor_id: str) -> str:
    """The person himself, or who answers for the key."""
    return people_behind(actor_id)[0]


def same_person(one: str | None, other: str | None) -> bool:
    """Whether one person may be behind both actors' ids: where two must act, a key is no second person, not even one
    that was passed on, for its former owner may have kept it."""
    return one is not None and other is not None and not set(people_behind(one)).isdisjoint(people_behind(other))


def system_actor(service: str, unit: str = "", *, may: Iterable[str] = ()) -> Actor:
    """The actor of timers and event handlers: whatever ``service`` itself does, everywhere.

    ``may``: the permissions of the jobs that it asks for.
    """
    return Actor(id=f"system:{service}", name=service, unit=unit, permissions=frozenset(may))
