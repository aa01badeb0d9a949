"""Acts on cards (INV-02..INV-06). Bulk acts do the good rows and name the others; 分卡 moves a range whole or not."""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kernel.contracts.envelope import BlobRef
from kernel.contracts.files import FileChoice, FileLook, FileNote, FileTemplate, GetTemplate, LookAtFile
from kernel.contracts.inventory.service import INVENTORY
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.said import Text

Iccids = list[str]
MAX_ICCIDS = 1000
PHONE = r"^(?:\+?86)?(?:1[0-9]{10}|0[0-9]{2,3}-?[0-9]{7,8})$"


class RefusedCard(Reply):
    """``iccid`` as sent; ``message`` in the caller's language. ``row``, ``line``: where it stands in a file."""

    iccid: str
    code: str
    message: Text
    row: int | None = None
    line: int | None = None


class LeftOut(Reply):
    """How many cards a reason kept out, and the first of them (ten at most)."""

    code: str
    message: Text
    count: int
    first: list[str] = Field(default_factory=list)


class BulkAnswer(Reply):
    """``done`` cards were changed; ``refused`` names the others, in the order sent (of a range: the first 1,000)."""

    done: int
    refused_count: int
    refused: list[RefusedCard]


class CardsRequest(Request):
    """Up to 1,000 cards by ICCID; a repeated one counts once."""

    iccids: Iccids = Field(min_length=1, max_length=MAX_ICCIDS)


class MarkUnqualified(CardsRequest):
    """不合格: received > unqualified."""

    operator: str = Field(min_length=1, max_length=64)
    on: date
    reason: str = Field(min_length=1, max_length=500)


class InspectAgain(CardsRequest):
    """重新检测: unqualified > received."""

    reason: str = Field(min_length=1, max_length=500)


class ReasonedRequest(CardsRequest):
    """``reason`` goes to the run log."""

    reason: str | None = Field(default=None, max_length=500)


class ReturnToStock(ReasonedRequest):
    """返库: pending_install > in_stock; issued-to unit and recipient are cleared."""


class MarkPendingScrap(ReasonedRequest):
    """待报废: in_stock or pending_install > pending_scrap, remembering where from."""


class Restore(ReasonedRequest):
    """Back from pending_scrap to the state the card came from."""


class AllocationRange(Request):
    """The cards of a range that shall change their owner (分卡)."""

    application_month: str
    carrier: str
    card_spec: str
    start_iccid: str = Field(max_length=64)
    end_iccid: str = Field(max_length=64)
    to_unit: Unit


class PreviewAllocation(AllocationRange):
    """Dry run."""


class MissingNumbers(Reply):
    """A run of numbers of a range that are no known card."""

    start: str
    end: str
    count: int


class AllocationPreview(Reply):
    """``allowed``: allocate would move ``would_move`` cards now. ``span``: numbers in the range (None: letters).

    ``missing``: numbers of the range that no known card has; ``missing_first``: the first ten runs of them.
    ``left_out``: offending cards by reason.
    ``by_unit``: present owners and their card counts.
    """

    allowed: bool
    would_move: int
    span: int | None
    missing: int | None
    first_iccid: str | None
    last_iccid: str | None
    by_unit: dict[str, int]
    left_out: list[LeftOut]
    missing_first: list[MissingNumbers] = Field(default_factory=list)


class AllocateCards(AllocationRange):
    """All cards of the range must be in stock, of that month, carrier and spec, and owned by the allocating unit.

    ``from_unit``: the allocating unit; default: the actor's own. ``operator``: default the actor's name.
    ``delivery_id``: only the cards of that delivery.
    """

    from_unit: Unit | None = None
    delivery_id: int | None = None
    operator: str | None = Field(default=None, max_length=64)
    contact: str | None = Field(default=None, max_length=64)


class AllocationView(Reply):
    """``missing``, ``missing_first``: as in the preview; told once, when the range is allocated."""

    id: int
    allocated_at: datetime
    application_month: str
    carrier: str
    card_spec: str
    start_iccid: str
    end_iccid: str
    from_unit: str
    to_unit: str
    card_count: int
    operator: str
    contact: str | None
    recorded_by: str
    missing: int | None = None
    missing_first: list[MissingNumbers] = Field(default_factory=list)


