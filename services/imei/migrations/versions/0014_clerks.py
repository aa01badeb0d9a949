"""People who work in one organisation (GTW-02).

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE clerks (
        province text COLLATE "C" NOT NULL,
        login text NOT NULL,
        organisation text COLLATE "C" NOT NULL,
        unit text COLLATE "C" NOT NULL,
        bound_at timestamp with time zone NOT NULL,
        bound_by_name text NOT NULL,
        CONSTRAINT pk_clerks PRIMARY KEY (province, login)
    )
    """,
    "COMMENT ON TABLE clerks IS"
    " 'people who see and touch one organisation and what is below it; everybody else his whole unit'",
    "COMMENT ON COLUMN clerks.province IS"
    " 'of the organisation: no other names its people'",
    "COMMENT ON COLUMN clerks.unit IS 'of the organisation'",
    "CREATE INDEX ix_clerks_unit_login ON clerks (unit, login)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE clerks")
