"""Tables of rules, of what they found, and of terminated cards that were told of."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Identity,
    Integer,
    Table,
    Text,
    text,
)

from services.traffic import pull_tables
from services.traffic.tables import Code, Moment

metadata = pull_tables.metadata

usage_rules = Table(
    "usage_rules",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("unit", Code, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("threshold", Integer, nullable=False),
    Column("carrier", Text),
    Column("card_spec", Text),
    Column("enabled", Boolean, nullable=False, server_default=text("true")),
    Column("changed_by_name", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    CheckConstraint("kind IN ('plan_percent', 'silent_days', 'jump')", name="kind"),
    comment="rules that warn of the use of a unit's cards",
)

usage_warnings = Table(
    "usage_warnings",
    metadata,
    Column("id", BigInteger, Identity(), nullable=False, unique=True),
    Column("rule_id", BigInteger, primary_key=True, autoincrement=False),
    Column("card_id", BigInteger, primary_key=True, autoincrement=False),
    Column("period", Code, primary_key=True),
    Column("iccid", Code, nullable=False),
    Column("unit", Code, nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("limit_value", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    comment="each card once per rule and period",
)

told_terminated = Table(
    "told_terminated",
    metadata,
    Column("card_id", BigInteger, primary_key=True, autoincrement=False),
    Column("month", Date, primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("fen", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    comment="terminated cards whose use or cost in a month workflow was told of",
)
