"""The doubts of a card are found along an index: each batch of readings asks for those of its cards.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE INDEX ix_exceptions_doubts ON exceptions (iccid)
        WHERE kind IN ('card_elsewhere', 'card_unknown', 'card_never_issued', 'card_terminated')
        """
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_exceptions_doubts")
