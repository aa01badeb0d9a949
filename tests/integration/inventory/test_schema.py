"""The migrations and the tables say the same; the catalogue's rules are the requirements'."""

import pytest
from alembic import command
from sqlalchemy import Engine

from deploy.migrate import alembic_config
from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.process.settings import DatabaseSettings
from kernel.model.iccid import check
from services.inventory.carrier_rules import iccid_rule
from tests.integration.inventory.stock import Stock


def test_migrations_and_tables_say_the_same(module_database: str):
    dsn = DatabaseSettings(database_url=module_database).service_dsn("inventory")

    command.check(alembic_config("inventory", dsn))


def test_the_first_migrations_can_be_taken_back_and_made_again(a_database):
    with a_database() as url:
        dsn = DatabaseSettings(database_url=url).service_dsn("inventory")
        config = alembic_config("inventory", dsn)
        command.downgrade(config, "base")
        command.upgrade(config, "head")
        command.check(config)


@pytest.mark.req("INV-01")
@pytest.mark.parametrize(
    ("carrier", "iccid", "error"),
    [
        ("china_mobile", "89860012345678901238", None),
        ("china_mobile", "89860012345678901239", "iccid_check_digit"),
        ("china_mobile", "898600A2345678901234", None),
        ("china_mobile", "8986001F345678901234", "iccid_characters"),
        ("china_mobile", "89860112345678901232", "iccid_wrong_carrier"),
        ("china_unicom", "89860112345678901234", None),
        ("china_unicom", "8986011234567890123X", None),
        ("china_telecom", "89861112345678901234", None),
        ("china_telecom", "8986111A345678901234", "iccid_characters"),
        ("china_telecom", "8986111234567890123", None),
    ],
)
def test_each_carriers_numbers_are_judged_by_its_own_rule(stock: Stock, carrier: str, iccid: str, error: str | None):
    with stock.engine.connect() as connection:
        rule = iccid_rule(Tx(connection, None, None), carrier)

    assert check(iccid, rule).error == error


def test_abnormal_limits_have_their_defaults(engine: Engine):
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT state, days FROM abnormal_limits").all()

    assert {tuple(row) for row in rows} == {("pending_install", 90), ("pending_scrap", 60), ("unqualified", 30)}
