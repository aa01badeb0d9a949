"""机卡锁定 (BND-10): people hold cards to a module or a terminal, and release them; both stay on record."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.locks import LockCards, LocksChanged, RefusedLock, ReleaseLocks
from kernel.contracts.said import say
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.unit import is_within
from services.binding import breaches, intake
from services.binding.turn import lock

_CARDS = """
SELECT c.iccid, c.owner_unit, b.asset_no, seen.imei,
       EXISTS (SELECT FROM card_locks AS l WHERE l.iccid = c.iccid AND l.released_at IS NULL) AS locked
FROM cards AS c
LEFT JOIN bindings AS b ON b.iccid = c.iccid AND b.bound_from IS NOT NULL AND b.bound_to IS NULL
LEFT JOIN LATERAL (
    SELECT imei FROM imei_runs AS m WHERE m.iccid = c.iccid
    ORDER BY m.first_read DESC, m.asset_no DESC, m.slot DESC LIMIT 1
) AS seen ON true
WHERE c.iccid = ANY(CAST(:iccids AS text[]))
"""
_ADD = """
INSERT INTO card_locks (iccid, imei, asset_no, reason, set_at, set_by, set_by_name)
SELECT iccid, imei, asset_no, :reason, :now, :by, :by_name
FROM unnest(CAST(:iccid AS text[]), CAST(:imei AS text[]), CAST(:asset_no AS text[])) AS new (iccid, imei, asset_no)
ORDER BY iccid
"""
_STANDING = """
SELECT l.id, l.iccid, c.owner_unit FROM card_locks AS l JOIN cards AS c USING (iccid)
WHERE l.id = ANY(CAST(:ids AS bigint[])) AND l.released_at IS NULL
"""
_RELEASE = """
UPDATE card_locks SET released_at = :now, released_by = :by, released_by_name = :by_name, release_reason = :reason
WHERE id = ANY(CAST(:ids AS bigint[]))
"""


def lock_cards(tx: Tx, request: LockCards, *, by: Actor, now: datetime) -> LocksChanged:
    """Locks what can be; the others are named. Raises lock_names_one_card, lock_imei_malformed, terminal_malformed,
    terminal_not_found."""
    given = _given(tx, request, by)
    lock(tx)
    iccids = list(dict.fromkeys(request.iccids))
    known = {row.iccid: row for row in tx.execute(_CARDS, {"iccids": iccids})}
    rows: dict[str, tuple[str | None, str | None]] = {}
    refused: list[tuple[str, str]] = []
    for iccid in iccids:
        row = known.get(iccid)
        if row is None or not is_within(row.owner_unit, by.unit):
            refused.append((iccid, "card_unknown"))
            continue
        imei = (given.get("imei") or row.imei) if request.hold != "terminal" else None
        asset_no = (given.get("terminal") or row.asset_no) if request.hold != "imei" else None
        code = _refusal(request, row.locked, imei, asset_no)
        if code is None:
            rows[iccid] = (imei, asset_no)
        else:
            refused.append((iccid, code))
    if rows:
        held = {
            "iccid": list(rows),
            "imei": [it[0] for it in rows.values()],
            "asset_no": [it[1] for it in rows.values()],
        }
        tx.execute(_ADD, {**held, "reason": request.reason, **_who(by, now)})
    return _answer(len(rows), refused)


def release_locks(tx: Tx, request: ReleaseLocks, *, by: Actor, now: datetime) -> LocksChanged:
    """Releases the standing locks of one's own cards; what they had for breaches ends with them."""
    lock(tx)
    found = tx.execute(_STANDING, {"ids": request.locks}).all()
    own = {row.id: row.iccid for row in found if is_within(row.owner_unit, by.unit)}
    if own:
        tx.execute(_RELEASE, {"ids": sorted(own), "reason": request.reason, **_who(by, now)})
        breaches.bring_into_line(tx, own.values())
    others = [str(number) for number in dict.fromkeys(request.locks) if number not in own]
    return _answer(len(own), ((number, "lock_not_found") for number in others))


def _given(tx: Tx, request: LockCards, by: Actor) -> Mapping[str, str]:
    """The module and the terminal that the request names itself."""
    given: dict[str, str] = {}
    if (request.imei or request.terminal) and len(set(request.iccids)) > 1:
        raise DomainError("lock_names_one_card", field="iccids")
    if request.imei:
        imei = intake.imei_of(request.imei)
        if imei is None:
            raise DomainError("lock_imei_malformed", field="imei")
        given["imei"] = imei
    if request.terminal:
        try:
            given["terminal"] = intake.asset_no(request.terminal)
        except intake.RowRefusedError as refusal:
            raise DomainError(refusal.code, field="terminal") from refusal
        query = "SELECT unit FROM terminals WHERE asset_no = :asset_no AND state <> 'removed'"
        unit = tx.execute(query, {"asset_no": given["terminal"]}).scalar_one_or_none()
        if unit is None or not is_within(unit, by.unit):
            raise DomainError("terminal_not_found", terminal=given["terminal"])
    return given


def _refusal(request: LockCards, locked: bool, imei: str | None, asset_no: str | None) -> str | None:
    if locked:
        return "lock_stands"
    if request.hold != "terminal" and imei is None:
        return "lock_imei_unknown"
    return "lock_terminal_unknown" if request.hold != "imei" and asset_no is None else None


def _who(by: Actor, now: datetime) -> dict[str, Any]:
    return {"by": by.id, "by_name": by.name, "now": now}


def _answer(done: int, refused: Iterable[tuple[str, str]]) -> LocksChanged:
    told = [
        RefusedLock(number=number, code=code, message=say(code, {"iccid": number, "id": number}))
        for number, code in refused
    ]
    return LocksChanged(done=done, refused_count=len(told), refused=told)
