"""The newest reading of each unit, and the exceptions that wait, for the figures in /metrics.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE newest_readings (
            unit text COLLATE "C" NOT NULL CONSTRAINT pk_newest_readings PRIMARY KEY,
            read_at timestamptz NOT NULL
        )
        """
    )
    op.execute(
        """
        INSERT INTO newest_readings (unit, read_at)
        SELECT unit, max(read_at) FROM readings WHERE unit IS NOT NULL AND outcome = 'read' GROUP BY unit
        """
    )
    op.execute(
        """
        CREATE INDEX ix_exceptions_waiting ON exceptions (kind, state) WHERE resolved_at IS NULL AND state <> 'closed'
        """
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_exceptions_waiting")
    op.execute("DROP TABLE newest_readings")
