"""销卡申请单: made of the open list, made again after a send-back, reviewed, given up (TER-02 to TER-07).

Cards follow by events: what a form lists, releases or confirms is told to inventory in the transaction that decides it.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.said import say
from kernel.contracts.workflow.events import (
    SLICE,
    TerminationCardsConfirmed,
    TerminationCardsListed,
    TerminationCardsReleased,
    TerminationCardsReopened,
)
from kernel.contracts.workflow.fields import MAX_ROWS
from kernel.contracts.workflow.forms import FormAct, FormAnswer
from kernel.contracts.workflow.termination import (
    DissolveForm,
    GenerateTerminationForm,
    GenerateTerminationFormAgain,
    ListAnswer,
    PassOnSendBack,
    RefusedForm,
    RemoveFromList,
    ReviewAnswer,
    ReviewByCity,
    ReviewByProvince,
)
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date, month_of
from services.workflow import catalogue, window
from services.workflow.forms import UNSUBMITTED, answer, claim, create, find, running_number, take, termination_prefix
from services.workflow.lifecycles import FormAction, message
from services.workflow.scrap_list import bulk_answer, own_kind, removable
from services.workflow.spelling import by_card
from services.workflow.steps import require_opinion

A = FormAction
Instruction = (
    type[TerminationCardsListed]
    | type[TerminationCardsReleased]
    | type[TerminationCardsConfirmed]
    | type[TerminationCardsReopened]
)

_OPEN_LIST = """
SELECT id, iccid FROM form_cards
WHERE unit = :unit AND open AND form_id IS NULL
  AND (CAST(:iccids AS text[]) IS NULL OR iccid = ANY(CAST(:iccids AS text[])))
ORDER BY id FOR UPDATE
"""
_PUT_ON_FORM = """
UPDATE form_cards SET form_id = :form, row_no = numbered.row_no, follow = 'waiting'
FROM (SELECT id, row_number() OVER (ORDER BY iccid) AS row_no FROM form_cards WHERE id = ANY(CAST(:ids AS bigint[])))
     AS numbered
WHERE form_cards.id = numbered.id
"""
_KINDS = """
SELECT cards.carrier, cards.card_spec, count(*) AS quantity
FROM form_cards JOIN cards USING (iccid) WHERE {which} GROUP BY 1, 2 ORDER BY 1, 2
"""
_KINDS_OF_IDS = _KINDS.format(which="form_cards.id = ANY(CAST(:ids AS bigint[]))")
_KINDS_OF_FORM = _KINDS.format(which="form_cards.form_id = :form AND form_cards.removed_at IS NULL")


def tell(
    tx: Tx, event: Instruction, form: Row[Any], iccids: list[str], *, by: Actor, now: datetime, **more: Any
) -> None:
    """Tells inventory what shall become of these cards, in slices. ``more``: further fields of the event."""
    for start in range(0, len(iccids), SLICE):
        tx.publish(
            event(
                number=form.number,
                revision=form.revision,
                unit=form.unit,
                iccids=iccids[start : start + SLICE],
                by=by.id,
                by_name=by.name,
                at=now,
                **more,
            )
        )


def _totals(tx: Tx, sql: str, **params: Any) -> dict[str, Any]:
    """A form's kinds, and their sum as its quantity."""
    kinds = [dict(row._mapping) for row in tx.execute(sql, params)]
    return {"kinds": kinds, "quantity": sum(kind["quantity"] for kind in kinds)}


