"""Roles and schemas: each service sees its own and nothing else."""

import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from alembic import command

from deploy.migrate import SCHEMAS, alembic_config, migrate, migrations_of
from kernel.chassis.process.settings import DatabaseSettings


@pytest.fixture(scope="module")
def empty_databases(database_url):
    """Two databases of one server without any schema."""
    names = ("migrate_one", "migrate_two")
    with psycopg.connect(database_url, autocommit=True) as admin:
        for name in names:
            admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            admin.execute(f"CREATE DATABASE {name}")
        yield [urlunsplit(urlsplit(database_url)._replace(path=f"/{name}")) for name in names]
        for name in names:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.req("OPS-01")
@pytest.mark.slow
def test_migrations_of_two_replicas_and_of_two_databases_may_run_at_once(empty_databases):
    one, two = empty_databases

    runs = [
        subprocess.Popen([sys.executable, "-m", "deploy.migrate"], env={**os.environ, "SIMKEEP_DATABASE_URL": url})
        for url in (one, one, two)
    ]

    assert [run.wait(120) for run in runs] == [0, 0, 0]
    said: list[str] = []
    migrate(DatabaseSettings(database_url=one), report=said.append)
    assert said == [f"{schema}: at head" for schema in SCHEMAS]


@pytest.mark.req("OPS-01")
@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_role_reads_no_other_schema(module_database, schema):
    other = SCHEMAS[SCHEMAS.index(schema) - 1]
    dsn = DatabaseSettings(database_url=module_database).service_dsn(schema)
    with psycopg.connect(dsn, autocommit=True) as connection:
        assert connection.execute("SELECT current_schema()").fetchone() == (schema,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(f"SELECT * FROM {other}.alembic_version")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE public.intruder (n int)")


@pytest.mark.req("OPS-01")
@pytest.mark.parametrize("schema", SCHEMAS)
def test_tables_in_code_and_tables_by_migration_agree(module_database, schema):
    assert (migrations_of(schema) / "env.py").exists()
    dsn = DatabaseSettings(database_url=module_database).service_dsn(schema)
    command.check(alembic_config(schema, dsn))
