"""Days that are the same make an empty window: what was applied for is handed over at once, on the 1st too.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SAME_DAYS = """
ALTER TABLE rules DROP CONSTRAINT ck_rules_days, ADD CONSTRAINT ck_rules_days CHECK (opens_day <= closes_day)
"""
OTHER_DAYS = """
UPDATE rules SET closes_day = closes_day + 1 WHERE opens_day = closes_day;
ALTER TABLE rules DROP CONSTRAINT ck_rules_days, ADD CONSTRAINT ck_rules_days CHECK (opens_day < closes_day)
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(SAME_DAYS)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(OTHER_DAYS)
