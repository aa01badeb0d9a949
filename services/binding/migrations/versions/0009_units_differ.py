"""Terminals whose unit is not their card's, and what people did about them.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATEMENTS = (
    'ALTER TABLE terminals ADD COLUMN corrected_from text COLLATE "C"',
    """
    CREATE TABLE unit_mismatches (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_unit_mismatches PRIMARY KEY,
        asset_no text COLLATE "C" NOT NULL,
        slot smallint NOT NULL,
        iccid text COLLATE "C" NOT NULL,
        terminal_unit text COLLATE "C" NOT NULL,
        card_unit text COLLATE "C" NOT NULL,
        bound_from timestamptz NOT NULL,
        CONSTRAINT uq_unit_mismatches_asset_no_slot UNIQUE (asset_no, slot)
    )
    """,
    "CREATE INDEX ix_unit_mismatches_terminal_unit ON unit_mismatches (terminal_unit, asset_no, slot)",
    "CREATE INDEX ix_unit_mismatches_card_unit ON unit_mismatches (card_unit)",
    """
    INSERT INTO unit_mismatches (asset_no, slot, iccid, terminal_unit, card_unit, bound_from)
    SELECT b.asset_no, b.slot, b.iccid, t.unit, c.owner_unit, b.bound_from
    FROM bindings AS b JOIN terminals AS t USING (asset_no) JOIN cards AS c USING (iccid)
    WHERE b.bound_from IS NOT NULL AND b.bound_to IS NULL AND left(t.unit, 6) <> left(c.owner_unit, 6)
    """,
    """
    CREATE TABLE unit_corrections (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_unit_corrections PRIMARY KEY,
        act bigint NOT NULL,
        asset_no text COLLATE "C" NOT NULL,
        slot smallint NOT NULL,
        iccid text COLLATE "C" NOT NULL,
        side text NOT NULL,
        from_unit text COLLATE "C" NOT NULL,
        to_unit text COLLATE "C" NOT NULL,
        state text NOT NULL,
        code text,
        reason text NOT NULL,
        at timestamptz NOT NULL,
        by text NOT NULL,
        by_name text NOT NULL,
        by_unit text COLLATE "C" NOT NULL,
        ended_at timestamptz,
        undoes bigint,
        undone_by bigint,
        CONSTRAINT ck_unit_corrections_side CHECK (side IN ('card', 'terminal')),
        CONSTRAINT ck_unit_corrections_state CHECK (state IN ('asked', 'done', 'refused'))
    )
    """,
    "CREATE SEQUENCE unit_correction_acts",
    "CREATE INDEX ix_unit_corrections_iccid ON unit_corrections (iccid, act)",
    "CREATE INDEX ix_unit_corrections_asset_no ON unit_corrections (asset_no)",
    "CREATE INDEX ix_unit_corrections_asked ON unit_corrections (act) WHERE state = 'asked'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SEQUENCE unit_correction_acts")
    op.execute("DROP TABLE unit_corrections")
    op.execute("DROP TABLE unit_mismatches")
    op.execute("ALTER TABLE terminals DROP COLUMN corrected_from")
