"""A device that a list entered has its first event in its own row (IME-01): a list of a million wrote a million.

``events`` is a view now: of such a device the entry, of which the list says all but the row, and the events that
followed. What was entered before keeps its first event in ``further_events``.

The version before, if it is rolled back to, writes its events into the view.

Revision ID: 0024
Revises: 0023
"""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_COLUMNS = "device_id, version, change_id, at, action, from_state, to_state, organisation, unit, row_no"
_ENTRIES = """
CREATE TABLE entries (
    change_id bigint NOT NULL CONSTRAINT pk_entries PRIMARY KEY,
    at timestamptz NOT NULL,
    action text NOT NULL,
    to_state text NOT NULL,
    unit text COLLATE "C" NOT NULL
)
"""
_ENTRY = """
SELECT devices.id AS device_id, 1 AS version, entries.change_id, entries.at, entries.action, NULL::text AS from_state,
       entries.to_state, (NULL::text) COLLATE "C" AS organisation, entries.unit, devices.entry_row AS row_no
FROM devices JOIN entries ON entries.change_id = devices.entry
"""
_TAKE = """
CREATE FUNCTION events_take() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO further_events VALUES (NEW.device_id, NEW.version, NEW.change_id, NEW.at, NEW.action, NEW.from_state,
                                       NEW.to_state, NEW.organisation, NEW.unit, NEW.row_no);
    RETURN NEW;
END $$
"""
_COMMENTS = {
    "TABLE entries": "what all devices have in common that one list entered: their first event but for the row",
    "COLUMN devices.entry": "change of the list that entered it; null: its first event is among the further ones",
    "COLUMN devices.entry_row": "of that list",
    "TABLE further_events": "one row per device and change, but for the entry by a list. Append-only; the device''s row"
    " follows from it",
}


def upgrade() -> None:
    op.execute("ALTER TABLE events RENAME TO further_events")
    op.execute("ALTER INDEX pk_events RENAME TO pk_further_events")
    op.execute(_ENTRIES)
    op.execute("ALTER TABLE devices ADD COLUMN entry bigint, ADD COLUMN entry_row integer")
    op.execute(f"CREATE VIEW events AS {_ENTRY} UNION ALL SELECT {_COLUMNS} FROM further_events")
    op.execute(_TAKE)
    op.execute("CREATE TRIGGER take INSTEAD OF INSERT ON events FOR EACH ROW EXECUTE FUNCTION events_take()")
    for what, said in _COMMENTS.items():
        op.execute(f"COMMENT ON {what} IS '{said}'")


def downgrade() -> None:
    op.execute("DROP VIEW events")
    op.execute("DROP FUNCTION events_take")
    op.execute(f"INSERT INTO further_events ({_COLUMNS}) {_ENTRY}")
    op.execute("ALTER TABLE devices DROP COLUMN entry, DROP COLUMN entry_row")
    op.execute("DROP TABLE entries")
    op.execute("ALTER INDEX pk_further_events RENAME TO pk_events")
    op.execute("ALTER TABLE further_events RENAME TO events")
    op.execute(
        "COMMENT ON TABLE events IS 'one row per device and change. Append-only; the device''s row follows from it'"
    )
