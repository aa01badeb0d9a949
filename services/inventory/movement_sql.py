"""The parts of a movement's statement: values of each card, ledger, run log, events. ``movement`` joins them.

Rows named ``old`` are the locked cards as they were; ``change`` is the act.
"""

from collections.abc import Mapping

from kernel.contracts.inventory.events import SLICE
from services.inventory.lifecycle import CardAction

A = CardAction

NOW = "CAST(:move_now AS timestamptz)"
SETTABLE = {
    "owner_unit": "text",
    "issued_to_unit": "text",
    "recipient": "text",
    "recipient_phone": "text",
    "terminal_asset_no": "text",
    "terminal_read_at": "timestamptz",
    "terminal_decision": "bigint",
}
"""What an act may write with its own values (``sets``, ``each``), and of which type that is."""

LOGGED = {"reason": "text", "reference_id": "text"}
"""What the run log keeps of each card where the change as a whole does not say it (``each``)."""

KIND = "carrier, card_spec, application_month"
ALIKE = f"state, owner_unit, issued_to_unit, {KIND}"
"""What the cards of one event have in common."""

TODAY = "CAST(:move_day AS date)"

TELLS: dict[CardAction, tuple[str, str]] = {
    A.REDIRECT_TO_SCRAP: ("msisdns", "msisdn"),
    A.MARK_PENDING_SCRAP: ("msisdns", "msisdn"),
    A.BIND: ("terminals", "terminal"),
    A.CORRECT_UNIT: ("terminals", "terminal"),
}
"""What the event of an action tells of each card beside its version: key of the payload, column of ``old``."""

ON_TERMINAL = frozenset({A.BIND, A.UNBIND, A.CORRECT_UNIT})
"""Actions whose entry in the run log names the terminal that the card came to, left or is in."""

# A card leaves one place and enters another. Places are few however many the cards, so they are summed first.
BOOKING = """
places AS (
    SELECT state, since, owner_unit, {kind}, opened_on, {to_unit} AS to_unit, count(*)::int AS cards
    FROM old GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), booked AS (
    INSERT INTO ledger (day, action, state, since, owner_unit, {kind}, opened_on, delta)
    SELECT CAST(:move_day AS date), CAST(:move_action AS text), place.*
    FROM (
        SELECT state, since, owner_unit, {kind}, opened_on, -sum(cards)::int FROM places GROUP BY 1, 2, 3, 4, 5, 6, 7
        UNION ALL
        SELECT {target}, {since}, to_unit, {kind}, {opened_on}, sum(cards)::int
        FROM places GROUP BY 1, 2, 3, 4, 5, 6, 7
    ) AS place
)"""


def payload(
    *,
    states: tuple[str, str],
    units: tuple[str, str],
    issued_to_unit: str,
    versions: str,
    reason: str = "CAST(:move_reason AS text)",
    more: str = "",
) -> str:
    """SQL of the payload of one slice (contracts: CardsMoved), over rows named ``numbered`` and the row ``change``.

    ``states`` and ``units``: from, to. ``more``: further keys and values.
    """
    return f"""json_build_object(
        'change_id', change.id, 'action', CAST(:move_action AS text), 'at', {NOW},
        'by', CAST(:move_by AS text), 'reason', {reason},
        'reference_kind', CAST(:move_reference_kind AS text), 'reference_id', CAST(:move_reference_id AS text),
        'from_state', {states[0]}, 'to_state', {states[1]}, 'from_unit', {units[0]}, 'to_unit', {units[1]},
        'issued_to_unit', {issued_to_unit}, 'carrier', carrier, 'card_spec', card_spec,
        'application_month', application_month, 'iccids', array_agg(iccid), 'versions', {versions}{more})"""


def chosen_with(each: tuple[str, ...] | None) -> tuple[str, str]:
    """Further columns of ``old``, and where it comes from."""
    if each is None:
        return "", "cards"
    types = SETTABLE | LOGGED
    arrays = ["CAST(:move_ids AS bigint[])", *[f"CAST(:move_each_{name} AS {types[name]}[])" for name in each]]
    names = ", ".join(["each_id", *[f"each_{name}" for name in each]])
    joined = f"cards JOIN unnest({', '.join(arrays)}) AS given ({names}) ON given.each_id = cards.id"
    return "".join(f", each_{name}" for name in each), joined


def log_details(action: CardAction, each: tuple[str, ...]) -> tuple[str, str]:
    """Further columns of the run log, and their values."""
    details = {name: f"each_{name}" for name in each if name in LOGGED}
    if action in ON_TERMINAL:
        details["terminal_asset_no"] = "terminal"
    return "".join(f", {name}" for name in details), "".join(f", {value}" for value in details.values())


def telling(action: CardAction, target: str, changed: Mapping[str, str], each: tuple[str, ...]) -> str:
    """SQL of the events: slices of cards that moved alike."""
    alike = [ALIKE, *[f"each_{name}" for name in ("owner_unit", "issued_to_unit", "reason") if name in each]]
    kind = ", ".join(alike)
    key, column = TELLS.get(action, ("", ""))
    to_unit = changed.get("owner_unit", "owner_unit").replace("old.", "")
    told = payload(
        states=("state", target),
        units=("owner_unit", to_unit),
        issued_to_unit=changed.get("issued_to_unit", "issued_to_unit").replace("old.", ""),
        versions="array_agg(version)",
        reason="each_reason" if "reason" in each else "CAST(:move_reason AS text)",
        more=f", '{key}', array_agg({column})" if key else "",
    )
    return f"""numbered AS (
    SELECT iccid, version + 1 AS version, {f"{column}, " if column else ""}{kind},
           (row_number() OVER (PARTITION BY {kind}) - 1) / {SLICE} AS slice
    FROM old
), told AS (
    INSERT INTO outbox (type, payload)
    SELECT CAST(:move_event AS text), {told}
    FROM numbered CROSS JOIN change GROUP BY change.id, {kind}, slice
)"""
