"""The one door of forms: nothing else changes a form's state, and no change goes without its row in ``decisions``.

Guarantees. An act locks its form and compares its version first: of two at once one wins, and the other is told who
was faster and what he did (WFL-01). A change of state, its decision, the event ``form_moved`` and the notices to those
whose turn it is are one transaction.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.said import word
from kernel.contracts.words_workflow import FORM_STATES
from kernel.contracts.workflow.events import FormMoved
from kernel.contracts.workflow.forms import FormAct, FormAnswer, FormView, KindQuantity, SituationFigures
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from kernel.model.unit import prefix_end
from services.workflow import notices
from services.workflow.lifecycles import (
    LIFECYCLES,
    PREFIXES,
    STEPS,
    FormAction,
    FormKind,
    message,
)
from services.workflow.steps import allowed, facts, refusal, require_opinion
from services.workflow.tables import decisions, form_cards, forms

Form = Row[Any]
_F, _C = forms.c, form_cards.c
_PROVINCE_FORM = forms.alias("province_form")
_LAST_DECISION = """
SELECT by_name, action FROM decisions WHERE form_id = :form ORDER BY step DESC LIMIT 1
"""
_NUMBER = """
INSERT INTO form_numbers (prefix, last) VALUES (:prefix, 1)
ON CONFLICT (prefix) DO UPDATE SET last = form_numbers.last + 1 RETURNING last
"""


UNSUBMITTED: dict[str, Any] = {"content": None, "digest": None, "pdf": None, "pages": None, "issue_problem": None}
"""What a form forgets when it is generated again; decisions keep the digest of what they judged."""


def visible(by: Actor) -> ColumnElement[bool]:
    """Forms of the actor's subtree."""
    return (_F.unit >= by.unit) & (_F.unit < prefix_end(by.unit))


def rows() -> Select[Any]:
    """Forms with what their cards add up to: cards_open, _waiting, _refused, _answered, _terminated."""
    counted = (
        select(
            func.count().filter(_C.open).label("cards_open"),
            func.count().filter(_C.open, _C.follow == "waiting").label("cards_waiting"),
            func.count().filter(_C.open, _C.follow == "refused").label("cards_refused"),
            func.count().filter(_C.answer.isnot(None), _C.removed_at.is_(None)).label("cards_answered"),
            func.count().filter(_C.open, _C.follow == "terminated").label("cards_terminated"),
        )
        .where(_C.form_id == _F.id)
        .lateral("counted")
    )
    return (
        select(forms, counted, _PROVINCE_FORM.c.number.label("province_form"))
        .select_from(forms)
        .join(counted, _F.id.isnot(None))
        .outerjoin(_PROVINCE_FORM, _PROVINCE_FORM.c.id == _F.province_form_id)
    )


def find(tx: Tx, number: str, by: Actor, *, lock: bool = False) -> Form:
    """A form of the actor's subtree, with its counts; form_not_found for any other. ``lock``: until the end."""
    if lock:
        tx.execute("SELECT id FROM forms WHERE number = :number FOR UPDATE", {"number": number})
    form = tx.execute(rows().where(_F.number == number, visible(by))).one_or_none()
    if form is None:
        raise DomainError("form_not_found", number=number)
    return form


def expect(tx: Tx, form: Form, version: int | None) -> None:
    """Raises form_moved_meanwhile when somebody changed the form since ``version`` was read."""
    if version is None or form.version == version:
        return
    last = tx.execute(_LAST_DECISION, {"form": form.id}).one()
    raise DomainError(
        "form_moved_meanwhile",
        number=form.number,
        by_name=last.by_name,
        action=last.action,
        state=form.state,
        version=form.version,
    )


def claim(tx: Tx, request: FormAct, action: FormAction, by: Actor) -> Form:
    """The form locked, of the version that was read, and ``by`` may do ``action``; else the refusal is raised."""
    form = find(tx, request.number, by, lock=True)
    expect(tx, form, request.version)
    if refused := refusal(form, action, by):
        raise refused
    return form


