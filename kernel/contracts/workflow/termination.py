"""销卡申请 (TER-01 to TER-09): cards for termination, their list, the reviews, the carrier's answers.

Forms are listed, submitted and uploaded by ``forms``. A county's cards are those that its unit owns; a city's own ones
(市级直属) those that the city itself owns.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from kernel.contracts.inventory.acts import BulkAnswer
from kernel.contracts.method import Reply, Request, Unit
from kernel.contracts.paging import Page, PageRequest
from kernel.contracts.said import Text
from kernel.contracts.workflow.fields import MAX_ROWS, FormNumber, Person, Phone, Remark
from kernel.contracts.workflow.forms import FormAct, FormAnswer, FormState
from kernel.contracts.workflow.service import WORKFLOW

Iccids = list[str]
FollowState = Literal["listed", "waiting", "settled", "refused", "answered_done", "answered_refused", "terminated"]
Verdict = Literal["pass", "reject"]
Version = Annotated[int, Field(ge=1)]


class ListPendingScrap(PageRequest):
    """待报废 cards of the actor's unit that stand on no open list (TER-01, TER-06).

    ``iccid``: the whole or the beginning. ``unit_exact``: owned by that unit itself. Days: last operation, both
    included. ``sort``: iccid (default), changed_at.
    """

    iccid: str | None = Field(default=None, max_length=32)
    carrier: str | None = None
    card_spec: str | None = None
    unit: Unit | None = None
    unit_exact: bool = False
    changed_from: date | None = None
    changed_to: date | None = None
    include_listed: bool = False


class PendingScrapCard(Reply):
    """``on_form``/``listed``: where the card stands already. ``can``: add_to_list."""

    iccid: str
    msisdn: str | None
    carrier: str
    card_spec: str
    owner_unit: str
    state: str
    reason: str | None
    changed_at: datetime
    listed: bool
    on_form: str | None
    can: list[str]


class PendingScrapPage(Page[PendingScrapCard]):
    """A page of cards."""


class AddToList(Request):
    """确定: these cards go to the actor's unit's termination list, state 新建. Per card, good ones go in."""

    iccids: Iccids = Field(min_length=1, max_length=MAX_ROWS)


class RemoveFromList(Request):
    """删除: off the list, off a form that was sent back, or what cannot follow off a 新建 form (TER-01, TER-04)."""

    iccids: Iccids = Field(min_length=1, max_length=MAX_ROWS)


class ListAnswer(BulkAnswer):
    """``message``: 删除成功 or 添加成功 in the caller's language when anything was done."""

    message: Text


class ListTerminationList(PageRequest):
    """销卡明细 of the actor's unit: cards in state 新建, and those of its forms that may still be changed.

    ``unit_exact``: of that unit itself and none below it. ``sort``: iccid (default), added_at.
    """

    iccid: str | None = Field(default=None, max_length=32)
    carrier: str | None = None
    card_spec: str | None = None
    number: FormNumber | None = None
    unit: Unit | None = None
    unit_exact: bool = False


class ListedCard(Reply):
    """``state``: of its form, drafted (新建) before there is one. ``can``: remove."""

    iccid: str
    msisdn: str | None
    carrier: str
    card_spec: str
    owner_unit: str
    reason: str
    added_at: datetime
    added_by: str
    number: str | None
    state: FormState
    state_name: Text
    follow: FollowState
    refusal: Text | None
    can: list[str]


class ListedCardPage(Page[ListedCard]):
    """``open_cards``: in state 新建 without a form; ``minimum``: a new form needs more than that many.
    ``next_number``: the batch number that it would get now. ``can``: generate_form."""

    open_cards: int = 0
    minimum: int = 0
    next_number: str | None = None
    can: list[str] = Field(default_factory=list)


class GenerateTerminationForm(Request):
    """生成申请单 of the open list (or of ``iccids`` of it): batch number automatic, date today (TER-02, TER-06)."""

    applicant: Person | None = None
    phone: Phone
    iccids: Iccids | None = Field(default=None, min_length=1, max_length=MAX_ROWS)


class GenerateTerminationFormAgain(FormAct):
    """生成申请单 after a send-back: same batch number, no minimum (TER-04, TER-06)."""

    applicant: Person | None = None
    phone: Phone | None = None


class DissolveForm(FormAct):
    """作废: a form that is 新建 or was sent back is given up; its cards become 待报废 again."""


class ReviewByCity(FormAct):
    """审核 by the city of a county form: pass > 提交省级, reject > 市级退回 (TER-05)."""

    verdict: Verdict
    reviewer: Person | None = None


class PassOnSendBack(FormAct):
    """退回: a county form that the province sent back goes on to the county (TER-05)."""


class ReviewedForm(Request):
    number: FormNumber
    version: Version


class ReviewByProvince(Request):
    """审核 of one or more forms: pass > 提交互联网部, reject > 省级退回 (TER-07). Per form, good ones are reviewed."""

    forms: list[ReviewedForm] = Field(min_length=1, max_length=200)
    verdict: Verdict
    reviewer: Person | None = None
    opinion: Remark | None = None
    remark: Remark | None = None


class RefusedForm(Reply):
    number: str
    code: str
    message: Text


class ReviewAnswer(Reply):
    """``done`` forms were reviewed; ``refused`` names the others."""

    message: Text
    done: int
    refused_count: int
    refused: list[RefusedForm]


