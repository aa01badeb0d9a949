"""The gateway's own database: one async engine per process, connections on demand, back by itself after an outage."""

from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from kernel.chassis.process.settings import DatabaseSettings

STATEMENT_TIMEOUT_MS = 10_000
LOCK_TIMEOUT_MS = 5_000


def engine(pool_size: int, settings: DatabaseSettings | None = None) -> AsyncEngine:
    """Connects on first use, so that the gateway starts while the database is away."""
    settings = settings or DatabaseSettings()
    dsn = settings.service_dsn("gateway")
    return create_async_engine(
        "postgresql+psycopg://" + dsn.split("://", 1)[1],
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=settings.pool_timeout_seconds,
        pool_pre_ping=True,
        pool_recycle=1800,
        hide_parameters=True,  # hashes of passwords and keys are among them, and errors end in logs
        connect_args=_arguments(settings),
    )


async def connection() -> psycopg.AsyncConnection[Any]:
    """One that is kept outside the pool, without transactions; its rows have names. The caller closes it."""
    settings = DatabaseSettings()
    return await psycopg.AsyncConnection.connect(
        settings.service_dsn("gateway"), autocommit=True, row_factory=namedtuple_row, **_arguments(settings)
    )


def _arguments(settings: DatabaseSettings) -> dict[str, Any]:
    return {
        "connect_timeout": settings.connect_timeout_seconds,
        "application_name": "simkeep-gateway",
        "options": f"-c search_path=gateway -c statement_timeout={STATEMENT_TIMEOUT_MS}"
        f" -c lock_timeout={LOCK_TIMEOUT_MS} -c idle_in_transaction_session_timeout=60000",
    }
