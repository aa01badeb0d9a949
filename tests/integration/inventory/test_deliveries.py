"""入库 page: the list of batches, inspection, unqualified cards, stock-in (INV-02)."""

from datetime import date, timedelta

import pytest

from kernel.contracts.inventory.acts import InspectAgain, MarkUnqualified
from kernel.contracts.inventory.cards import GetRunLog
from kernel.contracts.inventory.deliveries import (
    GetDelivery,
    ListDeliveries,
    ListRefusedRows,
    RecordInspection,
    ReleaseDelivery,
    StockIn,
)
from kernel.contracts.said import in_language
from kernel.model.errors import DomainError
from services.inventory.deliveries import batch_list as deliveries
from services.inventory.deliveries.inspection import inspect_again, mark_unqualified, record_inspection
from services.inventory.deliveries.stock_in import stock_in
from services.inventory.run_log import get_run_log
from tests.integration.inventory.stock import CITY, PROVINCE, Batch, Stock, clerk

TODAY = date(2026, 11, 20)


def show(stock: Stock, batch: Batch):
    return stock.do(deliveries.get_delivery, GetDelivery(delivery_id=batch.id))


def inspected(batch: Batch, **fields):
    return RecordInspection(
        **{
            "delivery_id": batch.id,
            "inspected_on": TODAY,
            "inspector": "张工",
            "result": "qualified",
            **fields,
        }
    )


def unqualified(iccids: list[str], **fields) -> MarkUnqualified:
    return MarkUnqualified(**{"iccids": iccids, "operator": "张工", "on": TODAY, "reason": "卡面破损", **fields})


@pytest.mark.req("INV-02")
def test_an_inspection_of_the_batch_is_recorded_with_who_when_result_and_remark(stock: Stock):
    batch = stock.deliver(5)

    answer = stock.do(record_inspection, inspected(batch, remark="抽检 20%"))

    shown = show(stock, batch)
    assert (answer.done, answer.refused_count) == (5, 0)
    assert (shown.state, shown.inspected_by, shown.inspection_result) == ("inspected", "张工", "qualified")
    assert shown.inspection_remark == "抽检 20%"
    row = stock.one("SELECT * FROM inspections WHERE delivery_id = :id", id=batch.id)
    assert (row["inspected_on"], row["card_count"], row["iccids"]) == (TODAY, 5, None)
    assert row["recorded_by"] == PROVINCE.name


@pytest.mark.req("INV-02")
def test_a_batch_found_unqualified_turns_unqualified_with_the_remark_as_reason(stock: Stock):
    batch = stock.deliver(4)

    answer = stock.do(record_inspection, inspected(batch, result="unqualified", remark="全部无法读卡"))

    shown = show(stock, batch)
    assert answer.done == 4
    assert stock.states(batch.iccids) == {"unqualified": 4}
    assert (shown.received_count, shown.qualified_count, shown.unqualified_count) == (4, 0, 4)
    assert stock.log(batch.iccids[0])[-1]["reason"] == "全部无法读卡"


@pytest.mark.req("INV-02")
def test_chosen_cards_are_inspected_and_every_other_is_named(stock: Stock):
    batch, other = stock.deliver(4), stock.deliver(1)
    chosen = [batch.iccids[0], other.iccids[0], "8986001234567890123", "x", batch.iccids[1], batch.iccids[1]]

    answer = stock.do(record_inspection, inspected(batch, iccids=chosen, result="unqualified", remark="读卡失败"))

    assert answer.done == 2
    assert [(card.iccid, card.code) for card in answer.refused] == [
        (other.iccids[0], "card_other_delivery"),
        ("8986001234567890123", "card_unknown"),
        ("x", "iccid_length"),
    ]
    assert stock.states(batch.iccids) == {"unqualified": 2, "received": 2}
    assert show(stock, batch).unqualified_count == 2


