"""The newest exceptions of many units, and the terminals that one module was in, are found along an index.

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_exceptions_last_day ON exceptions (last_day, id)")
    op.execute("CREATE INDEX ix_imei_runs_imei_first_read ON imei_runs (imei, first_read)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_imei_runs_imei_first_read")
    op.execute("DROP INDEX ix_exceptions_last_day")