def take(
    tx: Tx,
    form: Form,
    action: FormAction,
    *,
    by: Actor,
    now: datetime,
    opinion: str | None = None,
    remark: str | None = None,
    **sets: Any,
) -> None:
    """Does ``action`` to a locked form: state, decision, event, notices. ``sets``: further columns of the form."""
    require_opinion(action, opinion)
    target = LIFECYCLES[form.kind].next_state(form.state, action, facts(form))
    moved = target != form.state
    changed = tx.execute(
        forms.update()
        .where(_F.id == form.id, _F.version == form.version)
        .values(state=target, version=form.version + 1, **({"state_since": now} if moved else {}), **sets)
        .returning(_F.version, _F.revision, _F.digest)
    ).one()
    record(tx, form, action, to_state=target, by=by, now=now, opinion=opinion, remark=remark, after=changed)


def record(
    tx: Tx,
    form: Form,
    action: FormAction,
    *,
    to_state: str,
    by: Actor,
    now: datetime,
    opinion: str | None = None,
    remark: str | None = None,
    after: Row[Any],
) -> None:
    """The decision's row, the event and the notices of a change that is made. ``after``: version, revision, digest."""
    born = action == FormAction.GENERATE
    tx.execute(
        decisions.insert().values(
            form_id=form.id,
            step=after.version,
            action=action.value,
            from_state=None if born else form.state,
            to_state=to_state,
            revision=after.revision,
            by=by.id,
            by_name=by.name,
            by_unit=by.unit,
            opinion=opinion,
            remark=remark,
            at=now,
            digest=after.digest,
        )
    )
    if not born and to_state == form.state:
        return
    tx.publish(
        FormMoved(
            kind=form.kind,
            number=form.number,
            revision=after.revision,
            unit=form.unit,
            action=action.value,
            from_state=None if born else form.state,
            to_state=to_state,
            by=by.id,
            by_name=by.name,
            at=now,
            opinion=opinion,
        )
    )
    notices.form_moved(tx, form, action, to_state=to_state, by=by, now=now, opinion=opinion)


def create(tx: Tx, kind: FormKind, *, unit: str, by: Actor, now: datetime, **values: Any) -> Form:
    """A new form in its first state, with the decision that made it."""
    form = tx.execute(
        forms.insert()
        .values(
            kind=kind.value,
            unit=unit,
            state=LIFECYCLES[kind].initial,
            state_since=now,
            drafted_by=by.id,
            drafted_by_name=by.name,
            **values,
        )
        .returning(forms)
    ).one()
    record(tx, form, FormAction.GENERATE, to_state=form.state, by=by, now=now, after=form)
    return form


def running_number(tx: Tx, prefix: str) -> int:
    """1, 2, ... of a prefix; gaps only where a transaction was rolled back with its form."""
    return int(tx.execute(_NUMBER, {"prefix": prefix}).scalar_one())


def termination_prefix(kind: FormKind, unit: str, now: datetime) -> str:
    """What the batch numbers of a unit's termination forms of this day begin with."""
    return f"{PREFIXES[kind]}-{business_date(now):%Y%m%d}-{unit}"


def next_termination_number(tx: Tx, kind: FormKind, unit: str, now: datetime) -> str:
    """The batch number that a form would get now; it takes nothing."""
    prefix = termination_prefix(kind, unit, now)
    last = tx.execute("SELECT max(last) FROM form_numbers WHERE prefix = :prefix", {"prefix": prefix}).scalar_one()
    return f"{prefix}-{(last or 0) + 1:02d}"


def view(form: Form, by: Actor) -> FormView:
    """A row of ``rows()`` as the actor sees it."""
    shown = form._mapping
    direct = {name: shown[name] for name in FormView.model_fields if name in shown and name not in _MADE}
    return FormView(
        **direct,
        state_name=word(FORM_STATES, form.state),
        kinds=[KindQuantity.model_validate(kind) for kind in form.kinds],
        figures=_sum_figures(form.figures),
        pdf_ready=form.pdf is not None,
        can=allowed(form, by),
    )


_MADE = frozenset({"kinds", "figures"})


def _sum_figures(figures: list[dict[str, Any]] | None) -> SituationFigures | None:
    if figures is None:
        return None
    devices = [city["devices"] for city in figures]
    return SituationFigures(
        devices=None if None in devices else sum(devices),
        **{name: sum(city[name] for city in figures) for name in ("cards_now", "not_activated")},
    )


def answer(tx: Tx, number: str, action: FormAction, *, by: Actor) -> FormAnswer:
    """The form after ``action`` with the manual's words."""
    form = find(tx, number, by)
    return FormAnswer(message=message(STEPS[form.kind][action].message), form=view(form, by))
