"""Counts of binding changes; an index of the readings that did not go well.

Revision ID: 0007
Revises: 0006
"""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE change_counts (
        unit text COLLATE "C" NOT NULL,
        day date NOT NULL,
        kind text NOT NULL,
        cause text NOT NULL,
        changes bigint NOT NULL,
        CONSTRAINT pk_change_counts PRIMARY KEY (unit, day, kind, cause)
    )
    """,
    """
    INSERT INTO change_counts (unit, day, kind, cause, changes)
    SELECT coalesce(unit, ''), day, kind, cause, count(*) FROM binding_changes GROUP BY 1, 2, 3, 4
    """,
    "CREATE INDEX ix_readings_not_well ON readings (unit, asset_no) WHERE abnormal OR outcome <> 'read'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX ix_readings_not_well")
    op.execute("DROP TABLE change_counts")
