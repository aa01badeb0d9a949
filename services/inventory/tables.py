"""Inventory's tables. Migrations create them; `alembic check` proves that both say the same.

Codes that are compared by prefix or range (ICCID, units) are stored in the "C" collation. Every list has an
index that serves its filters and its order together, so that its first and its thousandth page cost the same on three
million cards.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from kernel.chassis.data.tables import chassis_tables, service_metadata
from services.inventory.lifecycle import CARD_LIFECYCLE, CardAction

metadata = service_metadata()
chassis = chassis_tables(metadata)

Code = Text(collation="C")
Moment = DateTime(timezone=True)


def _one_of(column: str, values: list[str]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in sorted(values))})"


STATES = sorted(str(state) for state in CARD_LIFECYCLE.states)
DELIVERY_STATES = ["receiving", "held", "received", "inspected", "stocked_in"]
DELIVERY_SOURCES = ["pull", "push", "upload"]

carriers = Table(
    "carriers",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
    Column("iccid_rule", JSONB, nullable=False, comment="fields of kernel.model.iccid.IccidRule"),
    Column("pulled_until", Text, comment="the carrier's own cursor of the last delivery pulled"),
)

card_specs = Table(
    "card_specs",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name_zh", Text, nullable=False),
    Column("name_en", Text, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("carrier", ForeignKey("carriers.code"), nullable=False),
    Column("batch_no", Text, nullable=False),
    Column("application_month", String(7), nullable=False),
    Column("card_spec", ForeignKey("card_specs.code"), nullable=False),
    Column("owner_unit", Code, nullable=False),
    Column("state", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("expected_count", Integer, comment="the delivery note's own count, where it gives one"),
    Column("received_count", Integer, nullable=False, server_default="0"),
    Column("refused_count", Integer, nullable=False, server_default="0"),
    Column("unqualified_count", Integer, nullable=False, server_default="0"),
    Column("stocked_in_count", Integer, nullable=False, server_default="0"),
    Column("discrepancy_count", Integer, nullable=False, server_default="0"),
    Column("file", JSONB, comment="BlobRef of the delivery as it came"),
    Column("received_at", Moment, nullable=False),
    Column("inspected_at", Moment),
    Column("inspected_by", Text),
    Column("inspection_result", Text),
    Column("inspection_remark", Text),
    Column("released_by", Text),
    Column("released_at", Moment),
    Column("release_remark", Text),
    UniqueConstraint("carrier", "batch_no"),
    CheckConstraint(_one_of("state", DELIVERY_STATES), name="state"),
    CheckConstraint(_one_of("source", DELIVERY_SOURCES), name="source"),
    Index(None, "application_month", "id"),
    Index(None, "owner_unit", "id"),
)

refused_rows = Table(
    "refused_rows",
    metadata,
    Column("delivery_id", ForeignKey("deliveries.id"), primary_key=True),
    Column("row_no", Integer, primary_key=True, comment="1-based line of the file, the head being line 1"),
    Column("iccid", Text, nullable=False, comment="as it was sent"),
    Column("code", Text, nullable=False),
    Column("params", JSONB, nullable=False, server_default="{}"),
)

discrepancies = Table(
    "discrepancies",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("code", Text, nullable=False),
    Column("params", JSONB, nullable=False),
)

inspections = Table(
    "inspections",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("inspected_on", Date, nullable=False),
    Column("inspector", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("remark", Text),
    Column("card_count", Integer, nullable=False),
    Column("iccids", ARRAY(Text), comment="the cards chosen; null: the whole batch"),
    Column("recorded_at", Moment, nullable=False),
    Column("recorded_by", Text, nullable=False),
)

cards = Table(
    "cards",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("iccid", Code, nullable=False),
    Column("imsi", Code),
    Column("msisdn", Code),
    Column("carrier", Text, nullable=False),
    Column("card_spec", Text, nullable=False),
    Column("application_month", String(7), nullable=False),
    Column("delivery_id", BigInteger, nullable=False),
    Column("owner_unit", Code, nullable=False),
    Column("issued_to_unit", Code),
    Column("recipient", Text),
    Column("recipient_phone", Text),
    Column("terminal_asset_no", Code),
    Column("terminal_decision", BigInteger, comment="number of the newest fact that binding told of this card"),
    Column("terminal_read_at", Moment, comment="since when it is, or is not, on a terminal, by the terminal's clock"),
    Column("state", Text, nullable=False),
    Column("scrapped_from", Text, comment="state before pending_scrap, so that the card can go back"),
    Column("network_state", Text, nullable=False, server_default="unknown"),
    Column("network_stop_reason", Text),
    Column("version", Integer, nullable=False, comment="rises by one with every change; events carry it"),
    Column("state_since", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("stocked_in_at", Moment),
    Column("allocated_at", Moment),
    Column("issued_at", Moment),
    Column("bound_at", Moment),
    Column("pending_scrap_at", Moment),
    Column("terminated_at", Moment),
    Column("last_operation_at", Moment, nullable=False),
    CheckConstraint(_one_of("state", STATES), name="state"),
    Index("uq_cards_iccid", "iccid", unique=True),
    Index("ix_cards_short", "iccid", postgresql_where=text("length(iccid) = 19")),
    Index("ix_cards_unit_iccid", "owner_unit", "iccid"),
    Index("ix_cards_state_unit_iccid", "state", "owner_unit", "iccid"),
    Index("ix_cards_delivery_state", "delivery_id", "state", "iccid"),
    Index("ix_cards_msisdn", "msisdn"),
    Index("ix_cards_imsi", "imsi"),
    Index("ix_cards_last_six", text("right(iccid, 6)")),
    Index("ix_cards_terminal", "terminal_asset_no", postgresql_where=text("terminal_asset_no IS NOT NULL")),
    Index("ix_cards_stocked_in", "owner_unit", "stocked_in_at", "iccid"),
    Index("ix_cards_state_since", "state", "owner_unit", "state_since", "iccid"),
    Index(
        "ix_cards_issued_to",
        "issued_to_unit",
        "owner_unit",
        "iccid",
        postgresql_where=text("issued_to_unit IS NOT NULL"),
    ),
    # Most cards change state, and every state stands in three indexes: room for the new row on its page keeps the
    # heap from growing with each step of a card's life.
    postgresql_with={"fillfactor": "85"},
)

boxes = Table(
    "boxes",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("delivery_id", ForeignKey("deliveries.id"), nullable=False),
    Column("box_no", Integer, nullable=False),
    Column("first_iccid", Code, nullable=False),
    Column("last_iccid", Code, nullable=False),
    Column("card_count", Integer, nullable=False),
    Column("packed_at", Moment, nullable=False),
    Column("packed_by", Text, nullable=False),
    Column("void_at", Moment, comment="packed anew: its label counts no longer"),
    Index("uq_boxes_number", "delivery_id", "box_no", unique=True, postgresql_where=text("void_at IS NULL")),
)

label_system = Table(
    "label_system",
    metadata,
    Column("number", SmallInteger, nullable=False),
    CheckConstraint("number BETWEEN 100 AND 999", name="number"),
    comment="one row, made once: the number by which this installation knows its own labels",
)

changes = Table(
    "changes",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("action", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("by_unit", Code, nullable=False),
    Column("reason", Text),
    Column("reference_kind", Text, comment="delivery, allocation, requisition, form, reading ..."),
    Column("reference_id", Text),
    Column("correlation_id", Text),
    CheckConstraint(_one_of("action", [str(action) for action in CardAction]), name="action"),
    Index("ix_changes_reference", "reference_kind", "reference_id"),
    comment="one row per act: who did what, when and why; run_log tells to which cards. Append-only",
)

run_log = Table(
    "run_log",
    metadata,
    Column("card_id", BigInteger, primary_key=True),
    Column("version", Integer, primary_key=True, comment="the card's version after the change"),
    Column("change_id", BigInteger, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("from_unit", Code),
    Column("to_unit", Code, nullable=False),
    Column("terminal_asset_no", Code, comment="that the card came to or left"),
    Column("reason", Text, comment="where the change has one of its own for each card; also reference_id"),
    Column("reference_id", Text),
    # Changes are written in rising order: a block-range index finds a change's cards at almost no cost to writers.
    Index("ix_run_log_change", "change_id", postgresql_using="brin"),
    comment="运行日志: one row per card and change. Append-only, never pruned",
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("day", Date, nullable=False, comment="business day of the change"),
    Column("action", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("since", Date, nullable=False, comment="business day on which these cards entered the state"),
    Column("owner_unit", Code, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("card_spec", Text, nullable=False),
    Column("application_month", String(7), nullable=False),
    Column("delta", Integer, nullable=False, comment="cards that entered (+) or left (-) the state or the unit"),
    Column("opened_on", Date, comment="business day on which these cards were stocked in; null: not yet"),
    # Covers the sums of some days per unit and state, which statistics of past days add to a closing.
    Index("ix_ledger_day", "day", "owner_unit", "state", postgresql_include=["delta"]),
    # What crosses a unit's border: arrivals and allocations (INV-10).
    Index(
        "ix_ledger_border",
        "owner_unit",
        "day",
        postgresql_where=text("action IN ('receive', 'allocate', 'correct_unit')"),
    ),
    # What units issued per day, from the index alone: the need that stock is compared with.
    Index(
        "ix_ledger_issued",
        "day",
        "owner_unit",
        postgresql_include=["delta"],
        postgresql_where=text("action = 'issue' AND state = 'pending_install'"),
    ),
    comment="double-entry book of the stock: every act takes cards out of one place and puts them into another",
)

closings = Table(
    "closings",
    metadata,
    Column("day", Date, nullable=False, comment="business day at whose end these cards stood here"),
    Column("state", Text, nullable=False),
    Column("owner_unit", Code, nullable=False),
    Column("carrier", Text),
    Column("card_spec", Text),
    Column("application_month", String(7)),
    Column("opened_on", Date),
    Column("cards", Integer, nullable=False),
    Column(
        "level",
        SmallInteger,
        nullable=False,
        comment="1: per state and unit; 2: also per carrier and spec; 3: every dimension",
    ),
    Index("ix_closings_unit", "day", "level", "owner_unit"),
    Index("ix_closings_month", "day", "application_month", "owner_unit", postgresql_where=text("level = 3")),
    Index("ix_closings_opened", "day", "opened_on", postgresql_where=text("level = 3")),
    comment="sums of the ledger up to the end of some days, so that a question adds up a few days instead of all",
)

ages = Table(
    "ages",
    metadata,
    Column("day", Date, nullable=False, comment="the last closed business day, the same in all rows"),
    Column("state", Text, nullable=False),
    Column("since", Date, nullable=False),
    Column("owner_unit", Code, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("card_spec", Text, nullable=False),
    Column("application_month", String(7), nullable=False),
    Column("cards", Integer, nullable=False),
    Index("ix_ages_state_unit", "state", "owner_unit", "since"),
    Index("ix_ages_state_since", "state", "since", "owner_unit"),
    Index("ix_ages_since", "since", "owner_unit", "state"),
    Index("ix_ages_month", "application_month", "since", "owner_unit", "state"),
    comment="sums of the ledger up to the end of the last closed day, by the day of entering the state",
)

allocations = Table(
    "allocations",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("allocated_at", Moment, nullable=False),
    Column("application_month", String(7), nullable=False),
    Column("carrier", Text, nullable=False),
    Column("card_spec", Text, nullable=False),
    Column("start_iccid", Code, nullable=False),
    Column("end_iccid", Code, nullable=False),
    Column("from_unit", Code, nullable=False),
    Column("to_unit", Code, nullable=False),
    Column("card_count", Integer, nullable=False),
    Column("operator", Text, nullable=False),
    Column("contact", Text),
    Column("recorded_by", Text, nullable=False),
    Column("change_id", BigInteger, nullable=False),
    Index(None, "to_unit", "id"),
    Index(None, "from_unit", "id"),
)

requisitions = Table(
    "requisitions",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("issued_at", Moment, nullable=False),
    Column("unit", Code, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("card_count", Integer, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("change_id", BigInteger),
    Index(None, "unit", "id"),
)

abnormal_limits = Table(
    "abnormal_limits",
    metadata,
    Column("state", Text, primary_key=True),
    Column("days", Integer, nullable=False, comment="a card longer than this in the state is abnormal (INV-09)"),
    Column("version", Integer, nullable=False, server_default="1"),
)

ledger_findings = Table(
    "ledger_findings",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("job_id", Uuid, nullable=False, index=True),
    Column("iccid", Code),
    Column("code", Text, nullable=False),
    Column("params", JSONB, nullable=False),
    Column("found_at", Moment, nullable=False, server_default=func.now()),
)
