"""Tables of binding. Migrations create them; ``alembic check`` proves that both say the same."""

from sqlalchemy import BigInteger, Column, DateTime, Index, Table, Text

from kernel.chassis.data.tables import chassis_tables, service_metadata

metadata = service_metadata()
chassis = chassis_tables(metadata)

Code = Text(collation="C")

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
)
"""Inventory's cards as its events told of them; nobody but ``cards.CARDS`` writes here."""
