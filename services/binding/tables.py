"""Tables of binding. Migrations create them; ``alembic check`` proves that both say the same."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from kernel.chassis.data.tables import chassis_tables, service_metadata

metadata = service_metadata()
chassis = chassis_tables(metadata)

Code = Text(collation="C")
Moment = DateTime(timezone=True)

cards = Table(
    "cards",
    metadata,
    Column("iccid", Code, primary_key=True),
    Column("owner_unit", Code, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("card_spec", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("issued_to_unit", Code),
    Column("terminal_asset_no", Code),
    Column("imsi", Code),
    Column("msisdn", Code),
    Index("ix_cards_owner_unit_state", "owner_unit", "state"),
    Index(
        "ix_cards_idle",
        "owner_unit",
        "iccid",
        postgresql_include=["carrier"],
        postgresql_where=text("state IN ('in_stock', 'pending_install', 'pending_scrap', 'terminating')"),
    ),
)
"""Inventory's cards as its events told of them; nobody but ``cards.CARDS`` writes here."""

card_counts = Table(
    "card_counts",
    metadata,
    Column("owner_unit", Code, primary_key=True),
    Column("carrier", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("cards", BigInteger, nullable=False),
)
"""How many rows of cards are alike; written with them."""

terminals = Table(
    "terminals",
    metadata,
    Column("asset_no", Code, primary_key=True),
    Column("unit", Code, nullable=False),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("slots", SmallInteger, nullable=False, server_default=text("1")),
    Column("reported_at", Moment, nullable=False),
    Column("removed_at", Moment),
    Column("station", Text, nullable=False),
    Column("carriers", Code, nullable=False, server_default=text("''")),
    Column("corrected_from", Code),
    Index("ix_terminals_unit_state_asset_no", "unit", "state", "asset_no"),
    Index("ix_terminals_unit_asset_no", "unit", "asset_no"),
    Index("ix_terminals_unbound", "unit", "asset_no", postgresql_where=text("carriers = ''")),
)
"""Terminals as the stations report them, each by its newest report. ``carriers``: of the cards bound there now, in
order, with commas; '' when there is none (``holding``). ``corrected_from``: the unit that the station reports where a
person has put the terminal into another one; it holds until the station reports a third."""

terminal_counts = Table(
    "terminal_counts",
    metadata,
    Column("unit", Code, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("carriers", Code, primary_key=True),
    Column("terminals", BigInteger, nullable=False),
)
"""How many terminals are alike; a trigger on ``terminals`` keeps it, whoever writes there."""

readings = Table(
    "readings",
    metadata,
    Column("asset_no", Code, primary_key=True),
    Column("slot", SmallInteger, primary_key=True),
    Column("read_at", Moment, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("outcome", Text, nullable=False),
    Column("iccid", Code),
    Column("fault", Text),
    Column("imei", Code),
    Column("abnormal", Boolean, nullable=False, server_default=text("false")),
    Column("unit", Code),
    Column("received_at", Moment),
    Column("arrived_at", Moment, nullable=False),
    Column("station", Text, nullable=False),
    Index(
        "ix_readings_not_well", "asset_no", "slot", "read_at", "unit",
        postgresql_where=text("abnormal OR outcome <> 'read'"),
    ),
    Index("ix_readings_clock_off", "iccid", postgresql_where=text("outcome = 'clock_off'")),
    postgresql_partition_by="RANGE (day)",
)
"""One partition a business day. ``abnormal``: bound nothing by what is decided now (``doubts``)."""

bindings = Table(
    "bindings",
    metadata,
    Column("asset_no", Code, primary_key=True),
    Column("slot", SmallInteger, primary_key=True),
    Column("first_read", Moment, primary_key=True),
    Column("iccid", Code, nullable=False),
    Column("ended_at", Moment),
    Column("bound_from", Moment),
    Column("bound_to", Moment),
    Column("quarantine", Text),
    Column("against_asset_no", Code),
    Column("against_slot", SmallInteger),
    Column("decided_at", Moment, nullable=False),
    Index("ix_bindings_iccid_first_read", "iccid", "first_read"),
    Index("ix_bindings_quarantine", "quarantine", "iccid", postgresql_where=text("quarantine IS NOT NULL")),
)
"""Runs and what they come to (``timeline``): bound in [bound_from, bound_to). Exclusion constraints in the migration
hold one card a slot and one slot a card at any instant."""

unit_mismatches = Table(
    "unit_mismatches",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("asset_no", Code, nullable=False),
    Column("slot", SmallInteger, nullable=False),
    Column("iccid", Code, nullable=False),
    Column("terminal_unit", Code, nullable=False),
    Column("card_unit", Code, nullable=False),
    Column("bound_from", Moment, nullable=False),
    UniqueConstraint("asset_no", "slot", name="uq_unit_mismatches_asset_no_slot"),
    Index("ix_unit_mismatches_terminal_unit", "terminal_unit", "asset_no", "slot"),
    Index("ix_unit_mismatches_card_unit", "card_unit"),
)
"""Terminals that hold a card of another unit now (``mismatches``)."""

unit_corrections = Table(
    "unit_corrections",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("act", BigInteger, nullable=False),
    Column("asset_no", Code, nullable=False),
    Column("slot", SmallInteger, nullable=False),
    Column("iccid", Code, nullable=False),
    Column("side", Text, nullable=False),
    Column("from_unit", Code, nullable=False),
    Column("to_unit", Code, nullable=False),
    Column("state", Text, nullable=False),
    Column("code", Text),
    Column("reason", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("by_unit", Code, nullable=False),
    Column("ended_at", Moment),
    Column("undoes", BigInteger),
    Column("undone_by", BigInteger),
    Index("ix_unit_corrections_iccid", "iccid", "act"),
    Index("ix_unit_corrections_asset_no", "asset_no"),
    Index("ix_unit_corrections_asked", "act", postgresql_where=text("state = 'asked'")),
)
"""Each time somebody gave a card or a terminal the other's unit, or took that back; ``act``: what was done at once.
``state`` asked: inventory has not answered yet. Rows are never deleted."""

settlements = Table(
    "settlements",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("iccid", Code, nullable=False),
    Column("asset_no", Code, nullable=False),
    Column("slot", SmallInteger, nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_by_name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("undone_at", Moment),
    Column("undone_by", Text),
    Column("undone_by_name", Text),
    Column("undo_reason", Text),
    Column("unit", Code),
    Index("ix_settlements_iccid", "iccid"),
    Index("ix_settlements_unit", "unit", "id"),
    Index("ix_settlements_asset_no", "asset_no"),
)
"""People's decisions on contradictions; one that was undone counts no more. ``unit``: the terminal's, by triggers."""

binding_changes = Table(
    "binding_changes",
    metadata,
    Column("asset_no", Code, primary_key=True),
    Column("slot", SmallInteger, primary_key=True),
    Column("at", Moment, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("day", Date, nullable=False),
    Column("unit", Code),
    Column("cause", Text, nullable=False),
    Column("old_iccid", Code),
    Column("new_iccid", Code),
    Column("other_asset_no", Code),
    Index("ix_binding_changes_unit_day", "unit", "day", "asset_no", postgresql_include=["kind", "cause"]),
)
"""自动绑定记录, told from the bindings (``changes``)."""

change_counts = Table(
    "change_counts",
    metadata,
    Column("unit", Code, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("cause", Text, primary_key=True),
    Column("changes", BigInteger, nullable=False),
)
"""How many binding changes there are per unit, day, kind and cause; kept by ``changes``. Unit as in night_counts."""

night_counts = Table(
    "night_counts",
    metadata,
    Column("unit", Code, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("succeeded", BigInteger, nullable=False, server_default=text("0")),
    Column("abnormal", BigInteger, nullable=False, server_default=text("0")),
    Column("failed", BigInteger, nullable=False, server_default=text("0")),
)
"""Readings per unit and day by how they went; unit '' for terminals that nobody reported."""

newest_readings = Table(
    "newest_readings",
    metadata,
    Column("unit", Code, primary_key=True),
    Column("read_at", Moment, nullable=False),
)
"""When a card was last read in a unit's terminals (``measures``)."""

exceptions = Table(
    "exceptions",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("asset_no", Code, nullable=False),
    Column("slot", SmallInteger, nullable=False),
    Column("iccid", Code, nullable=False, server_default=text("''")),
    Column("unit", Code),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("last_read_at", Moment, nullable=False),
    Column("readings", BigInteger, nullable=False),
    Column("against_asset_no", Code),
    Column("against_slot", SmallInteger),
    Column("sample", Text),
    Column("resolved_at", Moment),
    Column("state", Text, nullable=False, server_default=text("'open'")),
    Column("handler", Text),
    Column("handler_name", Text),
    Column("handled_at", Moment),
    Column("note", Text),
    UniqueConstraint("asset_no", "slot", "kind", "iccid", name="uq_exceptions_asset_no_slot_kind_iccid"),
    Index(
        "ix_exceptions_unit_last_day_id", "unit", "last_day", "id", postgresql_include=["kind", "state", "resolved_at"]
    ),
    Index("ix_exceptions_last_day", "last_day", "id"),
    Index("ix_exceptions_waiting", "kind", "state", postgresql_where=text("resolved_at IS NULL AND state <> 'closed'")),
    Index("ix_exceptions_breaches", "iccid", postgresql_where=text("kind = 'lock_breached'")),
    Index(
        "ix_exceptions_doubts",
        "iccid",
        postgresql_where=text("kind IN ('card_elsewhere', 'card_unknown', 'card_never_issued', 'card_terminated')"),
    ),
    Index(
        "ix_exceptions_standing_faults",
        "asset_no",
        "slot",
        postgresql_where=text("resolved_at IS NULL AND kind IN ('failed', 'malformed', 'clock_off')"),
    ),
)
"""What a person has to look at, with what he did about it."""

told_terminals = Table(
    "told_terminals",
    metadata,
    Column("unit", Code, primary_key=True),
    Column("terminals", BigInteger, nullable=False),
)
"""How many terminals of each unit the others were told of last (``counted``)."""

terminal_lists = Table(
    "terminal_lists",
    metadata,
    Column("station", Text, primary_key=True),
    Column("list_id", Text, primary_key=True),
    Column("as_of", Moment, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("missing", Integer, nullable=False, server_default=text("0")),
    Column("received_at", Moment, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", Text),
    Column("decided_by_name", Text),
    Column("reason", Text),
    Column("unit", Code),
    Column("id", BigInteger, Identity(always=True), nullable=False),
    UniqueConstraint("id", name="uq_terminal_lists_id"),
)
"""Full lists of terminals, with the unit of the station's account; one that shrinks too much waits for a person."""

terminal_list_parts = Table(
    "terminal_list_parts",
    metadata,
    Column("station", Text, primary_key=True),
    Column("list_id", Text, primary_key=True),
    Column("part", Integer, primary_key=True),
)

terminal_list_members = Table(
    "terminal_list_members",
    metadata,
    Column("station", Text, primary_key=True),
    Column("list_id", Text, primary_key=True),
    Column("asset_no", Code, primary_key=True),
)

exception_notes = Table(
    "exception_notes",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("exception_id", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("note", Text),
    Index("ix_exception_notes_exception_id", "exception_id"),
)
"""Every step of handling an exception; nobody changes or deletes a row."""

stations = Table(
    "stations", metadata, Column("name", Text, primary_key=True), Column("seen_at", Moment, nullable=False)
)
"""When a station was last heard of."""

read_askings = Table(
    "read_askings",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("asked_by", Text, nullable=False),
    Column("asked_by_name", Text, nullable=False),
    Column("unit", Code, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("until", Moment, nullable=False),
    Index("ix_read_askings_unit_id", "unit", "id"),
)
"""召测 on demand: who asked, and until when an answer is waited for."""

read_requests = Table(
    "read_requests",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("asking_id", BigInteger, nullable=False),
    Column("asset_no", Code, nullable=False),
    Column("slot", SmallInteger, nullable=False),
    Column("unit", Code, nullable=False),
    Column("station", Text, nullable=False),
    Column("until", Moment, nullable=False),
    Column("sent_until", Moment),
    Column("answered_at", Moment),
    Column("outcome", Text),
    Column("iccid", Code),
    Column("fault", Text),
    Column("read_at", Moment),
    Index("ix_read_requests_asking_id", "asking_id"),
    Index("ix_read_requests_open", "station", "id", postgresql_where=text("answered_at IS NULL")),
)
"""One per terminal and slot asked for; ``sent_until``: a station has it and should have answered by then."""