def generate(
    tx: Tx, request: GenerateTerminationForm, *, by: Actor, now: datetime
) -> FormAnswer:
    """生成申请单 of the open list. Raises termination_too_few, termination_too_many, card_not_listed, level_refused.

    Publishes termination_cards_listed.
    """
    kind, _ = own_kind(by)
    wanted = sorted(by_card(tx, request.iccids)) if request.iccids is not None else None
    chosen = tx.execute(_OPEN_LIST, {"unit": by.unit, "iccids": wanted}).all()
    if wanted is not None and len(chosen) < len(wanted):
        raise DomainError("card_not_listed")
    minimum = window.load(tx).minimum_cards
    if len(chosen) <= minimum:
        raise DomainError("termination_too_few", minimum=minimum, count=len(chosen))
    if len(chosen) > MAX_ROWS:
        raise DomainError("termination_too_many", maximum=MAX_ROWS, count=len(chosen))
    prefix = termination_prefix(kind, by.unit, now)
    ids = [row.id for row in chosen]
    form = create(
        tx,
        kind,
        unit=by.unit,
        by=by,
        now=now,
        number=f"{prefix}-{running_number(tx, prefix):02d}",
        month=month_of(now),
        drafted_on=business_date(now),
        applicant=request.applicant or catalogue.printable_name(by.name),
        phone=request.phone,
        **_totals(tx, _KINDS_OF_IDS, ids=ids),
    )
    tx.execute(_PUT_ON_FORM, {"form": form.id, "ids": ids})
    tell(tx, TerminationCardsListed, form, [row.iccid for row in chosen], by=by, now=now)
    return answer(tx, form.number, A.GENERATE, by=by)


def generate_again(
    tx: Tx, request: GenerateTerminationFormAgain, *, by: Actor, now: datetime
) -> FormAnswer:
    """生成申请单 of what a send-back left: same batch number, no minimum. Raises form_empty, form_state_refused."""
    form = claim(tx, request, A.GENERATE_AGAIN, by)
    values = request.model_dump(include={"applicant", "phone"}, exclude_none=True)
    revision = form.revision + 1 if form.submitted_revision == form.revision else form.revision
    take(
        tx,
        form,
        A.GENERATE_AGAIN,
        by=by,
        now=now,
        opinion=request.opinion,
        remark=request.remark,
        revision=revision,
        drafted_on=business_date(now),
        **UNSUBMITTED,
        **values,
    )
    return answer(tx, form.number, A.GENERATE_AGAIN, by=by)


_TO_REMOVE = """
SELECT form_cards.id, form_cards.iccid, form_cards.form_id, form_cards.follow, forms.number, forms.kind, forms.state
FROM form_cards LEFT JOIN forms ON forms.id = form_cards.form_id
WHERE form_cards.unit = :unit AND form_cards.open AND form_cards.iccid = ANY(CAST(:iccids AS text[]))
ORDER BY form_cards.id FOR UPDATE OF form_cards
"""
_LOCK_FORMS = """
SELECT id FROM forms WHERE id IN (
    SELECT form_id FROM form_cards
    WHERE unit = :unit AND open AND form_id IS NOT NULL AND iccid = ANY(CAST(:iccids AS text[]))
) ORDER BY id FOR UPDATE
"""
_UNLIST = "DELETE FROM form_cards WHERE id = ANY(CAST(:ids AS bigint[])) AND form_id IS NULL"
_TAKE_OFF = """
UPDATE form_cards SET open = false, removed_by = :by, removed_at = :at WHERE id = ANY(CAST(:ids AS bigint[]))
"""


def remove_from_list(
    tx: Tx, request: RemoveFromList, *, by: Actor, now: datetime
) -> ListAnswer:
    """删除, per card: off the open list, or off a form that lets it go. Publishes termination_cards_released."""
    own_kind(by)
    sent = by_card(tx, request.iccids)
    params = {"unit": by.unit, "iccids": list(sent)}
    tx.execute(_LOCK_FORMS, params)
    found = tx.execute(_TO_REMOVE, params).all()
    able = [row for row in found if removable(row) is None]
    refusals = {row.iccid: refused for row in found if (refused := removable(row)) is not None}
    refusals |= {iccid: ("card_not_listed", {}) for iccid in sent.keys() - {row.iccid for row in found}}
    tx.execute(_UNLIST, {"ids": [row.id for row in able]})
    for number in sorted({row.number for row in able if row.number is not None}):
        _take_off(tx, number, [row for row in able if row.number == number], by=by, now=now)
    return bulk_answer("deleted", len(able), sent, refusals)


