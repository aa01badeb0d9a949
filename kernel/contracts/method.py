"""One RPC method, said once: the gateway calls it and the service serves it by the same value."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

Q = TypeVar("Q", bound="Request")
A = TypeVar("A", bound="Reply")


class Request(BaseModel):
    """What a caller sends. Unknown fields are refused, so that a misspelt filter never means "all"."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Reply(BaseModel):
    """What a service answers. Callers ignore fields they do not know, so that services can add some."""

    model_config = ConfigDict(extra="ignore", frozen=True)


@dataclass(frozen=True)
class Method(Generic[Q, A]):
    """``permission`` is what the signed actor must hold; None: any signed actor.

    ``writes``: the call is a command. It runs in one transaction and is remembered by its command id, so that
    the same command id with the same body answers again without acting again (24 h), and with another body is
    refused with ``idempotency_key_reused``.
    """

    name: str
    request: type[Q]
    reply: type[A]
    permission: str | None
    writes: bool = False
