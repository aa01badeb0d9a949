"""A device's first code is its own id and stands nowhere else (IME-01): a list of a million wrote each code twice.

``codes`` is a view now of all codes with their devices; only further ones are a table. That no device has another's
code, two tables say together: who enters devices and who gives codes come one after the other, and look.

The version before, if it is rolled back to, finds ``device_codes`` and writes its lists into the view.

Revision ID: 0023
Revises: 0022
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_FURTHER = """
CREATE TABLE further_codes (
    code bigint NOT NULL CONSTRAINT pk_further_codes PRIMARY KEY,
    device_id bigint NOT NULL,
    place smallint NOT NULL,
    CONSTRAINT ck_further_codes_place CHECK (place BETWEEN 2 AND 4)
)
"""
_VIEW = """
CREATE VIEW codes AS
SELECT id AS code, id AS device_id, 1::smallint AS place FROM devices
UNION ALL SELECT code, device_id, place FROM further_codes
"""
_FOR_THE_VERSION_BEFORE = (
    "CREATE VIEW device_codes AS SELECT device_id, code, place FROM codes",
    """
    CREATE FUNCTION codes_take() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
    BEGIN
        IF NEW.place > 1 THEN
            INSERT INTO further_codes (code, device_id, place) VALUES (NEW.code, NEW.device_id, NEW.place);
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER take INSTEAD OF INSERT ON codes FOR EACH ROW EXECUTE FUNCTION codes_take()",
)
_COMMENT = "COMMENT ON COLUMN further_codes.code IS 'key of 56 bits, or an ESN''s with a tag'"
_IN_TURN = """
CREATE FUNCTION codes_come_in_turn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('imei lists'));
    RETURN NULL;
END $$
"""
_OF_ONE = """
CREATE FUNCTION codes_are_of_one_device() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM given JOIN devices ON devices.id = given.code) THEN
        RAISE unique_violation USING MESSAGE = 'a further code is the first code of a device';
    END IF;
    RETURN NULL;
END $$
"""
_TRIGGERS = (
    "CREATE TRIGGER come_in_turn BEFORE INSERT ON devices FOR EACH STATEMENT EXECUTE FUNCTION codes_come_in_turn()",
    "CREATE TRIGGER come_in_turn BEFORE INSERT ON further_codes FOR EACH STATEMENT"
    " EXECUTE FUNCTION codes_come_in_turn()",
    "CREATE TRIGGER of_one_device AFTER INSERT ON further_codes REFERENCING NEW TABLE AS given FOR EACH STATEMENT"
    " EXECUTE FUNCTION codes_are_of_one_device()",
)
_FOLLOW_CODES = """
CREATE FUNCTION registrations_follow_codes() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    UPDATE registrations SET unit = coalesce(devices.unit, registrations.place)
    FROM changed LEFT JOIN codes ON codes.code = changed.code LEFT JOIN devices ON devices.id = codes.device_id
    WHERE registrations.code = changed.code AND registrations.unit <> coalesce(devices.unit, registrations.place);
    RETURN NULL;
END $$
"""
_FOLLOW = """
CREATE OR REPLACE FUNCTION registrations_follow_device() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT
AS $$
BEGIN
    UPDATE registrations SET unit = NEW.unit FROM {codes} AS own
    WHERE own.device_id = NEW.id AND registrations.code = own.code;
    RETURN NULL;
END $$
"""
_BEFORE = (
    "DROP VIEW codes",
    "CREATE TABLE codes AS SELECT id AS code, id AS device_id, 1::smallint AS place FROM devices"
    " UNION ALL SELECT code, device_id, place FROM further_codes",
    "DROP TABLE further_codes",
    "ALTER TABLE codes ALTER code SET NOT NULL, ALTER device_id SET NOT NULL, ALTER place SET NOT NULL,"
    " ADD CONSTRAINT pk_codes PRIMARY KEY (code), ADD CONSTRAINT ck_codes_place CHECK (place BETWEEN 1 AND 4),"
    " ADD CONSTRAINT ck_codes_first CHECK ((place = 1) = (code = device_id))",
    "COMMENT ON COLUMN codes.code IS 'key of 56 bits, or an ESN''s with a tag'",
    "CREATE INDEX ix_codes_device_id ON codes (device_id) WHERE place > 1",
    "CREATE VIEW device_codes AS SELECT code AS device_id, code, place FROM codes WHERE place = 1"
    " UNION ALL SELECT device_id, code, place FROM codes WHERE place > 1",
    _FOLLOW.format(codes="device_codes"),
    _FOLLOW_CODES,
    "CREATE TRIGGER registrations_follow_new AFTER INSERT ON codes REFERENCING NEW TABLE AS changed"
    " FOR EACH STATEMENT EXECUTE FUNCTION registrations_follow_codes()",
    "CREATE TRIGGER registrations_follow_taken AFTER DELETE ON codes REFERENCING OLD TABLE AS changed"
    " FOR EACH STATEMENT EXECUTE FUNCTION registrations_follow_codes()",
)


def upgrade() -> None:
    op.execute(_FURTHER)
    op.execute("INSERT INTO further_codes SELECT code, device_id, place FROM codes WHERE place > 1")
    op.execute("DROP VIEW device_codes")
    op.execute("DROP TABLE codes")
    op.execute("DROP FUNCTION registrations_follow_codes")
    op.execute("CREATE INDEX ix_further_codes_device_id ON further_codes (device_id)")
    op.execute(_COMMENT)
    op.execute(_VIEW)
    op.execute(_FOLLOW.format(codes="codes"))
    for statement in (*_FOR_THE_VERSION_BEFORE, _IN_TURN, _OF_ONE, *_TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TRIGGER come_in_turn ON devices")
    op.execute("DROP VIEW device_codes")
    for statement in _BEFORE:
        op.execute(statement)
    for function in ("codes_come_in_turn", "codes_are_of_one_device", "codes_take"):
        op.execute(f"DROP FUNCTION {function}")
