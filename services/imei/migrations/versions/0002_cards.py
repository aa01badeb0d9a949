"""The read model of inventory's cards.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UPGRADE = """
CREATE TABLE cards (
    iccid text COLLATE "C" NOT NULL CONSTRAINT pk_cards PRIMARY KEY,
    version bigint NOT NULL,
    owner_unit text COLLATE "C" NOT NULL,
    carrier text NOT NULL,
    state text NOT NULL,
    terminal_asset_no text COLLATE "C",
    imsi text COLLATE "C",
    msisdn text COLLATE "C",
    changed_at timestamptz NOT NULL
);
CREATE INDEX ix_cards_unit_iccid ON cards (owner_unit, iccid);
COMMENT ON TABLE cards IS 'inventory''s cards as its events told of them'
"""
DOWNGRADE = """
DROP TABLE cards
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DOWNGRADE)
