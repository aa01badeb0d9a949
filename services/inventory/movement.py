"""The one door: nothing else changes a card's state, its owner or its version (tests/architecture/test_one_door.py).

A movement is one SQL statement whatever the number of cards. It locks the cards, changes them as CARD_LIFECYCLE says,
and writes the run log, the ledger and the outbox. Guarantees:

* Only cards move that are in a source state of the action, fulfil its conditions and are owned within the actor's
  subtree. That is judged after they are locked: of two acts at once, one moves a card and the other finds it moved.
* Cards are locked in the order of their ids, so that two bulk acts wait for each other instead of deadlocking.
* Run log, ledger, outbox and cards agree, because they are written from the same locked rows in the same statement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.inventory.events import CARD_EVENTS, SLICE
from kernel.model.actor import Actor
from kernel.model.period import BUSINESS_ZONE, business_date
from kernel.model.unit import prefix_end
from services.inventory.lifecycle import CARD_LIFECYCLE, CardAction
from services.inventory.movement_sql import (
    ALIKE,
    BOOKING,
    KIND,
    LOGGED,
    NOW,
    ON_TERMINAL,
    SETTABLE,
    TELLS,
    TODAY,
    chosen_with,
    log_details,
    payload,
    telling,
)

A = CardAction


@dataclass(frozen=True)
class Selection:
    """Which cards to consider: a condition on ``cards`` with :named parameters, and their values.

    Names beginning with ``move_`` are the door's own.
    """

    where: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Reference:
    """What the change belongs to: ``kind`` is delivery, allocation, requisition, form, reading ..."""

    kind: str
    id: str


@dataclass(frozen=True)
class Movement:
    """``count`` cards moved under ``change_id``, which is None when there were none."""

    change_id: int | None
    count: int


@dataclass(frozen=True)
class Each:
    """Values of every card: ``columns[name][i]`` belongs to the card ``ids[i]``, and no other card moves.

    Names: the columns of SETTABLE, and of LOGGED for the run log.
    """

    ids: Sequence[int]
    columns: Mapping[str, Sequence[Any]]


def by_ids(ids: Sequence[int]) -> Selection:
    """These cards."""
    return Selection("cards.id = ANY(CAST(:ids AS bigint[]))", {"ids": list(ids)})


_RETURNED = {"issued_to_unit": "NULL", "recipient": "NULL", "recipient_phone": "NULL", "issued_at": "NULL"}
_SCRAPPED = {"pending_scrap_at": NOW, "scrapped_from": "cards.state"}
_RESTORED = {"pending_scrap_at": "NULL", "scrapped_from": "NULL"}

EFFECTS: dict[CardAction, dict[str, str]] = {
    A.STOCK_IN: {"stocked_in_at": NOW},
    A.ALLOCATE: {"allocated_at": NOW},
    A.ISSUE: {"issued_at": NOW},
    A.BIND: {"bound_at": NOW},
    A.UNBIND: {"bound_at": "NULL", "terminal_asset_no": "NULL"},
    A.RETURN_TO_STOCK: _RETURNED,
    A.REDIRECT_TO_STOCK: _RETURNED,
    A.REDIRECT_TO_SCRAP: _SCRAPPED,
    A.MARK_PENDING_SCRAP: _SCRAPPED,
    A.RESTORE_TO_STOCK: _RESTORED,
    A.RESTORE_TO_PENDING_INSTALL: _RESTORED,
    A.TERMINATE: {"terminated_at": NOW},
    A.REOPEN: {"terminated_at": "NULL"},
}
"""What an action writes beside state, version and times, as SQL over the card as it was."""

_TUNE = """
SELECT set_config('jit', 'off', true), set_config('plan_cache_mode', 'force_custom_plan', true),
       set_config('work_mem', '64MB', true), set_config('statement_timeout', '15min', true)
"""
"""For the rest of the transaction: a batch of a million cards takes longer than a request's other statements may."""
_BY_KEY = _TUNE + ", set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"
"""The join of the locked rows with ``cards`` must go by the primary key: the planner cannot know how few they are, and
reading three million cards to move one costs a second. The movement itself switches the joins on again."""


def _day(column: str) -> str:
    return f"({column} AT TIME ZONE '{BUSINESS_ZONE.key}')::date"


