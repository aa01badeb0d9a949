"""The two workflows as tables: every state, every action, who may take it, and what the manual says then (WFL-02).

From these tables come the API's allowed actions, the portal's buttons, the database's CHECK constraints and the
diagrams in docs/generated. A form is of one of four kinds; each kind has its own lifecycle. The lines that a county
enters before the hand-over have a small one of their own.

Requirements that the rows name (``Requires``) are facts of a form: ``facts`` in ``services.workflow.steps``.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from kernel.contracts.said import Said
from kernel.model.lifecycle import Lifecycle, Requires, move
from kernel.model.unit import Level


class FormKind(StrEnum):
    """Kinds of forms; documents issues each in its own layout."""

    CITY_OPENING = "city_opening"
    PROVINCE_OPENING = "province_opening"
    COUNTY_TERMINATION = "county_termination"
    CITY_TERMINATION = "city_termination"


class FormState(StrEnum):
    """States of forms, over all kinds."""

    DRAFTED = "drafted"
    CITY_SUMMARISED = "city_summarised"
    COUNTY_REVIEWING = "county_reviewing"
    CITY_REVIEWING = "city_reviewing"
    CITY_APPROVED = "city_approved"
    SUBMITTED_TO_CITY = "submitted_to_city"
    SUBMITTED_TO_PROVINCE = "submitted_to_province"
    SENT_BACK_BY_CITY = "sent_back_by_city"
    SENT_BACK_BY_PROVINCE = "sent_back_by_province"
    PROVINCE_SUMMARISED = "province_summarised"
    PROVINCE_REVIEWING = "province_reviewing"
    SUBMITTED_TO_INTERNET_DEPARTMENT = "submitted_to_internet_department"
    COMPLETED = "completed"
    DISSOLVED = "dissolved"


class FormAction(StrEnum):
    """What can happen to a form; the log of decisions names them."""

    GENERATE = "generate"
    GENERATE_AGAIN = "generate_again"
    RENEW = "renew"
    REMOVE_CARDS = "remove_cards"
    DROP_REFUSED_CARDS = "drop_refused_cards"
    SUBMIT_FOR_REVIEW = "submit_for_review"
    RETURN_UNISSUED = "return_unissued"
    UPLOAD_SIGNED_FORM = "upload_signed_form"
    PASS_SIGNED_FORM = "pass_signed_form"  # noqa: S105
    SUBMIT_TO_PROVINCE = "submit_to_province"
    SEND_BACK = "send_back"
    APPROVE = "approve"
    REJECT = "reject"
    PASS_ON_SEND_BACK = "pass_on_send_back"  # noqa: S105
    SUMMARISE = "summarise"
    RECORD_ANSWERS = "record_answers"
    COMPLETE = "complete"
    REOPEN = "reopen"
    DISSOLVE = "dissolve"


class ApplicationState(StrEnum):
    """States of a county's line."""

    DRAFTED = "drafted"
    SUBMITTED_TO_CITY = "submitted_to_city"


class ApplicationAction(StrEnum):
    """What can happen to a county's line. A deleted line is gone: it never counted anywhere."""

    CREATE = "create"
    CHANGE = "change"
    HAND_OVER = "hand_over"


K, S, A = FormKind, FormState, FormAction

_ISSUED = Requires("issued", "yes", "form_being_issued")
_SETTLED = Requires("settled", "yes", "form_cards_unsettled")
_FILLED = Requires("filled", "yes", "form_empty")
_REFUSED = Requires("refused", "yes", "form_cards_not_refused")
_TERMINATED = Requires("terminated", "yes", "form_cards_not_terminated")
_ANSWERED = (S.COMPLETED, S.SUBMITTED_TO_INTERNET_DEPARTMENT)

APPLICATION = Lifecycle(
    name="application",
    initial=ApplicationState.DRAFTED,
    final=frozenset({ApplicationState.SUBMITTED_TO_CITY}),
    transitions=(
        move(ApplicationAction.CREATE, (), ApplicationState.DRAFTED),
        move(ApplicationAction.CHANGE, (ApplicationState.DRAFTED,), ApplicationState.DRAFTED),
        move(ApplicationAction.HAND_OVER, (ApplicationState.DRAFTED,), ApplicationState.SUBMITTED_TO_CITY),
    ),
)

