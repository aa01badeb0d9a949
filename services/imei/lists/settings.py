"""When a national list waits for a person. Each field: unit, default, consequence."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ListSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SIMKEEP_", extra="ignore", frozen=True)

    serial_freeze_share: float = Field(default=0.01, ge=0, le=1)
    """Share of the live devices. A list that would freeze more than it, and more than the floor, is held."""
    serial_freeze_floor: int = Field(default=100, ge=0)
    """Devices. A list that would freeze no more than these is published whatever the share."""
    serial_list_max_rows: int = Field(default=1_500_000, ge=1)
    """Data rows of one file. A longer one is refused as a whole."""