@pytest.mark.req("INV-02")
def test_an_inspection_cannot_lie_in_the_future(stock: Stock):
    batch = stock.deliver(1)

    with pytest.raises(DomainError) as refused:
        stock.do(record_inspection, inspected(batch, inspected_on=TODAY + timedelta(days=1)))

    assert refused.value.code == "day_in_future"


@pytest.mark.req("INV-02")
def test_unqualified_cards_of_several_batches_count_in_each_and_can_be_inspected_again(stock: Stock):
    one, other = stock.deliver(3), stock.deliver(3)

    answer = stock.do(mark_unqualified, unqualified([*one.iccids[:2], other.iccids[0]]))
    assert (answer.done, show(stock, one).unqualified_count, show(stock, other).unqualified_count) == (3, 2, 1)
    entry = stock.log(one.iccids[0])[-1]
    assert (entry["action"], entry["reason"], entry["reference_kind"]) == (
        "mark_unqualified",
        "卡面破损",
        "inspection",
    )

    again = stock.do(inspect_again, InspectAgain(iccids=[*one.iccids, other.iccids[0]], reason="复检合格"))
    assert (again.done, show(stock, one).unqualified_count, show(stock, other).unqualified_count) == (3, 0, 0)
    assert [card.code for card in again.refused] == ["card_state_refused"]
    assert "待入库" in again.refused[0].message


@pytest.mark.req("INV-02")
def test_stock_in_takes_all_qualified_cards_and_says_what_it_left_out(stock: Stock):
    batch = stock.deliver(20)
    stock.do(mark_unqualified, unqualified(batch.iccids[3:15]))

    answer = stock.do(stock_in, StockIn(delivery_id=batch.id))

    shown = show(stock, batch)
    assert answer.done == 8
    (left,) = answer.left_out
    assert (left.code, left.count, left.first) == ("card_state_refused", 12, sorted(batch.iccids[3:13]))
    assert "不合格" in left.message
    assert (shown.state, shown.stocked_in_count, shown.qualified_count) == ("stocked_in", 8, 8)
    assert "stock_in" not in shown.can


@pytest.mark.req("INV-02")
def test_stock_in_pressed_again_takes_what_was_found_good_meanwhile(stock: Stock):
    batch = stock.deliver(3)
    stock.do(mark_unqualified, unqualified(batch.iccids[:1]))
    stock.do(stock_in, StockIn(delivery_id=batch.id))
    assert stock.do(stock_in, StockIn(delivery_id=batch.id)).done == 0

    stock.do(inspect_again, InspectAgain(iccids=batch.iccids[:1], reason="复检合格"))
    assert "stock_in" in show(stock, batch).can
    answer = stock.do(stock_in, StockIn(delivery_id=batch.id))

    assert (answer.done, answer.left_out) == (1, [])
    assert show(stock, batch).stocked_in_count == 3


@pytest.mark.req("INV-01")
def test_a_held_batch_goes_in_only_after_a_person_answered_for_it(stock: Stock):
    batch = stock.deliver(2)
    stock.all_written(
        "UPDATE deliveries SET state = 'held', discrepancy_count = 1 WHERE id = :id RETURNING id", id=batch.id
    )
    stock.all_written(
        "INSERT INTO discrepancies (delivery_id, code, params) VALUES (:id, 'delivery_count_differs',"
        """ '{"expected": 3, "received": 2}') RETURNING id""",
        id=batch.id,
    )
    assert show(stock, batch).can == ["inspect", "mark_unqualified", "release"]
    with pytest.raises(DomainError) as refused:
        stock.do(stock_in, StockIn(delivery_id=batch.id))
    assert refused.value.code == "delivery_held"
    (finding,) = stock.do(deliveries.list_discrepancies, GetDelivery(delivery_id=batch.id)).items
    assert finding.message == "交货单数量 3，实收 2"

    released = stock.do(deliveries.release, ReleaseDelivery(delivery_id=batch.id, remark="运营商确认少发 1 张"))

    assert (released.state, released.released_by, released.release_remark) == (
        "received",
        PROVINCE.name,
        "运营商确认少发 1 张",
    )
    assert stock.do(stock_in, StockIn(delivery_id=batch.id)).done == 2
    with pytest.raises(DomainError) as twice:
        stock.do(deliveries.release, ReleaseDelivery(delivery_id=batch.id, remark="再放行"))
    assert twice.value.code == "delivery_not_held"