def move_cards(
    tx: Tx,
    action: CardAction,
    selection: Selection,
    *,
    by: Actor,
    now: datetime,
    reason: str | None = None,
    reference: Reference | None = None,
    sets: Mapping[str, str | None] | None = None,
    each: Each | None = None,
) -> Movement:
    """Moves every selected card that ``action`` can move, and says how many; the others stay untouched and unnamed.

    ``sets``: new values of SETTABLE columns, the same for all; ``each``: values of each card. Publishes the action's
    event in slices of at most 1,000 cards that moved alike.
    """
    sets, own = dict(sets or {}), dict(each.columns if each else {})
    if unknown := (sets.keys() - SETTABLE.keys()) | (own.keys() - SETTABLE.keys() - LOGGED.keys()):
        raise ValueError(f"not settable: {sorted(unknown)}")
    tx.execute(_BY_KEY)
    params = {
        **selection.params,
        **{f"move_{column}": value for column, value in sets.items()},
        **({"move_ids": list(each.ids)} if each else {}),
        **{f"move_each_{column}": list(values) for column, values in own.items()},
        **_act_params(action, by, now, reason=reason, reference=reference, correlation_id=tx.correlation_id),
        "move_scope": by.unit,
        "move_scope_end": prefix_end(by.unit),
    }
    columns = tuple(sorted(own)) if each else None
    row = tx.execute(_move_sql(action, selection.where, tuple(sorted(sets)), columns), params).one()
    return Movement(row.change_id, row.moved)


def _act_params(
    action: CardAction,
    by: Actor,
    now: datetime,
    *,
    reason: str | None,
    reference: Reference | None,
    correlation_id: str | None,
) -> dict[str, Any]:
    return {
        "move_action": action.value,
        "move_event": CARD_EVENTS[action].TYPE,
        "move_now": now,
        "move_day": business_date(now),
        "move_by": by.id,
        "move_by_name": by.name,
        "move_by_unit": by.unit,
        "move_reason": reason,
        "move_reference_kind": reference.kind if reference else None,
        "move_reference_id": reference.id if reference else None,
        "move_correlation_id": correlation_id,
    }


_CHANGE = f"""
    INSERT INTO changes (action, at, by, by_name, by_unit, reason, reference_kind, reference_id, correlation_id)
    SELECT CAST(:move_action AS text), {NOW}, CAST(:move_by AS text), CAST(:move_by_name AS text),
           CAST(:move_by_unit AS text), CAST(:move_reason AS text), CAST(:move_reference_kind AS text),
           CAST(:move_reference_id AS text), CAST(:move_correlation_id AS text)
"""


@lru_cache(maxsize=256)
def _move_sql(action: CardAction, where: str, sets: tuple[str, ...], each: tuple[str, ...] | None) -> str:
    """``each``: names of the values of each card; None: there are none, and ``where`` alone chooses."""
    row = CARD_LIFECYCLE.row(action)
    target = f"'{row.target}'::text"
    stays = row.sources == {row.target}
    conditions = [f"({where})", f"cards.state IN ({', '.join(repr(str(s)) for s in sorted(row.sources))})"]
    conditions += [f"cards.{c.fact} = '{c.value}'" for c in row.requires]
    own = {column: f"old.each_{column}" for column in each or () if column in SETTABLE}
    changed = EFFECTS.get(action, {}) | {c: f"CAST(:move_{c} AS {SETTABLE[c]})" for c in sets} | own
    to_unit = changed.get("owner_unit", "owner_unit")
    assignments = {
        "version": "cards.version + 1",
        "last_operation_at": NOW,
        **({} if stays else {"state": target, "state_since": NOW}),
        **changed,
    }
    booking = BOOKING.format(
        kind=KIND,
        target=target,
        since="since" if stays else TODAY,
        to_unit=to_unit,
        opened_on=TODAY if "stocked_in_at" in changed else "opened_on",
    )
    terminal = changed.get("terminal_asset_no", "NULL::text") if action is A.BIND else "cards.terminal_asset_no"
    chosen, source = chosen_with(each)
    if action in ON_TERMINAL:
        chosen += f", {terminal.replace('old.', '')} AS terminal"
    elif action in TELLS:
        chosen += f", {TELLS[action][1]}"
    log_columns, log_values = log_details(action, each or ())
    return f"""
WITH old AS MATERIALIZED (
    SELECT cards.id, iccid, version, {ALIKE}, {_day("state_since")} AS since, {_day("stocked_in_at")} AS opened_on
           {chosen}
    FROM {source}
    WHERE {" AND ".join(conditions)} AND owner_unit >= :move_scope AND owner_unit < :move_scope_end
    ORDER BY cards.id FOR UPDATE OF cards
), change AS (
    {_CHANGE} WHERE EXISTS (SELECT FROM old) RETURNING id
), moved AS (
    UPDATE cards SET {", ".join(f"{column} = {value}" for column, value in assignments.items())}
    FROM old WHERE cards.id = old.id
), logged AS (
    INSERT INTO run_log (card_id, version, change_id, from_state, to_state, from_unit, to_unit{log_columns})
    SELECT old.id, version + 1, change.id, state, {target}, owner_unit, {to_unit}{log_values} FROM old CROSS JOIN change
), {booking}, {telling(action, target, changed, each or ())}
SELECT (SELECT id FROM change) AS change_id, (SELECT count(*) FROM old) AS moved,
       set_config('enable_hashjoin', 'on', true), set_config('enable_mergejoin', 'on', true)
"""


