"""Tables of what the carriers say; like ``tables``, which has most others."""

from sqlalchemy import JSON, BigInteger, Column, Date, Index, Integer, Table, Text

from services.binding.tables import Code, Moment, metadata

carrier_counts = Table(
    "carrier_counts",
    metadata,
    Column("carrier", Text, primary_key=True),
    Column("month", Text, primary_key=True),
    Column("unit", Code, primary_key=True),
    Column("cards", BigInteger, nullable=False),
    Column("counted_on", Date, nullable=False),
    Column("source", Text, nullable=False),
    Column("taken_at", Moment, nullable=False),
    Column("by_name", Text, nullable=False),
    Index("ix_carrier_counts_unit_month", "unit", "month"),
)
"""What carriers say how many cards a unit has, by the newest count of each month."""

carrier_pulls = Table(
    "carrier_pulls",
    metadata,
    Column("carrier", Text, primary_key=True),
    Column("unit", Code, nullable=False),
    Column("state", Text, nullable=False),
    Column("month", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("asked_by_name", Text, nullable=False),
    Column("code", Text),
    Column("params", JSON),
    Column("good_at", Moment),
    Column("good_month", Text),
    Column("counted_on", Date),
    Column("units", Integer),
)
"""How each carrier answered last (``pulling``), and its last good count."""