class AllocationAnswer(Reply):
    """Either the record of what was allocated, or the job that moves a large range; its result is the record."""

    allocation: AllocationView | None = None
    job_id: UUID | None = None


class AllocationPage(Page[AllocationView]):
    """Allocations, newest first."""


class ListAllocations(PageRequest):
    application_month: str | None = None
    carrier: str | None = None
    card_spec: str | None = None
    unit: Unit | None = None


class IssueCards(Request):
    """领用 by list or by range: in_stock > pending_install, for ``unit``.

    Cards must be owned by ``unit`` or a unit above it within the actor's subtree. ``delivery_id``: of a range, only the
    cards of that delivery.
    """

    unit: Unit
    recipient: str = Field(min_length=1, max_length=64)
    phone: str = Field(pattern=PHONE)
    iccids: Iccids | None = Field(default=None, min_length=1, max_length=10_000)
    start_iccid: str | None = Field(default=None, max_length=64)
    end_iccid: str | None = Field(default=None, max_length=64)
    delivery_id: int | None = None

    @model_validator(mode="after")
    def _list_or_range(self) -> "IssueCards":
        ranged = self.start_iccid is not None and self.end_iccid is not None
        if (self.iccids is not None) == ranged:
            raise PydanticCustomError("list_or_range", "Give either iccids or start_iccid and end_iccid")
        return self


class IssueAnswer(BulkAnswer):
    """``job_id``: the job that issues very many cards; its result is this answer.

    Of a range, ``missing``: numbers that no known card has; ``missing_first``: the first ten runs of them. Of a file,
    ``notes``: what was corrected or left out in it.
    """

    requisition_id: int | None
    job_id: UUID | None = None
    missing: int | None = None
    missing_first: list[MissingNumbers] = Field(default_factory=list)
    notes: list[FileNote] = Field(default_factory=list)


class IssueListed(Request):
    """领用 of the cards that a file lists (CSV, text or XLSX): as IssueCards with its ICCIDs."""

    unit: Unit
    recipient: str = Field(min_length=1, max_length=64)
    phone: str = Field(pattern=PHONE)
    file: BlobRef
    choice: FileChoice | None = None


class RequisitionView(Reply):
    id: int
    issued_at: datetime
    unit: str
    recipient: str
    phone: str
    card_count: int
    recorded_by: str


class RequisitionPage(Page[RequisitionView]):
    """Requisitions, newest first."""


class ListRequisitions(PageRequest):
    unit: Unit | None = None
    recipient: str | None = None


MARK_UNQUALIFIED = INVENTORY.command("mark_unqualified", MarkUnqualified, BulkAnswer, "delivery.inspect")
INSPECT_AGAIN = INVENTORY.command("inspect_again", InspectAgain, BulkAnswer, "delivery.inspect")
RETURN_TO_STOCK = INVENTORY.command("return_to_stock", ReturnToStock, BulkAnswer, "card.return")
MARK_PENDING_SCRAP = INVENTORY.command("mark_pending_scrap", MarkPendingScrap, BulkAnswer, "card.scrap")
RESTORE = INVENTORY.command("restore", Restore, BulkAnswer, "card.scrap")
PREVIEW_ALLOCATION = INVENTORY.query("preview_allocation", PreviewAllocation, AllocationPreview, "card.allocate")
ALLOCATE_CARDS = INVENTORY.command("allocate_cards", AllocateCards, AllocationAnswer, "card.allocate")
LIST_ALLOCATIONS = INVENTORY.query("list_allocations", ListAllocations, AllocationPage, "card.view", consistent=True)
LOOK_AT_CARD_LIST = INVENTORY.query("look_at_card_list", LookAtFile, FileLook, "card.issue")
GET_CARD_LIST_TEMPLATE = INVENTORY.query("get_card_list_template", GetTemplate, FileTemplate, "card.issue")
ISSUE_LISTED = INVENTORY.command("issue_listed", IssueListed, IssueAnswer, "card.issue")
ISSUE_CARDS = INVENTORY.command("issue_cards", IssueCards, IssueAnswer, "card.issue")
LIST_REQUISITIONS = INVENTORY.query(
    "list_requisitions", ListRequisitions, RequisitionPage, "card.view", consistent=True
)
