"""How long things last in the serial registry. Each field: unit, default, consequence."""

from functools import cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class RegistrySettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SIMKEEP_", extra="ignore", frozen=True)

    serial_reservation_days: int = Field(default=3, ge=1, le=30)
    """Days for which an order keeps a device when it does not say so itself."""
    serial_observation_days: int = Field(default=15, ge=0, le=365)
    """Days after a freeze within which the organisation that it hits may appeal."""
    serial_decision_days: int = Field(default=30, ge=1, le=365)
    """Days after a freeze by which somebody has to decide about it; later it is listed as overdue."""
    serial_reminder_days: int = Field(default=1, ge=0, le=365)
    """Days after a sale or a registration from which on its organisation is reminded to redeem it."""
    serial_silent_days: int = Field(default=365, ge=1)
    """Days that a claimed device may stay unsold; then it is 沉默 (rule 8.5)."""


@cache
def registry_settings() -> RegistrySettings:
    """Those of this process."""
    return RegistrySettings()
