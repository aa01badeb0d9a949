"""Devices of each unit, as binding tells of them; what forms said of them until now was never known.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE device_counts (
        unit text COLLATE "C" NOT NULL CONSTRAINT pk_device_counts PRIMARY KEY,
        devices bigint NOT NULL,
        number bigint NOT NULL
    )
    """,
    "COMMENT ON TABLE device_counts IS 'terminals of each unit as binding told of them last'",
    """
    UPDATE forms SET figures = (
        SELECT jsonb_agg(city || '{"devices": null}') FROM jsonb_array_elements(figures) AS city
    )
    WHERE jsonb_typeof(figures) = 'array' AND jsonb_array_length(figures) > 0
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE device_counts")
