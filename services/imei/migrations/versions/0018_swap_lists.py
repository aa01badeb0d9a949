"""售后换机串码清单: printed, sealed and verified before its swaps are made (IME-08, DOC-01).

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATEMENTS = (
    "CREATE SEQUENCE swap_list_numbers",
    """
    CREATE TABLE swap_lists (
        number text COLLATE "C" NOT NULL,
        organisation text COLLATE "C" NOT NULL,
        unit text COLLATE "C" NOT NULL,
        state text NOT NULL,
        pairs integer NOT NULL,
        drafted_at timestamp with time zone NOT NULL,
        drafted_by_name text NOT NULL,
        problem text,
        judged_at timestamp with time zone,
        CONSTRAINT pk_swap_lists PRIMARY KEY (number),
        CONSTRAINT ck_swap_lists_state CHECK (state IN ('issuing', 'not_issued', 'issued', 'passed', 'settled'))
    )
    """,
    "COMMENT ON TABLE swap_lists IS"
    " '售后换机串码清单: a form that is printed, sealed and verified before its swaps are made'",
    "COMMENT ON COLUMN swap_lists.problem IS 'why it was not issued, or what the last scan''s verdict was'",
    "CREATE INDEX ix_swap_lists_unit_drafted_at ON swap_lists (unit, drafted_at, number)",
    """
    CREATE TABLE swap_pairs (
        number text COLLATE "C" NOT NULL,
        row_no integer NOT NULL,
        returned bigint NOT NULL,
        replacement bigint NOT NULL,
        outcome text,
        CONSTRAINT pk_swap_pairs PRIMARY KEY (number, row_no)
    )
    """,
    "COMMENT ON COLUMN swap_pairs.outcome IS 'done, or the code of what refused it; null: not tried yet'",
    "CREATE INDEX ix_swap_pairs_returned ON swap_pairs (returned)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE swap_lists")
    op.execute("DROP TABLE swap_pairs")
    op.execute("DROP SEQUENCE swap_list_numbers")