def note_decisions(tx: Tx, ids: Sequence[int], decision: int, read_at: Sequence[datetime]) -> None:
    """Keeps the number and the time of a fact of binding that moved none of these cards; older ones change nothing."""
    if ids:
        tx.execute(_NOTE, {"ids": ids, "decision": decision, "times": read_at})


_NOTE = """
UPDATE cards SET terminal_decision = :decision, terminal_read_at = given.read_at
FROM unnest(CAST(:ids AS bigint[]), CAST(:times AS timestamptz[])) AS given (id, read_at)
WHERE cards.id = given.id AND (cards.terminal_decision IS NULL OR cards.terminal_decision < :decision)
"""


def receive_cards(tx: Tx, delivery: Any, *, by: Actor, now: datetime, reference: Reference | None = None) -> Movement:
    """Brings into being the cards of the staging table ``arrivals`` that are not yet known, and says how many.

    ``arrivals(row_no int, iccid text, imsi text, msisdn text)`` is this transaction's temporary table, its rows judged
    and without repeats. ``delivery``: row of ``deliveries``. Cards that are already known (also those that another
    transaction brings in at this moment) stay as they are. Publishes cards_received. Rule: INV-01.
    """
    tx.execute(_TUNE)
    tx.execute(_ONE_ARRIVAL_AT_A_TIME)
    params = {
        **_act_params(A.RECEIVE, by, now, reason=None, reference=reference, correlation_id=tx.correlation_id),
        "move_delivery": delivery.id,
        "move_carrier": delivery.carrier,
        "move_card_spec": delivery.card_spec,
        "move_month": delivery.application_month,
        "move_owner": delivery.owner_unit,
    }
    params["move_after"] = tx.execute("SELECT coalesce(max(id), 0) FROM cards").scalar_one()
    if not tx.execute(_BRING_IN, params).rowcount:
        return Movement(None, 0)
    row = tx.execute(_RECEIVED, params).one()
    return Movement(row.change_id, row.moved)


_ONE_ARRIVAL_AT_A_TIME = """
SELECT set_config('lock_timeout', '10min', true), pg_advisory_xact_lock(hashtext('inventory.receive_cards'))
"""
"""With it a look at the index tells which cards are new. ON CONFLICT would tell it too, at half as much time again."""

_INITIAL = f"'{CARD_LIFECYCLE.initial}'::text"
_NEW_KIND = "CAST(:move_carrier AS text), CAST(:move_card_spec AS text), CAST(:move_month AS text)"
_KIND_NAMED = (
    "CAST(:move_carrier AS text) AS carrier, CAST(:move_card_spec AS text) AS card_spec,"
    " CAST(:move_month AS text) AS application_month"
)
_OWNER = "CAST(:move_owner AS text)"
_ARRIVAL = payload(
    states=("NULL", _INITIAL),
    units=("NULL", _OWNER),
    issued_to_unit="NULL",
    versions="array_agg(1)",
    more=", 'imsis', array_agg(imsi), 'msisdns', array_agg(msisdn)",
)

_BRING_IN = f"""
INSERT INTO cards (iccid, imsi, msisdn, carrier, card_spec, application_month, delivery_id, owner_unit,
                   state, version, state_since, received_at, last_operation_at)
SELECT iccid, imsi, msisdn, {_NEW_KIND}, CAST(:move_delivery AS bigint), {_OWNER},
       {_INITIAL}, 1, {NOW}, {NOW}, {NOW}
FROM arrivals
WHERE NOT EXISTS (SELECT FROM cards WHERE cards.iccid = arrivals.iccid COLLATE "C")
ORDER BY iccid COLLATE "C"
"""
# The cards are read again by their numbers, which nobody else gives out meanwhile. Handing a million rows on to three
# other parts of one statement takes longer: they are all kept.
_RECEIVED = f"""
WITH new AS NOT MATERIALIZED (
    SELECT id, iccid, imsi, msisdn FROM cards WHERE id > :move_after
), change AS (
    {_CHANGE} RETURNING id
), logged AS (
    INSERT INTO run_log (card_id, version, change_id, from_state, to_state, from_unit, to_unit)
    SELECT new.id, 1, change.id, NULL, {_INITIAL}, NULL, {_OWNER} FROM new CROSS JOIN change
), booked AS (
    INSERT INTO ledger (day, action, state, since, owner_unit, carrier, card_spec, application_month, delta)
    SELECT CAST(:move_day AS date), CAST(:move_action AS text), {_INITIAL}, CAST(:move_day AS date), {_OWNER},
           {_NEW_KIND}, count(*)::int
    FROM new
), numbered AS (
    SELECT iccid, imsi, msisdn, {_KIND_NAMED}, (row_number() OVER () - 1) / {SLICE} AS slice FROM new
), told AS (
    INSERT INTO outbox (type, payload)
    SELECT CAST(:move_event AS text),
           {_ARRIVAL}
    FROM numbered CROSS JOIN change GROUP BY change.id, carrier, card_spec, application_month, slice
)
SELECT (SELECT id FROM change) AS change_id, (SELECT count(*) FROM new) AS moved
"""
