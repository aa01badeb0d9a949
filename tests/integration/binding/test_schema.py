"""Binding's migrations and tables say the same."""

from alembic import command

from deploy.migrate import alembic_config
from kernel.chassis.process.settings import DatabaseSettings


def test_migrations_and_tables_say_the_same(module_database: str):
    dsn = DatabaseSettings(database_url=module_database).service_dsn("binding")

    command.check(alembic_config("binding", dsn))


def test_the_migrations_can_be_taken_back_and_made_again(a_database):
    with a_database() as url:
        dsn = DatabaseSettings(database_url=url).service_dsn("binding")
        config = alembic_config("binding", dsn)
        command.downgrade(config, "base")
        command.upgrade(config, "head")
        command.check(config)
