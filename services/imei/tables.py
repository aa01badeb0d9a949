"""Tables of imei. Migrations create them; ``alembic check`` proves that both say the same."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    Uuid,
    column,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from kernel.chassis.data.tables import chassis_tables, service_metadata

metadata = service_metadata()
chassis = chassis_tables(metadata)

Code = Text(collation="C")
Moment = DateTime(timezone=True)

UNREDEEMED = "(state = 'sold' OR (state = 'claimed' AND registered_at IS NOT NULL))"
"""已销售未核销: sold, or registered and therefore with a customer. Its indexes are found by these very words."""
SINCE = "COALESCE(sold_at, registered_at)"
"""Since when a device is with its customer."""

cards = Table(
    "cards",
    metadata,
    Column("iccid", Code, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("owner_unit", Code, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("terminal_asset_no", Code),
    Column("imsi", Code),
    Column("msisdn", Code),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Index("ix_cards_unit_iccid", "owner_unit", "iccid"),
    comment="inventory's cards as its events told of them",
)

organisations = Table(
    "organisations",
    metadata,
    Column("code", Code, primary_key=True),
    Column("name", Text, nullable=False),
    Column("level", SmallInteger, nullable=False, comment="1 terminal centre, 2 sales unit, 3 dealer, 4 shop"),
    Column("parent", Code),
    Column("unit", Code, nullable=False),
    Column("suspended_at", Moment, comment="取消合作资格: takes part in nothing"),
    CheckConstraint("level BETWEEN 1 AND 4", name="level"),
    CheckConstraint("(level = 1) = (parent IS NULL)", name="parent"),
    Index("ix_organisations_unit_code", "unit", "code"),
)

devices = Table(
    "devices",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False, comment="the code by which it was entered"),
    Column("state", Text, nullable=False),
    Column("held_from", Text, comment="state in which it was frozen"),
    Column("pool", Text, nullable=False),
    Column("province", Code, nullable=False),
    Column("unit", Code, nullable=False, comment="of its organisation; else the owning province"),
    Column("organisation", Code),
    Column("maker", Text),
    Column("model", Text),
    Column("entered_at", Moment, nullable=False),
    Column("state_since", Moment, nullable=False),
    Column("sold_at", Moment),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("source", Text, comment="of the list that entered it; null: entered before this was kept"),
    Column("registered_at", Moment, comment="it announced itself then for the first time"),
    Column("model_differs", Boolean, comment="from what the TAC table says; null: one of them does not say"),
    Column(
        "entry",
        BigInteger,
        comment="change of the list that entered it; null: its first event is among the further ones",
    ),
    Column("entry_row", Integer, comment="of that list"),
    Column(
        "shelf",
        SmallInteger,
        primary_key=True,
        autoincrement=False,
        server_default="0",
        comment="the part of the table: 0, or that of a long list",
    ),
    CheckConstraint(
        "state IN ('unclaimed', 'claimed', 'sold', 'subsidised', 'silent', 'frozen', 'damaged')", name="state"
    ),
    CheckConstraint("pool IN ('group', 'province')", name="pool"),
    CheckConstraint("(state = 'frozen') = (held_from IS NOT NULL)", name="held"),
    Index("ix_devices_unit_id", "unit", "id", "organisation", "entered_at", "state"),
    Index("ix_devices_organisation", "organisation", "id", "state", postgresql_where=text("organisation IS NOT NULL")),
    Index("ix_devices_state", "state", "id", "unit", postgresql_where=text("state <> 'claimed'")),
    Index("ix_devices_state_since", "state_since", "id", "unit", "state"),
    Index(
        "ix_devices_entered_at",
        "entered_at",
        postgresql_using="brin",
        postgresql_ops={"entered_at": "timestamptz_minmax_multi_ops"},
        postgresql_with={"autosummarize": "on"},
    ),
    Index("ix_devices_model_differs", "unit", "id", postgresql_where=text("model_differs")),
    Index("ix_devices_unredeemed", "unit", postgresql_where=text(UNREDEEMED)),
    Index("ix_devices_unredeemed_since", text(SINCE), "id", "unit", postgresql_where=text(UNREDEEMED)),
    Index("ix_devices_unredeemed_of", "organisation", text(SINCE), "id", postgresql_where=text(UNREDEEMED)),
    postgresql_partition_by="LIST (shelf)",
)
"""In parts, see ``lists.shelves``."""

device_counts = Table(
    "device_counts",
    metadata,
    Column("unit", Code, nullable=False),
    Column("organisation", Code),
    Column("state", Text, nullable=False),
    Column("pool", Text, nullable=False),
    Column("source", Text),
    Column("entered_month", Code, nullable=False),
    Column("devices", BigInteger, nullable=False),
    Index("ix_device_counts_unit", "unit"),
    comment="how many devices are alike; lines are added up by who reads them",
)

edits = Table(
    "edits",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("device_id", BigInteger, nullable=False, index=True),
    Column("unit", Code, nullable=False, comment="of the device, when it was edited"),
    Column("at", Moment, nullable=False),
    Column("field", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("by", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("reason", Text, nullable=False),
    CheckConstraint("field IN ('serials', 'maker', 'model')", name="field"),
    Index("ix_edits_unit_id", "unit", "id"),
    comment="one row per field that an edit changed. Append-only",
)

further_codes = Table(
    "further_codes",
    metadata,
    Column("code", BigInteger, primary_key=True, autoincrement=False, comment="key of 56 bits, or an ESN's with a tag"),
    Column("device_id", BigInteger, nullable=False, index=True),
    Column("place", SmallInteger, nullable=False),
    CheckConstraint("place BETWEEN 2 AND 4", name="place"),
)

codes = table("codes", column("code", BigInteger), column("device_id", BigInteger), column("place", SmallInteger))
"""A view: each device's own id, which is its first code, and the further ones."""

