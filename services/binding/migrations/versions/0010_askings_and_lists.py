"""Whose a full list of terminals is, and askings by their newest.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATEMENTS = (
    'ALTER TABLE terminal_lists ADD COLUMN unit text COLLATE "C"',
    "ALTER TABLE terminal_lists ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY",
    "ALTER TABLE terminal_lists ADD CONSTRAINT uq_terminal_lists_id UNIQUE (id)",
    # What came before belongs to who belongs to all: the units of the station's terminals have one beginning.
    """
    UPDATE terminal_lists AS l SET unit = (SELECT left(min(unit), 2) FROM terminals AS t WHERE t.station = l.station)
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("ALTER TABLE terminal_lists DROP COLUMN id")
    op.execute("ALTER TABLE terminal_lists DROP COLUMN unit")
