"""What operators may set for workflow, by environment (prefix SIMKEEP_). Each field: unit, default, consequence."""

from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_SHORTEST_SECRET = 16


class WebhookSettings(BaseSettings):
    """Where moved forms are told of outside the portal (WFL-03). Wrong settings: the service does not start."""

    model_config = SettingsConfigDict(env_prefix="SIMKEEP_WORKFLOW_WEBHOOK_", extra="ignore", frozen=True)

    url: str = ""
    """Address that gets the posts, https. Empty: no posts, no queue; posts that still waited are thrown away."""
    secret: SecretStr = SecretStr("")
    """Key of the signatures, shared with the receiver, at least 16 characters; needed with ``url``."""
    allow_http: bool = False
    """Also takes an http address: everybody on the way can then read what is posted. For development."""
    connect_seconds: float = Field(default=3, gt=0, le=10)
    """A receiver that cannot be reached within this time counts as down: the post is tried again later."""
    answer_seconds: float = Field(default=8, gt=0, le=15)
    """The same for each wait for its answer. A whole post never takes longer than the chassis gives to an errand."""

    @property
    def wanted(self) -> bool:
        return bool(self.url)

    @model_validator(mode="after")
    def _postable(self) -> Self:
        if not self.url:
            return self
        address = urlsplit(self.url)
        schemes = ("https", "http") if self.allow_http else ("https",)
        if address.scheme not in schemes or not address.hostname:
            raise ValueError("SIMKEEP_WORKFLOW_WEBHOOK_URL must be an https address (http: see ..._ALLOW_HTTP)")
        if address.username or address.password or address.fragment:
            raise ValueError("SIMKEEP_WORKFLOW_WEBHOOK_URL must hold neither a login nor a fragment")
        if len(self.secret.get_secret_value()) < _SHORTEST_SECRET:
            raise ValueError(f"SIMKEEP_WORKFLOW_WEBHOOK_SECRET needs at least {_SHORTEST_SECRET} characters")
        return self
