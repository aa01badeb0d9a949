"""Which module a card was read in, and locks of cards to modules and terminals.

The history begins with the readings that come from now on.

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
    CREATE TABLE imei_runs (
        asset_no text COLLATE "C" NOT NULL,
        slot smallint NOT NULL,
        first_read timestamptz NOT NULL,
        iccid text COLLATE "C" NOT NULL,
        imei text COLLATE "C" NOT NULL,
        unit text COLLATE "C",
        ended_at timestamptz,
        card_imei text COLLATE "C",
        card_asset_no text COLLATE "C",
        slot_imei text COLLATE "C",
        changed boolean NOT NULL DEFAULT false,
        CONSTRAINT pk_imei_runs PRIMARY KEY (asset_no, slot, first_read)
    )
    """,
    "CREATE INDEX ix_imei_runs_iccid_first_read ON imei_runs (iccid, first_read, asset_no, slot)",
    "CREATE INDEX ix_imei_runs_imei ON imei_runs (imei) WHERE ended_at IS NULL",
    "CREATE INDEX ix_imei_runs_first_read ON imei_runs (first_read, asset_no, slot)",
    "CREATE INDEX ix_imei_runs_changed ON imei_runs (first_read, asset_no, slot) WHERE changed",
    """
    CREATE TABLE card_locks (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_card_locks PRIMARY KEY,
        iccid text COLLATE "C" NOT NULL,
        imei text COLLATE "C",
        asset_no text COLLATE "C",
        reason text NOT NULL,
        set_at timestamptz NOT NULL,
        set_by text NOT NULL,
        set_by_name text NOT NULL,
        released_at timestamptz,
        released_by text,
        released_by_name text,
        release_reason text,
        CONSTRAINT ck_card_locks_held CHECK (imei IS NOT NULL OR asset_no IS NOT NULL)
    )
    """,
    "CREATE UNIQUE INDEX uq_card_locks_standing ON card_locks (iccid) WHERE released_at IS NULL",
    "CREATE INDEX ix_card_locks_iccid ON card_locks (iccid)",
    "CREATE INDEX ix_exceptions_breaches ON exceptions (iccid) WHERE kind = 'lock_breached'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP INDEX ix_exceptions_breaches")
    op.execute("DROP TABLE card_locks")
    op.execute("DROP TABLE imei_runs")