class ListFormCards(PageRequest):
    """查看明细: the frozen list with each card as it is now (TER-05, TER-09). ``sort``: row (default), iccid.

    ``reopened``: cards whose case was opened again after their termination."""

    number: FormNumber
    iccid: str | None = Field(default=None, max_length=32)
    carrier: str | None = None
    follow: FollowState | None = None
    changed: bool | None = None
    reopened: bool | None = None


class Reopening(Reply):
    """Traffic (MB) or cost (yuan) of a terminated card in ``month``, and the answer that it overruled."""

    month: str
    traffic_mb: str | None
    cost: str | None
    remark: str | None
    by_name: str
    at: datetime
    answered_by: str | None
    answered_at: datetime | None


class FormCard(Reply):
    """``*_then``: when the form was submitted, now when it has not been. ``changed``: fields that differ since.

    ``refusal_code``/``refusal``: why the card cannot follow, or the carrier's reason. ``terminal``: that it is
    in, or was in until ``terminal_left_at``; null while it was in none. ``reopenings``: all, oldest first;
    ``reopened_*`` and ``cost``: of the last one. The gateway adds what traffic knows of the card now: the last day
    with traffic (``last_use``), the newest month's use in bytes, and ``month_cost``, yuan in ``cost_month``.
    """

    row: int
    iccid: str
    msisdn: str | None
    carrier: str
    card_spec: str
    reason: str
    unit_then: str
    state_then: str
    unit_now: str
    state_now: str
    changed: list[str]
    follow: FollowState
    refusal_code: str | None
    refusal: Text | None
    answered_at: datetime | None
    terminal: str | None = None
    terminal_left_at: datetime | None = None
    last_use: date | None = None
    month: str | None = None
    month_bytes: int | None = None
    cost_month: str | None = None
    month_cost: str | None = None
    last_traffic_at: datetime | None = None
    cost: str | None = None
    reopened_month: str | None = None
    reopened_traffic_mb: str | None = None
    reopened_remark: str | None = None
    reopened_by: str | None = None
    reopened_at: datetime | None = None
    reopenings: list[Reopening] = Field(default_factory=list)


class FormCardPage(Page[FormCard]):
    """``counts``: cards per follow state, over the whole form; ``changed``: how many changed since submission."""

    counts: dict[str, int] = Field(default_factory=dict)
    changed: int = 0


class CarrierAnswer(Request):
    """``reason`` is needed when the carrier refuses."""

    iccid: str = Field(max_length=32)
    answer: Literal["done", "refused"]
    reason: Remark | None = None


class RecordAnswers(Request):
    """The internet department's / carrier's answers per card (TER-08); None in ``answers``: all others are done."""

    number: FormNumber
    answers: list[CarrierAnswer] = Field(default_factory=list, max_length=MAX_ROWS)
    others_done: bool = False


class AnswersRecorded(BulkAnswer):
    """``completed``: every card is answered now; ``open``: cards still without an answer."""

    completed: bool
    open: int


class TrafficFound(Request):
    """A terminated card had traffic (MB) or cost (yuan) in ``month`` (YYYY-MM, not before its termination)."""

    iccid: str = Field(max_length=32)
    month: str = Field(max_length=7)
    traffic_mb: Decimal | None = Field(default=None, ge=0, max_digits=12, decimal_places=3)
    cost: Decimal | None = Field(default=None, ge=0, max_digits=10, decimal_places=2)
    remark: Remark | None = None


class ReopenCases(Request):
    """销卡后仍有流量/费用 (TER-08): per card, good ones go back to the carrier. ``number``: only cards of that form."""

    number: FormNumber | None = None
    cards: list[TrafficFound] = Field(min_length=1, max_length=MAX_ROWS)


class CasesReopened(BulkAnswer):
    """``forms``: numbers of the forms whose cards go back to the carrier."""

    message: Text
    forms: list[str]


LIST_PENDING_SCRAP = WORKFLOW.query(
    "list_pending_scrap", ListPendingScrap, PendingScrapPage, "card.view", consistent=True
)
ADD_TO_LIST = WORKFLOW.command("add_to_list", AddToList, ListAnswer, "termination.county")
REMOVE_FROM_LIST = WORKFLOW.command("remove_from_list", RemoveFromList, ListAnswer, "termination.county")
LIST_TERMINATION_LIST = WORKFLOW.query(
    "list_termination_list", ListTerminationList, ListedCardPage, "card.view", consistent=True
)
GENERATE_TERMINATION_FORM = WORKFLOW.command(
    "generate_termination_form", GenerateTerminationForm, FormAnswer, "termination.county"
)
GENERATE_TERMINATION_FORM_AGAIN = WORKFLOW.command(
    "generate_termination_form_again", GenerateTerminationFormAgain, FormAnswer, "termination.county"
)
DISSOLVE_FORM = WORKFLOW.command("dissolve_form", DissolveForm, FormAnswer, "termination.county")
REVIEW_BY_CITY = WORKFLOW.command("review_by_city", ReviewByCity, FormAnswer, "termination.city")
PASS_ON_SEND_BACK = WORKFLOW.command("pass_on_send_back", PassOnSendBack, FormAnswer, "termination.city")
REVIEW_BY_PROVINCE = WORKFLOW.command("review_by_province", ReviewByProvince, ReviewAnswer, "termination.province")
LIST_FORM_CARDS = WORKFLOW.query("list_form_cards", ListFormCards, FormCardPage, "card.view", consistent=True)
RECORD_ANSWERS = WORKFLOW.command("record_answers", RecordAnswers, AnswersRecorded, "termination.confirm")
REOPEN_CASES = WORKFLOW.command("reopen_cases", ReopenCases, CasesReopened, "termination.confirm")
