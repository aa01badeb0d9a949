"""Loads whose job took nothing hold up nothing else, and say why (TRF-01)."""

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.traffic.loads import DecideLoad, GetLoad, ImportUsage, ListLoads
from kernel.model.errors import DomainError
from services.traffic import failing
from services.traffic.load_list import decide_load, get_load, list_loads
from services.traffic.loading import import_usage
from services.traffic.watching.following import watch_due
from tests.integration.traffic.meters import CARRIERS, MOBILE, NOW, Meters, day, iccid

pytestmark = pytest.mark.req("TRF-01", "TRF-05", "TRF-07")


def sweep(meters: Meters) -> int:
    with UnitOfWork(meters.engine).begin() as tx:
        left = failing.leave_ended(tx, NOW)
        tx.commit()
    return left


def watched(meters: Meters) -> bool:
    with UnitOfWork(meters.engine).begin() as tx:
        return watch_due(tx)


def sent(meters: Meters) -> int:
    """A file that waits for its job."""
    content = f"ICCID,日期,流量\n{iccid(0)},2026-11-02,5".encode()
    file = meters.blobs.put_stream([content], name="x.csv", media_type="text/csv")
    return int(meters.act(import_usage, ImportUsage(carrier=CARRIERS[0], file=file)).load_id)


def shown(meters: Meters, state: str) -> list[int]:
    return [item.id for item in meters.act(list_loads, ListLoads(state=state)).items]


def test_a_file_that_is_refused_as_a_whole_no_longer_waits_and_says_why(meters: Meters) -> None:
    meters.push([(iccid(MOBILE[0]), day(1), 1)])
    with pytest.raises(DomainError, match="usage_unit_differs"):
        meters.upload(f"ICCID,日期,流量(KB)\n{iccid(0)},2026-11-02,5".encode(), measured_in="MB")
    (load,) = meters.act(list_loads, ListLoads(state="failed")).items

    assert (load.state, load.taken, load.can) == ("failed", 0, [])
    assert "KB" in load.reasons[0]
    assert (shown(meters, "waiting"), shown(meters, "dropped")) == ([], [])
    assert watched(meters)


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_a_load_whose_job_ended_in_any_other_way_is_left_by_the_timer_and_can_be_tried_again(
    meters: Meters, end: str
) -> None:
    meters.push([(iccid(MOBILE[0]), day(1), 1)])
    load_id = sent(meters)
    before = sweep(meters), watched(meters)
    meters.run(
        "UPDATE jobs SET state = :end, error_code = CASE :end WHEN 'failed' THEN 'job_too_large' END"
        " WHERE request ->> 'load_id' = CAST(:id AS text)", end=end, id=load_id,
    )  # fmt: skip
    after = sweep(meters), watched(meters), sweep(meters)
    failed = meters.act(get_load, GetLoad(load_id=load_id))
    again = meters.take(failed)

    assert (before, after) == ((0, False), (1, True, 0))
    assert (failed.state, len(failed.reasons)) == ("failed", end == "failed")
    assert (again.state, again.taken, again.reasons) == ("taken", 1, [])


def test_a_load_that_a_person_had_taken_is_held_again_when_its_job_fails(meters: Meters) -> None:
    load_id = sent(meters)
    meters.run("UPDATE loads SET state = 'held', reasons = '[[\"usage_rows_few\", {}]]' WHERE id = :id", id=load_id)
    meters.run("UPDATE jobs SET state = 'done'")
    taken = meters.act(decide_load, DecideLoad(load_id=load_id, take=True, remark="ok"))
    meters.run("UPDATE jobs SET state = 'failed', error_code = 'job_too_large' WHERE id = :id", id=taken.job)
    sweep(meters)
    held = meters.act(get_load, GetLoad(load_id=load_id))

    assert (held.state, held.can, len(held.reasons)) == ("held", ["decide"], 2)
    dropped = meters.act(decide_load, DecideLoad(load_id=load_id, take=False, remark="no"))
    assert (dropped.state, shown(meters, "dropped"), shown(meters, "failed")) == ("dropped", [load_id], [])
