"""What some columns and tables hold, said in the database as in the code.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UPGRADE = """
COMMENT ON COLUMN appeals.version IS 'of the freeze';
COMMENT ON COLUMN freezes.observed_until IS 'an appeal may be made until then';
COMMENT ON COLUMN freezes.unit IS 'of the device, when it was frozen';
COMMENT ON COLUMN lists.job_id IS 'that took it in; its rows are the refused ones';
COMMENT ON COLUMN lists.reported_by IS 'login of the vendor''s contact';
COMMENT ON COLUMN organisations.suspended_at IS '取消合作资格: takes part in nothing';
COMMENT ON COLUMN redemptions.cancelled_version IS 'of the event that took it back';
COMMENT ON COLUMN redemptions.msisdn IS 'of the order, where it says so';
COMMENT ON COLUMN redemptions.unit IS 'of the organisation, when it was redeemed';
COMMENT ON COLUMN subsidised.claimant IS 'code of the province that paid, where the list says so';
COMMENT ON COLUMN subsidised.claimed_on IS 'as the list writes it';
COMMENT ON COLUMN violations.device_id IS 'or the code, where no device has it';
COMMENT ON TABLE freeze_extensions IS 'how the deadline of a freeze was moved, and why. Append-only';
COMMENT ON TABLE registrations IS 'what the self-registration platform told, also of devices that are not known';
COMMENT ON TABLE reservations IS 'a device is kept for an order until then; whoever reads it looks at the time'
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    """Comments change nothing that the code before relies on."""
