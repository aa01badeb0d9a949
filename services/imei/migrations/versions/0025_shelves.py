"""Devices stand on shelves: a long list brings one of its own, whose indexes are built at once (IME-01, ADR 23).

What was there is shelf 0. Only that an id stands once on a shelf follows from a key now; that no other shelf has it
follows as with further codes: who enters devices holds a lock and looks, and the nightly check looks again.

The version before enters its devices on shelf 0, but cannot give those of other shelves a place: whoever rolls back to
it takes this back, too.

Revision ID: 0025
Revises: 0024
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_UNREDEEMED = "(state = 'sold' OR (state = 'claimed' AND registered_at IS NOT NULL))"
_INDEXES = {
    "unit_id": "(unit, id, organisation, entered_at, state)",
    "organisation": "(organisation, id, state) WHERE organisation IS NOT NULL",
    "state": "(state, id, unit) WHERE state <> 'claimed'",
    "state_since": "(state_since, id, unit, state)",
    "entered_at": "USING brin (entered_at timestamptz_minmax_multi_ops) WITH (autosummarize = on)",
    "model_differs": "(unit, id) WHERE model_differs",
    "unredeemed": f"(unit) WHERE {_UNREDEEMED}",
    "unredeemed_since": f"(coalesce(sold_at, registered_at), id, unit) WHERE {_UNREDEEMED}",
    "unredeemed_of": f"(organisation, coalesce(sold_at, registered_at), id) WHERE {_UNREDEEMED}",
}
_TRIGGERS = {
    "count_changed_devices": "AFTER UPDATE ON devices REFERENCING NEW TABLE AS fresh OLD TABLE AS gone"
    " FOR EACH STATEMENT EXECUTE FUNCTION count_devices()",
    "come_in_turn": "BEFORE INSERT ON devices FOR EACH STATEMENT EXECUTE FUNCTION codes_come_in_turn()",
}
_FOLLOW = """
CREATE FUNCTION registrations_follow_devices() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE registrations SET unit = moved.unit
    FROM (SELECT id, fresh.unit FROM fresh JOIN gone USING (id) WHERE fresh.unit <> gone.unit) AS moved,
         LATERAL (SELECT moved.id AS code UNION ALL SELECT code FROM further_codes WHERE device_id = moved.id) AS own
    WHERE registrations.code = own.code;
    RETURN NULL;
END $$
"""
_FOLLOW_BEFORE = """
CREATE FUNCTION registrations_follow_device() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE registrations SET unit = NEW.unit FROM codes AS own
    WHERE own.device_id = NEW.id AND registrations.code = own.code;
    RETURN NULL;
END $$
"""
# To the trigger of a row a device that changes its shelf is taken away and put in, not updated.
_FOLLOWS = (
    "registrations_follow AFTER UPDATE ON devices REFERENCING NEW TABLE AS fresh OLD TABLE AS gone"
    " FOR EACH STATEMENT EXECUTE FUNCTION registrations_follow_devices()"
)
_FOLLOWS_BEFORE = (
    "registrations_follow AFTER UPDATE OF unit ON devices FOR EACH ROW WHEN (OLD.unit IS DISTINCT FROM NEW.unit)"
    " EXECUTE FUNCTION registrations_follow_device()"
)
_VIEWS = (
    """
    CREATE VIEW codes AS
    SELECT id AS code, id AS device_id, 1::smallint AS place FROM devices
    UNION ALL SELECT code, device_id, place FROM further_codes
    """,
    "CREATE VIEW device_codes AS SELECT device_id, code, place FROM codes",
    "CREATE TRIGGER take INSTEAD OF INSERT ON codes FOR EACH ROW EXECUTE FUNCTION codes_take()",
    """
    CREATE VIEW events AS
    SELECT devices.id AS device_id, 1 AS version, entries.change_id, entries.at, entries.action,
           NULL::text AS from_state, entries.to_state, (NULL::text) COLLATE "C" AS organisation, entries.unit,
           devices.entry_row AS row_no
    FROM devices JOIN entries ON entries.change_id = devices.entry
    UNION ALL
    SELECT device_id, version, change_id, at, action, from_state, to_state, organisation, unit, row_no
    FROM further_events
    """,
    "CREATE TRIGGER take INSTEAD OF INSERT ON events FOR EACH ROW EXECUTE FUNCTION events_take()",
)
_OTHER_SHELVES = """
DO $$
DECLARE names text := (SELECT string_agg(column_name, ', ') FROM information_schema.columns
                       WHERE table_schema = current_schema() AND table_name = 'devices' AND column_name <> 'shelf');
BEGIN
    EXECUTE format('INSERT INTO devices_0 (%1$s) SELECT %1$s FROM devices WHERE shelf <> 0', names);
END $$
"""


def _take_down() -> None:
    """What hangs on the table of devices by its identity."""
    for view in ("device_codes", "codes", "events"):
        op.execute(f"DROP VIEW {view}")
    for name in (*_TRIGGERS, "registrations_follow"):
        op.execute(f"DROP TRIGGER {name} ON devices")
    op.execute("DROP FUNCTION IF EXISTS registrations_follow_device, registrations_follow_devices")


def _hang_up(function: str, follows: str) -> None:
    op.execute(function)
    op.execute(f"CREATE TRIGGER {follows}")
    for name, what in _TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {what}")
    for statement in _VIEWS:
        op.execute(statement)


def upgrade() -> None:
    _take_down()
    op.execute("ALTER TABLE devices RENAME TO devices_0")
    op.execute("ALTER TABLE devices_0 ADD COLUMN shelf smallint NOT NULL DEFAULT 0")
    op.execute("COMMENT ON COLUMN devices_0.shelf IS 'the part of the table: 0, or that of a long list'")
    op.execute("ALTER TABLE devices_0 DROP CONSTRAINT pk_devices, ADD CONSTRAINT pk_devices_0 PRIMARY KEY (id, shelf)")
    op.execute(
        "CREATE TABLE devices (LIKE devices_0 INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS,"
        " CONSTRAINT pk_devices PRIMARY KEY (id, shelf)) PARTITION BY LIST (shelf)"
    )
    for name, what in _INDEXES.items():
        op.execute(f"ALTER INDEX ix_devices_{name} RENAME TO ix_devices_0_{name}")
        op.execute(f"CREATE INDEX ix_devices_{name} ON devices {what}")
    op.execute("ALTER TABLE devices ALTER unit SET STATISTICS 1000, ALTER organisation SET STATISTICS 1000")
    op.execute("ALTER TABLE devices ATTACH PARTITION devices_0 FOR VALUES IN (0)")
    _hang_up(_FOLLOW, _FOLLOWS)
    op.execute("ANALYZE devices")  # nobody else does it of a table in parts, and plans stand on it


def downgrade() -> None:
    _take_down()
    op.execute(_OTHER_SHELVES)
    op.execute("ALTER TABLE devices DETACH PARTITION devices_0")
    op.execute("DROP TABLE devices")
    op.execute("ALTER TABLE devices_0 DROP CONSTRAINT pk_devices_0, DROP COLUMN shelf")
    op.execute("ALTER TABLE devices_0 ADD CONSTRAINT pk_devices PRIMARY KEY (id)")
    for name in _INDEXES:
        op.execute(f"ALTER INDEX ix_devices_0_{name} RENAME TO ix_devices_{name}")
    op.execute("ALTER TABLE devices_0 RENAME TO devices")
    _hang_up(_FOLLOW_BEFORE, _FOLLOWS_BEFORE)
