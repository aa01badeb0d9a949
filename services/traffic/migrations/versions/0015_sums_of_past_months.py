"""Folded months by their sums: who used most, and who is in a range.

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

UPGRADE = """
CREATE INDEX ix_usage_months_carrier ON usage_months (carrier_month);
CREATE INDEX ix_usage_months_terminal ON usage_months (terminal_month)
"""
DOWNGRADE = """
DROP INDEX ix_usage_months_terminal;
DROP INDEX ix_usage_months_carrier
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DOWNGRADE)
