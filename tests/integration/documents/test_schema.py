"""The migrations and the tables say the same."""

from alembic import command

from deploy.migrate import alembic_config
from kernel.chassis.process.settings import DatabaseSettings


def test_migrations_and_tables_say_the_same_and_can_be_taken_back(a_database):
    with a_database() as url:
        config = alembic_config("documents", DatabaseSettings(database_url=url).service_dsn("documents"))
        command.check(config)
        command.downgrade(config, "base")
        command.upgrade(config, "head")
        command.check(config)
