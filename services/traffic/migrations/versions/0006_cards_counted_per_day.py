"""How many cards of each carrier have a figure of a day; loads that are held, at hand.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UPGRADE = """
CREATE TABLE usage_day_counts (
    day date NOT NULL,
    carrier text NOT NULL,
    source text NOT NULL,
    cards integer NOT NULL,
    CONSTRAINT pk_usage_day_counts PRIMARY KEY (day, carrier, source)
);
COMMENT ON TABLE usage_day_counts IS 'cards that have a figure of the day';
INSERT INTO usage_day_counts
SELECT day, carrier, source, count(*)
FROM usage_days
CROSS JOIN LATERAL (VALUES ('carrier', carrier_load), ('terminal', terminal_load)) AS figure (source, load)
WHERE load IS NOT NULL
GROUP BY day, carrier, source;
CREATE INDEX ix_loads_held ON loads (id) WHERE state = 'held'
"""


DOWNGRADE = """
DROP INDEX ix_loads_held;
DROP TABLE usage_day_counts
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DOWNGRADE)
