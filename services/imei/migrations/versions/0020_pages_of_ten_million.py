"""Pages of ten million serials: each list has an index in its own order, the unit behind it (IME-01, IME-11).

A registration has its unit beside it now: its device's, or the place's while no device has the code. Triggers keep it,
for units and codes change in many acts. Of devices the indexes leave out what lists enter, where they can: a list that
comes in pays for each.

Revision ID: 0020
Revises: 0019
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

STATEMENTS = (
    'ALTER TABLE registrations ADD COLUMN unit text COLLATE "C"',
    "COMMENT ON COLUMN registrations.unit IS 'of the device, or the place while no device has the code'",
    """
    UPDATE registrations SET unit = coalesce(
        (SELECT devices.unit FROM codes JOIN devices ON devices.id = device_id WHERE codes.code = registrations.code),
        place)
    """,
    "ALTER TABLE registrations ALTER COLUMN unit SET NOT NULL",
    """
    CREATE FUNCTION registration_takes_unit() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
        NEW.unit := coalesce(
            (SELECT devices.unit FROM codes JOIN devices ON devices.id = device_id WHERE codes.code = NEW.code),
            NEW.place);
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER take_unit BEFORE INSERT ON registrations
    FOR EACH ROW EXECUTE FUNCTION registration_takes_unit()
    """,
    """
    CREATE FUNCTION registrations_follow_device() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
        UPDATE registrations SET unit = NEW.unit FROM codes
        WHERE codes.device_id = NEW.id AND registrations.code = codes.code;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER registrations_follow AFTER UPDATE OF unit ON devices
    FOR EACH ROW WHEN (OLD.unit IS DISTINCT FROM NEW.unit) EXECUTE FUNCTION registrations_follow_device()
    """,
    """
    CREATE FUNCTION registrations_follow_codes() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
        UPDATE registrations SET unit = coalesce(devices.unit, registrations.place)
        FROM changed LEFT JOIN codes ON codes.code = changed.code LEFT JOIN devices ON devices.id = codes.device_id
        WHERE registrations.code = changed.code AND registrations.unit <> coalesce(devices.unit, registrations.place);
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER registrations_follow_new AFTER INSERT ON codes REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION registrations_follow_codes()
    """,
    """
    CREATE TRIGGER registrations_follow_taken AFTER DELETE ON codes REFERENCING OLD TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION registrations_follow_codes()
    """,
)
_WITH_CUSTOMERS = "(state = 'sold' OR (state = 'claimed' AND registered_at IS NOT NULL))"
INDEXES = (
    ("ix_registrations_registered_at", "registrations (registered_at, code, unit)"),
    ("ix_registrations_unit", "registrations (unit, registered_at, code)"),
    ("ix_freezes_at", "freezes (at, device_id, version, unit)"),
    ("ix_freezes_standing", "freezes (at, device_id, version, unit) WHERE lifted_version IS NULL"),
    ("ix_freezes_decide_by", "freezes (decide_by) WHERE lifted_version IS NULL"),
    ("ix_redemptions_kind", "redemptions (kind, at, device_id, version, unit)"),
    ("ix_devices_organisation", "devices (organisation, id, state) WHERE organisation IS NOT NULL"),
    ("ix_devices_state", "devices (state, id, unit) WHERE state <> 'claimed'"),
    ("ix_devices_state_since", "devices (state_since, id, unit)"),
    ("ix_devices_entered_at", "devices (entered_at, id, unit)"),
    ("ix_devices_unredeemed_since",
     f"devices (coalesce(sold_at, registered_at), id, unit) WHERE {_WITH_CUSTOMERS}"),
    ("ix_devices_unredeemed_of",
     f"devices (organisation, coalesce(sold_at, registered_at), id) WHERE {_WITH_CUSTOMERS}"),
)  # fmt: skip
BEFORE = (
    ("ix_registrations_registered_at", "registrations (registered_at)"),
    ("ix_devices_organisation_state", "devices (organisation, state)"),
)
TRIGGERS = (
    ("registrations_follow_taken", "codes"), ("registrations_follow_new", "codes"), ("registrations_follow", "devices"),
    ("take_unit", "registrations"),
)  # fmt: skip
FUNCTIONS = ("registrations_follow_codes", "registrations_follow_device", "registration_takes_unit")


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for name, _ in BEFORE:
        op.execute(f"DROP INDEX {name}")
    for name, what in INDEXES:
        op.execute(f"CREATE INDEX {name} ON {what}")
    # Which states and organisations lie in which units: few devices of a city are silent, none is in no organisation.
    op.execute("CREATE STATISTICS devices_places (mcv) ON unit, organisation, state FROM devices")


def downgrade() -> None:
    op.execute("DROP STATISTICS devices_places")
    for name, _ in INDEXES:
        op.execute(f"DROP INDEX {name}")
    for trigger, table in TRIGGERS:
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.execute("ALTER TABLE registrations DROP COLUMN unit")
    for name, what in BEFORE:
        op.execute(f"CREATE INDEX {name} ON {what}")
