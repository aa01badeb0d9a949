"""What carriers say how many cards each unit has; our own counts of cards beside them.

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE carrier_counts (
        carrier text NOT NULL,
        month text NOT NULL,
        unit text COLLATE "C" NOT NULL,
        cards bigint NOT NULL,
        counted_on date NOT NULL,
        source text NOT NULL,
        taken_at timestamptz NOT NULL,
        by_name text NOT NULL,
        CONSTRAINT pk_carrier_counts PRIMARY KEY (carrier, month, unit),
        CONSTRAINT ck_carrier_counts_cards CHECK (cards >= 0),
        CONSTRAINT ck_carrier_counts_source CHECK (source IN ('pushed', 'file', 'pulled'))
    )
    """,
    "CREATE INDEX ix_carrier_counts_unit_month ON carrier_counts (unit, month)",
    """
    CREATE TABLE card_counts (
        owner_unit text COLLATE "C" NOT NULL,
        carrier text NOT NULL,
        state text NOT NULL,
        cards bigint NOT NULL,
        CONSTRAINT pk_card_counts PRIMARY KEY (owner_unit, carrier, state)
    )
    """,
    "INSERT INTO card_counts SELECT owner_unit, carrier, state, count(*) FROM cards GROUP BY 1, 2, 3",
    """
    CREATE INDEX ix_cards_idle ON cards (owner_unit, iccid)
        WHERE state IN ('in_stock', 'pending_install', 'pending_scrap', 'terminating')
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX ix_cards_idle")
    op.execute("DROP TABLE card_counts")
    op.execute("DROP TABLE carrier_counts")
