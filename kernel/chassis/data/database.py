"""Engines of one process: SQLAlchemy 2 over psycopg 3, bounded in connections, statements and waits.

A service has two engines. Writes run in transactions. Reads run on connections that PostgreSQL itself keeps
read-only, in autocommit, which saves the BEGIN and the COMMIT of every question.

Connections are not pinged before use. After a database restart the first use fails and empties the pool;
whoever asks again gets a fresh connection. ``rpc_server``, ``events`` and ``relay`` ask again by themselves.
"""

import os
from typing import Any, Literal, cast

from sqlalchemy import URL, Engine, make_url
from sqlalchemy import create_engine as sqlalchemy_engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import QueuePool

from kernel.chassis.process import metrics
from kernel.chassis.process.settings import DatabaseSettings, JobSettings

Purpose = Literal["write", "read", "job"]

_CLASS_CONNECTION = "08"
_SHUTDOWN = frozenset({"57P01", "57P02", "57P03", "53300"})
_WORTH_ANOTHER_TRY = frozenset({"40001", "40P01"})


def service_url(service: str, settings: DatabaseSettings | None = None) -> URL:
    """SQLAlchemy URL of the role of ``service``."""
    return make_url((settings or DatabaseSettings()).service_dsn(service)).set(drivername="postgresql+psycopg")


def connect_arguments(service: str, purpose: str, settings: DatabaseSettings | None = None) -> dict[str, Any]:
    """libpq arguments of every connection: who we are, what we may wait for, and dead peers are noticed."""
    settings = settings or DatabaseSettings()
    seconds = JobSettings().job_statement_timeout_seconds if purpose == "job" else settings.statement_timeout_seconds
    options = [
        f"search_path={service}",
        f"statement_timeout={int(seconds * 1000)}",
        f"lock_timeout={int(settings.lock_timeout_seconds * 1000)}",
        f"idle_in_transaction_session_timeout={int(max(seconds, 60) * 1000)}",
        "timezone=UTC",
    ]
    if purpose == "read":
        options.append("default_transaction_read_only=on")
    return {
        "application_name": f"simkeep-{service}-{purpose}-{os.getpid()}",
        "connect_timeout": settings.connect_timeout_seconds,
        "options": " ".join(f"-c {option}" for option in options),
        "keepalives_idle": 20,
        "keepalives_interval": 5,
        "keepalives_count": 3,
    }


def create_engine(service: str, purpose: Purpose = "write", settings: DatabaseSettings | None = None) -> Engine:
    """Engine of ``service``'s role.

    ``write``: transactions. ``read``: autocommit, read-only by the server. ``job``: transactions with the long
    statement timeout, one or two connections, pinged before use.
    """
    settings = settings or DatabaseSettings()
    job = purpose == "job"
    engine = sqlalchemy_engine(
        service_url(service, settings),
        connect_args=connect_arguments(service, purpose, settings),
        isolation_level="AUTOCOMMIT" if purpose == "read" else "READ COMMITTED",
        pool_size=2 if job else settings.pool_size,
        max_overflow=2 if job else settings.pool_overflow,
        pool_timeout=settings.pool_timeout_seconds,
        pool_use_lifo=True,
        pool_pre_ping=job,
        pool_recycle=1800,
        query_cache_size=1000,
    )
    pool = cast(QueuePool, engine.pool)
    metrics.DB_CONNECTIONS.labels(purpose).set_function(pool.checkedout)
    limit = 4 if job else settings.pool_size + settings.pool_overflow
    metrics.DB_CONNECTIONS_LIMIT.labels(purpose).set(limit)
    return engine


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's code of an error that came through SQLAlchemy; None when the server said nothing."""
    return getattr(getattr(error, "orig", error), "sqlstate", None)


def is_outage(error: BaseException) -> bool:
    """True when the database was not there: nothing is wrong with the request, and waiting may help."""
    if isinstance(error, PoolTimeout):
        return True
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = sqlstate(error)
    return state is None or state.startswith(_CLASS_CONNECTION) or state in _SHUTDOWN


def is_worth_another_try(error: BaseException) -> bool:
    """True for an outage, a deadlock or a serialization failure: the same transaction may pass the next time."""
    return is_outage(error) or (isinstance(error, DBAPIError) and sqlstate(error) in _WORTH_ANOTHER_TRY)
