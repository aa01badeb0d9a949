"""Issuers of actors besides the gateway, and the account that a refused fact came from.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

from kernel.chassis.data.tables import add_trust, drop_trust

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_trust(op)


def downgrade() -> None:
    drop_trust(op)
