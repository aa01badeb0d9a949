"""Which carriers are connected: SIMKEEP_CARRIERS, a JSON list of endpoints."""

import json
import os
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from kernel.model.errors import DomainError


class UsageManners(BaseModel):
    """What the carrier's interface for usage can bear and tells. Without limits of its own it is asked gently."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    calls_per_second: float = Field(default=5, gt=0)
    """Calls are spread so that no second has more, whatever the number of processes."""
    calls_per_day: int | None = Field(default=None, ge=1)
    """The carrier's quota, used up from 00:00 on (Asia/Shanghai). None: it has none."""
    at_once: int = Field(default=4, ge=1, le=64)
    """Calls under way at the same time; more than calls per second times seconds per answer bring nothing."""
    days_back: int = Field(default=7, ge=1, le=400)
    """Whole days before today that the carrier still answers for; older gaps stay."""
    from_hour: int = Field(default=0, ge=0, le=23)
    to_hour: int = Field(default=24, ge=1, le=24)
    """Asked only between these hours (Asia/Shanghai), as the contract may say; from 22 to 6 goes over midnight."""
    measured_in: Literal["B", "KB", "MB", "GB"] = "B"
    """What its volumes are counted in, 1024 each."""


class Endpoint(BaseModel):
    """One carrier's interface. Its secret: the environment variable that ``key_env`` names, else ``key``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    carrier: str
    """Code in the table carriers; what comes from here is judged by its rule."""
    dialect: Literal["generic", "onelink", "unicom"] = "generic"
    base_url: str = Field(pattern=r"^https?://[^ ]+$")
    unit: str
    """Owner of what is pulled from here: a province or city."""
    app_id: str = ""
    """The account at the carrier (onelink, unicom)."""
    key: SecretStr = SecretStr("")
    """Bearer key (generic), password (onelink) or secret that signs requests (unicom)."""
    key_env: str | None = None
    timeout_seconds: float = Field(default=30, gt=0)
    """A request that is not answered whole by then is tried again."""
    attempts: int = Field(default=4, ge=1)
    """Tries of one request; the waits between them double."""
    backoff_seconds: float = Field(default=0.5, ge=0)
    """The first wait."""
    longest_wait_seconds: float = Field(default=60, ge=0)
    """A carrier may ask for a longer wait (Retry-After): up to this it gets it; beyond, the pull fails and says so."""
    usage: UsageManners | None = None
    """Set when usage is asked for here as well as deliveries."""
    counts_url: str | None = Field(default=None, pattern=r"^https?://[^ ]+$")
    """Where the carrier tells how many cards each unit has (BND-09), with the same key. None: it does not tell."""
    specs: dict[str, str] = {"01": "plug_in", "02": "smd", "03": "nano", "04": "esim"}
    """The carrier's code of a card spec > ours. A code that stands nowhere is taken as ours."""

    @model_validator(mode="before")
    @classmethod
    def _key_from_environment(cls, data: dict[str, object]) -> dict[str, object]:
        name = data.get("key_env")
        own = os.environ.get(str(name)) if name else None
        return {**data, "key": own} if own else data


def endpoints() -> list[Endpoint]:
    """Every connected carrier. Raises pydantic's ValidationError or JSONDecodeError for a malformed setting."""
    return [Endpoint.model_validate(item) for item in json.loads(os.environ.get("SIMKEEP_CARRIERS") or "[]")]


def endpoint_of(carrier: str) -> Endpoint:
    """Raises DomainError carrier_not_connected."""
    for endpoint in endpoints():
        if endpoint.carrier == carrier:
            return endpoint
    raise DomainError("carrier_not_connected", carrier=carrier)
