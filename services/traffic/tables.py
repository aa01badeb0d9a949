"""Tables of traffic. Migrations create them; ``alembic check`` proves that both say the same."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    Numeric,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kernel.chassis.data.tables import chassis_tables, service_metadata

metadata = service_metadata()
chassis = chassis_tables(metadata)

Code = Text(collation="C")
Moment = DateTime(timezone=True)
NOUGHT = text("0")

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
    Index("ix_cards_unit_terminal", "owner_unit", "terminal_asset_no", postgresql_include=["id"]),
    Index("ix_cards_terminal_unit", "terminal_asset_no", "owner_unit"),
    Index("ix_cards_idle", "iccid", postgresql_where=text("state IN ('unqualified', 'pending_scrap', 'terminated')")),
    comment="inventory's cards as its events told of them",
)

past_places = Table(
    "past_places",
    metadata,
    Column("card_id", BigInteger, primary_key=True, autoincrement=False),
    Column("until", Date, primary_key=True),
    Column("unit", Code, nullable=False),
    Column("terminal", Code),
    Index("ix_past_places_until", "until"),
    Index("ix_past_places_terminal", "terminal"),
    comment="unit and terminal of a card on the days before, where they have changed since",
)
"""Written by a trigger on ``cards``: whatever changes a card, nothing of where it was is lost."""

loads = Table(
    "loads",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("source", Text, nullable=False),
    Column("carrier", Text),
    Column("unit", Code, nullable=False),
    Column("state", Text, nullable=False),
    Column("as_of", Moment, nullable=False),
    Column("measured_in", Text, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("file", JSONB, nullable=False),
    Column("choice", JSONB),
    Column("first_day", Date),
    Column("last_day", Date),
    *[
        Column(name, Integer, nullable=False, server_default=NOUGHT)
        for name in ("rows", "taken", "replaced", "repeated", "unknown", "refused")
    ],
    Column("reasons", JSONB, nullable=False, server_default=text("'[]'")),
    Column("preview", JSONB, nullable=False, server_default=text("'{}'")),
    Column("asked_by", Text, nullable=False),
    Column("asked_by_name", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("decided_by", Text),
    Column("remark", Text),
    Column("job_id", Uuid, nullable=False),
    CheckConstraint("source IN ('carrier', 'terminal')", name="source"),
    CheckConstraint("state IN ('waiting', 'held', 'taken', 'dropped')", name="state"),
    Index("ix_loads_held", "id", postgresql_where=text("state = 'held'")),
    comment="what came in, and what became of it",
)

usage_days = Table(
    "usage_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("card_id", BigInteger, primary_key=True, autoincrement=False),
    Column("unit", Code, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("carrier_bytes", BigInteger),
    Column("terminal_bytes", BigInteger),
    Column("carrier_month", BigInteger),
    Column("terminal_month", BigInteger),
    Column("carrier_load", BigInteger),
    Column("terminal_load", BigInteger),
    comment="figures of a day; those of the month's newest day carry the month to date",
    postgresql_partition_by="RANGE (day)",
)
"""One part a day (docs/adr: days that carry their month). NULL is no figure, which is not 0."""

usage_histogram = Table(
    "usage_histogram",
    metadata,
    Column("month", Date, primary_key=True),
    Column("unit", Code, primary_key=True),
    Column("carrier", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("at_least", BigInteger, primary_key=True, autoincrement=False),
    Column("cards", Integer, nullable=False),
    Column("bytes", Numeric, nullable=False),
    Column("volumes", ARRAY(BigInteger), comment="what each of the cards used; NULL: counted before this was kept"),
    comment="cards of a unit by their month to date",
)

usage_day_counts = Table(
    "usage_day_counts",
    metadata,
    Column("day", Date, primary_key=True),
    Column("carrier", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("cards", Integer, nullable=False),
    comment="cards that have a figure of the day",
)
"""Whether a night's figures are complete is asked all the time; counting a day's rows would cost a scan."""

unknown_usage = Table(
    "unknown_usage",
    metadata,
    Column("id", BigInteger, Identity(), nullable=False, unique=True),
    Column("iccid", Code, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("unit", Code, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("load_id", BigInteger, nullable=False),
    comment="figures of cards that are not in the books",
)

moved_usage = Table(
    "moved_usage",
    metadata,
    Column("month", Date, primary_key=True),
    Column("card_id", BigInteger, primary_key=True, autoincrement=False),
    Column("unit", Code, primary_key=True),
    Column("carrier", Text, nullable=False),
    Column("carrier_month", BigInteger),
    Column("terminal_month", BigInteger),
    comment="month to date of cards in units that they have left since",
)

load_sets = Table(
    "load_sets",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("loads", ARRAY(BigInteger), nullable=False, unique=True),
    comment="which loads a folded month's figures came from, day by day",
)

usage_months = Table(
    "usage_months",
    metadata,
    Column("month", Date, primary_key=True),
    Column("card_id", BigInteger, primary_key=True, autoincrement=False),
    Column("unit", Code, primary_key=True),
    Column("carrier", Text, nullable=False),
    Column("present", Boolean, nullable=False),
    Column("carrier_month", BigInteger),
    Column("terminal_month", BigInteger),
    Column("carrier_on", Integer),
    Column("terminal_on", Integer),
    Column("carrier_days", ARRAY(BigInteger)),
    Column("terminal_days", ARRAY(BigInteger)),
    Column("carrier_loads", BigInteger),
    Column("terminal_loads", BigInteger),
    Index("ix_usage_months_unit", "unit", postgresql_using="brin"),
    Index("ix_usage_months_carrier", "carrier_month"),
    Index("ix_usage_months_terminal", "terminal_month"),
    comment="folded months: days with a figure as bits, their figures in order",
    postgresql_partition_by="RANGE (month)",
)

folded_months = Table(
    "folded_months",
    metadata,
    Column("month", Date, primary_key=True),
    Column("newest_day", Date, nullable=False),
    Column("folded_at", Moment, nullable=False),
)

usage_ranges = Table(
    "usage_ranges",
    metadata,
    Column("province", Code, primary_key=True),
    Column("limits", ARRAY(BigInteger), nullable=False),
    Column("version", Integer, nullable=False),
    comment="where a province's traffic ranges begin, in bytes",
)

tariffs = Table(
    "tariffs",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("province", Code, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("card_spec", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("monthly_fee", Numeric(12, 4), nullable=False),
    Column("included", BigInteger, nullable=False),
    Column("per_mb", Numeric(12, 6), nullable=False),
    Column("silent_fee", Numeric(12, 4)),
    Column("pool", Text),
    Column("prorated", Boolean, nullable=False),
    Column("created_by_name", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    comment="prices of a carrier's cards of one specification, on days [valid_from, valid_to)",
)

pools = Table(
    "pools",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("province", Code, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("size", BigInteger),
    Column("joining_prorated", Boolean, nullable=False),
    Column("leaving_shrinks", Boolean, nullable=False),
    Column("overage", Text, nullable=False),
    Column("created_by_name", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    CheckConstraint("overage IN ('excess', 'usage', 'equal')", name="overage"),
    UniqueConstraint("province", "carrier", "name", "valid_from", name="uq_pools_name"),
    comment="what is agreed upon for pools, from months on; without a row a pool is what its cards bring",
)

cost_months = Table(
    "cost_months",
    metadata,
    Column("province", Code, primary_key=True),
    Column("month", Date, primary_key=True),
    Column("state", Text, nullable=False),
    Column("rated_at", Moment),
    Column("closed_at", Moment),
    Column("by_name", Text),
    CheckConstraint("state IN ('open', 'provisional', 'closed')", name="state"),
)

cost_entries = Table(
    "cost_entries",
    metadata,
    Column("number", BigInteger, Identity(), primary_key=True),
    Column("iccid", Code, nullable=False),
    Column("unit", Code, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("pool", Text, nullable=False),
    Column("line_spec", Text, nullable=False),
    Column("card_spec", Text, nullable=False),
    Column("about", Date, nullable=False),
    Column("posted_in", Date, nullable=False),
    Column("fen", BigInteger, nullable=False),
    Column("corrects", BigInteger),
    Column("reason", Text),
    Column("tariff_id", BigInteger),
    Column("used", BigInteger, nullable=False),
    Column("days", Integer, nullable=False),
    Column("fee", Numeric, comment="yuan of the days that count; NULL with what follows: taken back whole"),
    Column("included", Numeric, comment="bytes, of the pool the card's part"),
    Column("beyond_mb", Numeric),
    Column("per_mb", Numeric),
    Column("exact", Numeric, comment="yuan before rounding"),
    Column("posted_at", Moment, nullable=False),
    Column("by_name", Text, nullable=False),
    Index("ix_cost_entries_about", "about", "iccid"),
    Index("ix_cost_entries_posted", "posted_in", "unit"),
    comment="what cards cost; nothing is ever changed here, corrections are appended",
)

cost_sums = Table(
    "cost_sums",
    metadata,
    Column("posted_in", Date, primary_key=True),
    Column("about", Date, primary_key=True),
    Column("unit", Code, primary_key=True),
    Column("carrier", Text, primary_key=True),
    Column("entries", Integer, nullable=False),
    Column("fen", Numeric, nullable=False),
    Column("used", Numeric, nullable=False, comment="of entries that correct none, of which a card has one a month"),
    Column("cards", Integer, nullable=False),
    comment="cost_entries by units, written with them",
)

bills = Table(
    "bills",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("province", Code, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("month", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("file", JSONB, nullable=False),
    *[Column(name, Integer, nullable=False, server_default=NOUGHT) for name in ("rows", "refused")],
    Column("fen", BigInteger, nullable=False, server_default=NOUGHT),
    Column("asked_by_name", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("job_id", Uuid, nullable=False),
    Column("reasons", JSONB, nullable=False, server_default=text("'[]'")),
    Column("preview", JSONB, nullable=False, server_default=text("'[]'")),
    Column("decided_by", Text),
    Column("remark", Text),
    CheckConstraint("state IN ('waiting', 'held', 'taken', 'replaced', 'dropped')", name="state"),
)

bill_lines = Table(
    "bill_lines",
    metadata,
    Column("bill_id", BigInteger, primary_key=True, autoincrement=False),
    Column("iccid", Code, primary_key=True),
    Column("fen", BigInteger, nullable=False),
)