def _take_off(tx: Tx, number: str, gone: list[Row[Any]], *, by: Actor, now: datetime) -> None:
    form = find(tx, number, by)
    action = A.REMOVE_CARDS if form.state != "drafted" else A.DROP_REFUSED_CARDS
    iccids = [row.iccid for row in gone]
    tx.execute(_TAKE_OFF, {"ids": [row.id for row in gone], "by": by.name, "at": now})
    totals = _totals(tx, _KINDS_OF_FORM, form=form.id)
    take(tx, form, action, by=by, now=now, remark=f"{len(iccids)} 张：{'、'.join(iccids[:10])}", **totals)
    tell(tx, TerminationCardsReleased, form, iccids, by=by, now=now)


_GIVE_UP = "UPDATE form_cards SET open = false WHERE form_id = :form AND open RETURNING iccid"


def dissolve(tx: Tx, request: DissolveForm, *, by: Actor, now: datetime) -> FormAnswer:
    """作废: the form's cards become 待报废 again. Publishes termination_cards_released."""
    form = claim(tx, request, A.DISSOLVE, by)
    take(tx, form, A.DISSOLVE, by=by, now=now, opinion=request.opinion, remark=request.remark)
    iccids = sorted(tx.execute(_GIVE_UP, {"form": form.id}).scalars())
    tell(tx, TerminationCardsReleased, form, iccids, by=by, now=now)
    return answer(tx, form.number, A.DISSOLVE, by=by)


def _review(
    tx: Tx, form: Row[Any], action: FormAction, request: Any, *, reviewer: str | None, by: Actor, now: datetime
) -> None:
    take(
        tx,
        form,
        action,
        by=by,
        now=now,
        opinion=request.opinion,
        remark=request.remark,
        reviewer=reviewer or by.name,
        reviewed_at=now,
        last_opinion=request.opinion,
    )


def review_by_city(tx: Tx, request: ReviewByCity, *, by: Actor, now: datetime) -> FormAnswer:
    """审核 of a county form: 通过 > 提交省级, 不通过 > 市级退回. Raises own_form, form_moved_meanwhile."""
    action = A.SUBMIT_TO_PROVINCE if request.verdict == "pass" else A.SEND_BACK
    form = claim(tx, request, action, by)
    _review(tx, form, action, request, reviewer=request.reviewer, by=by, now=now)
    return answer(tx, form.number, action, by=by)


def send_back(tx: Tx, request: FormAct, *, by: Actor, now: datetime) -> FormAnswer:
    """退回 of an approved opening form by the province (ACT-08). Raises form_state_refused after 省级汇总."""
    form = claim(tx, request, A.SEND_BACK, by)
    _review(tx, form, A.SEND_BACK, request, reviewer=None, by=by, now=now)
    return answer(tx, form.number, A.SEND_BACK, by=by)


def pass_on_send_back(
    tx: Tx, request: PassOnSendBack, *, by: Actor, now: datetime
) -> FormAnswer:
    """退回 of a county form that the province sent back: on to the county (TER-05)."""
    form = claim(tx, request, A.PASS_ON_SEND_BACK, by)
    said = {"opinion": request.opinion, "remark": request.remark, "last_opinion": request.opinion}
    take(tx, form, A.PASS_ON_SEND_BACK, by=by, now=now, **said)
    return answer(tx, form.number, A.PASS_ON_SEND_BACK, by=by)


def review_by_province(
    tx: Tx, request: ReviewByProvince, *, by: Actor, now: datetime
) -> ReviewAnswer:
    """审核 of the ticked forms, each for itself: 通过 > 提交互联网部, 不通过 > 省级退回 (TER-07)."""
    action = A.APPROVE if request.verdict == "pass" else A.REJECT
    require_opinion(action, request.opinion)
    versions = {form.number: form.version for form in request.forms}
    refused = []
    for number in sorted(versions):
        try:
            form = claim(tx, FormAct(number=number, version=versions[number]), action, by)
        except DomainError as error:
            said = DomainError("review_only_submitted") if error.code == "form_state_refused" else error
            words = say(said.code, said.params)
            refused.append(RefusedForm(number=number, code=said.code, message=words))
            continue
        _review(tx, form, action, request, reviewer=request.reviewer, by=by, now=now)
    done = len(versions) - len(refused)
    said_when_done = "reviewed" if done else "nothing"
    return ReviewAnswer(
        message=message(said_when_done) if done or len(refused) > 1 else refused[0].message,
        done=done,
        refused_count=len(refused),
        refused=refused,
    )
