"""Terminals, readings by day, bindings with their history, and what follows from them.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE terminals (
        asset_no text COLLATE "C" NOT NULL CONSTRAINT pk_terminals PRIMARY KEY,
        unit text COLLATE "C" NOT NULL,
        kind text NOT NULL,
        state text NOT NULL,
        slots smallint NOT NULL DEFAULT 1,
        reported_at timestamptz NOT NULL,
        removed_at timestamptz,
        station text NOT NULL,
        CONSTRAINT ck_terminals_state CHECK (state IN ('running', 'stopped', 'pending_install', 'removed')),
        CONSTRAINT ck_terminals_slots CHECK (slots BETWEEN 1 AND 4),
        CONSTRAINT ck_terminals_removed CHECK ((state = 'removed') = (removed_at IS NOT NULL))
    )
    """,
    "CREATE INDEX ix_terminals_unit_state_asset_no ON terminals (unit, state, asset_no)",
    """
    CREATE TABLE readings (
        day date NOT NULL,
        asset_no text COLLATE "C" NOT NULL,
        slot smallint NOT NULL,
        read_at timestamptz NOT NULL,
        outcome text NOT NULL,
        iccid text COLLATE "C",
        fault text,
        imei text COLLATE "C",
        abnormal boolean NOT NULL DEFAULT false,
        unit text COLLATE "C",
        received_at timestamptz,
        arrived_at timestamptz NOT NULL,
        station text NOT NULL,
        CONSTRAINT pk_readings PRIMARY KEY (asset_no, slot, read_at, day),
        CONSTRAINT ck_readings_outcome CHECK (outcome IN ('read', 'failed', 'malformed', 'clock_off')),
        CONSTRAINT ck_readings_card CHECK ((outcome = 'read') <= (iccid IS NOT NULL))
    ) PARTITION BY RANGE (day)
    """,
    """
    CREATE TABLE bindings (
        asset_no text COLLATE "C" NOT NULL,
        slot smallint NOT NULL,
        iccid text COLLATE "C" NOT NULL,
        first_read timestamptz NOT NULL,
        ended_at timestamptz,
        bound_from timestamptz,
        bound_to timestamptz,
        quarantine text,
        against_asset_no text COLLATE "C",
        against_slot smallint,
        decided_at timestamptz NOT NULL,
        CONSTRAINT pk_bindings PRIMARY KEY (asset_no, slot, first_read),
        CONSTRAINT ck_bindings_period CHECK (bound_to IS NULL OR bound_from < bound_to),
        CONSTRAINT ex_bindings_one_card_a_slot EXCLUDE USING gist (
            asset_no extensions.gist_text_ops WITH =, slot extensions.gist_int2_ops WITH =,
            tstzrange(bound_from, bound_to) WITH &&
        ) WHERE (bound_from IS NOT NULL) DEFERRABLE INITIALLY DEFERRED,
        CONSTRAINT ex_bindings_one_slot_a_card EXCLUDE USING gist (
            iccid extensions.gist_text_ops WITH =, tstzrange(bound_from, bound_to) WITH &&
        ) WHERE (bound_from IS NOT NULL) DEFERRABLE INITIALLY DEFERRED
    )
    """,
    "CREATE INDEX ix_bindings_iccid_first_read ON bindings (iccid, first_read)",
    "CREATE INDEX ix_bindings_quarantine ON bindings (quarantine, iccid) WHERE quarantine IS NOT NULL",
    """
    CREATE TABLE settlements (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_settlements PRIMARY KEY,
        iccid text COLLATE "C" NOT NULL,
        asset_no text COLLATE "C" NOT NULL,
        slot smallint NOT NULL,
        decided_at timestamptz NOT NULL,
        decided_by text NOT NULL,
        decided_by_name text NOT NULL,
        reason text NOT NULL,
        undone_at timestamptz,
        undone_by text,
        undone_by_name text,
        undo_reason text
    )
    """,
    "CREATE INDEX ix_settlements_iccid ON settlements (iccid)",
    "CREATE SEQUENCE decisions",
    """
    CREATE TABLE binding_changes (
        asset_no text COLLATE "C" NOT NULL,
        slot smallint NOT NULL,
        at timestamptz NOT NULL,
        day date NOT NULL,
        unit text COLLATE "C",
        kind text NOT NULL,
        cause text NOT NULL,
        old_iccid text COLLATE "C",
        new_iccid text COLLATE "C",
        other_asset_no text COLLATE "C",
        CONSTRAINT pk_binding_changes PRIMARY KEY (asset_no, slot, at, kind),
        CONSTRAINT ck_binding_changes_kind CHECK (kind IN ('added', 'removed', 'changed'))
    )
    """,
    "CREATE INDEX ix_binding_changes_unit_day ON binding_changes (unit, day, asset_no)",
    """
    CREATE TABLE night_counts (
        day date NOT NULL,
        unit text COLLATE "C" NOT NULL,
        succeeded bigint NOT NULL DEFAULT 0,
        abnormal bigint NOT NULL DEFAULT 0,
        failed bigint NOT NULL DEFAULT 0,
        CONSTRAINT pk_night_counts PRIMARY KEY (unit, day)
    )
    """,
    """
    CREATE TABLE exceptions (
        id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_exceptions PRIMARY KEY,
        kind text NOT NULL,
        asset_no text COLLATE "C" NOT NULL,
        slot smallint NOT NULL,
        iccid text COLLATE "C" NOT NULL DEFAULT '',
        unit text COLLATE "C",
        first_day date NOT NULL,
        last_day date NOT NULL,
        last_read_at timestamptz NOT NULL,
        readings bigint NOT NULL,
        against_asset_no text COLLATE "C",
        against_slot smallint,
        sample text,
        resolved_at timestamptz,
        state text NOT NULL DEFAULT 'open',
        handler text,
        handler_name text,
        handled_at timestamptz,
        note text,
        CONSTRAINT uq_exceptions_asset_no_slot_kind_iccid UNIQUE (asset_no, slot, kind, iccid),
        CONSTRAINT ck_exceptions_state CHECK (state IN ('open', 'in_hand', 'closed')),
        CONSTRAINT ck_exceptions_days CHECK (first_day <= last_day)
    )
    """,
    "CREATE INDEX ix_exceptions_unit_last_day_id ON exceptions (unit, last_day, id)",
    """
    CREATE INDEX ix_exceptions_standing_faults ON exceptions (asset_no, slot)
        WHERE resolved_at IS NULL AND kind IN ('failed', 'malformed', 'clock_off')
    """,
)

TABLES = (
    "exceptions", "night_counts", "binding_changes", "settlements", "bindings", "readings", "terminals",
)  # fmt: skip


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP SEQUENCE decisions")
    for table in TABLES:
        op.execute(f"DROP TABLE {table}")