changes = Table(
    "changes",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("by_unit", Code, nullable=False),
    Column("reason", Text),
    Column("document", Text),
    Column("correlation_id", Text),
    comment="one row per act: who, when, why, on which document. Append-only",
)

entries = Table(
    "entries",
    metadata,
    Column("change_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("action", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("unit", Code, nullable=False),
    comment="what all devices have in common that one list entered: their first event but for the row",
)

further_events = Table(
    "further_events",
    metadata,
    Column("device_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("change_id", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("action", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("organisation", Code),
    Column("unit", Code, nullable=False),
    Column("row_no", Integer, comment="of the list, or of the request"),
    comment="one row per device and change, but for the entry by a list. Append-only; the device's row follows from it",
)

events = table("events", *(column(it.name, it.type) for it in further_events.c))
"""A view: each listed device's entry, which its row and its list's ``entries`` tell, and the further ones."""

scans = Table(
    "scans",
    metadata,
    Column("organisation", Code, primary_key=True),
    Column("client_id", Uuid, primary_key=True),
    Column("number", BigInteger, Identity(), nullable=False),
    Column("act", Text, nullable=False),
    Column("change_id", BigInteger, nullable=False),
    Column("request", JSONB, nullable=False),
    Column("answer", JSONB, nullable=False),
    Column("undone_by", BigInteger),
    CheckConstraint("act IN ('scan_in', 'sell')", name="act"),
    Index("ix_scans_organisation_number", "organisation", "number"),
)

scanned = Table(
    "scanned",
    metadata,
    Column("change_id", BigInteger, primary_key=True, autoincrement=False),
    Column("device_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Index("ix_scanned_change_id", "change_id"),
    comment="the devices of a scan and what version it gave them",
)

redemptions = Table(
    "redemptions",
    metadata,
    Column("device_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("organisation", Code, nullable=False),
    Column("order_no", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("unit", Code, nullable=False, comment="of the organisation, when it was redeemed"),
    Column("by_name", Text, nullable=False),
    Column("cancelled_version", Integer, comment="of the event that took it back"),
    Column("msisdn", Code, comment="of the order, where it says so"),
    CheckConstraint("kind IN ('terminal', 'airtime')", name="kind"),
    Index("ix_redemptions_unit_at", "unit", "at", "device_id", "version"),
    Index("ix_redemptions_order_no", "order_no"),
    Index("ix_redemptions_at", "at"),
    Index("ix_redemptions_kind", "kind", "at", "device_id", "version", "unit"),
)

freezes = Table(
    "freezes",
    metadata,
    Column("device_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("cause", Text, nullable=False),
    Column("lifted_version", Integer),
    Column("at", Moment, nullable=False),
    Column("unit", Code, nullable=False, comment="of the device, when it was frozen"),
    Column("observed_until", Moment, nullable=False, comment="an appeal may be made until then"),
    Column("decide_by", Moment, nullable=False),
    Index("ix_freezes_unit_at", "unit", "at", "device_id", "version"),
    Index("ix_freezes_at", "at", "device_id", "version", "unit"),
    Index("ix_freezes_standing", "at", "device_id", "version", "unit", postgresql_where=text("lifted_version IS NULL")),
    Index("ix_freezes_decide_by", "decide_by", postgresql_where=text("lifted_version IS NULL")),
)

appeals = Table(
    "appeals",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("device_id", BigInteger, nullable=False),
    Column("version", Integer, nullable=False, comment="of the freeze"),
    Column("unit", Code, nullable=False),
    Column("organisation", Code),
    Column("state", Text, nullable=False),
    Column("grounds", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("reviewed_at", Moment),
    Column("reviewer", Text),
    Column("reviewer_name", Text),
    Column("outcome", Text),
    CheckConstraint("state IN ('open', 'granted', 'rejected')", name="state"),
    Index("ix_appeals_unit_id", "unit", "id"),
    Index("uq_appeals_open", "device_id", "version", unique=True, postgresql_where=text("state = 'open'")),
)

freeze_extensions = Table(
    "freeze_extensions",
    metadata,
    Column("device_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment, primary_key=True),
    Column("decide_by", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    comment="how the deadline of a freeze was moved, and why. Append-only",
)

reservations = Table(
    "reservations",
    metadata,
    Column("device_id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("organisation", Code, nullable=False),
    Column("unit", Code, nullable=False),
    Column("order_no", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("by_name", Text, nullable=False),
    CheckConstraint("kind IN ('terminal', 'airtime')", name="kind"),
    Index("ix_reservations_unit_expires_at", "unit", "expires_at", "device_id"),
    Index("ix_reservations_expires_at", "expires_at"),
    comment="a device is kept for an order until then; whoever reads it looks at the time",
)

findings = Table(
    "findings",
    metadata,
    Column("device_id", BigInteger, primary_key=True, autoincrement=False),
    Column("code", Text, primary_key=True),
    Column("found_at", Moment, nullable=False),
    comment="devices whose row does not follow from their events, as the last nightly check found them",
)

lists = Table(
    "lists",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("province", Code, nullable=False),
    Column("source", Text, nullable=False),
    Column("document", Text),
    Column("sha256", Text, nullable=False),
    Column("request", JSONB, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("entered", Integer, nullable=False),
    Column("claimed", Integer, nullable=False),
    Column("frozen", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("asked", Integer, nullable=False, server_default=text("0")),
    Column("held_because", Text),
    Column("at", Moment, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("job_id", Uuid, comment="that took it in; its rows are the refused ones"),
    Column("reported_by", Text, comment="login of the vendor's contact"),
    CheckConstraint("state IN ('published', 'held', 'previewed', 'released')", name="state"),
    Index("ix_lists_province_id", "province", "id"),
    Index("ix_lists_reported_by", "reported_by", "id", postgresql_where=text("reported_by IS NOT NULL")),
)

contacts = Table(
    "contacts",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("vendor", Text, nullable=False),
    Column("login", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("mail", Text, nullable=False),
    Column("address", Text),
    Column("unit", Code, nullable=False),
    Column("state", Text, nullable=False),
    Column("registered_at", Moment, nullable=False),
    Column("registered_by", Text, nullable=False),
    Column("registered_by_name", Text, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by_name", Text),
    Column("remark", Text),
    CheckConstraint("state IN ('pending', 'approved', 'refused', 'revoked')", name="state"),
    Index("ix_contacts_unit_id", "unit", "id"),
    Index("uq_contacts_login", "login", unique=True, postgresql_where=text("state IN ('pending', 'approved')")),
)

subsidised = Table(
    "subsidised",
    metadata,
    Column("code", BigInteger, primary_key=True, autoincrement=False),
    Column("list_id", BigInteger, nullable=False),
    Column("row_no", Integer, nullable=False),
    Column("claimant", Text, comment="code of the province that paid, where the list says so"),
    Column("claimed_on", Text, comment="as the list writes it"),
)
