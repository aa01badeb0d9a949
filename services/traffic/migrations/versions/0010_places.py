"""Where cards were before, and the volumes within each bucket of the distribution.

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UPGRADE = """
CREATE TABLE past_places (
    card_id bigint NOT NULL,
    until date NOT NULL,
    unit text COLLATE "C" NOT NULL,
    terminal text COLLATE "C",
    CONSTRAINT pk_past_places PRIMARY KEY (card_id, until)
);
COMMENT ON TABLE past_places IS 'unit and terminal of a card on the days before, where they have changed since';
CREATE INDEX ix_past_places_until ON past_places (until);
CREATE FUNCTION keep_past_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO past_places (card_id, until, unit, terminal)
    SELECT was.id,
           (became.changed_at AT TIME ZONE 'Asia/Shanghai')::date
               + CASE WHEN became.terminal_asset_no IS NULL AND became.owner_unit = was.owner_unit THEN 1 ELSE 0 END,
           was.owner_unit, was.terminal_asset_no
    FROM was JOIN became USING (id)
    WHERE was.state IN ('pending_install', 'running', 'pending_scrap', 'terminating', 'terminated')
      AND (became.owner_unit <> was.owner_unit
           OR (was.terminal_asset_no IS NOT NULL AND became.terminal_asset_no IS DISTINCT FROM was.terminal_asset_no))
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER keep_past_places AFTER UPDATE ON cards
    REFERENCING OLD TABLE AS was NEW TABLE AS became
    FOR EACH STATEMENT EXECUTE FUNCTION keep_past_places();
ALTER TABLE usage_histogram ADD COLUMN volumes bigint[];
COMMENT ON COLUMN usage_histogram.volumes IS 'what each of the cards used; NULL: counted before this was kept'
"""
DOWNGRADE = """
ALTER TABLE usage_histogram DROP COLUMN volumes;
DROP TRIGGER keep_past_places ON cards;
DROP FUNCTION keep_past_places();
DROP TABLE past_places
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DOWNGRADE)
