"""From which source a device came, and how many devices are alike (IME-16).

Every statement on devices appends what it changes to device_counts; a nightly act adds the lines up. Nobody waits for
another's line that way.

Revision ID: 0011
Revises: 0010
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ALIKE = "unit, organisation, state, pool, source, to_char(entered_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')"

STATEMENTS = (
    "ALTER TABLE devices ADD COLUMN source text",
    "COMMENT ON COLUMN devices.source IS 'of the list that entered it; null: entered before this was kept'",
    """
    CREATE TABLE device_counts (
        unit text COLLATE "C" NOT NULL,
        organisation text COLLATE "C",
        state text NOT NULL,
        pool text NOT NULL,
        source text,
        entered_month text COLLATE "C" NOT NULL,
        devices bigint NOT NULL
    )
    """,
    "COMMENT ON TABLE device_counts IS 'how many devices are alike; lines are added up by who reads them'",
    "CREATE INDEX ix_device_counts_unit ON device_counts (unit)",
    f"INSERT INTO device_counts SELECT {_ALIKE}, count(*) FROM devices GROUP BY 1, 2, 3, 4, 5, 6",
    f"""
    CREATE FUNCTION count_devices() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'INSERT' THEN
            INSERT INTO device_counts SELECT {_ALIKE}, count(*) FROM fresh GROUP BY 1, 2, 3, 4, 5, 6;
        ELSE
            INSERT INTO device_counts
            SELECT {_ALIKE}, sum(n) FROM (
                SELECT *, 1 AS n FROM fresh UNION ALL SELECT *, -1 FROM gone
            ) AS moved GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER count_new_devices AFTER INSERT ON devices REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION count_devices()
    """,
    """
    CREATE TRIGGER count_changed_devices AFTER UPDATE ON devices REFERENCING NEW TABLE AS fresh OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION count_devices()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER count_changed_devices ON devices")
    op.execute("DROP TRIGGER count_new_devices ON devices")
    op.execute("DROP FUNCTION count_devices()")
    op.execute("DROP TABLE device_counts")
    op.execute("ALTER TABLE devices DROP COLUMN source")
