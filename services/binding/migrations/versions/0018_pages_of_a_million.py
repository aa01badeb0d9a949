"""Pages of a province of a million terminals: lists walk an index in their own order, and count along one.

The unit of a settlement is its terminal's, that of a lock its card's; both stand beside them now, kept by triggers.

Revision ID: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

WHOSE = (("settlements", "terminals", "asset_no", "unit"), ("card_locks", "cards", "iccid", "owner_unit"))
"""Table > the one whose unit it has, by which column, and how the unit is called there."""
INDEXES = (
    ("ix_readings_not_well", "readings (asset_no, slot, read_at, unit) WHERE abnormal OR outcome <> 'read'"),
    ("ix_readings_clock_off", "readings (iccid) WHERE outcome = 'clock_off'"),
    ("ix_exceptions_unit_last_day_id", "exceptions (unit, last_day, id) INCLUDE (kind, state, resolved_at)"),
    ("ix_binding_changes_unit_day", "binding_changes (unit, day, asset_no) INCLUDE (kind, cause)"),
    ("ix_imei_runs_changed", "imei_runs (first_read, asset_no, slot, unit) WHERE changed"),
    ("ix_imei_runs_unit_changed", "imei_runs (unit, first_read, asset_no, slot) WHERE changed"),
    ("ix_cards_idle", "cards (owner_unit, iccid) INCLUDE (carrier)"
     " WHERE state IN ('in_stock', 'pending_install', 'pending_scrap', 'terminating')"),
    ("ix_settlements_unit", "settlements (unit, id)"),
    ("ix_settlements_asset_no", "settlements (asset_no)"),
    ("ix_card_locks_unit", "card_locks (unit, id)"),
)  # fmt: skip
BEFORE = (
    ("ix_readings_not_well", "readings (unit, asset_no) WHERE abnormal OR outcome <> 'read'"),
    ("ix_exceptions_unit_last_day_id", "exceptions (unit, last_day, id)"),
    ("ix_binding_changes_unit_day", "binding_changes (unit, day, asset_no)"),
    ("ix_imei_runs_changed", "imei_runs (first_read, asset_no, slot) WHERE changed"),
    ("ix_cards_idle", "cards (owner_unit, iccid)"
     " WHERE state IN ('in_stock', 'pending_install', 'pending_scrap', 'terminating')"),
)  # fmt: skip
FOLLOW = """
CREATE FUNCTION {table}_take_unit() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    NEW.unit := (SELECT {unit} FROM {of} WHERE {of}.{key} = NEW.{key});
    RETURN NEW;
END $$;
CREATE TRIGGER take_unit BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_take_unit();

CREATE FUNCTION {table}_follow_new() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE {table} SET unit = fresh.{unit} FROM fresh
    WHERE {table}.{key} = fresh.{key} AND {table}.unit IS DISTINCT FROM fresh.{unit};
    RETURN NULL;
END $$;
CREATE TRIGGER {table}_follow_new AFTER INSERT ON {of} REFERENCING NEW TABLE AS fresh
FOR EACH STATEMENT EXECUTE FUNCTION {table}_follow_new();

CREATE FUNCTION {table}_follow_changed() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE {table} SET unit = NEW.{unit} WHERE {table}.{key} = NEW.{key};
    RETURN NULL;
END $$;
CREATE TRIGGER {table}_follow_changed AFTER UPDATE OF {unit} ON {of}
FOR EACH ROW WHEN (OLD.{unit} IS DISTINCT FROM NEW.{unit}) EXECUTE FUNCTION {table}_follow_changed();
"""


def upgrade() -> None:
    for table, of, key, unit in WHOSE:
        op.execute(f'ALTER TABLE {table} ADD COLUMN unit text COLLATE "C"')
        op.execute(f"UPDATE {table} SET unit = {of}.{unit} FROM {of} WHERE {of}.{key} = {table}.{key}")
        op.execute(FOLLOW.format(table=table, of=of, key=key, unit=unit))
    for name, _ in BEFORE:
        op.execute(f"DROP INDEX {name}")
    for name, what in INDEXES:
        op.execute(f"CREATE INDEX {name} ON {what}")


def downgrade() -> None:
    for name, _ in INDEXES:
        op.execute(f"DROP INDEX {name}")
    for name, what in BEFORE:
        op.execute(f"CREATE INDEX {name} ON {what}")
    for table, of, _, _ in WHOSE:
        op.execute(f"DROP TRIGGER {table}_follow_changed ON {of}")
        op.execute(f"DROP TRIGGER {table}_follow_new ON {of}")
        op.execute(f"DROP TRIGGER take_unit ON {table}")
        for what in ("follow_changed", "follow_new", "take_unit"):
            op.execute(f"DROP FUNCTION {table}_{what}")
        op.execute(f"ALTER TABLE {table} DROP COLUMN unit")
