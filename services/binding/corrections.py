"""单位更正 (BND-08): a terminal comes to its card's unit at once, a card to its terminal's when inventory has moved it.

Every correction is a row that stays; one that is taken back has another row beside it. Guarantee: who corrects sees
both sides; a correction of a card ends as done or refused, as inventory says.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.events import UNIT_CORRECTION, CardUnitsCorrected, CorrectedCard
from kernel.contracts.binding.mismatches import (
    CorrectionUndone,
    CorrectUnits,
    RefusedMismatch,
    UndoCorrection,
    UnitsCorrected,
)
from kernel.contracts.inventory.events import CardsMoved, CardsRefused
from kernel.contracts.said import say
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import is_within
from services.binding import exceptions, mismatches
from services.binding.turn import lock

_CHOSEN = """
SELECT m.*, EXISTS (SELECT 1 FROM unit_corrections AS c WHERE c.iccid = m.iccid AND c.state = 'asked') AS asked
FROM unit_mismatches AS m WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY asset_no, slot
"""
_ADD = """
INSERT INTO unit_corrections (act, asset_no, slot, iccid, side, from_unit, to_unit, state, reason, at, by, by_name,
                              by_unit, ended_at, undoes)
SELECT :act, asset_no, slot, iccid, :side, from_unit, to_unit, :state, :reason, :now, :by, :by_name, :by_unit,
       CASE WHEN :state = 'done' THEN CAST(:now AS timestamptz) END, CAST(:undoes AS bigint)
FROM unnest(CAST(:asset_no AS text[]), CAST(:slot AS smallint[]), CAST(:iccid AS text[]),
            CAST(:from_unit AS text[]), CAST(:to_unit AS text[])) AS c (asset_no, slot, iccid, from_unit, to_unit)
RETURNING id
"""
# The station goes on reporting the unit that it knows; that is remembered, so that its next report changes nothing.
_MOVE_TERMINALS = """
UPDATE terminals AS t SET unit = moved.unit,
    corrected_from = nullif(coalesce(t.corrected_from, t.unit), moved.unit)
FROM unnest(CAST(:asset_no AS text[]), CAST(:unit AS text[])) AS moved (asset_no, unit)
WHERE t.asset_no = moved.asset_no
"""
_END = """
WITH ended AS (
    UPDATE unit_corrections SET state = :state, ended_at = :now, code = told.code
    FROM unnest(CAST(:iccids AS text[]), CAST(:codes AS text[])) AS told (iccid, code)
    WHERE act = :act AND side = 'card' AND state = 'asked' AND unit_corrections.iccid = told.iccid
    RETURNING id, undoes, state
)
UPDATE unit_corrections AS c SET undone_by = ended.id FROM ended WHERE c.id = ended.undoes AND ended.state = 'done'
"""
_STANDS = """
SELECT c.*, CASE c.side WHEN 'card' THEN (SELECT owner_unit FROM cards WHERE iccid = c.iccid)
                        ELSE (SELECT unit FROM terminals WHERE asset_no = c.asset_no) END AS unit_now,
       EXISTS (SELECT 1 FROM unit_corrections AS n WHERE n.iccid = c.iccid AND n.state = 'asked') AS waits
