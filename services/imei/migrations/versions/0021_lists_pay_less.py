"""Fewer and wider indexes: a list of a million serials pays for each index with a second (IME-01, IME-16).

Of devices two indexes answer what five did. By age a province's are found by a BRIN index: those of one list lie
together. By device only the further codes have an index; the first code is the device's own id, and ``device_codes``
joins both. New devices are counted by the few moments of their lists before these are written as months.

Revision ID: 0021
Revises: 0020
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

NEW = (
    ("ix_devices_unit_id", "devices (unit, id, organisation, entered_at)"),
    ("ix_devices_state_since", "devices (state_since, id, unit, state)"),
    ("ix_devices_entered_at",
     "devices USING brin (entered_at timestamptz_minmax_multi_ops) WITH (autosummarize = on)"),
    ("ix_codes_device_id", "codes (device_id) WHERE place > 1"),
)  # fmt: skip
OLD = (
    ("ix_devices_unit_id", "devices (unit, id)"),
    ("ix_devices_unplaced", "devices (unit, id) WHERE organisation IS NULL"),
    ("ix_devices_unsold", "devices (state_since) WHERE state = 'claimed'"),
    ("ix_devices_state_since", "devices (state_since, id, unit)"),
    ("ix_devices_entered_at", "devices (entered_at, id, unit)"),
    ("ix_codes_device_id", "codes (device_id)"),
)
_ALIKE = "unit, organisation, state, pool, source, to_char(entered_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')"
_COUNT_ONE_BY_ONE = f"SELECT {_ALIKE}, count(*) FROM fresh GROUP BY 1, 2, 3, 4, 5, 6"
_COUNT_BY_MOMENTS = f"""
    SELECT {_ALIKE}, sum(n) FROM (
        SELECT unit, organisation, state, pool, source, entered_at, count(*) AS n FROM fresh
        GROUP BY 1, 2, 3, 4, 5, 6
    ) AS alike GROUP BY 1, 2, 3, 4, 5, 6
"""
_COUNT = f"""
CREATE OR REPLACE FUNCTION count_devices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO device_counts {{new}};
    ELSE
        INSERT INTO device_counts
        SELECT {_ALIKE}, sum(n) FROM (
            SELECT *, 1 AS n FROM fresh UNION ALL SELECT *, -1 FROM gone
        ) AS moved GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(n) <> 0;
    END IF;
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
_VIEW = """
CREATE VIEW device_codes AS
SELECT code AS device_id, code, place FROM codes WHERE place = 1
UNION ALL SELECT device_id, code, place FROM codes WHERE place > 1
"""


def upgrade() -> None:
    for name, _ in OLD:
        op.execute(f"DROP INDEX {name}")
    for name, what in NEW:
        op.execute(f"CREATE INDEX {name} ON {what}")
    op.execute("ALTER TABLE codes ADD CONSTRAINT ck_codes_first CHECK ((place = 1) = (code = device_id))")
    op.execute(_VIEW)
    op.execute(_FOLLOW.format(codes="device_codes"))
    op.execute(_COUNT.format(new=_COUNT_BY_MOMENTS))


def downgrade() -> None:
    op.execute(_COUNT.format(new=_COUNT_ONE_BY_ONE))
    op.execute(_FOLLOW.format(codes="codes"))
    op.execute("DROP VIEW device_codes")
    op.execute("ALTER TABLE codes DROP CONSTRAINT ck_codes_first")
    for name, _ in NEW:
        op.execute(f"DROP INDEX {name}")
    for name, what in OLD:
        op.execute(f"CREATE INDEX {name} ON {what}")
