"""The gateway's own tables: units, people, sessions, keys, idempotency, audit. Schema: the role's search path."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    func,
)

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)


class Outcome(StrEnum):
    """How a write ended, for the audit log. ``unknown``: begun, and its end was never written down."""

    UNKNOWN = "unknown"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


def _now() -> "Column[datetime]":
    return Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now())


def _moment(name: str, *, nullable: bool = True) -> "Column[datetime]":
    return Column(name, DateTime(timezone=True), nullable=nullable)


units = Table(
    "units",
    metadata,
    Column("code", String(8, collation="C"), primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    _now(),
    CheckConstraint("code ~ '^[0-9]+$' AND length(code) IN (2, 4, 6, 8)", name="code"),
)

people = Table(
    "people",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("login", Text, nullable=False, comment="lower case"),
    Column("name", Text, nullable=False),
    Column("unit", String(8, collation="C"), ForeignKey("units.code"), nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("phone", Text),
    Column("password_hash", Text, nullable=False),
    Column("active", Boolean, nullable=False, server_default="true"),
    Column("token_version", Integer, nullable=False, server_default="1", comment="tokens of another version are void"),
    Column("version", Integer, nullable=False, server_default="1"),
    _now(),
    _moment("last_login_at"),
    _moment("removed_at"),
    Index("people_login_key", "login", unique=True, postgresql_where="removed_at IS NULL"),
    Index("people_unit_idx", "unit"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Uuid, primary_key=True, comment="family of refresh tokens that came of one login"),
    Column("person_id", Uuid, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    _now(),
    _moment("expires_at", nullable=False),
    _moment("revoked_at"),
    Column("revoked_because", Text),
    Column("address", Text),
    Index("sessions_person_id_idx", "person_id"),
    Index("sessions_expires_at_idx", "expires_at"),
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True, comment="SHA-256"),
    Column("session_id", Uuid, ForeignKey("sessions.id", ondelete="CASCADE"), nullable=False),
    _now(),
    _moment("used_at"),
    Column("used_from", Text, comment="address"),
    Index("refresh_tokens_session_id_idx", "session_id"),
)

login_attempts = Table(
    "login_attempts",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("login", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("attempted_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Index("login_attempts_login_attempted_at_idx", "login", "attempted_at"),
    Index("login_attempts_address_attempted_at_idx", "address", "attempted_at"),
)

known_addresses = Table(
    "known_addresses",
    metadata,
    Column("login", Text, primary_key=True),
    Column("address", Text, primary_key=True, comment="from which the login was good"),
    _moment("last_used_at", nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("prefix", Text, primary_key=True, comment="shown; the rest of the key is only hashed"),
    Column("key_hash", LargeBinary, nullable=False, comment="SHA-256 of the whole key (256 random bits)"),
    Column("name", Text, nullable=False),
    Column("unit", String(8, collation="C"), ForeignKey("units.code"), nullable=False),
    Column("permissions", ARRAY(Text), nullable=False),
    Column("carrier", Text),
    Column("created_by", Text, nullable=False),
    Column("owner", Text, comment="login of who answers for it; null: from the seed"),
    Column(
        "former_owners",
        ARRAY(Text),
        nullable=False,
        server_default="{}",
        comment="who answered for it before, or for the key that made it: they may know it",
    ),
    _now(),
    _moment("expires_at"),
    _moment("revoked_at"),
    _moment("last_used_at"),
    Index("api_keys_owner_idx", "owner"),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_sha256", LargeBinary, nullable=False, comment="of route and body"),
    _now(),
    _moment("locked_until", nullable=False),
    Column("status", Integer, comment="null while in progress"),
    Column("headers", JSON),
    Column("body", LargeBinary),
    Index("idempotency_created_at_idx", "created_at"),
)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("actor", Text, nullable=False),
    Column("actor_name", Text, nullable=False),
    Column("unit", String(8, collation="C"), nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False, server_default=""),
    Column("details", JSON, nullable=False, server_default="{}"),
    Column("outcome", Text, nullable=False),
    Column("status", Integer),
    Column("code", Text, comment="of the refusal"),
    Column("address", Text),
    Column("correlation_id", Text, nullable=False),
    CheckConstraint(f"outcome IN ({', '.join(repr(str(it)) for it in Outcome)})", name="outcome"),
    Index("audit_log_unit_id_idx", "unit", "id"),
    Index("audit_log_actor_id_idx", "actor", "id"),
    Index("audit_log_correlation_id_idx", "correlation_id"),
    Index("audit_log_failed_logins_idx", "id", postgresql_where="action = 'auth.login' AND outcome = 'refused'"),
)
