"""What operators may set for inventory, by environment (prefix SIMKEEP_). Each field: unit, default, consequence.

Carrier endpoints: ``carriers.settings``. Limits on files: ``deliveries.settings``.
"""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class InventorySettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SIMKEEP_INVENTORY_", extra="ignore", frozen=True)

    pull_every_seconds: int = Field(default=900, ge=10)
    """How often every connected carrier is asked for new deliveries; people can ask at any time besides."""
    closing_hour: int = Field(default=3, ge=1, le=23)
    """Hour (Asia/Shanghai) at which the ledger of the day before is closed. Acts begun before midnight must have
    ended by then, or that day's statistics lack them until the books are rebuilt."""
    large_act_cards: int = Field(default=100_000, ge=1)
    """An act on more cards at once goes on as a job; on fewer it is answered at once, which takes some seconds."""
