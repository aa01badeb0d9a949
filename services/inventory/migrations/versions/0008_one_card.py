"""One physical card is one card (INV-12): cards of 19 digits are found by those of 20; MSISDNs have one form.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

UPGRADE = """
CREATE INDEX ix_cards_short ON cards (iccid) WHERE length(iccid) = 19;
UPDATE cards SET msisdn = substr(msisdn, 3) WHERE msisdn >= '861' AND msisdn < '862' AND length(msisdn) IN (13, 15)
"""
# The country code is not put back: the number means the same without it.
DOWNGRADE = "DROP INDEX ix_cards_short"


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DOWNGRADE)
