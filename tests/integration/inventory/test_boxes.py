"""Boxes: packed once, named by a code, issued and allocated by scanning it (INV-11)."""

from typing import Any

import pytest

from kernel.contracts.inventory.boxes import (
    AllocateBoxes,
    BoxesAnswer,
    IssueBoxes,
    LabelView,
    ListBoxes,
    ListLabelCards,
    ListLabels,
    PackDelivery,
    ReadLabel,
)
from kernel.model.errors import DomainError
from kernel.model.label_code import label_code
from services.inventory import box_acts, boxes, labels
from services.inventory.lifecycle import CardAction
from tests.integration.inventory.stock import CITY, COUNTY, PROVINCE, STRANGER, Batch, Stock, clerk

pytestmark = pytest.mark.req("INV-11")
CREW = {"unit": "990101", "recipient": "李强", "phone": "13800000000"}
PACKER = clerk("99", PROVINCE.permissions | {"box.pack"})


def pack(stock: Stock, batch: Batch, size: int, **more: Any) -> list[str]:
    """The codes of the boxes, in their order."""
    stock.do(boxes.pack, PackDelivery(delivery_id=batch.id, size=size, **more), by=PACKER)
    return [box.code for box in stock.do(boxes.list_boxes, ListBoxes(delivery_id=batch.id), by=PACKER).items]


def read(stock: Stock, code: str, *, by: Any = COUNTY) -> LabelView:
    return stock.do(boxes.read, ReadLabel(code=code), by=by)


def issue(stock: Stock, *codes: str, by: Any = COUNTY, **more: Any) -> BoxesAnswer:
    return stock.do(box_acts.issue, IssueBoxes(codes=list(codes), **{**CREW, **more}), by=by)


def allocate(stock: Stock, *codes: str, by: Any = PROVINCE, to_unit: str = "9901") -> BoxesAnswer:
    return stock.do(box_acts.allocate, AllocateBoxes(codes=list(codes), to_unit=to_unit), by=by)


