"""After how many days in one state a form is overdue.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE rules ADD COLUMN overdue_days smallint NOT NULL DEFAULT 5")
    op.execute("COMMENT ON COLUMN rules.overdue_days IS 'a form in one state for longer'")


def downgrade() -> None:
    op.execute("ALTER TABLE rules DROP COLUMN overdue_days")
