"""Cards that should not cost are few, and found by an index.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

UPGRADE = """
CREATE INDEX ix_cards_idle ON cards (iccid) WHERE state IN ('unqualified', 'pending_scrap', 'terminated')
"""
DOWNGRADE = "DROP INDEX ix_cards_idle"


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DOWNGRADE)
