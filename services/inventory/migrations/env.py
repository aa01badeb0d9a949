"""Alembic's entry: this service's tables, migrated the way every service is (deploy/alembic_env.py)."""

from deploy.alembic_env import run
from services.inventory.tables import metadata

run("inventory", metadata)
