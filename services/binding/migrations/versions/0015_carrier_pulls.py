"""How each carrier answered when it was asked for its counts.

Revision ID: 0015
Revises: 0014
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

CREATE = """
CREATE TABLE carrier_pulls (
    carrier text CONSTRAINT pk_carrier_pulls PRIMARY KEY,
    unit text COLLATE "C" NOT NULL,
    state text NOT NULL CONSTRAINT ck_carrier_pulls_state CHECK (state IN ('asked', 'good', 'failed')),
    month text NOT NULL,
    asked_at timestamptz NOT NULL,
    asked_by_name text NOT NULL,
    code text,
    params json,
    good_at timestamptz,
    good_month text,
    counted_on date,
    units integer
)
"""


def upgrade() -> None:
    op.execute(CREATE)


def downgrade() -> None:
    op.execute("DROP TABLE carrier_pulls")
