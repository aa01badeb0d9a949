"""People's decisions: which terminal has a contested card, and what became of an exception (BND-03, BND-06)."""

from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.settling import ExceptionHandled, HandleException, Settle, Settled, UndoSettlement
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import Level, is_within
from services.binding.deciding import decide
from services.binding.telling import tell
from services.binding.turn import lock

_CLAIMS = """
SELECT b.asset_no, b.slot, coalesce(t.unit, '') AS unit FROM bindings AS b LEFT JOIN terminals AS t USING (asset_no)
WHERE b.iccid = :iccid AND b.ended_at IS NULL
"""
_SETTLE = """
INSERT INTO settlements (iccid, asset_no, slot, decided_at, decided_by, decided_by_name, reason)
VALUES (:iccid, :terminal, :slot, :now, :by, :by_name, :reason) RETURNING id
"""
_UNDO = """
UPDATE settlements SET undone_at = :now, undone_by = :by, undone_by_name = :by_name, undo_reason = :reason
WHERE id = :id
"""
_HANDLE = """
UPDATE exceptions SET state = :state, handler = :by, handler_name = :by_name, handled_at = :now, note = :note
WHERE id = :id
"""
_NOTE = """
INSERT INTO exception_notes (exception_id, at, by, by_name, from_state, to_state, note)
VALUES (:id, :now, :by, :by_name, :from_state, :state, :note)
"""


def settle(tx: Tx, request: Settle, *, by: Actor, now: datetime) -> Settled:
    """Decides for one claim on a card. Raises DomainError claim_not_found when the slot does not claim it now, or a
    claim lies outside the actor's units. Publishes cards_bound when the card moves by it."""
    lock(tx)
    claims = _claims(tx, request.iccid, by)
    if (request.terminal, request.slot) not in {(claim.asset_no, claim.slot) for claim in claims}:
        raise DomainError("claim_not_found", iccid=request.iccid, terminal=request.terminal, slot=request.slot)
    values = {"iccid": request.iccid, "terminal": request.terminal, "slot": request.slot, "reason": request.reason}
    settlement = tx.execute(_SETTLE, {**values, **_who(by, now)}).scalar_one()
    return _decided(tx, settlement, request.iccid, by=by, now=now)


def undo(tx: Tx, request: UndoSettlement, *, by: Actor, now: datetime) -> Settled:
    """Takes a decision back: the rules decide again. Raises DomainError settlement_not_found, settlement_undone."""
    lock(tx)
    query = "SELECT iccid, undone_at FROM settlements WHERE id = :id"
    found = tx.execute(query, {"id": request.settlement_id}).one_or_none()
    if found is None or not _claims(tx, found.iccid, by):
        raise DomainError("settlement_not_found", id=request.settlement_id)
    if found.undone_at is not None:
        raise DomainError("settlement_undone", id=request.settlement_id)
    tx.execute(_UNDO, {"id": request.settlement_id, "reason": request.reason, **_who(by, now)})
    return _decided(tx, request.settlement_id, found.iccid, by=by, now=now)


def handle(tx: Tx, request: HandleException, *, by: Actor, now: datetime) -> ExceptionHandled:
    """Takes an exception in hand, closes it or gives it back, with a note. Raises DomainError exception_not_found,
    exception_in_other_hands when another person has it in hand (he or a note that gives it back has to free it)."""
    query = "SELECT unit, state, handler, handler_name FROM exceptions WHERE id = :id FOR UPDATE"
    found = tx.execute(query, {"id": request.exception_id}).one_or_none()
    if found is None or not _sees(found.unit or "", by):
        raise DomainError("exception_not_found", id=request.exception_id)
    if found.state == "in_hand" and found.handler != by.id and request.state == "in_hand":
        raise DomainError("exception_in_other_hands", handler=found.handler_name)
    if request.state == "closed" and not request.note:
        raise DomainError("exception_note_missing", field="note")
    values = {"id": request.exception_id, "state": request.state, "note": request.note or None, **_who(by, now)}
    tx.execute(_HANDLE, values)
    tx.execute(_NOTE, {**values, "from_state": found.state})
    return ExceptionHandled(
        exception_id=request.exception_id, state=request.state, handler_name=by.name, handled_at=now
    )


def _claims(tx: Tx, iccid: str, by: Actor) -> list[Any]:
    """Slots that claim a card now; empty unless all of them are within the actor's units: who decides must see both
    sides, so a claim across two counties is their city's."""
    claims = list(tx.execute(_CLAIMS, {"iccid": iccid}).all())
    return claims if all(_sees(claim.unit, by) for claim in claims) else []


def _sees(unit: str, by: Actor) -> bool:
    """A terminal that nobody reported belongs to no unit yet; the province looks after it."""
    return is_within(unit, by.unit) or (not unit and len(by.unit) == Level.PROVINCE)


def _who(by: Actor, now: datetime) -> dict[str, Any]:
    return {"by": by.id, "by_name": by.name, "now": now}


def _decided(tx: Tx, settlement: int, iccid: str, *, by: Actor, now: datetime) -> Settled:
    decided = decide(tx, {}, [iccid], now=now)
    tell(tx, decided, station=by.id, now=now)
    held = decided.after.get(iccid)
    return Settled(
        settlement_id=settlement,
        iccid=iccid,
        terminal=held.place.terminal if held else None,
        slot=held.place.slot if held else None,
    )
