"""Tables of terminals' own counters."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Identity, Table, Text

from services.traffic import rule_tables
from services.traffic.tables import Moment

metadata = rule_tables.metadata

own_counters = Table(
    "own_counters",
    metadata,
    Column("card_id", BigInteger, primary_key=True, autoincrement=False),
    Column("month", Date, primary_key=True),
    Column("day", Date, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    comment="what terminals counted themselves in a month, and their last reading",
)

counter_doubts = Table(
    "counter_doubts",
    metadata,
    Column("id", BigInteger, Identity(), nullable=False, unique=True),
    Column("card_id", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Date, primary_key=True),
    Column("before", BigInteger, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("wrapped", BigInteger, nullable=False),
    Column("reset", BigInteger, nullable=False),
    Column("known", BigInteger),
    Column("decided", Text),
    Column("decided_by_name", Text),
    Column("decided_at", Moment),
    CheckConstraint("decided IN ('wrapped', 'reset')", name="decided"),
    comment="readings that are less than the one before, of which it is not clear why",
)
