"""Specimens of a unit's seals (预留印鉴, DOC-06): register one, look at it, confirm it by a second person, end it."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kernel.contracts.documents.service import DOCUMENTS
from kernel.contracts.envelope import BlobRef
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest

SealState = Literal["reading", "unusable", "to_confirm", "confirmed", "rejected"]
"""``reading``: the three impressions are being read; ``unusable``: they cannot serve, ``problem`` says why. Only a
``confirmed`` one is compared with, on its days."""

IMPRESSIONS = 3


class RegisterSeal(Request):
    """``upload``: a colour scan at 300 dpi or more with three clean impressions of the seal, on one page or several.

    ``name``: what stands round the seal. Days are business days, both included; ``valid_to`` None: until it is ended.
    """

    unit: Unit
    name: str = Field(min_length=2, max_length=60)
    valid_from: date
    valid_to: date | None = None
    upload: BlobRef

    @model_validator(mode="after")
    def _in_order(self) -> "RegisterSeal":
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise PydanticCustomError("ends_before_it_begins", "valid_to must not be before valid_from")
        return self


class SealRegistered(Reply):
    """The specimen's id is that of the job that reads it."""

    seal_id: UUID
    job_id: UUID


class GetSeal(Request):
    seal_id: UUID


class SealView(Reply):
    """``pictures``: the three impressions as they were read. ``problem``: a code that says why they cannot serve, with
    ``reason`` for people. ``can``: confirm, reject, end. ``ended_by`` and the like: who gave it its last day."""

    id: UUID
    unit: str
    name: str
    valid_from: date
    valid_to: date | None
    state: SealState
    problem: str | None
    reason: str | None
    pictures: list[BlobRef]
    registered_by: str
    registered_by_name: str
    registered_at: datetime
    decided_by: str | None
    decided_by_name: str | None
    decided_at: datetime | None
    remark: str | None
    ended_by_name: str | None
    ended_at: datetime | None
    end_reason: str | None
    can: list[str]


class ListSeals(PageRequest):
    """Newest first; ``sort``: id. ``valid_on``: those that are valid on that day, or would be when confirmed."""

    unit: Unit | None = None
    state: SealState | None = None
    name: str | None = None
    valid_on: date | None = None


class SealList(Page[SealView]):
    """Specimens of the caller's subtree."""


class DecideSeal(Request):
    """A second person compares the three impressions with the seal; ``remark``: on what grounds."""

    seal_id: UUID
    decision: Literal["confirmed", "rejected"]
    remark: str = Field(min_length=1, max_length=500)


class EndSeal(Request):
    """The seal is worn, renewed or lost: ``valid_to`` is its last day. It can be moved back, never on."""

    seal_id: UUID
    valid_to: date
    reason: str = Field(min_length=1, max_length=500)


REGISTER_SEAL = DOCUMENTS.command("register_seal", RegisterSeal, SealRegistered, "seal.register")
GET_SEAL = DOCUMENTS.query("get_seal", GetSeal, SealView, "card.view")
LIST_SEALS = DOCUMENTS.query("list_seals", ListSeals, SealList, "card.view", consistent=True)
DECIDE_SEAL = DOCUMENTS.command("decide_seal", DecideSeal, SealView, "seal.confirm")
END_SEAL = DOCUMENTS.command("end_seal", EndSeal, SealView, "seal.confirm")
