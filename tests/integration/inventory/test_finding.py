"""The search box, and the cards behind the quantity of one 分卡 or 领用 (GTW-05, INV-03, INV-04)."""

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.inventory.acts import AllocateCards, IssueCards
from kernel.contracts.inventory.cards import GetRunLog
from kernel.contracts.inventory.finding import Find, Found, GetAct, ListActCards
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.inventory.act_cards import get_act, list_act_cards
from services.inventory.allocation import allocate
from services.inventory.bulk import scope_params
from services.inventory.finding import _WAYS, _way, find
from services.inventory.requisition import issue
from services.inventory.run_log import get_run_log
from tests.integration.inventory.stock import CITY, COUNTY, PROVINCE, STRANGER, Stock

CREW = {"unit": "990101", "recipient": "李强", "phone": "13800000000"}


def look(stock: Stock, text: str, by: Actor = PROVINCE) -> Found:
    found = stock.do(find, Find(text=text), by=by)
    assert isinstance(found, Found)
    return found


def numbered(stock: Stock) -> str:
    """A card with every number that a card can have."""
    (iccid,) = stock.stocked(1, unit="990101").iccids
    stock.all_written(
        "UPDATE cards SET msisdn = '1064' || right(iccid, 9), imsi = '46000' || right(iccid, 10),"
        " terminal_asset_no = 'DZ-' || right(iccid, 8) WHERE iccid = :iccid RETURNING iccid",
        iccid=iccid,
    )
    return iccid


@pytest.mark.req("GTW-05", "INV-12")
def test_a_card_is_found_by_each_of_its_numbers_and_by_its_last_six_digits(stock: Stock):
    iccid = numbered(stock)
    texts = {
        iccid: "iccid", iccid[:19]: "iccid", f"{iccid[:6]} {iccid[6:]}": "iccid", iccid[-6:]: "last_six",
        iccid[-9:]: "last_six", f"+86 1064{iccid[-9:]}": "msisdn", f"46000{iccid[-10:]}": "imsi",
        f"DZ-{iccid[-8:]}": "terminal",
    }  # fmt: skip
    for text, by in texts.items():
        cards = look(stock, text).cards
        assert (iccid, by) in [(card.iccid, card.by) for card in cards], text


@pytest.mark.req("GTW-05", "GTW-02")
def test_another_units_card_is_not_found_by_any_of_its_numbers(stock: Stock):
    iccid = numbered(stock)
    for text in (iccid, iccid[-6:], f"1064{iccid[-9:]}", f"46000{iccid[-10:]}", f"DZ-{iccid[-8:]}"):
        assert iccid in [card.iccid for card in look(stock, text, COUNTY).cards]
        assert look(stock, text, STRANGER).cards == []


@pytest.mark.req("GTW-05")
def test_a_batch_is_found_by_the_beginning_of_its_number_in_any_case(stock: Stock):
    batch = stock.deliver(2)
    number = stock.one("SELECT batch_no FROM deliveries WHERE id = :id", id=batch.id)["batch_no"]
    assert [(one.id, one.received_count) for one in look(stock, number.lower()).batches] == [(batch.id, 2)]
    assert look(stock, number, COUNTY).batches == []


@pytest.mark.req("GTW-05")
@pytest.mark.parametrize("text", ["%%", "__", "'; --", "８９８６", "\u200b\u200b", "00", "a" * 64, "9" * 64, "ÿÿ"])
def test_odd_texts_find_nothing_and_break_nothing(stock: Stock, text: str):
    numbered(stock)
    found = look(stock, text)
    assert (found.cards, found.batches) == ([], [])


@pytest.mark.req("GTW-05")
def test_each_way_of_looking_reads_an_index(stock: Stock):
    """At any size: were there no fitting index, forbidding the scan would still leave one."""
    values = {
        "iccid": ["8986"], "last_six": "123456", "digits": "123456", "msisdn": "1064", "msisdn_end": "1065",
        "imsi": "4600", "imsi_end": "4601", "terminal": "DZ", "terminal_end": "Da",
    }  # fmt: skip
    with UnitOfWork(stock.engine).begin() as tx:
        tx.execute("SET LOCAL enable_seqscan = off")
        for way, where in _WAYS.items():
            rows = tx.execute(f"EXPLAIN SELECT iccid FROM cards WHERE {where} LIMIT 200", values)
            plan = "\n".join(row[0] for row in rows)
            assert "Index" in plan, (way, plan)
            assert "Seq Scan" not in plan, (way, plan)


