"""Of two facts of binding about a card the one with the higher decision holds.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

UPGRADE = """
ALTER TABLE cards ADD COLUMN terminal_decision bigint;
COMMENT ON COLUMN cards.terminal_decision IS 'number of the newest fact that binding told of this card';
COMMENT ON COLUMN cards.terminal_read_at IS
    'since when it is, or is not, on a terminal, by the terminal''s clock'
"""
DOWNGRADE = """
ALTER TABLE cards DROP COLUMN terminal_decision;
COMMENT ON COLUMN cards.terminal_read_at IS 'of the newest fact that binding told of this card'
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DOWNGRADE)
