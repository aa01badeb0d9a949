"""One RPC method, said once: its service, who may call it, and the units that the call touches.

The service's check, the gateway's check, the REST routes and the portal's buttons all read it here
(docs/how-to/add-a-page.md).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, Any, Final, Generic, TypeVar, get_args

from pydantic import BaseModel, ConfigDict

from kernel.contracts.plain import Plain
from kernel.model.actor import Actor

Q = TypeVar("Q", bound="Request")
A = TypeVar("A", bound="Reply")


class Request(Plain):
    """What a caller sends. Unknown fields are refused, so that a misspelt filter never means "all"."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True, defer_build=True)


class Reply(BaseModel):
    """What a service answers. Callers ignore fields they do not know, so that services can add some."""

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class _Scoped:
    """Mark of a field that names a unit."""


_SCOPED: Final = _Scoped()
Unit = Annotated[str, _SCOPED]
"""Type of a request's field that names a unit: the call is refused when it lies outside the caller's subtree."""

EVERY_SERVICE = "*"
"""Service of the methods that all serve alike (``kernel.contracts.operations``)."""


@dataclass(frozen=True)
class Method(Generic[Q, A]):
    """``permission`` is what the signed actor must hold; None: any signed actor.

    ``writes``: the call is a command. It runs in one transaction and is remembered by its command id, so that
    the same command id with the same body answers again without acting again (24 h), and with another body is
    refused with ``idempotency_key_reused``. ``consistent``: a query whose statements must all see the same moment.
    """

    name: str
    request: type[Q]
    reply: type[A]
    permission: str | None
    writes: bool = False
    service: str = EVERY_SERVICE
    consistent: bool = False

    @cached_property
    def units(self) -> tuple[str, ...]:
        """The request's fields of type `Unit`."""
        fields = self.request.model_fields.items()
        return tuple(name for name, field in fields if _is_scoped((field.annotation, *field.metadata)))

    def allows(self, permissions: Collection[str]) -> bool:
        """True when whoever holds ``permissions`` may call the method: for what a page offers."""
        return self.permission is None or self.permission in permissions

    def require(self, actor: Actor) -> None:
        """DomainError permission_denied unless ``actor`` may call the method."""
        if self.permission is not None:
            actor.require(self.permission)

    def require_scope(self, actor: Actor, request: BaseModel) -> None:
        """DomainError unit_out_of_scope for the first unit of ``request`` that ``actor`` may not name."""
        for name in self.units:
            unit = getattr(request, name)
            if unit is not None:
                actor.require_within(unit, name)


def _is_scoped(parts: tuple[Any, ...]) -> bool:
    """True when the mark is among ``parts`` or inside one of them: ``Unit``, ``Unit | None``."""
    return any(part is _SCOPED or _is_scoped(get_args(part)) for part in parts)


class Service:
    """Declares the methods of one service and keeps them in the order of their declaration."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._methods: dict[str, Method[Any, Any]] = {}

    def load(self, package: str, path: Iterable[str]) -> tuple[Method[Any, Any], ...]:
        """All methods that the modules of ``package`` declare; imports each of them."""
        for module in iter_modules(path):
            import_module(f"{package}.{module.name}")
        return tuple(self._methods.values())

    def query(
        self, name: str, request: type[Q], reply: type[A], permission: str | None, *, consistent: bool = False
    ) -> Method[Q, A]:
        """A method that changes nothing."""
        return self._declare(Method(name, request, reply, permission, False, self.name, consistent))

    def command(self, name: str, request: type[Q], reply: type[A], permission: str | None) -> Method[Q, A]:
        """A method that changes something, once per command id."""
        return self._declare(Method(name, request, reply, permission, True, self.name))

    def _declare(self, method: Method[Q, A]) -> Method[Q, A]:
        if method.name in self._methods:
            raise ValueError(f"method {self.name}.{method.name} is declared twice")
        self._methods[method.name] = method
        return method
