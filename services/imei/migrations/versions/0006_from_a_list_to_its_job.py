"""A list knows the job that took it in; redemptions are listed by unit, time and order.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UPGRADE = """
ALTER TABLE lists ADD COLUMN job_id uuid;
ALTER TABLE redemptions ADD COLUMN unit text COLLATE "C" NOT NULL DEFAULT '';
UPDATE redemptions SET unit = organisations.unit FROM organisations WHERE code = organisation;
ALTER TABLE redemptions ALTER COLUMN unit DROP DEFAULT;
ALTER TABLE redemptions ADD COLUMN by_name text NOT NULL DEFAULT '';
ALTER TABLE redemptions ALTER COLUMN by_name DROP DEFAULT;
CREATE INDEX ix_redemptions_unit_at ON redemptions (unit, at, device_id, version);
CREATE INDEX ix_redemptions_order_no ON redemptions (order_no)
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.drop_index("ix_redemptions_order_no")
    op.drop_index("ix_redemptions_unit_at")
    op.drop_column("redemptions", "by_name")
    op.drop_column("redemptions", "unit")
    op.drop_column("lists", "job_id")