def refusal(act: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(DomainError) as refused:
        act(*args, **more)
    return refused.value.code


def system(stock: Stock) -> int:
    return int(stock.one("SELECT number FROM label_system")["number"])


def test_a_batch_is_packed_in_the_order_of_its_numbers_and_the_last_box_holds_the_rest(stock: Stock):
    batch = stock.stocked(25)

    made = stock.do(boxes.pack, PackDelivery(delivery_id=batch.id, size=10), by=PACKER)

    assert (made.done, made.boxes) == (25, 3)
    found = stock.do(boxes.list_boxes, ListBoxes(delivery_id=batch.id), by=PACKER).items
    assert [(box.box_no, box.first_iccid, box.last_iccid, box.card_count) for box in found] == [
        (1, batch.iccids[0], batch.iccids[9], 10),
        (2, batch.iccids[10], batch.iccids[19], 10),
        (3, batch.iccids[20], batch.iccids[24], 5),
    ]
    assert {box.packed_by for box in found} == {PACKER.name}


def test_packing_again_must_be_meant_and_makes_the_old_labels_void(stock: Stock):
    batch = stock.stocked(20, unit="990101")
    old = pack(stock, batch, 10)

    assert refusal(pack, stock, batch, 5) == "delivery_packed"
    new = pack(stock, batch, 5, again=True)

    assert len(new) == 4
    assert not set(old) & set(new)
    answer = issue(stock, old[0], new[0])
    assert [(row.code, row.done) for row in answer.rows] == [("box_void", 0), (None, 5)]
    assert "重新装箱" in (answer.rows[0].message or "")


def test_a_box_tells_how_its_cards_stand_and_what_can_be_done(stock: Stock):
    batch = stock.stocked(10, unit="990101")
    (code,) = pack(stock, batch, 10)
    stock.move(CardAction.ISSUE, batch.iccids[:4], issued_to_unit="990101")

    label = read(stock, f" {code[:5]} {code[5:]}\n")

    assert (label.kind, label.box_no, label.boxes, label.card_count, label.in_stock) == ("box", 1, 1, 10, 6)
    assert {(it.state, it.owner_unit, it.count) for it in label.standing} == {
        ("in_stock", "990101", 6),
        ("pending_install", "990101", 4),
    }
    assert label.can == ["issue", "allocate"]
    assert read(stock, code, by=clerk("990101", frozenset({"card.view"}))).can == []


def test_a_batchs_own_label_names_the_whole_batch(stock: Stock):
    batch = stock.stocked(7, unit="9901")

    label = read(stock, label_code(system(stock), "batch", batch.id), by=CITY)

    assert (label.kind, label.box_no, label.boxes, label.card_count) == ("batch", None, 0, 7)
    assert (label.first_iccid, label.last_iccid) == (batch.iccids[0], batch.iccids[-1])


def test_boxes_are_issued_whole_each_with_a_requisition_of_its_own(stock: Stock):
    batch = stock.stocked(20, unit="990101")
    first, second = pack(stock, batch, 10)

    answer = issue(stock, first, second)

    assert (answer.done, answer.refused_count) == (20, 0)
    assert [(row.row, row.label, row.box_no, row.done, row.code) for row in answer.rows] == [
        (1, first, 1, 10, None),
        (2, second, 2, 10, None),
    ]
    assert stock.states(batch.iccids) == {"pending_install": 20}
    made = stock.all("SELECT card_count FROM requisitions ORDER BY id DESC LIMIT 2")
    assert [row["card_count"] for row in made] == [10, 10]


def test_every_code_that_cannot_go_is_named_by_its_row_and_the_others_go(stock: Stock):
    batch = stock.stocked(30, unit="990101")
    whole, part, gone = pack(stock, batch, 10)
    stock.move(CardAction.ISSUE, [*batch.iccids[10:14], *batch.iccids[20:]], issued_to_unit="990101")
    (foreign,) = pack(stock, stock.stocked(5, unit="9902"), 5)
    ours = system(stock)
    other = label_code(100 if ours != 100 else 101, "box", 1)
    misread = whole[:-1] + str((int(whole[-1]) + 1) % 10)
    unknown = label_code(ours, "box", 999_999_999)

    no_labels = (batch.iccids[0], "hello", "", "7" * 500)
    answer = issue(stock, whole, whole, part, gone, foreign, other, misread, unknown, *no_labels)

    assert [(row.row, row.code, row.done, row.left) for row in answer.rows] == [
        (1, None, 10, 0),
        (2, "label_twice", 0, 0),
        (3, "box_issued_in_part", 6, 4),
        (4, "box_not_issued", 0, 10),
        (5, "label_unknown", 0, 0),
        (6, "label_other_system", 0, 0),
        (7, "label_misread", 0, 0),
        (8, "label_unknown", 0, 0),
        (9, "label_is_card", 0, 0),
        (10, "label_not_ours", 0, 0),
        (11, "label_not_ours", 0, 0),
        (12, "label_not_ours", 0, 0),
    ]
    assert (answer.done, answer.refused_count) == (16, 11)
    assert all(row.message for row in answer.rows if row.code)
    (reason,) = answer.rows[2].reasons
    assert (reason.code, reason.count, reason.first) == ("card_state_refused", 4, batch.iccids[10:14])
    assert "第 1 行" in str(answer.rows[1].message)


def test_a_box_is_allocated_whole_or_not_at_all(stock: Stock):
    batch = stock.stocked(20)
    whole, broken = pack(stock, batch, 10)
    stock.move(CardAction.ISSUE, batch.iccids[10:13], issued_to_unit="9901")

    answer = allocate(stock, broken, whole)

    assert [(row.code, row.done, row.left) for row in answer.rows] == [("allocation_refused", 0, 10), (None, 10, 0)]
    assert [(it.code, it.count) for it in answer.rows[0].reasons] == [("card_not_in_stock", 3)]
    assert {stock.card(iccid)["owner_unit"] for iccid in batch.iccids[:10]} == {"9901"}
    assert {stock.card(iccid)["owner_unit"] for iccid in batch.iccids[10:]} == {"99"}
    record = stock.one("SELECT * FROM allocations ORDER BY id DESC LIMIT 1")
    assert (record["start_iccid"], record["end_iccid"]) == (batch.iccids[0], batch.iccids[9])


def test_cards_of_another_delivery_between_a_boxs_numbers_are_none_of_it(stock: Stock):
    """A carrier replaces two spoilt cards: their numbers lie in the old box's range, the cards in a new one."""
    batch = stock.stocked(10, unit="990101")
    other = stock.stocked(1, unit="990101")
    (code,) = pack(stock, batch, 10)
    with stock.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE cards SET delivery_id = {other.id} WHERE iccid IN ('{batch.iccids[3]}', '{batch.iccids[4]}')"
        )

    answer = issue(stock, code)

    assert (read(stock, code).card_count, answer.done) == (8, 8)
    assert stock.states(batch.iccids[3:5]) == {"in_stock": 2}


