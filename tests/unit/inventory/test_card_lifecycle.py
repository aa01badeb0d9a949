"""The card's life, written out by hand from the requirements (section 0), against the table in the code."""

import pytest

from kernel.contracts.inventory.cards import State
from kernel.contracts.inventory.events import CARD_EVENTS
from kernel.contracts.words_inventory import CARD_ACTIONS, CARD_STATES
from kernel.model.errors import DomainError
from services.inventory.lifecycle import CARD_LIFECYCLE, CardAction, CardState
from services.inventory.movement import EFFECTS

# What a user reads in the manual: state, what happens, state. Everything else is refused.
ALLOWED = {
    ("received", "mark_unqualified"): "unqualified",
    ("received", "stock_in"): "in_stock",
    ("unqualified", "inspect_again"): "received",
    ("in_stock", "allocate"): "in_stock",
    ("in_stock", "issue"): "pending_install",
    ("in_stock", "mark_pending_scrap"): "pending_scrap",
    ("pending_install", "bind"): "running",
    ("pending_install", "return_to_stock"): "in_stock",
    ("pending_install", "redirect_to_stock"): "in_stock",
    ("pending_install", "redirect_to_scrap"): "pending_scrap",
    ("pending_install", "mark_pending_scrap"): "pending_scrap",
    ("running", "unbind"): "pending_install",
    ("running", "correct_unit"): "running",
    ("pending_scrap", "put_on_form"): "terminating",
    ("terminating", "take_off_form"): "pending_scrap",
    ("terminating", "terminate"): "terminated",
    ("terminated", "reopen"): "terminating",
}
# Back to where it came from, and only there.
WAY_BACK = {
    ("in_stock", "restore_to_stock"): "in_stock",
    ("pending_install", "restore_to_pending_install"): "pending_install",
}
# A late or repeated message of binding or workflow finds the card already there.
REPEATS = {
    ("running", "bind"),
    ("pending_install", "unbind"),
    ("terminating", "put_on_form"),
    ("pending_scrap", "take_off_form"),
    ("terminated", "terminate"),
    ("terminating", "reopen"),
}
STATES = (
    "received", "unqualified", "in_stock", "pending_install", "running", "pending_scrap", "terminating", "terminated",
)  # fmt: skip
RESTORES = ("restore_to_stock", "restore_to_pending_install")
ACTIONS = [str(action) for action in CardAction if action not in ("receive", *RESTORES)]


@pytest.mark.req("INV-05")
@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("state", STATES)
def test_an_action_does_in_a_state_what_the_manual_says_or_is_refused(state: str, action: str):
    if (state, action) in ALLOWED:
        assert CARD_LIFECYCLE.next_state(state, action) == ALLOWED[state, action]
    elif (state, action) in REPEATS:
        assert CARD_LIFECYCLE.next_state(state, action) == state
    else:
        with pytest.raises(DomainError) as refused:
            CARD_LIFECYCLE.next_state(state, action)
        assert refused.value.code == "transition_refused"


@pytest.mark.req("INV-05")
@pytest.mark.parametrize("action", RESTORES)
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("came_from", [None, "in_stock", "pending_install"])
def test_a_card_goes_back_from_scrap_only_to_where_it_came_from(state: str, action: str, came_from: str | None):
    facts = {"scrapped_from": came_from}
    if state == "pending_scrap" and (came_from, action) in WAY_BACK:
        assert CARD_LIFECYCLE.next_state(state, action, facts) == WAY_BACK[came_from, action]
    else:
        with pytest.raises(DomainError) as refused:
            CARD_LIFECYCLE.next_state(state, action, facts)
        expected = "card_came_from_elsewhere" if state == "pending_scrap" else "transition_refused"
        assert refused.value.code == expected


def test_a_card_begins_received_and_ends_terminated_unless_it_still_has_traffic():
    assert CARD_LIFECYCLE.initial == "received"
    assert CARD_LIFECYCLE.actions_from("terminated") == ("reopen",)


def test_states_and_actions_have_their_chinese_names_and_their_events():
    assert set(CARD_STATES) == set(CardState) == set(STATES) == set(State.__args__)
    # A passed inspection stands in the run log and moves no card.
    assert set(CARD_ACTIONS) - {"inspect"} == set(CardAction) == set(CARD_EVENTS)
    assert CARD_STATES[CardState.PENDING_INSTALL].zh == "待装"
    assert CARD_ACTIONS[CardAction.RETURN_TO_STOCK].zh == "返库"


def test_whatever_leads_to_scrap_remembers_where_from_and_whatever_leads_back_forgets_it():
    for row in CARD_LIFECYCLE.transitions:
        effects = EFFECTS.get(CardAction(row.action), {})
        if row.target == "pending_scrap" and row.action != "take_off_form":
            assert effects["scrapped_from"] == "cards.state"
        if row.action.startswith("restore"):
            assert effects["scrapped_from"] == "NULL"


def test_whatever_leads_back_to_stock_forgets_the_crew():
    for action in (CardAction.RETURN_TO_STOCK, CardAction.REDIRECT_TO_STOCK):
        assert {"issued_to_unit", "recipient", "recipient_phone"} <= EFFECTS[action].keys()
