"""Migrations and tables of the services that are little more than a copy of the cards say the same."""

import pytest
from alembic import command

from deploy.migrate import alembic_config
from kernel.chassis.process.settings import DatabaseSettings


@pytest.mark.parametrize("service", ["binding", "imei", "traffic"])
def test_migrations_and_tables_say_the_same_and_can_be_taken_back(a_database, service: str):
    with a_database() as url:
        config = alembic_config(service, DatabaseSettings(database_url=url).service_dsn(service))
        command.check(config)
        command.downgrade(config, "base")
        command.upgrade(config, "head")
        command.check(config)