@pytest.mark.req("GTW-02")
@pytest.mark.parametrize(
    "act",
    [
        lambda stock, batch: stock.do(deliveries.get_delivery, GetDelivery(delivery_id=batch), by=CITY),
        lambda stock, batch: stock.do(deliveries.list_refused_rows, ListRefusedRows(delivery_id=batch), by=CITY),
        lambda stock, batch: stock.do(deliveries.list_discrepancies, GetDelivery(delivery_id=batch), by=CITY),
        lambda stock, batch: stock.do(stock_in, StockIn(delivery_id=batch), by=CITY),
        lambda stock, batch: stock.do(record_inspection, inspected(Batch(batch, [])), by=CITY),
        lambda stock, batch: stock.do(deliveries.release, ReleaseDelivery(delivery_id=batch, remark="x"), by=CITY),
    ],
)
def test_a_batch_of_another_unit_does_not_exist_for_the_actor(stock: Stock, act):
    batch = stock.deliver(1)

    with pytest.raises(DomainError) as refused:
        act(stock, batch.id)

    assert refused.value.code == "delivery_not_found"


@pytest.mark.req("INV-02")
def test_the_list_asks_by_month_state_and_carrier_and_adds_up(stock: Stock):
    month = f"20{30 + stock.series % 60:02d}-01"
    mobile = stock.deliver(3, month=month)
    telecom = stock.deliver(2, month=month, carrier="china_telecom", prefix="898603")
    third = stock.deliver(4, month=month)
    stock.do(mark_unqualified, unqualified(third.iccids[:1]))
    stock.do(stock_in, StockIn(delivery_id=third.id))

    def ids(**filters) -> list[int]:
        page = stock.do(deliveries.list_deliveries, ListDeliveries(application_month=month, **filters))
        assert page.total == len(page.items)
        return [item.id for item in page.items]

    assert ids() == [third.id, telecom.id, mobile.id]
    assert ids(sort="id") == [mobile.id, telecom.id, third.id]
    assert ids(carrier="china_telecom") == [telecom.id]
    assert ids(state="stocked_in") == [third.id]
    assert ids(batch_no=f"B{stock.series}-") == [third.id, telecom.id, mobile.id]
    assert ids(batch_no="B%") == []
    assert ids(received_from=TODAY, received_to=TODAY) == [third.id, telecom.id, mobile.id]
    assert ids(received_from=TODAY + timedelta(days=1)) == []
    page = stock.do(deliveries.list_deliveries, ListDeliveries(application_month=month))
    assert page.sums == {"received": 9, "qualified": 8, "unqualified": 1, "stocked_in": 3}


@pytest.mark.req("GTW-01")
def test_pages_of_batches_go_forward_and_back(stock: Stock):
    month = f"20{30 + stock.series % 60:02d}-02"
    batches = [stock.deliver(1, month=month).id for _ in range(5)]
    first = stock.do(deliveries.list_deliveries, ListDeliveries(application_month=month, size=2))
    second = stock.do(
        deliveries.list_deliveries, ListDeliveries(application_month=month, size=2, cursor=first.next_cursor)
    )
    back = stock.do(
        deliveries.list_deliveries, ListDeliveries(application_month=month, size=2, cursor=second.previous_cursor)
    )

    assert [item.id for item in first.items + second.items] == batches[::-1][:4]
    assert back.items == first.items
    assert (first.total, first.previous_cursor) == (5, None)


