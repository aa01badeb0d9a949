"""Terminated cards that still have traffic or cost: their cases are opened again (TER-08).

Guarantees. A card's line keeps what was reported and the answer it overrules (``reopenings``); the carrier then answers
once more as for any terminating card. A month counts once per line, and a line that waits for its new answer is not
reopened again. Inventory follows by termination_cards_reopened.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Row

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.workflow.events import TerminationCardsReopened
from kernel.contracts.workflow.termination import CasesReopened, ReopenCases, TrafficFound
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import check_month, month_of
from kernel.model.unit import prefix_end
from services.workflow import notices
from services.workflow.forms import find, take
from services.workflow.lifecycles import STEPS, FormAction, FormKind
from services.workflow.scrap_list import Refusal, bulk_answer
from services.workflow.spelling import as_kept
from services.workflow.steps import refusal, require_level
from services.workflow.terminations import tell

A = FormAction
_STEP = STEPS[FormKind.COUNTY_TERMINATION][A.REOPEN]
_OPEN = """
FROM form_cards AS line JOIN forms ON forms.id = line.form_id LEFT JOIN cards USING (iccid)
WHERE line.iccid = ANY(CAST(:iccids AS text[])) AND line.open
  AND forms.unit >= :scope AND forms.unit < :scope_end AND (CAST(:number AS text) IS NULL OR forms.number = :number)
"""
_FORMS = f"""
SELECT id FROM forms WHERE id IN (SELECT line.form_id {_OPEN}) ORDER BY id FOR UPDATE
"""
_LINES = f"""
SELECT line.id, line.iccid, line.follow, line.answer, line.answered_at, forms.number, cards.state,
       (SELECT array_agg(month ORDER BY id) FROM reopenings WHERE form_card_id = line.id) AS months
{_OPEN} ORDER BY line.id FOR UPDATE OF line
"""
_KEEP = """
WITH said AS (
    SELECT * FROM jsonb_to_recordset(CAST(:said AS jsonb))
             AS said (line bigint, month text, traffic_mb numeric, cost numeric, remark text)
), kept AS (
    INSERT INTO reopenings (form_card_id, month, traffic_mb, cost, remark, by, by_name, at, answered_by, answered_at)
    SELECT line, month, traffic_mb, cost, remark, :by, :by_name, :at, answered_by, answered_at
    FROM said JOIN form_cards ON form_cards.id = line ORDER BY line
)
UPDATE form_cards
SET answer = NULL, answer_reason = NULL, answered_by = NULL, answered_at = NULL, reopened_at = :at, follow = 'waiting'
FROM said WHERE form_cards.id = said.line
"""


def reopen(tx: Tx, request: ReopenCases, *, by: Actor, now: datetime) -> CasesReopened:
    """Per card; a completed form goes back to the carrier. Publishes termination_cards_reopened.

    Raises level_refused, permission_denied.
    """
    require_level(by, _STEP)
    kept = as_kept(tx, [report.iccid for report in request.cards])
    lines = _lines(tx, sorted(set(kept.values())), request.number, by)
    sent: dict[str, str] = {}
    refusals: dict[str, Refusal] = {}
    found: dict[str, TrafficFound] = {}
    for report in request.cards:
        iccid = kept[report.iccid]
        sent.setdefault(iccid, report.iccid)
        earlier = found.get(iccid)
        if why := _cannot_reopen(lines.get(iccid), report, earlier, request.number, now=now):
            refusals.setdefault(iccid, why)
        else:
            found[iccid] = report
    by_form: dict[str, list[str]] = {}
    for iccid in found:
        by_form.setdefault(lines[iccid].number, []).append(iccid)
    for number in sorted(by_form):
        form = find(tx, number, by)
        if refused := refusal(form, A.REOPEN, by):
            raise RuntimeError(f"{number} has terminated cards and cannot be reopened: {refused.code}")
        reports = {lines[iccid].id: found[iccid] for iccid in by_form[number]}
        _keep(tx, reports, by=by, now=now)
        _open_again(tx, form, {iccid: found[iccid].month for iccid in by_form[number]}, by=by, now=now)
    bulk = bulk_answer("done", len(found), sent, refusals)
    return CasesReopened(
        message=bulk.message,
        done=bulk.done,
        refused_count=bulk.refused_count,
        refused=bulk.refused,
        forms=sorted(by_form),
    )


def _lines(tx: Tx, iccids: list[str], number: str | None, by: Actor) -> dict[str, Row[Any]]:
    """The open lines of these cards by ICCID, locked after their forms."""
    params = {
        "iccids": iccids,
        "scope": by.unit,
        "scope_end": prefix_end(by.unit),
        "number": number,
    }
    tx.execute(_FORMS, params)
    return {row.iccid: row for row in tx.execute(_LINES, params)}


def _cannot_reopen(
    line: Row[Any] | None,
    report: TrafficFound,
    earlier: TrafficFound | None,
    number: str | None,
    *,
    now: datetime,
) -> Refusal | None:
    if line is None:
        return "card_not_on_form" if number else "card_on_no_form", {}
    months = line.months or []
    if earlier is not None or report.month in months or (months and line.answer is None):
        known = earlier.month if earlier else report.month if report.month in months else months[-1]
        return "card_reopened_already", {"month": known, "number": line.number}
    if line.follow != "terminated":
        return "card_not_terminated", {"state": line.state}
    if not (report.traffic_mb or report.cost):
        return "traffic_missing", {}
    first, last = month_of(line.answered_at or now), month_of(now)
    if not _is_month(report.month) or not first <= report.month <= last:
        return "traffic_month_refused", {"month": report.month, "first": first, "last": last}
    return None


def _is_month(text: str) -> bool:
    try:
        check_month(text)
    except DomainError:
        return False
    return True


def _keep(tx: Tx, reports: dict[int, TrafficFound], *, by: Actor, now: datetime) -> None:
    said = [
        {"line": line, **report.model_dump(mode="json", exclude={"iccid"})} for line, report in reports.items()
    ]
    params = {"said": orjson.dumps(said).decode(), "by": by.id, "by_name": by.name, "at": now}
    tx.execute(_KEEP, params)


def _open_again(tx: Tx, form: Row[Any], months: dict[str, str], *, by: Actor, now: datetime) -> None:
    """The form, its notices, and what inventory is told; ``months``: of the evidence, by ICCID."""
    remark = f"{len(months)} 张卡销卡后仍有流量或费用（{'、'.join(_each_once(months.values()))}）"
    take(tx, form, A.REOPEN, by=by, now=now, remark=remark)
    for month in _each_once(months.values()):
        iccids = [iccid for iccid, of in months.items() if of == month]
        tell(tx, TerminationCardsReopened, form, iccids, by=by, now=now, month=month)
    parties = {notices.owner(form), (by.unit, _STEP.permission)}
    told = {"number": form.number, "count": len(months), "months": "、".join(_each_once(months.values()))}
    notices.notify(tx, "cards_reopened", parties, now=now, number=form.number, params=told)


def _each_once(months: Iterable[str]) -> list[str]:
    return sorted(set(months))


