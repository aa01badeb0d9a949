"""Who acts: a person or a system, with what he may do and where."""

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


def system_actor(service: str, unit: str = "") -> Actor:
    """The actor of timers and event handlers: whatever ``service`` itself does, everywhere."""
    return Actor(id=f"system:{service}", name=service, unit=unit, permissions=frozenset())
