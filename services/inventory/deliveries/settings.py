"""How much a delivery file may be. Each field: unit, default, consequence."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ImportSettings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SIMKEEP_", extra="ignore", frozen=True)

    import_max_rows: int = Field(default=1_500_000, ge=1)
    """Data rows of one file. A longer one is refused as a whole; memory does not depend on it, the job's time does."""
    import_max_unpacked_mib: int = Field(default=1024, ge=1)
    """MiB that an XLSX may hold unpacked. Read from its directory, before anything is unpacked."""
    import_max_ratio: int = Field(default=150, ge=2)
    """Unpacked to packed size of one part of an XLSX; sheets reach about 30, zip bombs 1000."""