def test_an_unknown_sort_is_refused(stock: Stock):
    with pytest.raises(DomainError) as refused:
        stock.do(deliveries.list_deliveries, ListDeliveries(sort="batch_no"))

    assert refused.value.code == "sort_unknown"


@pytest.mark.req("INV-01")
def test_refused_rows_are_read_by_row_with_their_reason_in_the_readers_language(stock: Stock):
    batch = stock.deliver(1)
    stock.all_written(
        "INSERT INTO refused_rows (delivery_id, row_no, iccid, code, params) VALUES"
        """ (:id, 9, '8986', 'iccid_length', '{"value": "8986", "length": 4}'), (:id, 3, '', 'iccid_blank', '{}')"""
        " RETURNING row_no",
        id=batch.id,
    )
    request = ListRefusedRows(delivery_id=batch.id)

    zh = stock.do(deliveries.list_refused_rows, request)
    en = zh.model_dump(context=in_language("en"))

    assert [(row.row, row.message) for row in zh.items] == [
        (3, "ICCID 为空"),
        (9, "ICCID“8986”应为 19 或 20 位，实际 4 位"),
    ]
    assert en["items"][1]["message"] == "ICCID 8986 must have 19 or 20 characters, not 4"


def test_the_buttons_follow_the_state_and_the_permissions(stock: Stock):
    batch = stock.deliver(1)

    viewer = clerk("99", frozenset({"card.view"}))

    assert show(stock, batch).can == ["inspect", "mark_unqualified", "stock_in"]
    assert stock.do(deliveries.get_delivery, GetDelivery(delivery_id=batch.id), by=viewer).can == []


@pytest.mark.req("INV-02")
def test_an_unqualified_result_needs_its_reason_and_marks_nothing_without(stock: Stock):
    batch = stock.deliver(2)

    with pytest.raises(DomainError) as refused:
        stock.do(record_inspection, inspected(batch, result="unqualified", remark="  "))

    assert (refused.value.code, refused.value.params["field"]) == ("inspection_reason_missing", "remark")
    assert stock.states(batch.iccids) == {"received": 2}


@pytest.mark.req("INV-02")
def test_a_batch_that_is_unqualified_as_a_whole_keeps_its_way_back(stock: Stock):
    batch = stock.deliver(2)
    stock.do(record_inspection, inspected(batch, result="unqualified", remark="全部无法读卡"))

    shown = show(stock, batch)

    assert (shown.waiting_count, "inspect" in shown.can, "inspect_again" in shown.can) == (0, False, True)
    stock.do(inspect_again, InspectAgain(iccids=batch.iccids, reason="换读卡器复检"))
    shown = show(stock, batch)
    assert (shown.waiting_count, "inspect" in shown.can, "inspect_again" in shown.can) == (2, True, False)


@pytest.mark.req("INV-02", "INV-05")
def test_an_inspection_that_passed_a_card_stands_in_its_run_log_and_in_no_other(stock: Stock):
    batch = stock.deliver(3)
    bad, good, chosen = batch.iccids
    steps = (
        (mark_unqualified, unqualified([bad])),
        (record_inspection, inspected(batch, remark="抽检 2 张")),
        (record_inspection, inspected(batch, iccids=[chosen], remark="单独复检")),
        (stock_in, StockIn(delivery_id=batch.id)),
    )
    for act, request in steps:
        stock.now += timedelta(minutes=1)
        stock.do(act, request)

    def told(iccid: str) -> list[tuple[str, str | None]]:
        log = stock.do(get_run_log, GetRunLog(iccid=iccid))
        return [(line.action, line.reason) for line in log.items]

    passed = ("inspect", "抽检 2 张")
    assert told(good) == [("receive", None), passed, ("stock_in", None)]
    assert told(chosen) == [("receive", None), passed, ("inspect", "单独复检"), ("stock_in", None)]
    assert told(bad) == [("receive", None), ("mark_unqualified", "卡面破损")]
