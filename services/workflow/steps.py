"""Who may take which step now: the lifecycle's tables asked about one form and one actor.

The same answer makes the buttons (``can``) and the refusals, so that no button leads to a refusal.
"""

from dataclasses import replace
from typing import Any

from sqlalchemy import Row

from kernel.model.actor import Actor, same_person, system_actor
from kernel.model.errors import DomainError
from kernel.model.unit import Level, ancestor_at, is_within
from services.workflow.lifecycles import (
    LIFECYCLES,
    STEPS,
    FormAction,
    FormKind,
    Step,
)

LEVEL_NAMES = {Level.PROVINCE: "省级", Level.CITY: "市级", Level.COUNTY: "区县级", Level.STATION: "供电所"}
ITSELF = replace(system_actor("workflow"), name="系统")
"""Workflow as the actor of what it does by itself; people read its name in histories and notices."""
CONSEQUENCES = frozenset({FormAction.SUMMARISE})
"""What happens to a form when something is done to another one: no button of its own."""
SENDS_BACK = frozenset({FormAction.SEND_BACK, FormAction.REJECT, FormAction.PASS_ON_SEND_BACK})
"""What the other side must learn the reason of."""
KINDS_BY_LEVEL = {Level.COUNTY: FormKind.COUNTY_TERMINATION, Level.CITY: FormKind.CITY_TERMINATION}
"""Which kind of termination form a unit makes."""


def require_level(by: Actor, step: Step) -> None:
    """Raises level_refused, permission_denied."""
    if step.level is None or len(by.unit) != step.level:
        level = LEVEL_NAMES[step.level] if step.level is not None else "系统"
        raise DomainError("level_refused", level=level, unit=by.unit)
    by.require(step.permission)


def facts(form: Row[Any]) -> dict[str, str]:
    """What the lifecycles' rows may require of a form."""
    truths = {
        "issued": form.pdf is not None,
        "filled": form.cards_open > 0,
        "settled": form.cards_waiting == 0 and form.cards_refused == 0,
        "refused": form.cards_refused > 0,
        "terminated": form.cards_terminated > 0,
    }
    return {fact: "yes" if true else "no" for fact, true in truths.items()}


def require_opinion(action: FormAction, opinion: str | None) -> None:
    """Raises opinion_missing when a form would be sent back without a word."""
    if action in SENDS_BACK and not (opinion or "").strip():
        raise DomainError("opinion_missing", field="opinion")


def refusal(form: Row[Any], action: FormAction, by: Actor) -> DomainError | None:
    """Why ``by`` cannot do ``action`` to the form now; None: he can. His scope is judged already."""
    step = STEPS[form.kind].get(action)
    if step is None or step.level is None:
        return _state_refused(form, action)
    if len(by.unit) != step.level or not is_within(form.unit, by.unit):
        return DomainError("level_refused", level=LEVEL_NAMES[step.level], unit=by.unit)
    if step.permission not in by.permissions:
        return DomainError("permission_denied", permission=step.permission)
    if refused := state_refusal(form, action):
        return refused
    if step.decides and (same_person(by.id, form.drafted_by) or same_person(by.id, form.submitted_by)):
        return DomainError("own_form", number=form.number)
    return None


def state_refusal(form: Row[Any], action: FormAction) -> DomainError | None:
    """Why nobody can do ``action`` to the form now."""
    lifecycle = LIFECYCLES[form.kind]
    if action not in lifecycle.actions_from(form.state):
        return _state_refused(form, action)
    try:
        lifecycle.next_state(form.state, action, facts(form))
    except DomainError as error:
        return DomainError(error.code, number=form.number)
    return None


def _state_refused(form: Row[Any], action: FormAction) -> DomainError:
    return DomainError(
        "form_state_refused",
        number=form.number,
        state=form.state,
        action=action.value,
    )


def allowed(form: Row[Any], by: Actor) -> list[str]:
    """The actions that ``by`` may take now, in the table's order, and whether there is a PDF to view."""
    actions = [FormAction(action) for action in LIFECYCLES[form.kind].actions_from(form.state)]
    able = [a.value for a in actions if a not in CONSEQUENCES and refusal(form, a, by) is None]
    return [*able, "view"] if form.pdf is not None else able


def next_parties(kind: str, unit: str, state: str) -> set[tuple[str, str]]:
    """(unit, permission) of everybody who has something to do with a form in ``state``; nobody waits to reopen it."""
    parties = set()
    for action in LIFECYCLES[kind].actions_from(state):
        step = STEPS[kind][FormAction(action)]
        if action != FormAction.REOPEN and step.level is not None and (of := ancestor_at(unit, step.level)) is not None:
            parties.add((of, step.permission))
    return parties


def waiting_states(kind: FormKind, by: Actor) -> list[str]:
    """States in which a form of ``kind`` waits for something that ``by``'s level and permissions allow."""
    return sorted(
        state
        for state in LIFECYCLES[kind].states
        for action in LIFECYCLES[kind].actions_from(state)
        if _is_work(kind, FormAction(action), by)
    )


def states_of_work(kind: FormKind) -> list[str]:
    """States in which a form of ``kind`` waits for somebody, of whatever level."""
    return sorted(
        state
        for state in LIFECYCLES[kind].states
        for action in LIFECYCLES[kind].actions_from(state)
        if action not in _OFFERS and STEPS[kind][FormAction(action)].level is not None
    )


_OFFERS = frozenset(
    {
        FormAction.DISSOLVE,
        FormAction.RENEW,
        FormAction.REMOVE_CARDS,
        FormAction.DROP_REFUSED_CARDS,
        FormAction.REOPEN,
    }
)


def _is_work(kind: FormKind, action: FormAction, by: Actor) -> bool:
    step = STEPS[kind][action]
    return (
        action not in _OFFERS and step.level is not None and len(by.unit) == step.level
    ) and step.permission in by.permissions
