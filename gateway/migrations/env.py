"""Alembic's entry: the gateway's tables, migrated the way every schema is (deploy/alembic_env.py)."""

from deploy.alembic_env import run
from gateway.tables import metadata

run("gateway", metadata)
