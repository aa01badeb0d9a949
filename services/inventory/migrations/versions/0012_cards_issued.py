"""What units issued per day, read from the index alone: the need that stock is compared with.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(
        """
        CREATE INDEX ix_ledger_issued ON ledger (day, owner_unit) INCLUDE (delta)
        WHERE action = 'issue' AND state = 'pending_install'
        """
    )


def downgrade() -> None:
    op.drop_index("ix_ledger_issued", "ledger")
