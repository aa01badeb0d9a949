"""When a device announced itself first, beside its state: what is with a customer and not redeemed (IME-11).

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE devices ADD COLUMN registered_at timestamp with time zone",
    "COMMENT ON COLUMN devices.registered_at IS 'it announced itself then for the first time'",
    """
    UPDATE devices SET registered_at = first.at
    FROM (SELECT device_id, min(registrations.registered_at) AS at FROM registrations JOIN codes USING (code)
          GROUP BY device_id) AS first
    WHERE devices.id = first.device_id
    """,
    """
    CREATE INDEX ix_devices_unredeemed ON devices (unit)
    WHERE (state = 'sold' OR (state = 'claimed' AND registered_at IS NOT NULL))
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX ix_devices_unredeemed")
    op.execute("ALTER TABLE devices DROP COLUMN registered_at")
