"""Tables of traffic. Migrations create them; ``alembic check`` proves that both say the same."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, String, Table, Text

from kernel.chassis.data.tables import chassis_tables, service_metadata

metadata = service_metadata()
chassis = chassis_tables(metadata)

Code = Text(collation="C")

cards = Table(
    "cards",
    metadata,
    Column(
        "id", BigInteger, Identity(), nullable=False, unique=True, comment="what the tables of usage know a card by"
    ),
    Column("iccid", Code, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("owner_unit", Code, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("card_spec", Text, nullable=False),
    Column("application_month", String(7), nullable=False),
    Column("state", Text, nullable=False),
    Column("terminal_asset_no", Code),
    Column("imsi", Code),
    Column("msisdn", Code),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Index("ix_cards_unit_iccid", "owner_unit", "iccid"),
    comment="inventory's cards as its events told of them",
)
