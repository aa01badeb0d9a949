"""Some days of the ledger are read from the index alone.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(
        """
        DROP INDEX ix_ledger_day;
        CREATE INDEX ix_ledger_day ON ledger (day, owner_unit, state) INCLUDE (delta)
        """
    )


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(
        """
        DROP INDEX ix_ledger_day;
        CREATE INDEX ix_ledger_day ON ledger (day)
        """
    )
