"""A reason for scrapping counts by its own version, early or late.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UPGRADE = """
ALTER TABLE cards ADD COLUMN reason_version bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN cards.reason IS 'why it was marked for scrap the last time';
COMMENT ON COLUMN cards.reason_version IS 'the card''s version when it was marked'
"""
DOWNGRADE = """
ALTER TABLE cards DROP COLUMN reason_version
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DOWNGRADE)
