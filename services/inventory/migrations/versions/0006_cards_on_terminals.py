"""What binding tells of each card: its terminal, the reading, and when that was.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UPGRADE = """
ALTER TABLE cards ADD COLUMN terminal_read_at timestamptz;
COMMENT ON COLUMN cards.terminal_read_at IS 'of the newest fact that binding told of this card';
ALTER TABLE run_log ADD COLUMN terminal_asset_no text COLLATE "C",
                    ADD COLUMN reason text,
                    ADD COLUMN reference_id text;
COMMENT ON COLUMN run_log.terminal_asset_no IS 'that the card came to or left';
COMMENT ON COLUMN run_log.reason IS 'where the change has one of its own for each card; also reference_id'
"""
DOWNGRADE = """
ALTER TABLE run_log DROP COLUMN terminal_asset_no, DROP COLUMN reason, DROP COLUMN reference_id;
ALTER TABLE cards DROP COLUMN terminal_read_at
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DOWNGRADE)
