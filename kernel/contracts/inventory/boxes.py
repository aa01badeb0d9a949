"""Boxes and labels (INV-11): how a batch is packed, what its labels say, and what a scanned code opens or moves.

A box is a run of a batch's cards in the order of their numbers: its first and its last, and no card of another batch.
"""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from kernel.contracts.inventory.acts import PHONE, LeftOut
from kernel.contracts.inventory.cards import State
from kernel.contracts.inventory.finding import ActCard
from kernel.contracts.inventory.service import INVENTORY
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.said import Text
from kernel.model.label_code import LabelKind

MOST_CARDS = 1000
MOST_CODES = 100
MOST_LABELS = 2000
CODE_LENGTH = 64


class PackDelivery(Request):
    """装箱: parts the batch's cards into boxes of ``size``, the last one with what is left.

    ``again``: although it is packed already; the labels of its old boxes are void then.
    """

    delivery_id: int
    size: int = Field(ge=1, le=MOST_CARDS)
    again: bool = False


class Packed(Reply):
    """``done``: cards in ``boxes`` boxes."""

    done: int
    boxes: int


class ListBoxes(PageRequest):
    """Boxes of a batch that are not void, by their number."""

    delivery_id: int


class BoxView(Reply):
    """``code``: what its label says to a scanner."""

    id: int
    code: str
    box_no: int
    first_iccid: str
    last_iccid: str
    card_count: int
    packed_at: datetime
    packed_by: str


class BoxPage(Page[BoxView]):
    """A page of boxes."""


class ReadLabel(Request):
    """``code``: as scanned or typed."""

    code: str = Field(min_length=1, max_length=CODE_LENGTH)


class Standing(Reply):
    """So many of its cards are in this state and belong to this unit."""

    state: State
    owner_unit: str
    count: int


class LabelView(Reply):
    """What a label names: a batch, or one of its boxes. ``card_count``, ``in_stock``, ``standing``: its cards in the
    actor's units. ``first_iccid``, ``last_iccid``: of all its cards. ``can``: issue, allocate."""

    kind: LabelKind
    code: str
    delivery_id: int
    batch_no: str
    carrier: str
    card_spec: str
    application_month: str
    box_no: int | None
    boxes: int
    first_iccid: str
    last_iccid: str
    card_count: int
    in_stock: int
    standing: list[Standing]
    can: list[str]


class ListLabelCards(PageRequest):
    """By ICCID."""

    code: str = Field(min_length=1, max_length=CODE_LENGTH)


class LabelCardPage(Page[ActCard]):
    """Cards of the batch or box that are in the actor's subtree."""


class IssueBoxes(Request):
    """领用 of whole boxes or batches by their codes: each as IssueCards with its range."""

    codes: list[str] = Field(min_length=1, max_length=MOST_CODES)
    unit: Unit
    recipient: str = Field(min_length=1, max_length=64)
    phone: str = Field(pattern=PHONE)


class AllocateBoxes(Request):
    """分卡 of whole boxes or batches by their codes, from the actor's own unit: each moves whole or not at all."""

    codes: list[str] = Field(min_length=1, max_length=MOST_CODES)
    to_unit: Unit
    operator: str | None = Field(default=None, max_length=64)
    contact: str | None = Field(default=None, max_length=64)


class BoxRow(Reply):
    """What became of one code. ``row`` from 1. ``done`` cards moved, ``left`` did not.

    ``code`` of the catalogue and ``message``: why nothing, or not all, moved. ``reasons``: why cards stayed, counted
    over the first 1,000 of them. ``job_id``: it is so large that a job moves it.
    """

    row: int
    label: str
    batch_no: str | None = None
    box_no: int | None = None
    done: int = 0
    left: int = 0
    code: str | None = None
    message: Text | None = None
    reasons: list[LeftOut] = Field(default_factory=list)
    job_id: UUID | None = None


class BoxesAnswer(Reply):
    """``done`` cards moved in all; ``refused_count`` rows did not move, or not whole. ``rows``: as sent."""

    done: int
    refused_count: int
    rows: list[BoxRow]


class ListLabels(Request):
    """The labels to print: the batch's own, or those of all its boxes or of the chosen ones."""

    delivery_id: int
    kind: LabelKind
    box_ids: list[int] | None = Field(default=None, min_length=1, max_length=MOST_LABELS)


class LabelText(Reply):
    """``title`` stands large, ``lines`` below it, ``code`` in the QR code and under it."""

    title: str
    lines: list[str]
    code: str


class Labels(Reply):
    """``name``: the batch number, for the job's title."""

    name: str
    labels: list[LabelText]


PACK_DELIVERY = INVENTORY.command("pack_delivery", PackDelivery, Packed, "box.pack")
LIST_BOXES = INVENTORY.query("list_boxes", ListBoxes, BoxPage, "card.view", consistent=True)
READ_LABEL = INVENTORY.query("read_label", ReadLabel, LabelView, "card.view")
LIST_LABEL_CARDS = INVENTORY.query("list_label_cards", ListLabelCards, LabelCardPage, "card.view", consistent=True)
ISSUE_BOXES = INVENTORY.command("issue_boxes", IssueBoxes, BoxesAnswer, "card.issue")
ALLOCATE_BOXES = INVENTORY.command("allocate_boxes", AllocateBoxes, BoxesAnswer, "card.allocate")
LIST_LABELS = INVENTORY.query("list_labels", ListLabels, Labels, "box.pack")
