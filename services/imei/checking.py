"""Every night: does each device's row follow from its events? (IME-02)"""

from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobContext
from kernel.model.actor import Actor
from services.imei.lifecycle import ENTRIES

CHECK_JOB = "serial_check"

_FIND = f"""
INSERT INTO findings (device_id, code, found_at)
WITH told AS (
    SELECT device_id, version, action, from_state, to_state, organisation, unit,
           row_number() OVER life AS place, lag(to_state) OVER life AS before,
           lead(version) OVER life IS NULL AS is_last
    FROM events WINDOW life AS (PARTITION BY device_id ORDER BY version)
)
SELECT device_id, 'events_broken', :now FROM told
WHERE version <> place OR before IS DISTINCT FROM from_state OR (place = 1) <> (action IN {tuple(map(str, ENTRIES))})
GROUP BY device_id
UNION ALL
SELECT DISTINCT devices.id, 'row_differs', CAST(:now AS timestamptz)
FROM devices LEFT JOIN told ON told.device_id = devices.id AND told.is_last
WHERE (devices.state, devices.version, devices.organisation, devices.unit)
      IS DISTINCT FROM (told.to_state, told.version, told.organisation, told.unit)
   OR (devices.state = 'frozen' AND devices.held_from IS DISTINCT FROM told.from_state)
UNION ALL
SELECT device_id, 'code_of_two', :now FROM (
    SELECT device_id FROM further_codes JOIN devices ON devices.id = further_codes.code
    UNION SELECT id FROM devices GROUP BY id HAVING count(*) > 1
) AS doubled
"""


def ask(tx: Tx, *, by: Actor) -> Any:
    """Puts the check into the queue of jobs: it reads every event."""
    return jobs.enqueue(tx, CHECK_JOB, "串码台账核对", {}, by)


def run_check(job: JobContext) -> dict[str, int]:
    """The job: replaces what the last check found."""
    with job.unit_of_work() as tx:
        tx.execute("DELETE FROM findings")
        found = tx.execute(_FIND, {"now": job.now()}).rowcount
        result = {"findings": found}
        job.complete(tx, result, done=found)
    return result
