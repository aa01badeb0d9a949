"""The asset state of a card: the only table that says how it may change (requirements, section 0).

The carrier's network state and the state of a form that a card is on are other matters and stand elsewhere.
"""

from enum import StrEnum
from typing import Any

from kernel.contracts.inventory import acts, redirection
from kernel.contracts.method import Method
from kernel.model.lifecycle import Lifecycle, Requires, move


class CardState(StrEnum):
    """Asset states; their words are in ``kernel.contracts.words_inventory``."""

    RECEIVED = "received"
    UNQUALIFIED = "unqualified"
    IN_STOCK = "in_stock"
    PENDING_INSTALL = "pending_install"
    RUNNING = "running"
    PENDING_SCRAP = "pending_scrap"
    TERMINATING = "terminating"
    TERMINATED = "terminated"


class CardAction(StrEnum):
    """Everything that can happen to a card; the run log names them."""

    RECEIVE = "receive"
    MARK_UNQUALIFIED = "mark_unqualified"
    INSPECT_AGAIN = "inspect_again"
    STOCK_IN = "stock_in"
    ALLOCATE = "allocate"
    ISSUE = "issue"
    BIND = "bind"
    UNBIND = "unbind"
    CORRECT_UNIT = "correct_unit"
    RETURN_TO_STOCK = "return_to_stock"
    REDIRECT_TO_STOCK = "redirect_to_stock"
    REDIRECT_TO_SCRAP = "redirect_to_scrap"
    MARK_PENDING_SCRAP = "mark_pending_scrap"
    RESTORE_TO_STOCK = "restore_to_stock"
    RESTORE_TO_PENDING_INSTALL = "restore_to_pending_install"
    PUT_ON_FORM = "put_on_form"
    TAKE_OFF_FORM = "take_off_form"
    TERMINATE = "terminate"
    REOPEN = "reopen"


S, A = CardState, CardAction

CARD_LIFECYCLE = Lifecycle(
    name="sim_card",
    initial=S.RECEIVED,
    final=frozenset(),  # even a terminated card comes back when it still has traffic
    transitions=(
        move(A.RECEIVE, (), S.RECEIVED),
        move(A.MARK_UNQUALIFIED, (S.RECEIVED,), S.UNQUALIFIED),
        move(A.INSPECT_AGAIN, (S.UNQUALIFIED,), S.RECEIVED),
        move(A.STOCK_IN, (S.RECEIVED,), S.IN_STOCK),
        move(A.ALLOCATE, (S.IN_STOCK,), S.IN_STOCK),
        move(A.ISSUE, (S.IN_STOCK,), S.PENDING_INSTALL),
        move(A.BIND, (S.PENDING_INSTALL,), S.RUNNING),
        move(A.UNBIND, (S.RUNNING,), S.PENDING_INSTALL),
        move(A.CORRECT_UNIT, (S.RUNNING,), S.RUNNING),
        move(A.RETURN_TO_STOCK, (S.PENDING_INSTALL,), S.IN_STOCK),
        move(A.REDIRECT_TO_STOCK, (S.PENDING_INSTALL,), S.IN_STOCK),
        move(A.REDIRECT_TO_SCRAP, (S.PENDING_INSTALL,), S.PENDING_SCRAP),
        move(A.MARK_PENDING_SCRAP, (S.IN_STOCK, S.PENDING_INSTALL), S.PENDING_SCRAP),
        move(
            A.RESTORE_TO_STOCK,
            (S.PENDING_SCRAP,),
            S.IN_STOCK,
            Requires("scrapped_from", S.IN_STOCK, "card_came_from_elsewhere"),
        ),
        move(
            A.RESTORE_TO_PENDING_INSTALL,
            (S.PENDING_SCRAP,),
            S.PENDING_INSTALL,
            Requires("scrapped_from", S.PENDING_INSTALL, "card_came_from_elsewhere"),
        ),
        move(A.PUT_ON_FORM, (S.PENDING_SCRAP,), S.TERMINATING),
        move(A.TAKE_OFF_FORM, (S.TERMINATING,), S.PENDING_SCRAP),
        move(A.TERMINATE, (S.TERMINATING,), S.TERMINATED),
        move(A.REOPEN, (S.TERMINATED,), S.TERMINATING),
    ),
    # Binding and workflow repeat themselves after a restart; a repeat finds the card already there.
    ignores=frozenset(
        {
            (S.RUNNING, A.BIND),
            (S.PENDING_INSTALL, A.UNBIND),
            (S.TERMINATING, A.PUT_ON_FORM),
            (S.PENDING_SCRAP, A.TAKE_OFF_FORM),
            (S.TERMINATED, A.TERMINATE),
            (S.TERMINATING, A.REOPEN),
        }
    ),
)

OFFERED: dict[CardAction, tuple[str, Method[Any, Any]]] = {
    A.MARK_UNQUALIFIED: ("mark_unqualified", acts.MARK_UNQUALIFIED),
    A.INSPECT_AGAIN: ("inspect_again", acts.INSPECT_AGAIN),
    A.ALLOCATE: ("allocate", acts.ALLOCATE_CARDS),
    A.ISSUE: ("issue", acts.ISSUE_CARDS),
    A.RETURN_TO_STOCK: ("return_to_stock", acts.RETURN_TO_STOCK),
    A.REDIRECT_TO_STOCK: ("redirect", redirection.REDIRECT),
    A.REDIRECT_TO_SCRAP: ("redirect", redirection.REDIRECT),
    A.MARK_PENDING_SCRAP: ("mark_pending_scrap", acts.MARK_PENDING_SCRAP),
    A.RESTORE_TO_STOCK: ("restore", acts.RESTORE),
    A.RESTORE_TO_PENDING_INSTALL: ("restore", acts.RESTORE),
}
"""Card action > its word in a card's ``can``, and the method by which people do it. The others are done by systems."""
