"""领用: by list and by range, each card with its own answer (INV-04)."""

import threading
from typing import Any

import pytest
from pydantic import ValidationError

from kernel.contracts.inventory.acts import IssueAnswer, IssueCards, ListRequisitions
from kernel.contracts.said import in_language
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.inventory.lifecycle import CardAction
from services.inventory.requisition import NAMED, issue, list_requisitions
from tests.integration.inventory.stock import CITY, COUNTY, PROVINCE, STRANGER, Stock

A = CardAction
CREW = {"unit": "990101", "recipient": "李强", "phone": "13800000000"}


def hand_out(stock: Stock, *, by: Actor = COUNTY, **fields: Any) -> IssueAnswer:
    answer = stock.do(issue, IssueCards(**{**CREW, **fields}), by=by)
    assert isinstance(answer, IssueAnswer)
    return answer


@pytest.mark.req("INV-04")
def test_cards_go_to_the_crew_and_the_requisition_keeps_who_and_how_many(stock: Stock):
    batch = stock.stocked(3, unit="990101")

    answer = hand_out(stock, iccids=batch.iccids)

    assert (answer.done, answer.refused) == (3, [])
    card = stock.card(batch.iccids[0])
    assert (card["state"], card["issued_to_unit"], card["recipient"], card["recipient_phone"]) == (
        "pending_install",
        "990101",
        "李强",
        "13800000000",
    )
    assert card["issued_at"] == stock.now
    (entry,) = [row for row in stock.log(batch.iccids[0]) if row["action"] == "issue"]
    assert (entry["reference_kind"], entry["reference_id"]) == ("requisition", str(answer.requisition_id))
    record = stock.one("SELECT * FROM requisitions WHERE id = :id", id=answer.requisition_id)
    assert (record["card_count"], record["recorded_by"], record["change_id"]) == (3, COUNTY.name, entry["change_id"])


@pytest.mark.req("INV-04")
def test_every_card_that_cannot_go_is_named_with_its_reason_in_the_order_sent(stock: Stock):
    good = stock.stocked(2, unit="990101")
    issued = stock.issued(1)
    cities = stock.stocked(1, unit="9901")
    neighbours = stock.stocked(1, unit="990102")
    foreign = stock.stocked(1, unit="9902")
    unknown = stock.number(77_777)
    sent = [
        "8.986E+18", issued.iccids[0], good.iccids[0], "89860O", neighbours.iccids[0], unknown, "", foreign.iccids[0],
        cities.iccids[0], good.iccids[1],
    ]  # fmt: skip

    answer = hand_out(stock, iccids=sent, by=CITY)

    assert answer.done == 3
    assert [(card.iccid, card.code) for card in answer.refused] == [
        ("8.986E+18", "iccid_scientific"),
        (issued.iccids[0], "card_state_refused"),
        ("89860O", "iccid_length"),
        (neighbours.iccids[0], "card_not_for_unit"),
        (unknown, "card_unknown"),
        ("", "iccid_blank"),
        (foreign.iccids[0], "card_unknown"),
    ]
    assert answer.refused[1].message == "卡片状态为“待装”，不能领用"
    assert answer.refused[3].message == "卡片的资产单位（990102）不是领用单位“990101”或其上级"
    assert stock.states(good.iccids) == {"pending_install": 2}
    # A city's own card given to a county's crew stays the city's.
    assert stock.card(cities.iccids[0])["owner_unit"] == "9901"


@pytest.mark.req("INV-04")
def test_a_card_that_the_actor_may_not_see_and_one_that_does_not_exist_look_the_same(stock: Stock):
    foreign = stock.stocked(1, unit="9902")
    unknown = stock.number(88_888)

    answer = hand_out(stock, iccids=[foreign.iccids[0], unknown])

    assert [card.code for card in answer.refused] == ["card_unknown", "card_unknown"]
    assert len({card.message for card in answer.refused}) == 1
    assert (answer.done, answer.requisition_id) == (0, None)


@pytest.mark.req("INV-04")
def test_messages_are_in_the_readers_language(stock: Stock):
    issued = stock.issued(1)

    answer = hand_out(stock, iccids=issued.iccids)
    said = {language: answer.model_dump(context=in_language(language)) for language in ("zh", "en")}

    assert said["zh"]["refused"][0]["message"] == "卡片状态为“待装”，不能领用"
    assert said["en"]["refused"][0]["message"] == "The card is Pending installation; not possible: Issue"