FROM unit_corrections AS c WHERE id = :id
"""


def correct(tx: Tx, request: CorrectUnits, *, by: Actor, now: datetime) -> UnitsCorrected:
    """Puts right what can be; the others are named. Publishes card_units_corrected for cards."""
    lock(tx)
    chosen: dict[str, Any] = {}
    refused: dict[int, tuple[str, str]] = {}
    found = {row.id: row for row in tx.execute(_CHOSEN, {"ids": request.mismatches})}
    for number in dict.fromkeys(request.mismatches):
        row = found.get(number)
        code = _refusal(row, by, request.side)
        key = (row.iccid if request.side == "card" else row.asset_no) if row else ""
        if code is None and key not in chosen:
            chosen[key] = row
        else:
            refused[number] = (row.iccid if row and code != "mismatch_gone" else str(number), code or "mismatch_gone")
    rows = list(chosen.values())
    if rows:
        to_terminal = request.side == "card"
        units = [
            (row.card_unit, row.terminal_unit) if to_terminal else (row.terminal_unit, row.card_unit) for row in rows
        ]
        _carry_out(tx, request.side, rows, units, reason=request.reason, by=by, now=now)
    messages = [
        RefusedMismatch(number=name, code=code, message=say(code, {"id": name})) for name, code in refused.values()
    ]
    return UnitsCorrected(done=len(rows), refused_count=len(refused), refused=messages)


def undo(tx: Tx, request: UndoCorrection, *, by: Actor, now: datetime) -> CorrectionUndone:
    """Takes a correction back by one the other way. Raises correction_not_found, correction_not_undoable."""
    lock(tx)
    row = tx.execute(_STANDS, {"id": request.correction_id}).one_or_none()
    if row is None or not (is_within(row.from_unit, by.unit) and is_within(row.to_unit, by.unit)):
        raise DomainError("correction_not_found", id=request.correction_id)
    if row.state != "done" or row.undone_by is not None or row.waits or row.unit_now != row.to_unit:
        raise DomainError("correction_not_undoable", id=request.correction_id)
    back = (row.to_unit, row.from_unit)
    number = _carry_out(tx, row.side, [row], [back], reason=request.reason, by=by, now=now, undoes=row.id)
    return CorrectionUndone(correction_id=number, state="asked" if row.side == "card" else "done")


def moved(tx: Tx, event: CardsMoved, *, now: datetime) -> None:
    """Inventory moved these cards because of a correction: it is done."""
    if event.reference_kind == UNIT_CORRECTION:
        _end(tx, event.reference_id, "done", dict.fromkeys(event.iccids), now=now)


def refuse(tx: Tx, event: CardsRefused, *, now: datetime) -> None:
    """Inventory could not move these cards: the correction says why."""
    if event.reference_kind == UNIT_CORRECTION:
        _end(tx, event.reference_id, "refused", {card.iccid: card.code for card in event.refused}, now=now)


def _refusal(row: Any, by: Actor, side: str) -> str | None:
    """Why the actor cannot put this right; what lies wholly in others' units is nothing to him."""
    if row is None:
        return "mismatch_gone"
    sees = [is_within(unit, by.unit) for unit in (row.terminal_unit, row.card_unit)]
    if not any(sees):
        return "mismatch_gone"
    if not all(sees):
        return "mismatch_needs_superior"
    return "correction_waits" if side == "card" and row.asked else None


def _carry_out(
    tx: Tx,
    side: str,
    rows: Sequence[Any],
    units: Sequence[tuple[str, str]],
    *,
    reason: str,
    by: Actor,
    now: datetime,
    undoes: int | None = None,
) -> int:
    """Writes the corrections (``units``: from, to of each row) and carries them out. The number of the last one."""
    act = tx.execute("SELECT nextval('unit_correction_acts')").scalar_one()
    columns = {name: [getattr(row, name) for row in rows] for name in ("asset_no", "slot", "iccid")}
    columns |= {"from_unit": [old for old, _ in units], "to_unit": [new for _, new in units]}
    who = {"by": by.id, "by_name": by.name, "by_unit": by.unit, "reason": reason, "now": now, "act": act}
    state = "asked" if side == "card" else "done"
    added = tx.execute(_ADD, {**columns, **who, "side": side, "state": state, "undoes": undoes}).scalars().all()
    if side == "terminal":
        tx.execute(_MOVE_TERMINALS, {"asset_no": columns["asset_no"], "unit": columns["to_unit"]})
        exceptions.terminals_known(tx, columns["asset_no"], now=now)
        mismatches.bring_into_line(tx, columns["asset_no"])
        if undoes is not None:
            tx.execute("UPDATE unit_corrections SET undone_by = :by WHERE id = :id", {"by": added[-1], "id": undoes})
    else:
        cards = [
            CorrectedCard(iccid=row.iccid, from_unit=old, to_unit=new)
            for row, (old, new) in zip(rows, units, strict=True)
        ]
        tx.publish(
            CardUnitsCorrected(
                correction=act, at=now, by=by.id, by_name=by.name, by_unit=by.unit, reason=reason, cards=cards
            )
        )
    return int(added[-1])


def _end(tx: Tx, act: str | None, state: str, codes: Mapping[str, str | None], *, now: datetime) -> None:
    values = {"act": int(act or 0), "state": state, "iccids": list(codes), "codes": list(codes.values()), "now": now}
    tx.execute(_END, values)
