"""Databases for tests: migrated once, copied in a tenth of a second."""

import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from deploy.migrate import migrate
from kernel.chassis.process.settings import DatabaseSettings

ROOT = Path(__file__).resolve().parents[1]


def on_database(url: str, name: str) -> str:
    """The same server and account, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _fingerprint() -> str:
    """Changes when any migration does."""
    digest = hashlib.sha256()
    for path in sorted([*ROOT.glob("*/migrations/**/*.py"), *ROOT.glob("services/*/migrations/**/*.py")]):
        digest.update(path.read_bytes())
    for path in (ROOT / "kernel/chassis/data/tables.py", ROOT / "deploy/migrate.py"):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def template(admin_url: str) -> str:
    """Name of a database with every schema at its head, made when there is none for these migrations yet."""
    name = f"template_{_fingerprint()}"
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(4711)")
        if admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            draft = f"draft_{uuid.uuid4().hex[:12]}"
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
            migrate(DatabaseSettings(database_url=on_database(admin_url, draft)), report=lambda _: None)
            admin.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name)))
    return name


@contextmanager
def fresh_database(admin_url: str) -> Iterator[str]:
    """Admin URL of a new database with every schema, dropped afterwards."""
    source = template(admin_url)
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(4711)")
        # Copying the files takes a fifth of the time of writing all their blocks to the log (PostgreSQL 15 and later).
        how = sql.SQL("STRATEGY FILE_COPY" if admin.info.server_version >= 150_000 else "")
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} {}")
        admin.execute(create.format(sql.Identifier(name), sql.Identifier(source), how))
    try:
        yield on_database(admin_url, name)
    finally:
        if not os.environ.get("SIMKEEP_KEEP_TEST_DATABASES"):
            with psycopg.connect(admin_url, autocommit=True) as admin:
                admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