@pytest.mark.req("GTW-05")
@pytest.mark.parametrize("way", ["msisdn", "imsi", "terminal"])
def test_a_beginning_that_most_cards_share_is_read_along_its_index_too(stock: Stock, way: str):
    """Reading rows until enough fit looks as cheap to the planner; where the guess is wrong it reads all of them."""
    with UnitOfWork(stock.engine).begin() as tx:
        tx.execute(
            """
            CREATE TEMP TABLE cards ON COMMIT DROP AS
            SELECT n::text COLLATE "C" AS iccid, ('1064' || n) COLLATE "C" AS msisdn, ('1064' || n) COLLATE "C" AS imsi,
                   ('1064' || n) COLLATE "C" AS terminal_asset_no, 'running' AS state, '99' COLLATE "C" AS owner_unit
            FROM generate_series(10000, 39999) AS n
            """
        )
        for column in ("msisdn", "imsi", "terminal_asset_no"):
            tx.execute(f"CREATE INDEX ON cards ({column})")
        tx.execute("ANALYZE cards")
        ends = {way: "1064", f"{way}_end": "1065", **scope_params(PROVINCE)}
        plan = "\n".join(row[0] for row in tx.execute(f"EXPLAIN {_way(way)}", ends))

    assert "Index Scan" in plan
    assert "Seq Scan" not in plan


@pytest.mark.req("INV-03")
def test_the_quantity_of_an_allocation_opens_its_cards(stock: Stock):
    batch = stock.stocked(4)
    ranged = {
        "application_month": "2026-11", "carrier": "china_mobile", "card_spec": "plug_in",
        "start_iccid": batch.iccids[0], "end_iccid": batch.iccids[2], "to_unit": "9901",
    }  # fmt: skip
    record = stock.do(allocate, AllocateCards(**ranged)).allocation
    asked = {"kind": "allocation", "act_id": record.id}

    act = stock.do(get_act, GetAct(**asked), by=CITY)
    page = stock.do(list_act_cards, ListActCards(**asked))

    assert (act.unit, act.card_count, act.start_iccid) == ("9901", 3, batch.iccids[0])
    assert [card.iccid for card in page.items] == batch.iccids[:3]
    assert page.total == record.card_count


@pytest.mark.req("INV-04", "INV-05")
def test_a_requisition_opens_its_cards_and_the_run_log_names_who_got_them(stock: Stock):
    batch = stock.stocked(3, unit="990101")
    answer = stock.do(issue, IssueCards(**CREW, iccids=batch.iccids[:2]), by=COUNTY)
    asked = {"kind": "requisition", "act_id": answer.requisition_id}

    assert [card.iccid for card in stock.do(list_act_cards, ListActCards(**asked), by=COUNTY).items] == batch.iccids[:2]
    entries = stock.do(get_run_log, GetRunLog(iccid=batch.iccids[0]), by=COUNTY).items
    named = {entry.reference_kind: entry.reference_name for entry in entries}
    assert named["requisition"] == "李强 13800000000"
    assert named["delivery"] == stock.one("SELECT batch_no FROM deliveries WHERE id = :id", id=batch.id)["batch_no"]


@pytest.mark.req("INV-03", "INV-04", "GTW-02")
def test_an_act_of_another_unit_is_not_found(stock: Stock):
    batch = stock.stocked(1, unit="990101")
    answer = stock.do(issue, IssueCards(**CREW, iccids=batch.iccids), by=COUNTY)
    for request, act in ((GetAct, get_act), (ListActCards, list_act_cards)):
        with pytest.raises(DomainError) as refused:
            stock.do(act, request(kind="requisition", act_id=answer.requisition_id), by=STRANGER)
        assert refused.value.code == "act_not_found"
