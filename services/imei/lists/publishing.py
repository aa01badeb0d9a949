"""What a staged list does, set by set, inside the one transaction that also ends its job."""

from dataclasses import dataclass
from typing import Any

from kernel.chassis.data import binary_copy as binary
from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.imei.lists import ImportSerials
from services.imei.codes import ONE_AT_A_TIME
from services.imei.freezing import deadlines
from services.imei.lists.entering import Change
from services.imei.lists.staging import Seen, Staged

CLAIMING = ("claim", "push_down")
"""Kinds of lists whose devices are claimed at once."""

_ROOM = "SELECT set_config('work_mem', '128MB', true), set_config('maintenance_work_mem', '256MB', true)"
"""One list at a time is sorted, compared and indexed; beyond that memory it goes over the disk."""
_SUBSIDISED = """
INSERT INTO refusals (row_no, reason)
SELECT DISTINCT staged_codes.row_no, 'serial_subsidised_elsewhere' FROM staged_codes JOIN subsidised USING (code)
"""
_KNOWN = """
CREATE TEMPORARY TABLE known ON COMMIT DROP AS
SELECT row_no, min(device_id) AS id, count(DISTINCT device_id) AS devices
FROM staged_codes JOIN codes USING (code) WHERE codes.code BETWEEN :least AND :most GROUP BY row_no
"""
_LOCK = "SELECT count(*) FROM (SELECT 1 FROM devices WHERE id IN (SELECT id FROM known) ORDER BY id FOR UPDATE) AS held"
_ENTERED_ALREADY = """
INSERT INTO refusals (row_no, reason, state)
SELECT row_no, 'serial_known', devices.pool FROM known JOIN devices USING (id)
"""
_NOT_TO_CLAIM = """
INSERT INTO refusals (row_no, reason, state)
SELECT row_no, CASE WHEN known.devices > 1 THEN 'serial_codes_of_two' WHEN devices.state <> 'unclaimed'
    THEN 'serial_state_wrong' WHEN :asks THEN 'serial_ownership_asked' ELSE 'serial_other_province' END, devices.state
FROM known JOIN devices USING (id)
WHERE known.devices > 1 OR devices.state <> 'unclaimed' OR devices.province <> :province
"""
# A claim of what another province owns goes to the group's review; see ``ownership``.
_ASKING = """
CREATE TEMPORARY TABLE asking ON COMMIT DROP AS
SELECT row_no, known.id, devices.province FROM known JOIN devices USING (id)
WHERE :asks AND known.devices = 1 AND devices.state = 'unclaimed' AND devices.province <> :province
  AND row_no NOT IN (SELECT row_no FROM refusals)
"""
_ASK = """
INSERT INTO ownership_moves (device_id, from_province, to_province, list_id, row_no, state, asked_at, asked_by,
                             asked_by_name)
SELECT asking.id, province, :province, :list_id, row_no, 'pending', :now, changes.by, changes.by_name
FROM asking CROSS JOIN changes WHERE changes.id = :change_id ORDER BY asking.id
ON CONFLICT (device_id, to_province) WHERE state = 'pending' DO NOTHING
"""
_REFUSED = """
SELECT row_no, min(reason) AS reason, min(state) AS state FROM refusals GROUP BY row_no ORDER BY row_no
"""
_DROP_REFUSED = """
DELETE FROM staged WHERE row_no IN (SELECT row_no FROM refusals);
DELETE FROM staged_more WHERE row_no IN (SELECT row_no FROM refusals)
"""
_NOT_KNOWN = "DELETE FROM known WHERE row_no IN (SELECT row_no FROM refusals)"
_CLAIM = """
WITH moved AS (
    UPDATE devices SET state = 'claimed', version = version + 1, state_since = :now FROM known
    WHERE devices.id = known.id RETURNING devices.id, version, organisation, unit, row_no
)
INSERT INTO further_events (device_id, version, change_id, at, action, from_state, to_state, organisation, unit, row_no)
SELECT id, version, :change_id, :now, 'claim', 'unclaimed', 'claimed', organisation, unit, row_no FROM moved
"""
_TO_FREEZE = """
CREATE TEMPORARY TABLE freezing ON COMMIT DROP AS
SELECT devices.id, min(row_no) AS row_no
FROM staged_codes JOIN codes USING (code) JOIN devices ON devices.id = device_id
WHERE province = :province AND state IN ('unclaimed', 'claimed', 'sold', 'silent') GROUP BY devices.id
"""
_LOCK_FREEZING = """
WITH held AS (SELECT id FROM devices WHERE id IN (SELECT id FROM freezing)
              AND state IN ('unclaimed', 'claimed', 'sold', 'silent') ORDER BY id FOR UPDATE)
DELETE FROM freezing WHERE id NOT IN (SELECT id FROM held)
"""
FREEZE = """
WITH moved AS (
    UPDATE devices SET state = 'frozen', held_from = old.state, version = devices.version + 1, state_since = :now
    FROM freezing JOIN devices AS old USING (id) WHERE devices.id = freezing.id
    RETURNING devices.id, devices.version, devices.organisation, devices.unit, old.state AS from_state, row_no
), kept AS (
    INSERT INTO freezes (device_id, version, cause, at, unit, observed_until, decide_by)
    SELECT id, version, 'national_list', :now, unit, :observed_until, :decide_by FROM moved
)
INSERT INTO further_events (device_id, version, change_id, at, action, from_state, to_state, organisation, unit, row_no)
SELECT id, version, :change_id, :now, 'freeze', from_state, 'frozen', organisation, unit, row_no FROM moved
"""
_LIVE = (
    "SELECT count(*) FROM devices WHERE province = :province AND state IN ('unclaimed', 'claimed', 'sold', 'silent')"
)
_REMOVED = "FROM subsidised WHERE NOT EXISTS (SELECT FROM staged_codes WHERE staged_codes.code = subsidised.code)"
_KEEP_NATIONAL = """
INSERT INTO subsidised (code, list_id, row_no, claimant, claimed_on)
SELECT DISTINCT ON (staged_codes.code) staged_codes.code, :list_id, row_no, claimant, claimed_on
FROM staged_codes JOIN staged USING (row_no) JOIN words USING (word) ORDER BY staged_codes.code, row_no
ON CONFLICT (code) DO UPDATE SET list_id = excluded.list_id, row_no = excluded.row_no,
    claimant = excluded.claimant, claimed_on = excluded.claimed_on
"""


