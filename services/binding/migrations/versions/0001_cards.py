"""The chassis' tables and the read model of inventory's cards.

Revision ID: 0001
Revises:
"""

from alembic import op

from kernel.chassis.data.tables import create_chassis_tables, drop_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

CARDS = """
CREATE TABLE cards (
    iccid text COLLATE "C" NOT NULL CONSTRAINT pk_cards PRIMARY KEY,
    owner_unit text COLLATE "C" NOT NULL,
    carrier text NOT NULL,
    card_spec text NOT NULL,
    state text NOT NULL,
    version bigint NOT NULL,
    changed_at timestamptz NOT NULL
)
"""


def upgrade() -> None:
    create_chassis_tables(op)
    op.execute(CARDS)
    op.execute("CREATE INDEX ix_cards_owner_unit_state ON cards (owner_unit, state)")


def downgrade() -> None:
    op.execute("DROP TABLE cards")
    drop_chassis_tables(op)
