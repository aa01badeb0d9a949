"""How many terminals of each unit the others were told of last.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE told_terminals (
            unit text COLLATE "C" NOT NULL CONSTRAINT pk_told_terminals PRIMARY KEY,
            terminals bigint NOT NULL
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE told_terminals")
