"""Which carriers are connected: SIMKEEP_CARRIERS, a JSON list of endpoints."""

import json
import os
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from kernel.model.errors import DomainError


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
