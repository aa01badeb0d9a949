"""Devices in no organisation, by unit: a city has few or none of them, and asks for them (IME-16).

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_devices_unplaced ON devices (unit, id) WHERE organisation IS NULL")


def downgrade() -> None:
    op.execute("DROP INDEX ix_devices_unplaced")
