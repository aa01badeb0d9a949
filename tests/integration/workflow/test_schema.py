"""The migrations and the tables say the same, and workflow knows inventory's catalogues."""

import pytest
from alembic import command
from sqlalchemy.exc import IntegrityError

from deploy.migrate import alembic_config
from kernel.chassis.process.settings import DatabaseSettings
from tests.integration.workflow.office import AFTER, COUNTY, Office


def test_migrations_and_tables_say_the_same(module_database: str):
    dsn = DatabaseSettings(database_url=module_database).service_dsn("workflow")

    command.check(alembic_config("workflow", dsn))


def test_the_migrations_can_be_taken_back_and_made_again(a_database):
    with a_database() as url:
        config = alembic_config("workflow", DatabaseSettings(database_url=url).service_dsn("workflow"))
        command.downgrade(config, "base")
        command.upgrade(config, "head")
        command.check(config)


@pytest.mark.req("ACT-01")
def test_the_catalogues_are_inventorys(office: Office):
    known = {(row["kind"], row["code"], row["name_zh"]) for row in office.all("SELECT * FROM catalogue")}
    theirs = office.stock.all(
        "SELECT 'carrier' AS kind, code, name_zh FROM carriers"
        " UNION ALL SELECT 'card_spec', code, name_zh FROM card_specs"
    )

    assert known == {(row["kind"], row["code"], row["name_zh"]) for row in theirs}


@pytest.mark.req("WFL-02")
def test_the_database_refuses_a_state_that_the_forms_kind_does_not_know(office: Office):
    office.now = office.stock.now = AFTER
    number = office.termination(office.scrapped(51)).number

    with pytest.raises(IntegrityError, match="ck_forms_state"):
        office.all_written("UPDATE forms SET state = 'city_approved' WHERE number = :n RETURNING id", n=number)


@pytest.mark.req("TER-01")
def test_the_database_refuses_a_card_on_two_open_lists(office: Office):
    iccids = office.scrapped(1)
    office.list_cards(iccids, COUNTY)

    with pytest.raises(IntegrityError, match="uq_form_cards_open"):
        office.all_written(
            "INSERT INTO form_cards (unit, iccid, added_at, added_by) VALUES ('990102', :i, now(), 'x') RETURNING id",
            i=iccids[0],
        )
