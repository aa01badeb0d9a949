"""The one alembic environment. Each `migrations/env.py` is two lines: import its metadata, call `run`.

A schema is migrated by its own role, whose search_path is that schema; so migrations, metadata and alembic's version
table carry no schema name, and a migration cannot reach into another service's tables.

Partitions (``partitions``) come and go by the calendar and stand in no metadata; comparing leaves them out.
"""

from __future__ import annotations

from typing import Any

from alembic import context
from sqlalchemy import Connection, MetaData, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from kernel.chassis.process.settings import DatabaseSettings

LOCK_TIMEOUT = "10s"
"""A migration that waits longer for a table that is in use fails (and is tried again) instead of queueing everybody
behind it."""
STATEMENT_TIMEOUT = "30min"


def run(service: str, metadata: MetaData) -> None:
    """Runs the alembic command that is under way for `service`, each migration in a transaction of its own.

    `config.attributes["dsn"]` says where; without it (alembic called by hand) the settings do.
    """
    dsn = context.config.attributes.get("dsn") or DatabaseSettings().service_dsn(service)
    engine = create_engine(make_url(dsn).set(drivername="postgresql+psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.execute(text(f"SET statement_timeout = '{STATEMENT_TIMEOUT}'"))
        connection.execute(text(f"SET application_name = 'migrate {service}'"))
        connection.commit()
        _migrate(connection, metadata)


def _migrate(connection: Connection, metadata: MetaData) -> None:
    context.configure(
        connection=connection, target_metadata=metadata, transaction_per_migration=True, **comparing(connection)
    )
    with context.begin_transaction():
        context.run_migrations()


def comparing(connection: Connection) -> dict[str, Any]:
    """Options of `alembic check` and `revision`: types count, partitions do not."""
    partitions = set(connection.scalars(text(_PARTITIONS)))
    connection.commit()

    def include_name(name: str | None, kind: str, _: Any) -> bool:
        return kind != "table" or name not in partitions

    return {"compare_type": True, "include_name": include_name}


_PARTITIONS = "SELECT relname FROM pg_class WHERE relispartition AND relnamespace = current_schema()::regnamespace"
