"""When a load of usage is held for a person, and how far back it may reach. Each field: unit, default, consequence."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class UsageSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SIMKEEP_USAGE_", extra="ignore", frozen=True)

    days_back: int = Field(default=430, ge=31)
    """Days before today that are still taken; an older row is refused."""
    least_percent: int = Field(default=75, ge=0, le=100)
    """Percent of last month's cards that a whole load must tell of; with less it is held."""
    jump_factor: int = Field(default=5, ge=2)
    """So many times more or less per card and day than is known holds a load."""
    mixed_percent: int = Field(default=10, ge=1, le=100)
    """Percent of the compared cards that may be nearly a factor of 1024 from their own past; more hold a load."""
    compared_cards: int = Field(default=20, ge=1)
    """Cards that a load and what is known must have in common before their means are compared; fewer say nothing."""
    bill_factor: int = Field(default=2, ge=2)
    """A bill of so many times the money of the one before it, or only such a part of it, is held."""
    fold_after_days: int = Field(default=40, ge=31)
    """Months that ended before the month of so many days ago are folded into a row per card; a late figure unfolds."""
    index_after_minutes: int = Field(default=10, ge=0)
    """So long after the last large load the newest days get the indexes that only pages need."""
    straight_from_bytes: int = Field(default=1_000_000, ge=0)
    """From this size of its file on, a load of a new day looks its rows up in all cards; below, joins are quicker."""
    max_rows: int = Field(default=3_500_000, ge=1)
    """Data rows of one file; a longer one is refused as a whole."""
    rate_after_days: int = Field(default=3, ge=0)
    """A month is rated by itself so many days after its end, for the carriers' last figures come late."""
    pull_every_seconds: int = Field(default=300, ge=10)
    """How often it is looked what can be had from the connected carriers; people can have it looked at besides."""
    pull_slice_seconds: float = Field(default=240, gt=0)
    """A pull gives its place to other jobs after so long and goes on where it was."""
    pull_load_rows: int = Field(default=500_000, ge=1)
    """Rows pulled for one day or span that become one load; each load counts the month's distribution anew."""
    rest_seconds: float = Field(default=60, gt=0)
    """A carrier that failed is left alone for so long, twice as long after each further failure, up to an hour."""
