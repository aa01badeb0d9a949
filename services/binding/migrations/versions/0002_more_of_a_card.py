"""Unit of the crew, terminal and numbers of the cards that inventory tells of.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UPGRADE = """
ALTER TABLE cards ADD COLUMN issued_to_unit text COLLATE "C";
ALTER TABLE cards ADD COLUMN terminal_asset_no text COLLATE "C";
ALTER TABLE cards ADD COLUMN imsi text COLLATE "C";
ALTER TABLE cards ADD COLUMN msisdn text COLLATE "C"
"""
DOWNGRADE = """
ALTER TABLE cards DROP COLUMN issued_to_unit, DROP COLUMN terminal_asset_no, DROP COLUMN imsi, DROP COLUMN msisdn
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DOWNGRADE)
