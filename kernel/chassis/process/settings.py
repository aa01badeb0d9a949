"""What operators may set, by environment (prefix SIMKEEP_). Each field: unit, default, consequence."""

import base64
import hmac
import os
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from kernel.contracts import topology


class _Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SIMKEEP_", extra="ignore", frozen=True)


class DatabaseSettings(_Settings):
    """One database, a schema and a role per service."""

    database_url: str | None = None
    """The administrator's DSN. Only migrations and tools have it; a process has its own role's DSN."""
    pool_size: int = Field(default=10, ge=1)
    """Connections kept open per engine; a service has two (reads, writes), each opens them on demand. Not below
    rpc_workers, else connections are made and closed under load."""
    pool_overflow: int = Field(default=6, ge=0)
    """Further connections in a burst; closed on return."""
    pool_timeout_seconds: float = 10
    """How long a request waits for a connection before it fails."""
    statement_timeout_seconds: float = 30
    """PostgreSQL ends an RPC's or a handler's statement after this. Job workers have ``job_statement_timeout``."""
    lock_timeout_seconds: float = 10
    """A statement that waits longer for a row or table lock fails instead of piling up."""
    connect_timeout_seconds: int = Field(default=5, ge=2)
    """How long one attempt to connect may take (libpq needs at least 2)."""

    def service_dsn(self, service: str) -> str:
        """DSN of the role of ``service``: its own variable, or for whoever has the administrator's, what follows.

        Raises RuntimeError naming the missing variable.
        """
        return os.environ.get(f"SIMKEEP_{service.upper()}_DATABASE_URL") or self.derived_dsn(service)

    def derived_dsn(self, service: str) -> str:
        """The administrator's DSN with the role of ``service`` and the password that follows from his."""
        parts = urlsplit(self.database_url or "")
        if not parts.password:
            raise RuntimeError(f"set SIMKEEP_{service.upper()}_DATABASE_URL")
        host = parts.netloc.rpartition("@")[2]
        role = role_name(service)
        secret = quote(account_password(unquote(parts.password), role), safe="")
        return urlunsplit(parts._replace(netloc=f"{role}:{secret}@{host}"))


def role_name(service: str) -> str:
    """PostgreSQL role of a service (and of the gateway), owner of its schema."""
    return f"simkeep_{service}"


def account_password(administrators: str, account: str) -> str:
    """Password of an account, made from the administrator's, which does not follow from it."""
    digest = hmac.digest(administrators.encode(), f"simkeep account {account}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:24]).decode()


def call_key(gateways_secret: str, service: str) -> str:
    """Key of the calls between the gateway and one service, made from the gateway's secret, which does not follow
    from it: so a service knows its own key and no other's."""
    digest = hmac.digest(gateways_secret.encode(), f"simkeep calls of {service}".encode(), "sha256")
    return base64.urlsafe_b64encode(digest).decode()


class BusSettings(_Settings):
    """RabbitMQ."""

    amqp_url: str = "amqp://guest:guest@127.0.0.1:5672//"
    """Address with the process' own account (``topology.account``): the broker vouches for it with each message."""
    heartbeat_seconds: int = Field(default=10, ge=2)
    """A dead broker or peer is noticed after about twice this."""
    queue_type: topology.QueueType = "classic"
    """``quorum`` for a cluster of brokers: every message then lies on most of its nodes. Queues that exist keep their
    type: to change it, docs/runbooks/change-the-queue-type.md."""
    rpc_workers: int = Field(default=10, ge=1)
    """Requests that one process works on at once; also the prefetch, so the rest waits where replicas can take it."""
    retry_delays_seconds: tuple[float, ...] = topology.RETRY_DELAYS_SECONDS
    """Waits before a failed event is handled again; after the last one it is parked."""
    retry_poll_seconds: float = 1.0
    """How late a due retry may start."""
    confirm_timeout_seconds: float = 30
    """A publication that the broker does not confirm by then counts as failed and is sent again."""
    relay_poll_seconds: float = 1.0
    """How long a committed event waits at most when the database's wake-up call was missed."""
    relay_batch: int = Field(default=200, ge=1)
    """Events that the relay publishes before it waits for the broker's confirms."""
    drain_seconds: float = 25
    """After SIGTERM, requests and handlers get this long to end before the process is ended with code 1."""

    @property
    def account(self) -> str:
        """Whose address it is."""
        return unquote(urlsplit(self.amqp_url).username or "guest")


class IdentitySettings(_Settings):
    """What the gateway's calls are sealed with. A new secret needs a restart of the gateway and of all services."""

    call_secret: SecretStr | None = Field(default=None, min_length=32)
    """The gateway's: each service's key follows from it (``call_key``). Random, at least 32 characters."""
    call_key: SecretStr | None = Field(default=None, min_length=32)
    """A service's own: it believes the gateway's calls by it. Nobody else but the gateway can make it."""


class BlobSettings(_Settings):
    """Where contents too large for a message live."""

    blob_url: str | None = None
    """``file:///absolute/folder`` or ``s3://bucket/prefix?endpoint=https://...&region=...``."""


class HealthSettings(_Settings):
    """The small HTTP port of each process."""

    health_host: str = "127.0.0.1"
    """Address to listen on; ``0.0.0.0`` inside a container so that the orchestrator reaches it."""

    @staticmethod
    def port(service: str, kind: str = "") -> int:
        """SIMKEEP_<SERVICE>_HEALTH_PORT, or ..._WORKER_HEALTH_PORT for ``kind="worker"``; 0: no port is opened."""
        middle = f"_{kind.upper()}" if kind else ""
        return int(os.environ.get(f"SIMKEEP_{service.upper()}{middle}_HEALTH_PORT", "0"))


class LogSettings(_Settings):
    log_level: str = "INFO"
    log_format: str = "json"
    """``json``: one object per line; ``console``: for a person's terminal."""

    @field_validator("log_level")
    @classmethod
    def _upper(cls, value: str) -> str:
        return value.upper()


class ClockSettings(_Settings):
    clock_offset_seconds: float = 0
    """Moves business time; only for tests. Never set in production."""


class JobSettings(_Settings):
    """The job worker of a service."""

    job_concurrency: int = Field(default=2, ge=1)
    """Jobs that one worker process runs at once, each in a child process of its own."""
    job_lease_seconds: float = 30
    """A running job whose worker stopped renewing its lease for this long is taken by another."""
    job_attempts: int = Field(default=3, ge=1)
    """A job whose worker died so often is given up as failed."""
    job_time_limit_seconds: float = 3600
    """A job that runs longer is killed and fails."""
    job_memory_limit_mib: int = Field(default=1024, ge=128)
    """Limit on the memory that a job's process may allocate; beyond it the job fails, the worker lives on."""
    job_statement_timeout_seconds: float = 900
    """Set-based statements over a million rows take longer than a request may."""
    job_poll_seconds: float = 1.0
    """How long a new job waits at most when the database's wake-up call was missed."""
    rebuild_slice_bytes: int = Field(default=4 << 20, ge=1)
    """Of a snapshot, taken over in one transaction: about 30,000 rows, for which events wait a second or less."""
