"""What operators may set for the gateway, by environment (prefix SIMKEEP_). Each field: unit, default, consequence."""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024


class GatewaySettings(BaseSettings):
    """The bus, the database, the blob store and the actor's keys are set as for every service (kernel.chassis)."""

    model_config = SettingsConfigDict(env_prefix="SIMKEEP_", extra="ignore", frozen=True)

    http_host: str = "127.0.0.1"
    """Address to listen on; ``0.0.0.0`` inside a container."""
    http_port: int = 8080
    """Port of portal and REST."""
    http_drain_seconds: int = 20
    """After SIGTERM, requests get this long to end; new ones are not taken."""
    trusted_proxies: str = ""
    """Addresses or networks (comma separated) whose X-Forwarded-For and -Proto are believed. Empty: nobody's, so that
    behind a proxy all clients share its address, and its throttling."""

    metrics_from: str = "127.0.0.0/8,::1/128"
    """Networks (comma separated) that may read /metrics, directly and through no proxy; others find nothing there."""

    token_secret: SecretStr | None = None
    """HS256 secret of access tokens, at least 32 bytes. All replicas share it; a new one ends every login."""
    access_token_seconds: int = Field(default=600, ge=30)
    """Life of an access token; the portal renews it by the refresh cookie."""
    refresh_token_seconds: int = Field(default=7 * 86400, ge=60)
    """A login ends after this much time without use."""
    cookie_secure: bool | None = None
    """Cookies over HTTPS only. Default: as the request came."""

    password_memory_kib: int = Field(default=64 * 1024, ge=64)
    """Memory that hashing a password takes, and with it a tenth of a second: what makes guessing from a stolen table
    dear. Less is for tests."""
    login_limit: int = Field(default=10, ge=1)
    """Failed logins of one login name from one address per window; then 429 there until the window has passed."""
    login_address_limit: int = Field(default=50, ge=1)
    """Failed logins from one address per window; whoever has logged in from there before may go on."""
    login_stranger_limit: int = Field(default=30, ge=1)
    """Failed logins of one login name per window from addresses that it has never used, all together."""
    login_window_seconds: int = Field(default=900, ge=1)
    """Length of that window."""

    public_check_limit: int = Field(default=30, ge=1)
    """Checks of printed codes that one address may make a minute, without login, in one process; then 429."""

    rpc_timeout_seconds: float = Field(default=10, gt=0)
    """Deadline of a question to a service; then 504."""
    rpc_command_timeout_seconds: float = Field(default=45, gt=0)
    """Deadline of a command; the largest moves 100,000 cards in one transaction."""
    rpc_in_flight: int = Field(default=1000, ge=1)
    """Calls waiting at once per process; one more is answered 503."""

    head_limit_bytes: int = Field(default=32 * 1024, ge=1024)
    """Larger heads of requests (address and headers together) are refused with 431."""
    head_seconds: float = Field(default=10, gt=0)
    """A connection that has not sent its head by then is told 408 and closed."""
    body_seconds: float = Field(default=30, gt=0)
    """A body that is no upload must be there by then; else 408."""
    upload_idle_seconds: float = Field(default=30, gt=0)
    """An upload that sends nothing for so long is given up with 408."""
    upload_seconds: float = Field(default=3600, gt=0)
    """An upload must end by then, however steadily it drips."""
    uploads_per_person: int = Field(default=3, ge=1)
    """Uploads of one person or key at the same time, in one process; one more is told 429."""
    stranger_limit_bytes: int = Field(default=64 * 1024, ge=1024)
    """Larger bodies of requests without a token (login, refresh) are refused with 413."""
    json_limit_bytes: int = Field(default=8 * MIB, ge=1024)
    """Larger bodies that are no uploads are refused with 413."""
    upload_limit_bytes: int = Field(default=1024 * MIB, ge=1024)
    """Larger uploads are refused with 413; a million cards as CSV are about 60 MiB."""

    idempotency_hours: int = Field(default=24, ge=1)
    """How long an Idempotency-Key keeps its answer."""
    idempotency_wait_seconds: float = Field(default=10, ge=0)
    """How long a repeated request waits for the first one's answer before it is told 409."""

    database_pool_size: int = Field(default=8, ge=1)
    """Connections kept open by this process."""

    docs: Literal["on", "off"] = "on"
    """``off`` hides /docs and /openapi.json."""
