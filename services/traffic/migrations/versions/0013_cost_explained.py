"""What explains a cost stands in columns: writing it as JSON cost as much as pricing.

Revision ID: 0013
Revises: 0012
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

UPGRADE = """
ALTER TABLE cost_entries ADD fee numeric, ADD included numeric, ADD beyond_mb numeric, ADD per_mb numeric,
    ADD exact numeric;
UPDATE cost_entries SET fee = (detail ->> 'fee')::numeric, included = (detail ->> 'included')::numeric,
    beyond_mb = (detail ->> 'beyond')::numeric, per_mb = (detail ->> 'per_mb')::numeric,
    exact = (detail ->> 'exact')::numeric
WHERE detail <> '{}';
ALTER TABLE cost_entries DROP detail;
COMMENT ON COLUMN cost_entries.fee IS 'yuan of the days that count; NULL with what follows: taken back whole';
COMMENT ON COLUMN cost_entries.included IS 'bytes, of the pool the card''s part';
COMMENT ON COLUMN cost_entries.exact IS 'yuan before rounding'
"""
DOWNGRADE = """
ALTER TABLE cost_entries ADD detail jsonb NOT NULL DEFAULT '{}';
UPDATE cost_entries SET detail = jsonb_build_object('fee', fee::text, 'included', included, 'beyond', beyond_mb::text,
    'per_mb', per_mb::text, 'exact', exact::text)
WHERE exact IS NOT NULL;
ALTER TABLE cost_entries ALTER detail DROP DEFAULT;
ALTER TABLE cost_entries DROP fee, DROP included, DROP beyond_mb, DROP per_mb, DROP exact
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute(DOWNGRADE)
