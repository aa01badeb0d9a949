"""Roles, schemas and tables: `python -m deploy.migrate`.

Idempotent, and safe when several run at once: an advisory lock lets one work and the others wait. Needs
SIMKEEP_DATABASE_URL: an account that may create roles, whose passwords follow from its own. A service that has a DSN
of its own (SIMKEEP_<SERVICE>_DATABASE_URL, e.g. on another server) is expected to have its role and schema there; only
its tables are migrated. Exit code 0: every schema present in this checkout is at its head.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import sql
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from kernel.chassis.process.settings import DatabaseSettings, role_name

ROOT = Path(__file__).resolve().parents[1]
EXTENSIONS = ("btree_gist",)
"""Trusted extensions of PostgreSQL, in a schema of their own that every role may use and none may change."""
SCHEMAS = ("inventory", "workflow", "binding", "traffic", "imei", "documents", "gateway")
ATTEMPTS = 5

Report = Callable[[str], None]


def migrations_of(schema: str) -> Path:
    """Where a schema's alembic folder lies, whether or not it is there yet."""
    return ROOT / ("gateway" if schema == "gateway" else f"services/{schema}") / "migrations"


def alembic_config(schema: str, dsn: str) -> Config:
    """What alembic needs for one schema; also for `alembic.command.check` and `revision` in tests and tools."""
    config = Config()
    config.set_main_option("script_location", str(migrations_of(schema)).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["dsn"] = dsn
    return config


def migrate(settings: DatabaseSettings, schemas: Sequence[str] = SCHEMAS, report: Report = print) -> None:
    """Prepares and upgrades each schema. Raises psycopg or sqlalchemy errors; what was done before stays done."""
    here = [schema for schema in schemas if not os.environ.get(f"SIMKEEP_{schema.upper()}_DATABASE_URL")]
    with _one_at_a_time(settings, report) as admin:
        if admin is not None:
            for schema in here:
                _prepare(admin, settings, schema)
        for schema in schemas:
            if not (migrations_of(schema) / "env.py").exists():
                report(f"{schema}: no migrations in this checkout, only its role and schema")
                continue
            _upgrade(schema, settings.service_dsn(schema))
            report(f"{schema}: at head")


@contextmanager
def _one_at_a_time(settings: DatabaseSettings, report: Report) -> Iterator[psycopg.Connection | None]:
    """The admin's connection, holding the lock; None when every service has a DSN of its own and there is no admin."""
    if settings.database_url is None:
        yield None
        return
    with psycopg.connect(settings.database_url, autocommit=True, application_name="migrate") as admin:
        row = admin.execute("SELECT pg_try_advisory_lock(hashtext('simkeep.migrate'))").fetchone()
        if row is None or not row[0]:
            report("another migration is under way; waiting for it")
            admin.execute("SELECT pg_advisory_lock(hashtext('simkeep.migrate'))")
        yield admin


def _prepare(admin: psycopg.Connection, settings: DatabaseSettings, schema: str) -> None:
    """The role that owns `schema`, sees nothing else, and finds its tables without naming it.

    Roles belong to the whole server while the lock belongs to one database, so two databases may get here together:
    what PostgreSQL calls a concurrent update is simply done again.
    """
    for attempt in range(ATTEMPTS):
        try:
            with admin.transaction():
                _role(admin, settings, schema)
                _session_defaults(admin, schema)
                _schema(admin, schema)
            return
        except (psycopg.errors.UniqueViolation, psycopg.errors.DuplicateObject, psycopg.errors.InternalError_):
            if attempt == ATTEMPTS - 1:
                raise
            time.sleep(0.2 * (attempt + 1))


def _role(admin: psycopg.Connection, settings: DatabaseSettings, schema: str) -> None:
    name = role_name(schema)
    role = sql.Identifier(name)
    if admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone() is None:
        admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
    elif _can_log_in(settings.service_dsn(schema)):
        return
    # Sent as a SCRAM verifier: the password itself never stands in a server's log.
    secret = str(make_url(settings.service_dsn(schema)).password).encode()
    verifier = admin.pgconn.encrypt_password(secret, name.encode(), b"scram-sha-256").decode()
    admin.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(verifier)))


def _schema(admin: psycopg.Connection, schema: str) -> None:
    names = {
        "role": sql.Identifier(role_name(schema)),
        "schema": sql.Identifier(schema),
        "database": sql.Identifier(admin.info.dbname),
    }
    statements = [
        # An admin who is no superuser may make objects for a role only as its member.
        "GRANT {role} TO CURRENT_USER",
        "CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {role}",
        "CREATE SCHEMA IF NOT EXISTS extensions",
        *(f"CREATE EXTENSION IF NOT EXISTS {name} SCHEMA extensions" for name in EXTENSIONS),
        "GRANT USAGE ON SCHEMA extensions TO {role}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
        "GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role}",
    ]
    superuser = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    for statement in statements[1:] if superuser and superuser[0] else statements:
        admin.execute(sql.SQL(statement).format(**names))


def _session_defaults(admin: psycopg.Connection, schema: str) -> None:
    """The role's search_path, in every database of the server, so that a copied or restored one needs nothing; and
    limits for sessions that set none themselves: nobody waits or idles for ever."""
    wanted = {
        "search_path": schema,
        "lock_timeout": "10s",
        "statement_timeout": "15min",
        "idle_in_transaction_session_timeout": "10min",
    }
    role = role_name(schema)
    query = "SELECT unnest(setconfig) FROM pg_db_role_setting WHERE setdatabase = 0 AND setrole = %s::regrole"
    known = {row[0] for row in admin.execute(query, [role])}
    for name, value in wanted.items():
        if f"{name}={value}" not in known:
            statement = sql.SQL("ALTER ROLE {} SET {} = {}")
            admin.execute(statement.format(sql.Identifier(role), sql.Identifier(name), sql.Literal(value)))


def _can_log_in(dsn: str) -> bool:
    try:
        with psycopg.connect(dsn, connect_timeout=5):
            return True
    except psycopg.OperationalError:
        return False


def _upgrade(schema: str, dsn: str) -> None:
    """To the head. A table that stays locked longer than the lock timeout is waited for a few times."""
    for attempt in range(ATTEMPTS):
        try:
            command.upgrade(alembic_config(schema, dsn), "head")
            return
        except OperationalError as error:
            if attempt == ATTEMPTS - 1 or not isinstance(error.orig, psycopg.errors.LockNotAvailable):
                raise
            time.sleep(2)


def main() -> None:
    settings = DatabaseSettings()
    try:
        migrate(settings, report=lambda text: print(text, flush=True))  # noqa: T201
    except (psycopg.Error, OperationalError, RuntimeError) as error:
        sys.exit(f"the migration failed: {error}")


if __name__ == "__main__":
    main()