CITY_OPENING = Lifecycle(
    name=K.CITY_OPENING,
    initial=S.CITY_SUMMARISED,
    final=frozenset({S.PROVINCE_SUMMARISED}),
    transitions=(
        move(A.GENERATE, (), S.CITY_SUMMARISED),
        move(A.RENEW, (S.CITY_SUMMARISED,), S.CITY_SUMMARISED),
        move(A.SUBMIT_FOR_REVIEW, (S.CITY_SUMMARISED,), S.CITY_REVIEWING),
        move(A.RETURN_UNISSUED, (S.CITY_REVIEWING,), S.CITY_SUMMARISED),
        move(A.UPLOAD_SIGNED_FORM, (S.CITY_REVIEWING,), S.CITY_REVIEWING, _ISSUED),
        move(A.PASS_SIGNED_FORM, (S.CITY_REVIEWING,), S.CITY_APPROVED),
        move(A.SUBMIT_TO_PROVINCE, (S.CITY_SUMMARISED,), S.CITY_APPROVED),
        move(A.SEND_BACK, (S.CITY_APPROVED,), S.SENT_BACK_BY_PROVINCE),
        move(A.GENERATE_AGAIN, (S.SENT_BACK_BY_PROVINCE,), S.CITY_SUMMARISED),
        move(A.SUMMARISE, (S.CITY_APPROVED,), S.PROVINCE_SUMMARISED),
    ),
)

PROVINCE_OPENING = Lifecycle(
    name=K.PROVINCE_OPENING,
    initial=S.PROVINCE_SUMMARISED,
    final=frozenset({S.SUBMITTED_TO_INTERNET_DEPARTMENT}),
    transitions=(
        move(A.GENERATE, (), S.PROVINCE_SUMMARISED),
        move(A.RENEW, (S.PROVINCE_SUMMARISED,), S.PROVINCE_SUMMARISED),
        move(A.SUBMIT_FOR_REVIEW, (S.PROVINCE_SUMMARISED,), S.PROVINCE_REVIEWING),
        move(A.RETURN_UNISSUED, (S.PROVINCE_REVIEWING,), S.PROVINCE_SUMMARISED),
        move(A.UPLOAD_SIGNED_FORM, (S.PROVINCE_REVIEWING,), S.PROVINCE_REVIEWING, _ISSUED),
        move(A.PASS_SIGNED_FORM, (S.PROVINCE_REVIEWING,), S.SUBMITTED_TO_INTERNET_DEPARTMENT),
    ),
)

COUNTY_TERMINATION = Lifecycle(
    name=K.COUNTY_TERMINATION,
    initial=S.DRAFTED,
    final=frozenset({S.DISSOLVED}),
    transitions=(
        move(A.GENERATE, (), S.DRAFTED),
        move(A.RENEW, (S.DRAFTED,), S.DRAFTED),
        move(A.SUBMIT_FOR_REVIEW, (S.DRAFTED,), S.COUNTY_REVIEWING, _FILLED, _SETTLED),
        move(A.RETURN_UNISSUED, (S.COUNTY_REVIEWING,), S.DRAFTED),
        move(A.UPLOAD_SIGNED_FORM, (S.COUNTY_REVIEWING,), S.COUNTY_REVIEWING, _ISSUED),
        move(A.PASS_SIGNED_FORM, (S.COUNTY_REVIEWING,), S.SUBMITTED_TO_CITY),
        move(A.SUBMIT_TO_PROVINCE, (S.SUBMITTED_TO_CITY,), S.SUBMITTED_TO_PROVINCE, _SETTLED),
        move(A.SEND_BACK, (S.SUBMITTED_TO_CITY,), S.SENT_BACK_BY_CITY),
        move(A.APPROVE, (S.SUBMITTED_TO_PROVINCE,), S.SUBMITTED_TO_INTERNET_DEPARTMENT, _SETTLED),
        move(A.REJECT, (S.SUBMITTED_TO_PROVINCE,), S.SENT_BACK_BY_PROVINCE),
        move(A.PASS_ON_SEND_BACK, (S.SENT_BACK_BY_PROVINCE,), S.SENT_BACK_BY_CITY),
        move(A.DROP_REFUSED_CARDS, (S.DRAFTED,), S.DRAFTED, _REFUSED),
        move(A.REMOVE_CARDS, (S.SENT_BACK_BY_CITY,), S.SENT_BACK_BY_CITY),
        move(A.GENERATE_AGAIN, (S.SENT_BACK_BY_CITY,), S.DRAFTED, _FILLED),
        move(A.DISSOLVE, (S.DRAFTED, S.SENT_BACK_BY_CITY), S.DISSOLVED),
        move(A.RECORD_ANSWERS, (S.SUBMITTED_TO_INTERNET_DEPARTMENT,), S.SUBMITTED_TO_INTERNET_DEPARTMENT),
        move(A.COMPLETE, (S.SUBMITTED_TO_INTERNET_DEPARTMENT,), S.COMPLETED),
        move(A.REOPEN, _ANSWERED, S.SUBMITTED_TO_INTERNET_DEPARTMENT, _TERMINATED),
    ),
)

