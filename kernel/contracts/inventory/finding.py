"""One search box over the stock, and the cards that one 分卡 or 领用 moved."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.inventory.cards import State
from kernel.contracts.inventory.service import INVENTORY
from kernel.contracts.method import Reply, Request
from kernel.contracts.paging import Page, PageRequest

FoundBy = Literal["iccid", "last_six", "msisdn", "imsi", "terminal"]


class Find(Request):
    """``text``: a whole ICCID in any spelling or its last six to twelve digits; the beginning of an MSISDN, an IMSI, a
    terminal's asset number or a batch number; the code of a label."""

    text: str = Field(min_length=2, max_length=64)


class FoundCard(Reply):
    """``by``: what of the card the text was."""

    iccid: str
    msisdn: str | None
    imsi: str | None
    terminal_asset_no: str | None
    state: State
    owner_unit: str
    by: FoundBy


class FoundBatch(Reply):
    id: int
    carrier: str
    batch_no: str
    received_count: int


class FoundLabel(Reply):
    """The label whose code was scanned; ``box_no`` None: a batch's own."""

    code: str
    batch_no: str
    box_no: int | None
    card_count: int


class Found(Reply):
    """A few of each, of the actor's subtree."""

    cards: list[FoundCard]
    batches: list[FoundBatch]
    labels: list[FoundLabel] = Field(default_factory=list)


ActKind = Literal["allocation", "requisition"]


class GetAct(Request):
    kind: ActKind
    act_id: int


class Act(Reply):
    """One 分卡 or 领用; what the other kind has is None."""

    kind: ActKind
    id: int
    at: datetime
    unit: str
    card_count: int
    recorded_by: str
    start_iccid: str | None = None
    end_iccid: str | None = None
    recipient: str | None = None
    phone: str | None = None


class ListActCards(PageRequest):
    """By ICCID."""

    kind: ActKind
    act_id: int


class ActCard(Reply):
    """A card of the act as it is now."""

    iccid: str
    msisdn: str | None
    carrier: str
    card_spec: str
    state: State
    owner_unit: str
    issued_to_unit: str | None
    recipient: str | None
    terminal_asset_no: str | None


class ActCardPage(Page[ActCard]):
    """Cards that the act moved and that are in the actor's subtree now."""


FIND = INVENTORY.query("find", Find, Found, "card.view")
GET_ACT = INVENTORY.query("get_act", GetAct, Act, "card.view")
LIST_ACT_CARDS = INVENTORY.query("list_act_cards", ListActCards, ActCardPage, "card.view", consistent=True)
