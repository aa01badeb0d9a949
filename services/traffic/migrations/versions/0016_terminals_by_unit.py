"""Indexes that pages of terminals need: by unit, and of which unit without reading the cards.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

UPGRADE = """
CREATE INDEX ix_cards_unit_terminal ON cards (owner_unit, terminal_asset_no) INCLUDE (id);
CREATE INDEX ix_cards_terminal_unit ON cards (terminal_asset_no, owner_unit);
DROP INDEX ix_cards_terminal
"""
DOWNGRADE = """
CREATE INDEX ix_cards_terminal ON cards (terminal_asset_no);
DROP INDEX ix_cards_terminal_unit;
DROP INDEX ix_cards_unit_terminal
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DOWNGRADE)
