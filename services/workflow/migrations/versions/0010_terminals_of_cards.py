"""The terminal that each card was in last, as binding tells of it from now on.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE card_terminals (
        iccid text COLLATE "C" NOT NULL CONSTRAINT pk_card_terminals PRIMARY KEY,
        terminal text COLLATE "C" NOT NULL,
        left_at timestamptz,
        decision bigint NOT NULL
    )
    """,
    "COMMENT ON TABLE card_terminals IS 'the terminal that a card is in, or was in until left_at'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE card_terminals")
