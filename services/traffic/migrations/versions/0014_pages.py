"""Indexes that pages need: folded months by unit, cards by their terminals.

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UPGRADE = """
CREATE INDEX ix_usage_months_unit ON usage_months USING brin (unit);
CREATE INDEX ix_cards_terminal ON cards (terminal_asset_no);
CREATE INDEX ix_past_places_terminal ON past_places (terminal)
"""
DOWNGRADE = """
DROP INDEX ix_past_places_terminal;
DROP INDEX ix_cards_terminal;
DROP INDEX ix_usage_months_unit
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DOWNGRADE)
