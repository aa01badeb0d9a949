"""Tables of imei. Migrations create them; ``alembic check`` proves that both say the same."""

from kernel.chassis.data.tables import chassis_tables, service_metadata

metadata = service_metadata()
chassis = chassis_tables(metadata)
