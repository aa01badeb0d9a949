"""Reading cards: the list behind 领用, 查询 and every drill-down, one card, its run log, the catalogues."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from kernel.contracts.inventory.service import INVENTORY
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest

State = Literal[
    "received",
    "unqualified",
    "in_stock",
    "pending_install",
    "running",
    "pending_scrap",
    "terminating",
    "terminated",
]

MAX_ICCIDS = 1000


class CardFilter(Request):
    """Conditions on cards, all of which must hold; None: any.

    ``owner_unit``: that unit and everything below it, within the actor's own subtree (default: all of it);
    ``unit_exact``: that unit itself only. ``iccid``, ``msisdn``, ``imsi``: the whole or the beginning.
    ``*_from``/``*_to``: business days, both included. ``state_days_min``/``max``: whole days in the present state.
    ``abnormal``: longer in its state than the limit of that state (INV-09).
    """

    iccid: str | None = Field(default=None, max_length=32)
    iccids: list[str] | None = Field(default=None, max_length=MAX_ICCIDS)
    msisdn: str | None = Field(default=None, max_length=20)
    imsi: str | None = Field(default=None, max_length=20)
    carrier: str | None = None
    card_spec: str | None = None
    application_month: str | None = None
    owner_unit: Unit | None = None
    unit_exact: bool = False
    issued_to_unit: Unit | None = None
    state: list[State] | None = None
    terminal_asset_no: str | None = None
    delivery_id: int | None = None
    stocked_in_from: date | None = None
    stocked_in_to: date | None = None
    state_days_min: int | None = Field(default=None, ge=0)
    state_days_max: int | None = Field(default=None, ge=0)
    abnormal: bool = False


class ListCards(CardFilter, PageRequest):
    """``sort``: unit (unit, then ICCID; the default), iccid, stocked_in_at, state_since."""


class CardView(Reply):
    """A card as lists show it. ``can``: actions that the state and the actor's permissions allow now."""

    iccid: str
    imsi: str | None
    msisdn: str | None
    carrier: str
    card_spec: str
    application_month: str
    delivery_id: int
    batch_no: str
    owner_unit: str
    issued_to_unit: str | None
    recipient: str | None
    recipient_phone: str | None
    terminal_asset_no: str | None
    state: State
    network_state: str
    version: int
    state_since: datetime
    state_days: int
    received_at: datetime
    stocked_in_at: datetime | None
    allocated_at: datetime | None
    issued_at: datetime | None
    bound_at: datetime | None
    pending_scrap_at: datetime | None
    terminated_at: datetime | None
    last_operation_at: datetime
    can: list[str]


class CardPage(Page[CardView]):
    """A page of cards."""


class GetCard(Request):
    iccid: str


class GetRunLog(Request):
    iccid: str


class RunLogEntry(Reply):
    """One change of one card. ``from_state`` is None for its arrival.

    ``terminal_asset_no``: the terminal that the card came to or left. ``reference_id``: of the kind reading, the
    reading that showed it. ``reference_name``: what people call the document: a batch number, a range, a recipient.
    """

    version: int
    at: datetime
    action: str
    from_state: State | None
    to_state: State
    from_unit: str | None
    to_unit: str
    by: str
    by_name: str
    by_unit: str
    reason: str | None
    reference_kind: str | None
    reference_id: str | None
    terminal_asset_no: str | None = None
    reference_name: str | None = None


class RunLog(Reply):
    """Oldest first, complete: it is never pruned."""

    iccid: str
    items: list[RunLogEntry]


class ListOptions(Request):
    name: Literal["carriers", "card_specs"]


class Option(Reply):
    value: str
    label: str
    label_en: str


class Options(Reply):
    items: list[Option]


LIST_CARDS = INVENTORY.query("list_cards", ListCards, CardPage, "card.view", consistent=True)
GET_CARD = INVENTORY.query("get_card", GetCard, CardView, "card.view")
GET_RUN_LOG = INVENTORY.query("get_run_log", GetRunLog, RunLog, "card.view", consistent=True)
LIST_OPTIONS = INVENTORY.query("list_options", ListOptions, Options, None)
