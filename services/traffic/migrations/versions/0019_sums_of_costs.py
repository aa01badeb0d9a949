"""Costs by units have a table of their own, instead of being summed at each question.

Revision ID: 0019
Revises: 0018
"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

UPGRADE = """
CREATE TABLE cost_sums (
    posted_in date NOT NULL,
    about date NOT NULL,
    unit text COLLATE "C" NOT NULL,
    carrier text NOT NULL,
    entries integer NOT NULL,
    fen numeric NOT NULL,
    used numeric NOT NULL,
    cards integer NOT NULL,
    CONSTRAINT pk_cost_sums PRIMARY KEY (posted_in, about, unit, carrier)
);
COMMENT ON TABLE cost_sums IS 'cost_entries by units, written with them';
COMMENT ON COLUMN cost_sums.used IS 'of entries that correct none, of which a card has one a month';
INSERT INTO cost_sums
SELECT posted_in, about, unit, carrier, count(*), sum(fen), coalesce(sum(used) FILTER (WHERE corrects IS NULL), 0),
       count(*) FILTER (WHERE corrects IS NULL)
FROM cost_entries GROUP BY posted_in, about, unit, carrier
"""
DOWNGRADE = "DROP TABLE cost_sums"


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DOWNGRADE)
