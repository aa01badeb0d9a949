"""Closings at three levels of detail, and indexes by which they are read in the order of days.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Closings are derived from the ledger: the next night writes new ones, and until then the ledger itself answers.
LEVELS = """
TRUNCATE closings, ages;
DROP INDEX ix_closings_day_unit;
ALTER TABLE closings ADD COLUMN level smallint NOT NULL;
ALTER TABLE closings ALTER carrier DROP NOT NULL, ALTER card_spec DROP NOT NULL, ALTER application_month DROP NOT NULL;
CREATE INDEX ix_closings_unit ON closings (day, level, owner_unit);
CREATE INDEX ix_closings_month ON closings (day, application_month, owner_unit) WHERE level = 3;
CREATE INDEX ix_closings_opened ON closings (day, opened_on) WHERE level = 3;
COMMENT ON COLUMN closings.level IS '1: per state and unit; 2: also per carrier and spec; 3: every dimension';
DROP INDEX ix_ages_since;
CREATE INDEX ix_ages_since ON ages (since, owner_unit, state);
CREATE INDEX ix_ages_state_since ON ages (state, since, owner_unit);
CREATE INDEX ix_ages_month ON ages (application_month, since, owner_unit, state)
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(LEVELS)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(
        """
        TRUNCATE closings, ages;
        DROP INDEX ix_closings_unit, ix_closings_month, ix_closings_opened,
            ix_ages_since, ix_ages_state_since, ix_ages_month;
        ALTER TABLE closings DROP COLUMN level;
        ALTER TABLE closings ALTER carrier SET NOT NULL, ALTER card_spec SET NOT NULL,
            ALTER application_month SET NOT NULL;
        CREATE INDEX ix_closings_day_unit ON closings (day, owner_unit);
        CREATE INDEX ix_ages_since ON ages (since)
        """
    )