CITY_TERMINATION = Lifecycle(
    name=K.CITY_TERMINATION,
    initial=S.DRAFTED,
    final=frozenset({S.DISSOLVED}),
    transitions=(
        move(A.GENERATE, (), S.DRAFTED),
        move(A.RENEW, (S.DRAFTED,), S.DRAFTED),
        move(A.SUBMIT_FOR_REVIEW, (S.DRAFTED,), S.CITY_REVIEWING, _FILLED, _SETTLED),
        move(A.RETURN_UNISSUED, (S.CITY_REVIEWING,), S.DRAFTED),
        move(A.UPLOAD_SIGNED_FORM, (S.CITY_REVIEWING,), S.CITY_REVIEWING, _ISSUED),
        move(A.PASS_SIGNED_FORM, (S.CITY_REVIEWING,), S.SUBMITTED_TO_PROVINCE),
        move(A.APPROVE, (S.SUBMITTED_TO_PROVINCE,), S.SUBMITTED_TO_INTERNET_DEPARTMENT, _SETTLED),
        move(A.REJECT, (S.SUBMITTED_TO_PROVINCE,), S.SENT_BACK_BY_PROVINCE),
        move(A.DROP_REFUSED_CARDS, (S.DRAFTED,), S.DRAFTED, _REFUSED),
        move(A.REMOVE_CARDS, (S.SENT_BACK_BY_PROVINCE,), S.SENT_BACK_BY_PROVINCE),
        move(A.GENERATE_AGAIN, (S.SENT_BACK_BY_PROVINCE,), S.DRAFTED, _FILLED),
        move(A.DISSOLVE, (S.DRAFTED, S.SENT_BACK_BY_PROVINCE), S.DISSOLVED),
        move(A.RECORD_ANSWERS, (S.SUBMITTED_TO_INTERNET_DEPARTMENT,), S.SUBMITTED_TO_INTERNET_DEPARTMENT),
        move(A.COMPLETE, (S.SUBMITTED_TO_INTERNET_DEPARTMENT,), S.COMPLETED),
        move(A.REOPEN, _ANSWERED, S.SUBMITTED_TO_INTERNET_DEPARTMENT, _TERMINATED),
    ),
)

LIFECYCLES: dict[str, Lifecycle] = {
    lifecycle.name: lifecycle for lifecycle in (CITY_OPENING, PROVINCE_OPENING, COUNTY_TERMINATION, CITY_TERMINATION)
}


@dataclass(frozen=True)
class Step:
    """Who takes an action: the level of his unit and his permission; level None: only the service itself.

    ``decides``: he passes judgement on another's form, so it must not be one that he drafted or submitted himself.
    ``message``: key of MESSAGES, what the manual says when it is done.
    """

    level: Level | None
    permission: str = ""
    decides: bool = False
    message: str = "done"


_COUNTY_APPLIES = Step(Level.COUNTY, "activation.apply")
_CITY_OPENS = Step(Level.CITY, "activation.city")
_PROVINCE_OPENS = Step(Level.PROVINCE, "activation.province")
_COUNTY_ENDS = Step(Level.COUNTY, "termination.county")
_CITY_ENDS = Step(Level.CITY, "termination.city")
_PROVINCE_ENDS = Step(Level.PROVINCE, "termination.province")
_ITSELF = Step(None)


def _own(step: Step, *more: FormAction) -> dict[FormAction, Step]:
    """What every form's own unit does, and what the service does to every form."""
    said = {A.GENERATE: "generated"}
    mine = (A.GENERATE, A.RENEW, A.SUBMIT_FOR_REVIEW, A.UPLOAD_SIGNED_FORM, *more)
    return {
        **{action: replace(step, message=said.get(action, "done")) for action in mine},
        A.RETURN_UNISSUED: _ITSELF,
        A.PASS_SIGNED_FORM: _ITSELF,
    }