@dataclass
class Plan:
    """What the list does, or would do."""

    entered: int = 0
    claimed: int = 0
    frozen: int = 0
    removed: int = 0
    asked: int = 0
    held_because: str | None = None


def _count(tx: Tx, statement: str, **params: str) -> int:
    return int(tx.execute(statement, params).scalar_one())


def begin(tx: Tx) -> None:
    """Lists are published one at a time, so that two of them cannot both enter a device."""
    tx.execute(ONE_AT_A_TIME)
    tx.execute(_ROOM)


def plan(tx: Tx, staged: Staged, kind: str, province: str) -> tuple[Plan, list[Any]]:
    """Counts what the staged rows of a list that enters devices would do, and the rows that are refused.

    Locks the devices in question.
    """
    rows = staged.rows
    _refuse_twice(tx, staged)
    tx.execute(_SUBSIDISED)
    codes = rows.codes
    tx.execute(_KNOWN, {"least": int(codes.min(initial=0)), "most": int(codes.max(initial=0))})
    tx.execute(_LOCK)
    claims = kind in CLAIMING
    if claims:
        asks = {"province": province, "asks": kind == "claim"}
        tx.execute(_ASKING, asks)
        tx.execute(_NOT_TO_CLAIM, asks)
    else:
        tx.execute(_ENTERED_ALREADY)
    refused = list(tx.execute(_REFUSED))
    if refused:
        tx.raw.execute(_DROP_REFUSED)
        tx.raw.execute(_NOT_KNOWN)
    known = _count(tx, "SELECT count(*) FROM known")
    good = len(rows) - len(refused)
    asked = _count(tx, "SELECT count(*) FROM asking") if claims else 0
    return Plan(entered=good - known, claimed=good if claims else 0, asked=asked), refused


def _refuse_twice(tx: Tx, staged: Staged) -> None:
    """A row with a code that an earlier row has is not looked at further."""
    again = Seen().again(staged.rows)
    if len(again):
        made = binary.rows([again, binary.cell("serial_twice")], len(again))
        binary.copy_in(tx, "refusals", "row_no, reason", [made.tobytes()])
        tx.raw.execute(_DROP_REFUSED)


def plan_national(tx: Tx, kind: str, province: str, *, share: float, floor: int) -> Plan:
    """As ``plan``; nothing is refused, for a serial may stand in a national list twice: two claims.

    ``share``, ``floor``: a list that would freeze more than both of the live devices is held.
    """
    tx.execute(_TO_FREEZE, {"province": province})
    tx.execute(_LOCK_FREEZING)
    made = Plan(frozen=_count(tx, "SELECT count(*) FROM freezing"))
    if kind == "national_full":
        made.removed = _count(tx, f"SELECT count(*) {_REMOVED}")
        before = _count(tx, "SELECT count(*) FROM subsidised")
        if _count(tx, "SELECT count(DISTINCT code) FROM staged_codes") < before:
            made.held_because = "shrinks"
    if made.frozen > floor and made.frozen > share * _count(tx, _LIVE, province=province):
        made.held_because = "freezes_many"
    return made


def publish(tx: Tx, asked: ImportSerials, list_id: int, change: Change) -> None:
    """Makes the plan true, of national serials and of known devices; ``straight`` enters the others."""
    kind, params = asked.kind, {"change_id": change.id, "now": change.at}
    if kind.startswith("national"):
        if kind == "national_full":
            tx.execute(f"DELETE {_REMOVED}")
        tx.execute(_KEEP_NATIONAL, {"list_id": list_id})
        tx.execute(FREEZE, {**params, **deadlines(change.at)})
    elif kind in CLAIMING:
        tx.execute(_CLAIM, params)
        tx.execute(_ASK, {**params, "province": asked.province, "list_id": list_id})
