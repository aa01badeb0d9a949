"""Facts that workflow publishes: what it wants printed and judged, and which cards stand on which termination list."""

from datetime import datetime
from typing import Any
from uuid import UUID

from kernel.contracts.envelope import BlobRef, Event

SLICE = 1000
"""Cards in one event at most; a form of 2,000 cards makes two."""


class FormSubmitted(Event):
    """提交审核: documents shall issue this content (its own model per ``kind`` validates it).

    Whole in one event, though a form may list 2,000 cards: the digest covers it as one. ``revision`` rises with every
    new submission of the same number (TER-04).
    """

    TYPE = "form_submitted"
    kind: str
    number: str
    revision: int
    unit: str
    content: dict[str, Any]
    by_name: str | None = None


class SignedFormUploaded(Event):
    """审核回传单: one attempt. Documents judges it as the job ``attempt_id`` and answers signed_form_judged."""

    TYPE = "signed_form_uploaded"
    attempt_id: UUID
    kind: str
    number: str
    revision: int
    unit: str
    upload: BlobRef
    uploaded_by: str
    uploaded_by_name: str
    uploader_unit: str


class TerminationCardsListed(Event):
    """These cards stand on a termination form that was generated: inventory makes them 销卡中, or refuses some by
    ``cards_refused`` with reference ``number``. ``revision`` orders the messages of one form."""

    TYPE = "termination_cards_listed"
    number: str
    revision: int
    unit: str
    iccids: list[str]
    by: str
    at: datetime
    by_name: str | None = None


class TerminationCardsReleased(Event):
    """These cards were taken off the form: inventory makes them 待报废 again."""

    TYPE = "termination_cards_released"
    number: str
    revision: int
    unit: str
    iccids: list[str]
    by: str
    at: datetime
    by_name: str | None = None


class TerminationCardsConfirmed(Event):
    """The carrier confirmed the termination of these cards (TER-08): inventory makes them 已销卡."""

    TYPE = "termination_cards_confirmed"
    number: str
    revision: int
    unit: str
    iccids: list[str]
    by: str
    at: datetime
    by_name: str | None = None


class TerminationCardsReopened(Event):
    """These terminated cards had traffic or cost in ``month`` (TER-08): inventory makes them 销卡中 again."""

    TYPE = "termination_cards_reopened"
    number: str
    revision: int
    unit: str
    month: str
    iccids: list[str]
    by: str
    at: datetime
    by_name: str | None = None


class FormMoved(Event):
    """A form changed its state: notices and webhooks follow it (WFL-03)."""

    TYPE = "form_moved"
    kind: str
    number: str
    revision: int
    unit: str
    action: str
    from_state: str | None
    to_state: str
    by: str
    by_name: str
    at: datetime
    opinion: str | None = None


EVENTS: tuple[type[Event], ...] = (
    FormSubmitted,
    SignedFormUploaded,
    TerminationCardsListed,
    TerminationCardsReleased,
    TerminationCardsConfirmed,
    TerminationCardsReopened,
    FormMoved,
)