@pytest.mark.req("GTW-02")
def test_a_box_is_only_there_for_whose_subtree_has_cards_in_it(stock: Stock):
    batch = stock.stocked(10, unit="990101")
    (code,) = pack(stock, batch, 10)

    assert refusal(read, stock, code, by=STRANGER) == "label_unknown"
    assert stock.do(boxes.list_label_cards, ListLabelCards(code=code), by=STRANGER).items == []
    assert [row.code for row in issue(stock, code, by=STRANGER, unit="9902").rows] == ["label_unknown"]
    assert refusal(issue, stock, code, by=STRANGER) == "unit_out_of_scope"
    assert refusal(allocate, stock, code, by=STRANGER, to_unit="9901") == "unit_out_of_scope"
    assert refusal(stock.do, boxes.list_boxes, ListBoxes(delivery_id=batch.id), by=STRANGER) == "delivery_not_found"
    for by in (COUNTY, CITY, PROVINCE):
        assert read(stock, code, by=by).card_count == 10
        assert len(stock.do(boxes.list_label_cards, ListLabelCards(code=code), by=by).items) == 10


def test_labels_say_what_is_in_the_box_and_are_read_by_the_scanner(stock: Stock):
    batch = stock.stocked(12)
    codes = pack(stock, batch, 10)

    sheet = stock.do(labels.list_labels, ListLabels(delivery_id=batch.id, kind="box"), by=PACKER)
    (own,) = stock.do(labels.list_labels, ListLabels(delivery_id=batch.id, kind="batch"), by=PACKER).labels

    assert [label.code for label in sheet.labels] == codes
    assert sheet.labels[1].title == "箱 2 / 2"
    assert sheet.labels[1].lines[2:] == [batch.iccids[10], f"至 {batch.iccids[11]}", "共 2 张"]
    assert own.code == label_code(system(stock), "batch", batch.id)
    assert own.lines[-1] == "共 12 张"


def test_labels_of_what_is_not_packed_or_not_there_any_more_are_refused(stock: Stock):
    batch = stock.stocked(4)

    def printed(**more: Any) -> Any:
        return stock.do(labels.list_labels, ListLabels(delivery_id=batch.id, kind="box", **more), by=PACKER)

    assert refusal(printed) == "delivery_not_packed"
    pack(stock, batch, 2)
    old = [row["id"] for row in stock.all("SELECT id FROM boxes WHERE delivery_id = :id", id=batch.id)]
    assert len(printed(box_ids=old[:1]).labels) == 1
    pack(stock, batch, 4, again=True)
    assert refusal(printed, box_ids=old) == "boxes_unknown"
