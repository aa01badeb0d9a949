"""召测 on demand: askings, their requests, and when a station was last heard of.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE stations (
        name text NOT NULL CONSTRAINT pk_stations PRIMARY KEY,
        seen_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE read_askings (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_read_askings PRIMARY KEY,
        asked_by text NOT NULL,
        asked_by_name text NOT NULL,
        unit text COLLATE "C" NOT NULL,
        asked_at timestamptz NOT NULL,
        until timestamptz NOT NULL
    )
    """,
    "CREATE INDEX ix_read_askings_unit_id ON read_askings (unit, id)",
    """
    CREATE TABLE read_requests (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_read_requests PRIMARY KEY,
        asking_id bigint NOT NULL,
        asset_no text COLLATE "C" NOT NULL,
        slot smallint NOT NULL,
        unit text COLLATE "C" NOT NULL,
        station text NOT NULL,
        until timestamptz NOT NULL,
        sent_until timestamptz,
        answered_at timestamptz,
        outcome text,
        iccid text COLLATE "C",
        fault text,
        read_at timestamptz
    )
    """,
    "CREATE INDEX ix_read_requests_asking_id ON read_requests (asking_id)",
    "CREATE INDEX ix_read_requests_open ON read_requests (station, id) WHERE answered_at IS NULL",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    for table in ("read_requests", "read_askings", "stations"):
        op.execute(f"DROP TABLE {table}")