@pytest.mark.req("INV-04")
def test_a_repeated_card_counts_once_however_it_is_written(stock: Stock):
    (iccid,) = stock.stocked(1, unit="990101").iccids
    wide = iccid.translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})

    answer = hand_out(stock, iccids=[iccid, f" {iccid}", wide, f"{iccid[:4]} {iccid[4:]}"])

    assert (answer.done, answer.refused_count) == (1, 0)


@pytest.mark.req("INV-04")
def test_a_range_gives_out_what_it_can_and_names_the_rest(stock: Stock):
    batch = stock.stocked(10, unit="990101")
    stock.move(A.MARK_PENDING_SCRAP, batch.iccids[2:4])
    foreign = stock.stocked(2, unit="9902")
    other = stock.stocked(2, unit="990102")

    answer = hand_out(stock, start_iccid=batch.iccids[0], end_iccid=other.iccids[-1], by=CITY)

    assert answer.done == 8
    assert [(card.iccid, card.code) for card in answer.refused] == [
        *((iccid, "card_state_refused") for iccid in batch.iccids[2:4]),
        *((iccid, "card_not_for_unit") for iccid in other.iccids),
    ]
    assert stock.states(foreign.iccids) == {"in_stock": 2}


@pytest.mark.req("INV-04")
def test_of_a_large_range_the_first_refusals_are_named_and_all_counted(stock: Stock):
    batch = stock.deliver(NAMED + 25)

    answer = hand_out(stock, start_iccid=batch.iccids[0], end_iccid=batch.iccids[-1], by=PROVINCE)

    assert (answer.done, answer.refused_count, len(answer.refused)) == (0, NAMED + 25, NAMED)
    assert answer.refused[0].iccid == batch.iccids[0]


@pytest.mark.req("INV-04")
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"unit": "99010"}, "unit_malformed"),
        ({"unit": "990201"}, "unit_out_of_scope"),
        ({"start_iccid": "1", "end_iccid": "2"}, "range_end_malformed"),
        ({"start_iccid": "8986001234567890123", "end_iccid": "8986001234567890122"}, "range_reversed"),
        ({"start_iccid": "8986001234567890123", "end_iccid": "8986031234567890123"}, "range_across_issuers"),
        ({"start_iccid": "8986009999999999990", "end_iccid": "8986009999999999999"}, "range_empty"),
    ],
)
def test_a_request_that_is_wrong_in_itself_is_refused(stock: Stock, fields: dict[str, str], code: str):
    given = fields if "start_iccid" in fields else {**fields, "iccids": [stock.number(1)]}

    with pytest.raises(DomainError) as refused:
        hand_out(stock, **given)

    assert refused.value.code == code


@pytest.mark.req("INV-04")
@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"iccids": []},
        {"iccids": ["1"], "start_iccid": "1", "end_iccid": "2"},
        {"iccids": ["1"], "phone": "12"},
        {"iccids": ["1"], "recipient": " "},
        {"iccids": ["1"] * 10_001},
    ],
)
def test_a_request_that_says_too_little_or_too_much_is_none(fields: dict[str, Any]):
    with pytest.raises(ValidationError):
        IssueCards(**{**CREW, **fields})


@pytest.mark.req("INV-04")
def test_two_clerks_issue_the_same_cards_at_once_and_each_card_goes_once(stock: Stock):
    batch = stock.stocked(100, unit="990101")
    gate, answers = threading.Barrier(3), []

    def clerk() -> None:
        gate.wait(10)
        answers.append(hand_out(stock, iccids=batch.iccids))

    threads = [threading.Thread(target=clerk) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sum(answer.done for answer in answers) == 100
    assert sum(answer.refused_count for answer in answers) == 200
    assert {card.code for answer in answers for card in answer.refused} == {"card_state_refused"}


@pytest.mark.req("INV-04")
def test_requisitions_are_listed_within_ones_units(stock: Stock):
    batch = stock.stocked(3, unit="990101")
    first = hand_out(stock, iccids=batch.iccids[:1], recipient=f"赵{stock.series}")
    second = hand_out(stock, iccids=batch.iccids[1:], recipient=f"赵{stock.series}号")

    def listed(by: Actor, **filters: Any) -> list[int]:
        request = ListRequisitions(recipient=f"赵{stock.series}", **filters)
        return [item.id for item in stock.do(list_requisitions, request, by=by).items]

    assert (
        listed(CITY) == listed(COUNTY) == listed(PROVINCE, unit="9901") == [second.requisition_id, first.requisition_id]
    )
    assert listed(STRANGER) == []
    assert listed(CITY, sort="id", order="asc") == [first.requisition_id, second.requisition_id]
    with pytest.raises(DomainError):
        listed(COUNTY, unit="9901")
