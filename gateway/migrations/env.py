"""Alembic's entry: the gateway's tables, migrated the way every schema is (kernel/chassis/data/alembic_env.py)."""

from gateway.tables import metadata
from kernel.chassis.data.alembic_env import run

run("gateway", metadata)
