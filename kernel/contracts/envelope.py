"""The envelope of every event, and the reference to what is too large for a message."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from kernel.contracts.plain import Plain


class Event(BaseModel):
    """A fact that a service publishes. Consumers ignore fields they do not know; changes are additive only.

    ``TYPE`` is the routing key (past tense). ``VERSION`` rises only when a field changes its meaning.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)
    TYPE: ClassVar[str]
    VERSION: ClassVar[int] = 1


class Envelope(BaseModel):
    """``message_id`` identifies one publication: an inbox drops a second arrival of it.

    ``sequence`` is the publisher's outbox number: it rises in the order of commits of one publisher.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)

    message_id: UUID
    source: str
    type: str
    version: int = 1
    sequence: int = 0
    occurred_at: datetime
    correlation_id: str | None = None
    actor: str | None = None
    payload: dict[str, Any]


class BlobRef(Plain):
    """Content in the blob store, addressed by its SHA-256 (hex, 64); ``size`` in bytes."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    sha256: str
    size: int
    name: str | None = None
    media_type: str | None = None
