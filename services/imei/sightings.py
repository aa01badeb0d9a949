"""What terminals in the field say of modules (BND-10): each is looked up; one in two places is a finding (IME-15)."""

from datetime import datetime

from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.binding.events import DoubledImei, ImeisChanged, ImeisDoubled
from kernel.model.period import BUSINESS_ZONE
from services.imei.codes import judged
from services.imei.registrations import mark

# A clone belongs to the unit of the device where it is known, else to that of a terminal. Told again, it is known.
_FOUND = """
INSERT INTO violations (kind, device_id, code, happened_at, organisation, unit, ours, theirs, found_at, state)
SELECT 'clone', coalesce(codes.device_id, seen.code), seen.code, seen.since, devices.organisation,
       coalesce(devices.unit, seen.unit), seen.ours, seen.theirs, :now, 'open'
FROM unnest(CAST(:code AS bigint[]), CAST(:since AS timestamptz[]), CAST(:unit AS text[]), CAST(:ours AS text[]),
            CAST(:theirs AS text[])) AS seen (code, since, unit, ours, theirs)
LEFT JOIN codes ON codes.code = seen.code LEFT JOIN devices ON devices.id = codes.device_id
WHERE coalesce(devices.unit, seen.unit) IS NOT NULL
ORDER BY 3, 4
ON CONFLICT ON CONSTRAINT uq_violations_kind DO NOTHING
"""


# A device of the registry that is read in a terminal has announced itself, as if by the self-registration platform; the
# place is the terminal's unit. Modules that no device has are the network's own and nobody's business here.
_SEEN = """
WITH seen AS (
    SELECT codes.device_id, told.* FROM unnest(
        CAST(:code AS bigint[]), CAST(:since AS timestamptz[]), CAST(:unit AS text[])
    ) AS told (code, since, unit) JOIN codes USING (code)
), kept AS (
    INSERT INTO registrations (code, registered_at, place, received_at)
    SELECT DISTINCT ON (code, since) code, since, unit, :now FROM seen ORDER BY code, since, unit
    ON CONFLICT (code, registered_at) DO NOTHING
)
SELECT DISTINCT device_id FROM seen
"""


def changed(tx: Tx, event: ImeisChanged, *, now: datetime) -> None:
    """Looks up the modules that cards were found in; the rules of registrations hold for those of the registry."""
    told = [change for change in event.changes if change.unit is not None]
    numbers = judged([change.imei for change in told])
    known = [(number, change) for number, change in zip(numbers, told, strict=True) if isinstance(number, int)]
    values = {
        "code": [number for number, _ in known],
        "since": [change.since for _, change in known],
        "unit": [change.unit for _, change in known],
    }
    if known:
        mark(tx, tx.execute(_SEEN, {**values, "now": now}).scalars().all())


def clones(tx: Tx, event: ImeisDoubled, *, now: datetime) -> None:
    """Each told pair of terminals is a finding with both claims; terminals that no unit has are nobody's finding."""
    numbers = judged([clone.imei for clone in event.clones])
    known = [(number, clone) for number, clone in zip(numbers, event.clones, strict=True) if isinstance(number, int)]
    values = {
        "code": [number for number, _ in known],
        "since": [clone.since for _, clone in known],
        "unit": [clone.unit or clone.other_unit for _, clone in known],
        "ours": [_claim(clone.other_terminal, clone.other_iccid, clone.other_last_read) for _, clone in known],
        "theirs": [_later(clone) for _, clone in known],
    }
    tx.execute(_FOUND, {**values, "now": now})


def _claim(terminal: str, iccid: str, moment: datetime) -> str:
    return f"终端{terminal}，卡{iccid}，最近抄读{moment.astimezone(BUSINESS_ZONE):%Y-%m-%d %H:%M}"


def _later(clone: DoubledImei) -> str:
    return _claim(clone.terminal, clone.iccid, clone.last_read)
