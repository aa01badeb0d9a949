"""The cards that other services keep say what inventory says, however its events arrive."""

import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, Text

from kernel.chassis.data.read_models import ReadModel
from kernel.contracts.inventory.card_facts import CARDS
from services.inventory.lifecycle import CardAction
from tests.integration.read_models.conftest import COPIES, Lab

A = CardAction


@pytest.mark.req("OPS-04")
@pytest.mark.parametrize("service", sorted(COPIES))
def test_a_copy_equals_the_owner_whatever_the_order_and_the_repeats_of_its_events(lab: Lab, service: str):
    lab.stock.deliver(60)
    lab.stock.deliver(40, card_spec="smd", carrier="china_telecom")
    lab.live(60)
    events = lab.news()
    events += lab.random.sample(events, len(events) // 3)
    lab.random.shuffle(events)

    lab.tell(service, events)

    assert lab.copy(service) == lab.owner(service)


@pytest.mark.req("OPS-04")
def test_the_counts_are_those_of_the_rows_whatever_the_order(lab: Lab):
    lab.stock.deliver(50)
    lab.live(40)
    events = lab.news()
    lab.random.shuffle(events)

    lab.tell("workflow", events)

    alike = "owner_unit, state, carrier, card_spec, application_month"
    counted = lab.on("workflow", f"SELECT {alike}, cards FROM card_counts WHERE cards <> 0 ORDER BY {alike}")
    assert counted
    assert counted == lab.on(
        "workflow", f"SELECT {alike}, count(*) AS cards FROM cards GROUP BY {alike} ORDER BY {alike}"
    )


def test_a_number_that_only_the_arrival_told_is_kept_when_it_comes_last(lab: Lab):
    batch = lab.stock.stocked(1)
    arrival, stocked = lab.news()

    lab.tell("binding", [stocked])
    before = lab.copy("binding")
    lab.tell("binding", [arrival])

    (card,) = lab.copy("binding")
    assert before[0]["imsi"] is None
    assert (card["version"], card["state"]) == (2, "in_stock")
    assert card["imsi"] == lab.stock.card(batch.iccids[0])["imsi"]


def test_of_two_reasons_the_newer_stays_though_the_older_comes_last(lab: Lab):
    lab.stock.stocked(1)
    lab.act(A.MARK_PENDING_SCRAP)
    lab.act(A.RESTORE_TO_STOCK)
    lab.act(A.MARK_PENDING_SCRAP)
    events = lab.news()
    events[2] = events[2].model_copy(update={"reason": "旧"})
    events[4] = events[4].model_copy(update={"reason": "新"})

    lab.tell("workflow", [*events[:2], events[4], events[3], events[2]])

    (card,) = lab.copy("workflow")
    assert (card["reason"], card["reason_version"]) == ("新", 5)


def test_a_table_with_a_column_that_the_owner_does_not_tell_is_no_copy():
    table = Table("cards", MetaData(), Column("iccid", Text), Column("version", BigInteger), Column("colour", Text))

    with pytest.raises(TypeError, match="colour"):
        ReadModel(CARDS, table)
