"""Acts on very many cards: they become jobs that move the cards slice by slice, whole or not at all."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from kernel.chassis.data.blobs import FolderBlobStore
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.jobs.context import JobCancelledError
from kernel.contracts.inventory.acts import AllocateCards, IssueCards
from kernel.contracts.inventory.deliveries import StockIn
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.inventory import large_acts
from services.inventory.allocation import allocate
from services.inventory.deliveries.inspection import mark_unqualified, record_inspection
from services.inventory.deliveries.stock_in import run_stock_in, stock_in
from services.inventory.lifecycle import CardAction
from services.inventory.requisition import issue
from tests.integration.inventory.delivery_lab import Lab
from tests.integration.inventory.stock import Batch, Stock, clerk
from tests.integration.inventory.test_deliveries import inspected, unqualified

CARDS = 70


@pytest.fixture
def lab(stock: Stock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """The job worker. More than 50 cards are many here, and 30 a slice."""
    monkeypatch.setenv("SIMKEEP_INVENTORY_LARGE_ACT_CARDS", "50")
    monkeypatch.setattr(large_acts, "SLICE", 30)
    return Lab(stock.engine, FolderBlobStore(tmp_path), "00000")


def ranged(batch: Batch, **fields: Any) -> AllocateCards:
    asked = {"application_month": "2026-11", "carrier": "china_mobile", "card_spec": "plug_in", "to_unit": "9901"}
    ends = {"start_iccid": batch.iccids[0], "end_iccid": batch.iccids[-1]}
    return AllocateCards(**{**asked, **ends, **fields})


@pytest.mark.req("INV-02")
def test_a_large_batch_is_stocked_in_by_a_job_and_a_small_one_at_once(stock: Stock, lab: Lab) -> None:
    large, small = stock.deliver(CARDS), stock.deliver(50)
    stock.do(mark_unqualified, unqualified(large.iccids[:2]))

    accepted = stock.do(stock_in, StockIn(delivery_id=large.id))
    assert (accepted.done, stock.states(large.iccids)) == (0, {"received": 68, "unqualified": 2})
    job = lab.run()

    title = f"入库 中国移动 {batch_no(stock, large)}"
    assert (job["id"], job["state"], job["title"]) == (accepted.job_id, "done", title)
    assert (job["done"], job["total"]) == (CARDS, CARDS)
    assert job["result"]["done"] == 68
    assert [(it["code"], it["count"]) for it in job["result"]["left_out"]] == [("card_state_refused", 2)]
    assert stock.states(large.iccids) == {"in_stock": 68, "unqualified": 2}
    assert stock.one("SELECT stocked_in_count FROM deliveries WHERE id = :id", id=large.id) == {"stocked_in_count": 68}
    at_once = stock.do(stock_in, StockIn(delivery_id=small.id))
    assert (at_once.done, at_once.job_id) == (50, None)


def batch_no(stock: Stock, batch: Batch) -> str:
    return str(stock.one("SELECT batch_no FROM deliveries WHERE id = :id", id=batch.id)["batch_no"])


@pytest.mark.req("INV-02")
def test_pressed_again_while_the_job_waits_it_answers_the_same_job(stock: Stock, lab: Lab) -> None:
    batch = stock.deliver(CARDS)

    first = stock.do(stock_in, StockIn(delivery_id=batch.id))
    again = stock.do(stock_in, StockIn(delivery_id=batch.id))
    assert lab.run()["result"]["done"] == CARDS
    after = stock.do(stock_in, StockIn(delivery_id=batch.id))

    assert first.job_id is not None
    assert again.job_id == first.job_id
    assert (after.done, after.job_id) == (0, None)


class Act(BaseModel):
    month: str


@pytest.mark.req("INV-02", "GTW-07")
def test_the_open_job_of_another_unit_is_not_this_units(stock: Stock, lab: Lab) -> None:
    def begin(by: Actor) -> UUID:
        with UnitOfWork(stock.engine).begin(by) as tx:
            job = large_acts.begin(tx, "stock_in", "入库", Act(month="2026-11"), by)
            tx.commit()
        return job

    ours = begin(clerk("9901"))

    assert begin(Actor("colleague", "同事", "9901", frozenset())) == ours
    assert begin(clerk("9902")) != ours
    stock.all_written("UPDATE jobs SET state = 'cancelled' WHERE state = 'queued' RETURNING id")


@pytest.mark.req("INV-02")
def test_a_large_batch_is_marked_unqualified_by_a_job_and_found_qualified_at_once(stock: Stock, lab: Lab) -> None:
    batch = stock.deliver(CARDS)

    qualified = stock.do(record_inspection, inspected(batch))
    refused = stock.do(record_inspection, inspected(batch, result="unqualified", remark="全部无法读卡"))
    assert (qualified.done, qualified.job_id, stock.states(batch.iccids)) == (CARDS, None, {"received": CARDS})
    job = lab.run()

    assert (job["id"], job["state"], job["result"]["done"]) == (refused.job_id, "done", CARDS)
    assert stock.states(batch.iccids) == {"unqualified": CARDS}
    assert {stock.log(iccid)[-1]["reason"] for iccid in batch.iccids[::23]} == {"全部无法读卡"}
    counts = stock.one("SELECT unqualified_count, inspection_result FROM deliveries WHERE id = :id", id=batch.id)
    assert counts == {"unqualified_count": CARDS, "inspection_result": "unqualified"}


@pytest.mark.req("INV-03")
def test_a_large_range_is_allocated_by_a_job_with_one_record(stock: Stock, lab: Lab) -> None:
    batch = stock.stocked(CARDS)

    accepted = stock.do(allocate, ranged(batch, operator="赵六"))
    assert accepted.allocation is None
    job = lab.run()

    assert (job["id"], job["state"], job["result"]["card_count"]) == (accepted.job_id, "done", CARDS)
    record = stock.one("SELECT * FROM allocations WHERE id = :id", id=job["result"]["id"])
    assert (record["card_count"], record["to_unit"], record["operator"]) == (CARDS, "9901", "赵六")
    owners = stock.all("SELECT DISTINCT owner_unit FROM cards WHERE delivery_id = :id", id=batch.id)
    assert owners == [{"owner_unit": "9901"}]
    assert {stock.log(iccid)[-1]["reference_id"] for iccid in batch.iccids[::20]} == {str(record["id"])}


@pytest.mark.req("INV-03")
def test_a_large_range_with_a_wrong_card_is_refused_at_once_and_one_that_changed_meanwhile_by_the_job(
    stock: Stock, lab: Lab
) -> None:
    batch, other = stock.stocked(CARDS), stock.deliver(CARDS)

    with pytest.raises(DomainError, match="allocation_refused"):
        stock.do(allocate, ranged(other))
    stock.do(allocate, ranged(batch))
    stock.move(CardAction.ALLOCATE, batch.iccids[40:41], owner_unit="9902")
    job = lab.run()

    assert (job["state"], job["error_code"]) == ("failed", "allocation_refused")
    assert job["error_params"]["reasons"][0]["first"] == batch.iccids[40:41]
    owners = stock.all("SELECT owner_unit, count(*) AS n FROM cards WHERE delivery_id = :id GROUP BY 1", id=batch.id)
    assert {row["owner_unit"]: row["n"] for row in owners} == {"99": CARDS - 1, "9902": 1}


@pytest.mark.req("INV-04")
def test_a_large_range_is_issued_by_a_job_which_names_the_cards_that_could_not_go(stock: Stock, lab: Lab) -> None:
    batch = stock.stocked(CARDS)
    stock.move(CardAction.MARK_PENDING_SCRAP, batch.iccids[10:12])
    asked = IssueCards(
        unit="9901", recipient="王强", phone="13800000000", start_iccid=batch.iccids[0], end_iccid=batch.iccids[-1]
    )

    accepted, again = stock.do(issue, asked), stock.do(issue, asked)
    assert (accepted.done, again.job_id) == (0, accepted.job_id)
    job = lab.run()

    assert (job["id"], job["state"], job["done"], job["refused_count"]) == (accepted.job_id, "done", CARDS, 2)
    assert (job["result"]["done"], job["result"]["refused_count"]) == (68, 2)
    assert stock.states(batch.iccids) == {"pending_install": 68, "pending_scrap": 2}
    refused = stock.all("SELECT key, code FROM job_rows WHERE job_id = :id ORDER BY row_no", id=job["id"])
    assert [(row["key"], row["code"]) for row in refused] == [(it, "card_state_refused") for it in batch.iccids[10:12]]
    record = stock.one("SELECT * FROM requisitions WHERE id = :id", id=job["result"]["requisition_id"])
    assert (record["card_count"], record["unit"], record["recipient"]) == (68, "9901", "王强")


@pytest.mark.req("INV-02")
def test_a_large_act_that_is_cancelled_leaves_everything_as_it_was(stock: Stock, lab: Lab) -> None:
    batch = stock.deliver(CARDS)
    stock.do(stock_in, StockIn(delivery_id=batch.id))
    job = lab.context()
    told, moved = job.progress, []

    def cancelled_after_the_first_slice(done: int, total: int | None) -> None:
        if done:
            stock.all_written("UPDATE jobs SET cancel_requested = true WHERE id = :id RETURNING id", id=job.job_id)
        moved.append(done)
        told(done, total, "…")

    job.progress = cancelled_after_the_first_slice  # type: ignore[method-assign, assignment]
    with pytest.raises(JobCancelledError):
        run_stock_in(job)

    assert moved == [0, 30]
    assert stock.states(batch.iccids) == {"received": CARDS}
    assert {len(stock.log(iccid)) for iccid in batch.iccids[::9]} == {1}
