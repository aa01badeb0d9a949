"""The carrier's answer per card: done > 已销卡 in inventory, refused > 待报废 again with the reason (TER-08)."""

from datetime import datetime
from typing import Any

import orjson

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.workflow.events import TerminationCardsConfirmed, TerminationCardsReleased
from kernel.contracts.workflow.termination import AnswersRecorded, RecordAnswers
from kernel.model.actor import Actor
from services.workflow import cards
from services.workflow.forms import find, take
from services.workflow.lifecycles import FormAction
from services.workflow.scrap_list import Refusal, bulk_answer
from services.workflow.spelling import as_kept
from services.workflow.steps import refusal
from services.workflow.terminations import tell

A = FormAction

_CARDS = """
SELECT form_cards.iccid, form_cards.answer, form_cards.follow, cards.state
FROM form_cards LEFT JOIN cards USING (iccid)
WHERE form_id = :form AND removed_at IS NULL ORDER BY form_cards.id FOR UPDATE OF form_cards
"""
_ANSWER = """
UPDATE form_cards
SET answer = said.answer, answer_reason = said.reason, answered_by = :by, answered_at = :at,
    open = said.answer = 'done', follow = 'answered_' || said.answer
FROM jsonb_to_recordset(CAST(:said AS jsonb)) AS said (iccid text, answer text, reason text)
WHERE form_cards.form_id = :form AND form_cards.open AND form_cards.iccid = said.iccid
"""
_UNANSWERED = "SELECT count(*) FROM form_cards WHERE form_id = :form AND open AND answer IS NULL"


def record(
    tx: Tx, request: RecordAnswers, *, by: Actor, now: datetime
) -> AnswersRecorded:
    """Per card; the form is 已完成 when every card has its answer. Publishes termination_cards_confirmed, _released.

    Raises form_state_refused, level_refused, permission_denied.
    """
    form = find(tx, request.number, by, lock=True)
    if refused := refusal(form, A.RECORD_ANSWERS, by):
        raise refused
    known = {row.iccid: row for row in tx.execute(_CARDS, {"form": form.id})}
    sent: dict[str, str] = {}
    said: dict[str, dict[str, Any]] = {}
    refusals: dict[str, Refusal] = {}
    kept = as_kept(tx, [given.iccid for given in request.answers])
    for given in request.answers:
        iccid = kept[given.iccid]
        sent.setdefault(iccid, given.iccid)
        if why := _cannot_answer(known.get(iccid), given.answer, given.reason):
            refusals.setdefault(iccid, why)
        else:
            said.setdefault(iccid, {"iccid": iccid, "answer": given.answer, "reason": given.reason})
    if request.others_done:
        rest = [row.iccid for row in known.values() if row.follow == "settled" and row.iccid not in sent]
        said |= {iccid: {"iccid": iccid, "answer": "done", "reason": None} for iccid in rest}
    done = [iccid for iccid, one in said.items() if one["answer"] == "done"]
    gone = [iccid for iccid, one in said.items() if one["answer"] == "refused"]
    if said:
        answers = orjson.dumps(list(said.values())).decode()
        tx.execute(_ANSWER, {"said": answers, "form": form.id, "by": by.name, "at": now})
        take(tx, form, A.RECORD_ANSWERS, by=by, now=now, remark=f"销卡成功 {len(done)} 张，拒绝 {len(gone)} 张")
        tell(tx, TerminationCardsConfirmed, form, done, by=by, now=now)
        tell(tx, TerminationCardsReleased, form, gone, by=by, now=now)
        cards.refresh(tx, form.id)
    left = int(tx.execute(_UNANSWERED, {"form": form.id}).scalar_one())
    if said and not left:
        take(tx, find(tx, form.number, by), A.COMPLETE, by=by, now=now)
    bulk = bulk_answer("done", len(said), sent, refusals)
    return AnswersRecorded(
        done=bulk.done, refused_count=bulk.refused_count, refused=bulk.refused, completed=not left, open=left
    )


def _cannot_answer(row: Any, answer: str, reason: str | None) -> Refusal | None:
    if row is None:
        return "card_not_on_form", {}
    if row.answer is not None:
        return "card_answered_already", {}
    if row.follow != "settled":
        return "card_not_terminating", {"state": row.state}
    if answer == "refused" and not reason:
        return "answer_reason_missing", {}
    return None
