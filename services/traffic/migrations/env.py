"""Alembic's entry: this service's tables, migrated the way every service is (kernel/chassis/data/alembic_env.py)."""

from kernel.chassis.data.alembic_env import run
from services.traffic import counter_tables

run("traffic", counter_tables.metadata)
