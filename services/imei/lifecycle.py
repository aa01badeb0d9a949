"""The seven states of a serial: the only table that says how a device's state may change (IME-02).

A serial that was silent must be woken before it is sold; a frozen one returns to the state that it was frozen in.
"""

from enum import StrEnum

from kernel.model.lifecycle import Lifecycle, Requires, Transition, move


class SerialState(StrEnum):
    """Their words are in ``kernel.contracts.words_imei``."""

    UNCLAIMED = "unclaimed"
    CLAIMED = "claimed"
    SOLD = "sold"
    SUBSIDISED = "subsidised"
    SILENT = "silent"
    FROZEN = "frozen"
    DAMAGED = "damaged"


class SerialAction(StrEnum):
    """Everything that can happen to a device; its events name them."""

    ENTER = "enter"
    ENTER_CLAIMED = "enter_claimed"
    CLAIM = "claim"
    SCAN_IN = "scan_in"
    UNDO_SCAN = "undo_scan"
    TRANSFER = "transfer"
    SELL = "sell"
    UNDO_SALE = "undo_sale"
    REDEEM_TERMINAL = "redeem_terminal"
    REDEEM_AIRTIME = "redeem_airtime"
    CANCEL_TERMINAL = "cancel_terminal"
    CANCEL_AIRTIME = "cancel_airtime"
    FALL_SILENT = "fall_silent"
    WAKE = "wake"
    FREEZE = "freeze"
    THAW_UNCLAIMED = "thaw_unclaimed"
    THAW_CLAIMED = "thaw_claimed"
    THAW_SOLD = "thaw_sold"
    THAW_SILENT = "thaw_silent"
    SWAP_OUT = "swap_out"
    HAND_OVER = "hand_over"


S, A = SerialState, SerialAction

THAWS = {S.UNCLAIMED: A.THAW_UNCLAIMED, S.CLAIMED: A.THAW_CLAIMED, S.SOLD: A.THAW_SOLD, S.SILENT: A.THAW_SILENT}
"""State in which a device was frozen > the action that brings it back there."""


ENTRIES = (A.ENTER, A.ENTER_CLAIMED)
"""A device's first event is one of them."""


def _thaw(state: SerialState) -> Transition:
    return move(THAWS[state], (S.FROZEN,), state, Requires("held_from", state, "serial_frozen_elsewhere"))


SERIAL_LIFECYCLE = Lifecycle(
    name="serial",
    initial=S.UNCLAIMED,
    final=frozenset({S.DAMAGED}),
    transitions=(
        move(A.ENTER, (), S.UNCLAIMED),
        move(A.ENTER_CLAIMED, (), S.CLAIMED),
        move(A.CLAIM, (S.UNCLAIMED,), S.CLAIMED),
        move(A.SCAN_IN, (S.CLAIMED,), S.CLAIMED),
        move(A.UNDO_SCAN, (S.CLAIMED,), S.CLAIMED),
        move(A.TRANSFER, (S.CLAIMED,), S.CLAIMED),
        move(A.SELL, (S.CLAIMED,), S.SOLD),
        move(A.UNDO_SALE, (S.SOLD,), S.CLAIMED),
        move(A.REDEEM_TERMINAL, (S.CLAIMED,), S.SUBSIDISED),
        move(A.REDEEM_AIRTIME, (S.SOLD,), S.SUBSIDISED),
        move(A.CANCEL_TERMINAL, (S.SUBSIDISED,), S.CLAIMED),
        move(A.CANCEL_AIRTIME, (S.SUBSIDISED,), S.SOLD),
        move(A.FALL_SILENT, (S.CLAIMED,), S.SILENT),
        move(A.WAKE, (S.SILENT,), S.CLAIMED),
        move(A.FREEZE, (S.UNCLAIMED, S.CLAIMED, S.SOLD, S.SILENT), S.FROZEN),
        *map(_thaw, THAWS),
        move(A.SWAP_OUT, (S.SOLD, S.SUBSIDISED), S.DAMAGED),
        move(A.HAND_OVER, (S.CLAIMED,), S.SOLD),
    ),
)
