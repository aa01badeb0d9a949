"""Alembic's entry: this service's tables, migrated the way every service is (kernel/chassis/data/alembic_env.py)."""

from kernel.chassis.data.alembic_env import run
from services.imei import audit_tables

run("imei", audit_tables.clerks.metadata)
