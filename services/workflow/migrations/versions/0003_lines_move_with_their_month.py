"""A county's line is handed over with its month: its state and its city line are looked up, not written.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

WITH_THE_MONTH = """
DROP INDEX ix_applications_month;
ALTER TABLE applications DROP COLUMN state, DROP COLUMN city_line_id;
CREATE INDEX ix_applications_month ON applications (month, unit);
COMMENT ON TABLE applications IS
    'counties'' lines. Handed over with their month (hand_overs); their city line is that of unit and kind'
"""
ON_THE_LINE = """
COMMENT ON TABLE applications IS NULL;
DROP INDEX ix_applications_month;
ALTER TABLE applications ADD COLUMN city_line_id bigint CONSTRAINT fk_applications_city_line_id REFERENCES city_lines,
                         ADD COLUMN state text;
UPDATE applications SET state = 'drafted';
UPDATE applications SET state = 'submitted_to_city', city_line_id = city_lines.id FROM city_lines
WHERE city_lines.month = applications.month AND city_lines.unit = left(applications.unit, 4)
  AND city_lines.carrier = applications.carrier AND city_lines.card_spec = applications.card_spec;
ALTER TABLE applications ALTER state SET NOT NULL,
    ADD CONSTRAINT ck_applications_state CHECK (state IN ('drafted', 'submitted_to_city')),
    ADD CONSTRAINT ck_applications_handed_over CHECK ((state = 'drafted') = (city_line_id IS NULL));
CREATE INDEX ix_applications_month ON applications (month, state, unit);
CREATE INDEX ix_applications_city_line_id ON applications (city_line_id)
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(WITH_THE_MONTH)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(ON_THE_LINE)
