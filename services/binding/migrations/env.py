"""Alembic's entry: this service's tables, migrated the way every service is (kernel/chassis/data/alembic_env.py)."""

from kernel.chassis.data.alembic_env import run
from services.binding import carrier_tables, module_tables, tables

EVERY_TABLES = (tables, carrier_tables, module_tables)

run("binding", tables.metadata)