_LIST_ACTIONS = (A.REMOVE_CARDS, A.DROP_REFUSED_CARDS, A.DISSOLVE)
_CONFIRMS = replace(_PROVINCE_ENDS, permission="termination.confirm")
_PROVINCE_JUDGES = replace(_PROVINCE_ENDS, decides=True, message="reviewed")

STEPS: dict[str, dict[FormAction, Step]] = {
    K.CITY_OPENING: {
        **_own(_CITY_OPENS, A.SUBMIT_TO_PROVINCE),
        A.GENERATE_AGAIN: replace(_CITY_OPENS, message="generated"),
        A.SEND_BACK: replace(_PROVINCE_OPENS, decides=True),
        A.SUMMARISE: replace(_PROVINCE_OPENS, decides=True),
    },
    K.PROVINCE_OPENING: _own(_PROVINCE_OPENS),
    K.COUNTY_TERMINATION: {
        **_own(_COUNTY_ENDS, *_LIST_ACTIONS),
        A.GENERATE_AGAIN: replace(_COUNTY_ENDS, message="generated_after_city"),
        A.SUBMIT_TO_PROVINCE: replace(_CITY_ENDS, decides=True, message="reviewed"),
        A.SEND_BACK: replace(_CITY_ENDS, decides=True, message="reviewed"),
        A.PASS_ON_SEND_BACK: _CITY_ENDS,
        A.APPROVE: _PROVINCE_JUDGES,
        A.REJECT: _PROVINCE_JUDGES,
        A.RECORD_ANSWERS: _CONFIRMS,
        A.COMPLETE: _ITSELF,
        A.REOPEN: _CONFIRMS,
    },
    K.CITY_TERMINATION: {
        **_own(_CITY_ENDS, *_LIST_ACTIONS),
        A.GENERATE_AGAIN: replace(_CITY_ENDS, message="generated_after_province"),
        A.APPROVE: _PROVINCE_JUDGES,
        A.REJECT: _PROVINCE_JUDGES,
        A.RECORD_ANSWERS: _CONFIRMS,
        A.COMPLETE: _ITSELF,
        A.REOPEN: _CONFIRMS,
    },
}
"""Kind > action > who takes it; every row of every lifecycle has one (checked below)."""

for _kind, _lifecycle in LIFECYCLES.items():
    if {str(row.action) for row in _lifecycle.transitions} != set(map(str, STEPS[_kind])):
        raise ValueError(f"{_kind}: the lifecycle and its steps name other actions")

APPLICATION_STEP = _COUNTY_APPLIES

PREFIXES = {K.CITY_OPENING: "KS", K.PROVINCE_OPENING: "KP", K.COUNTY_TERMINATION: "XQ", K.CITY_TERMINATION: "XS"}
"""First letters of a form's number."""

OPENINGS = frozenset({K.CITY_OPENING, K.PROVINCE_OPENING})
TERMINATIONS = frozenset({K.COUNTY_TERMINATION, K.CITY_TERMINATION})
REVIEWING = frozenset({S.COUNTY_REVIEWING, S.CITY_REVIEWING, S.PROVINCE_REVIEWING})
"""The sealed paper is awaited."""
CLOSED = frozenset({S.COMPLETED, S.DISSOLVED})
"""A card on such a form may stand on another list."""
CHANGEABLE = frozenset({S.DRAFTED, S.SENT_BACK_BY_CITY, S.SENT_BACK_BY_PROVINCE})
"""Termination forms whose cards are shown in 销卡明细."""

MESSAGES = {
    "done": ("操作成功", "Done"),
    "created": ("新增成功", "Added"),
    "changed": ("修改成功", "Changed"),
    "deleted": ("删除成功", "Deleted"),
    "listed": ("添加成功", "Added to the list"),
    "nothing": ("没有可处理的数据", "Nothing could be done"),
    "reviewed": ("审核成功", "Reviewed"),
    "generated": ("生成申请单成功", "The form was generated"),
    "generated_after_city": (
        "市级退回的卡已成功生成申请单",
        "The form was generated from the cards that the city sent back",
    ),
    "generated_after_province": (
        "省级退回的卡已成功生成申请单",
        "The form was generated from the cards that the province sent back",
    ),
}
"""What is said when something was done: Chinese as in the manual, English."""


def message(key: str) -> Said:
    """A text of MESSAGES."""
    return Said(*MESSAGES[key])
