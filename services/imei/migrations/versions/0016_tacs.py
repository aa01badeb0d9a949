"""The TAC table: maker and model of an IMEI, and which devices say otherwise (IME-15).

Revision ID: 0016
Revises: 0015
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE tacs (
        tac bigint NOT NULL,
        maker text NOT NULL,
        model text NOT NULL,
        changed_at timestamp with time zone NOT NULL,
        by_name text NOT NULL,
        CONSTRAINT pk_tacs PRIMARY KEY (tac)
    )
    """,
    "COMMENT ON TABLE tacs IS"
    " 'type allocation codes: which maker and model an IMEI begins with; people bring their own file'",
    "COMMENT ON COLUMN tacs.tac IS 'its 8 digits as the head of a code'",
    "ALTER TABLE devices ADD COLUMN model_differs boolean",
    "COMMENT ON COLUMN devices.model_differs IS 'from what the TAC table says; null: one of them does not say'",
    "CREATE INDEX ix_devices_model_differs ON devices (unit, id) WHERE model_differs",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX ix_devices_model_differs")
    op.execute("ALTER TABLE devices DROP COLUMN model_differs")
    op.execute("DROP TABLE tacs")
