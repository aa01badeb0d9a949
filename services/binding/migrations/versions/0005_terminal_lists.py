"""Full lists of terminals on their way in; what people did about exceptions.

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE terminal_lists (
        station text NOT NULL,
        list_id text NOT NULL,
        as_of timestamptz NOT NULL,
        parts integer NOT NULL,
        state text NOT NULL,
        missing integer NOT NULL DEFAULT 0,
        received_at timestamptz NOT NULL,
        decided_at timestamptz,
        decided_by text,
        decided_by_name text,
        reason text,
        CONSTRAINT pk_terminal_lists PRIMARY KEY (station, list_id),
        CONSTRAINT ck_terminal_lists_state CHECK (state IN ('receiving', 'held', 'applied', 'discarded'))
    )
    """,
    """
    CREATE TABLE terminal_list_parts (
        station text NOT NULL,
        list_id text NOT NULL,
        part integer NOT NULL,
        CONSTRAINT pk_terminal_list_parts PRIMARY KEY (station, list_id, part)
    )
    """,
    """
    CREATE TABLE terminal_list_members (
        station text NOT NULL,
        list_id text NOT NULL,
        asset_no text COLLATE "C" NOT NULL,
        CONSTRAINT pk_terminal_list_members PRIMARY KEY (station, list_id, asset_no)
    )
    """,
    """
    CREATE TABLE exception_notes (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_exception_notes PRIMARY KEY,
        exception_id bigint NOT NULL,
        at timestamptz NOT NULL,
        by text NOT NULL,
        by_name text NOT NULL,
        from_state text NOT NULL,
        to_state text NOT NULL,
        note text
    )
    """,
    "CREATE INDEX ix_exception_notes_exception_id ON exception_notes (exception_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("exception_notes", "terminal_list_members", "terminal_list_parts", "terminal_lists"):
        op.execute(f"DROP TABLE {table}")
