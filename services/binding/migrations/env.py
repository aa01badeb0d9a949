"""Alembic's entry: this service's tables, migrated the way every service is (deploy/alembic_env.py)."""

from deploy.alembic_env import run
from services.binding.tables import metadata

run("binding", metadata)
