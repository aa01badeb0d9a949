"""Tables of modules (IMEI) and of locks of cards to them; like ``tables``, which has all the others."""

from sqlalchemy import BigInteger, Boolean, Column, Identity, Index, SmallInteger, Table, Text, text

from services.binding.tables import Code, Moment, metadata

imei_runs = Table(
    "imei_runs",
    metadata,
    Column("asset_no", Code, primary_key=True),
    Column("slot", SmallInteger, primary_key=True),
    Column("first_read", Moment, primary_key=True),
    Column("iccid", Code, nullable=False),
    Column("imei", Code, nullable=False),
    Column("unit", Code),
    Column("ended_at", Moment),
    Column("card_imei", Code),
    Column("card_asset_no", Code),
    Column("slot_imei", Code),
    Column("changed", Boolean, nullable=False, server_default=text("false")),
    Index("ix_imei_runs_iccid_first_read", "iccid", "first_read", "asset_no", "slot"),
    Index("ix_imei_runs_imei", "imei", postgresql_where=text("ended_at IS NULL")),
    Index("ix_imei_runs_imei_first_read", "imei", "first_read"),
    Index("ix_imei_runs_first_read", "first_read", "asset_no", "slot"),
    Index("ix_imei_runs_changed", "first_read", "asset_no", "slot", "unit", postgresql_where=text("changed")),
    Index("ix_imei_runs_unit_changed", "unit", "first_read", "asset_no", "slot", postgresql_where=text("changed")),
)
"""One card in one module of one slot, as its readings say (``imeis``). ``card_imei``, ``card_asset_no``: of the card's
run before this; ``slot_imei``: of the slot's. ``changed``: one of the two IMEIs is another."""

card_locks = Table(
    "card_locks",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("iccid", Code, nullable=False),
    Column("imei", Code),
    Column("asset_no", Code),
    Column("reason", Text, nullable=False),
    Column("set_at", Moment, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("set_by_name", Text, nullable=False),
    Column("released_at", Moment),
    Column("released_by", Text),
    Column("released_by_name", Text),
    Column("release_reason", Text),
    Column("unit", Code),
    Index("uq_card_locks_standing", "iccid", unique=True, postgresql_where=text("released_at IS NULL")),
    Index("ix_card_locks_iccid", "iccid"),
    Index("ix_card_locks_unit", "unit", "id"),
)
"""The module and the terminal that a card may live in (``locks``); rows are never deleted. ``unit``: the card's, by
triggers."""
