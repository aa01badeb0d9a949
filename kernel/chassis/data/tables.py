"""The chassis' own tables, one set in every service's schema, and the migration that creates them.

Names carry no schema: the role's search_path decides, so the same code serves every service.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)

_NOW = text("now()")
_SETTING_CORRELATION = text("nullif(current_setting('simkeep.correlation_id', true), '')")
_SETTING_ACTOR = text("nullif(current_setting('simkeep.actor', true), '')")


def service_metadata() -> MetaData:
    """Metadata of a service's tables: every constraint and index gets its name from its table and column."""
    return MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


@dataclass(frozen=True)
class ChassisTables:
    """The tables as SQLAlchemy knows them, for acts that write set-based: INSERT INTO outbox ... SELECT."""

    outbox: Table
    inbox: Table
    command_receipts: Table
    parked: Table
    jobs: Table
    job_rows: Table
    timers: Table
    issuers: Table


def _moment(name: str, *, now: bool = False, nullable: bool = True) -> Column[Any]:
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=_NOW if now else None)


def chassis_tables(metadata: MetaData) -> ChassisTables:
    """Adds the chassis' tables to a service's metadata.

    A set-based statement fills only ``type``, ``payload`` and ``version`` (unless 1) of ``outbox``: the other columns
    have defaults; correlation id and actor come from the transaction's settings.
    """
    return ChassisTables(
        outbox=_outbox(metadata),
        inbox=Table(
            "inbox",
            metadata,
            Column("consumer", Text, primary_key=True),
            Column("message_id", Uuid, primary_key=True),
            _moment("received_at", now=True, nullable=False),
            Index("inbox_received_at", "received_at"),
        ),
        command_receipts=Table(
            "command_receipts",
            metadata,
            Column("command_id", Text, primary_key=True),
            Column("method", Text, nullable=False),
            Column("request_sha256", Text, nullable=False),
            Column("reply", JSON),
            _moment("created_at", now=True, nullable=False),
            Index("command_receipts_created_at", "created_at"),
        ),
        parked=_parked(metadata),
        jobs=_jobs(metadata),
        job_rows=Table(
            "job_rows",
            metadata,
            Column("job_id", Uuid, primary_key=True),
            Column("row_no", BigInteger, primary_key=True),
            Column("key", Text),
            Column("code", Text, nullable=False),
            Column("params", JSON, nullable=False, server_default=text("'{}'")),
        ),
        timers=Table(
            "timers",
            metadata,
            Column("name", Text, primary_key=True),
            Column("due_at", DateTime(timezone=True), primary_key=True),
            Column("baseline", Boolean, nullable=False, server_default=text("false")),
            _moment("done_at", now=True, nullable=False),
        ),
        issuers=_issuers(metadata),
    )


def _issuers(metadata: MetaData) -> Table:
    return Table(
        "issuers",
        metadata,
        Column("name", Text, primary_key=True),
        Column("public_key", Text, nullable=False),
        Column("methods", ARRAY(Text), nullable=False),
        Column("units", ARRAY(Text), nullable=False),
        _moment("changed_at", now=True, nullable=False),
    )


def _outbox(metadata: MetaData) -> Table:
    return Table(
        "outbox",
        metadata,
        Column("id", BigInteger, Identity(), primary_key=True),
        Column("message_id", Uuid, nullable=False, server_default=text("gen_random_uuid()")),
        Column("type", Text, nullable=False),
        Column("version", SmallInteger, nullable=False, server_default=text("1")),
        Column("payload", JSON, nullable=False),
        Column("correlation_id", Text, server_default=_SETTING_CORRELATION),
        Column("actor", Text, server_default=_SETTING_ACTOR),
        _moment("occurred_at", now=True, nullable=False),
        _moment("published_at"),
        Index("outbox_unpublished", "id", postgresql_where=text("published_at IS NULL")),
        Index("outbox_published_at", "published_at", postgresql_where=text("published_at IS NOT NULL")),
    )


