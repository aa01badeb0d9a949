"""Terminals know the carriers of their cards; how many terminals are alike is kept beside them.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Counts follow every write of a terminal, whoever makes it: once per statement, from the rows that it changed.
_COUNT = """
CREATE FUNCTION count_terminals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO terminal_counts AS c (unit, state, carriers, terminals)
        SELECT unit, state, carriers, count(*) FROM fresh GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        ON CONFLICT (unit, state, carriers) DO UPDATE SET terminals = c.terminals + excluded.terminals;
    ELSE
        INSERT INTO terminal_counts AS c (unit, state, carriers, terminals)
        SELECT unit, state, carriers, sum(n) FROM (
            SELECT unit, state, carriers, 1 AS n FROM fresh UNION ALL SELECT unit, state, carriers, -1 FROM gone
        ) AS moved
        GROUP BY 1, 2, 3 HAVING sum(n) <> 0 ORDER BY 1, 2, 3
        ON CONFLICT (unit, state, carriers) DO UPDATE SET terminals = c.terminals + excluded.terminals;
    END IF;
    RETURN NULL;
END $$
"""

STATEMENTS = (
    "ALTER TABLE terminals ADD COLUMN carriers text COLLATE \"C\" NOT NULL DEFAULT ''",
    """
    UPDATE terminals AS t SET carriers = held.carriers
    FROM (
        SELECT b.asset_no, string_agg(DISTINCT c.carrier, ',' ORDER BY c.carrier) AS carriers
        FROM bindings AS b JOIN cards AS c USING (iccid)
        WHERE b.bound_from IS NOT NULL AND b.bound_to IS NULL GROUP BY 1
    ) AS held
    WHERE held.asset_no = t.asset_no
    """,
    "CREATE INDEX ix_terminals_unit_asset_no ON terminals (unit, asset_no)",
    """
    CREATE INDEX ix_terminals_unbound ON terminals (unit, asset_no) WHERE carriers = ''
    """,
    """
    CREATE TABLE terminal_counts (
        unit text COLLATE "C" NOT NULL,
        state text NOT NULL,
        carriers text COLLATE "C" NOT NULL,
        terminals bigint NOT NULL,
        CONSTRAINT pk_terminal_counts PRIMARY KEY (unit, state, carriers)
    )
    """,
    """
    INSERT INTO terminal_counts (unit, state, carriers, terminals)
    SELECT unit, state, carriers, count(*) FROM terminals GROUP BY 1, 2, 3
    """,
    _COUNT,
    """
    CREATE TRIGGER count_new_terminals AFTER INSERT ON terminals REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION count_terminals()
    """,
    """
    CREATE TRIGGER count_changed_terminals AFTER UPDATE ON terminals REFERENCING NEW TABLE AS fresh OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION count_terminals()
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER count_changed_terminals ON terminals")
    op.execute("DROP TRIGGER count_new_terminals ON terminals")
    op.execute("DROP FUNCTION count_terminals()")
    op.execute("DROP TABLE terminal_counts")
    op.execute("DROP INDEX ix_terminals_unbound")
    op.execute("DROP INDEX ix_terminals_unit_asset_no")
    op.execute("ALTER TABLE terminals DROP COLUMN carriers")