def _parked(metadata: MetaData) -> Table:
    return Table(
        "parked",
        metadata,
        Column("message_id", Uuid, primary_key=True),
        Column("source", Text, nullable=False),
        Column("type", Text, nullable=False),
        Column("body", LargeBinary, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("error", Text, nullable=False),
        Column("correlation_id", Text),
        _moment("parked_at", now=True, nullable=False),
        _moment("next_try_at"),
        Column("refused_sender", Text),
        Index("parked_parked_at", "parked_at", "message_id"),
        Index("parked_next_try_at", "next_try_at", postgresql_where=text("next_try_at IS NOT NULL")),
    )


def _jobs(metadata: MetaData) -> Table:
    return Table(
        "jobs",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("request", JSON, nullable=False),
        Column("state", Text, nullable=False, server_default=text("'queued'")),
        Column("done", BigInteger, nullable=False, server_default=text("0")),
        Column("total", BigInteger),
        Column("refused_count", BigInteger, nullable=False, server_default=text("0")),
        Column("message", Text),
        Column("error_code", Text),
        Column("error_params", JSON),
        Column("result", JSON),
        Column("created_by", Text, nullable=False),
        Column("created_by_name", Text, nullable=False),
        Column("created_unit", Text, nullable=False),
        Column("permissions", JSON, nullable=False, server_default=text("'[]'")),
        Column("correlation_id", Text, server_default=_SETTING_CORRELATION),
        _moment("created_at", now=True, nullable=False),
        _moment("started_at"),
        _moment("finished_at"),
        _moment("lease_until"),
        Column("cancel_requested", Boolean, nullable=False, server_default=text("false")),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
        Column("retry_of", Uuid),
        Index("jobs_created_at", "created_at", "id"),
        Index("jobs_open", "created_at", postgresql_where=text("state IN ('queued', 'running')")),
    )


_DDL = (
    """
    CREATE TABLE outbox (
        id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
        message_id uuid NOT NULL DEFAULT gen_random_uuid(),
        type text NOT NULL,
        version smallint NOT NULL DEFAULT 1,
        payload json NOT NULL,
        correlation_id text DEFAULT nullif(current_setting('simkeep.correlation_id', true), ''),
        actor text DEFAULT nullif(current_setting('simkeep.actor', true), ''),
        occurred_at timestamptz NOT NULL DEFAULT now(),
        published_at timestamptz
    )
    """,
    "CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL",
    "CREATE INDEX outbox_published_at ON outbox (published_at) WHERE published_at IS NOT NULL",
    """
    CREATE TABLE inbox (
        consumer text, message_id uuid,
        received_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (consumer, message_id)
    )
    """,
    "CREATE INDEX inbox_received_at ON inbox (received_at)",
    """
    CREATE TABLE command_receipts (
        command_id text PRIMARY KEY,
        method text NOT NULL,
        request_sha256 text NOT NULL,
        reply json,
        created_at timestamptz NOT NULL DEFAULT now()
    )
    """,
    "CREATE INDEX command_receipts_created_at ON command_receipts (created_at)",
    """
    CREATE TABLE parked (
        message_id uuid PRIMARY KEY,
        source text NOT NULL, type text NOT NULL, body bytea NOT NULL,
        attempts integer NOT NULL, error text NOT NULL, correlation_id text,
        parked_at timestamptz NOT NULL DEFAULT now(),
        next_try_at timestamptz
    )
    """,
    "CREATE INDEX parked_parked_at ON parked (parked_at, message_id)",
    "CREATE INDEX parked_next_try_at ON parked (next_try_at) WHERE next_try_at IS NOT NULL",
    """
    CREATE TABLE jobs (
        id uuid PRIMARY KEY,
        kind text NOT NULL, title text NOT NULL, request json NOT NULL,
        state text NOT NULL DEFAULT 'queued'
            CONSTRAINT jobs_state CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
        done bigint NOT NULL DEFAULT 0, total bigint, refused_count bigint NOT NULL DEFAULT 0,
        message text, error_code text, error_params json, result json,
        created_by text NOT NULL, created_by_name text NOT NULL, created_unit text NOT NULL,
        permissions json NOT NULL DEFAULT '[]',
        correlation_id text DEFAULT nullif(current_setting('simkeep.correlation_id', true), ''),
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz, finished_at timestamptz, lease_until timestamptz,
        cancel_requested boolean NOT NULL DEFAULT false,
        attempts integer NOT NULL DEFAULT 0,
        retry_of uuid
    )
    """,
    "CREATE INDEX jobs_created_at ON jobs (created_at, id)",
    "CREATE INDEX jobs_open ON jobs (created_at) WHERE state IN ('queued', 'running')",
    """
    CREATE TABLE job_rows (
        job_id uuid, row_no bigint, key text, code text NOT NULL, params json NOT NULL DEFAULT '{}',
        PRIMARY KEY (job_id, row_no)
    )
    """,
    """
    CREATE TABLE timers (
        name text, due_at timestamptz,
        baseline boolean NOT NULL DEFAULT false,
        done_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (name, due_at)
    )
    """,
    # Whoever commits rows wakes the relay or the worker, whichever process it is and however it wrote them.
    """
    CREATE FUNCTION chassis_wake() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_notify(TG_TABLE_SCHEMA || '_' || TG_TABLE_NAME, ''); RETURN NULL; END $$
    """,
    "CREATE TRIGGER outbox_wake AFTER INSERT ON outbox FOR EACH STATEMENT EXECUTE FUNCTION chassis_wake()",
    "CREATE TRIGGER jobs_wake AFTER INSERT ON jobs FOR EACH STATEMENT EXECUTE FUNCTION chassis_wake()",
)


def create_chassis_tables(op: Any) -> None:
    """For a service's first migration; ``op`` is alembic's. Frozen: later changes get functions of their own."""
    for statement in _DDL:
        op.execute(statement)


_TRUST = (
    # Set: the broker account of a message that did not come from its owner; it is never applied.
    "ALTER TABLE parked ADD COLUMN refused_sender text",
    """
    CREATE TABLE issuers (
        name text PRIMARY KEY, public_key text NOT NULL, methods text[] NOT NULL, units text[] NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT now()
    )
    """,
)


def add_trust(op: Any) -> None:
    """Issuers of actors besides the gateway, and where foreign facts came from. Frozen, as the first tables are."""
    for statement in _TRUST:
        op.execute(statement)


def drop_trust(op: Any) -> None:
    """For a downgrade of that migration."""
    op.execute("DROP TABLE issuers")
    op.execute("ALTER TABLE parked DROP COLUMN refused_sender")


def drop_chassis_tables(op: Any) -> None:
    """For a downgrade of a service's first migration."""
    for table in ("timers", "job_rows", "jobs", "parked", "command_receipts", "inbox", "outbox"):
        op.execute(f"DROP TABLE IF EXISTS {table}")
    op.execute("DROP FUNCTION IF EXISTS chassis_wake()")
