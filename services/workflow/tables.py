"""Tables of workflow. Migrations create them; ``alembic check`` proves that both say the same.

Their CHECK constraints name the states of ``lifecycles``.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

from kernel.chassis.data.tables import chassis_tables, service_metadata
from services.workflow.lifecycles import LIFECYCLES, FormAction, FormKind, FormState

metadata = service_metadata()
chassis = chassis_tables(metadata)

Code = Text(collation="C")
Moment = DateTime(timezone=True)
FOLLOW_STATES = ["answered_done", "answered_refused", "listed", "refused", "settled", "terminated", "waiting"]
ATTEMPT_STATES = ["differs", "outdated", "passed", "refused", "unclear", "verifying"]


def _one_of(column: str, values: list[str]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in sorted(values))})"


def _states_of_kinds() -> str:
    """One alternative per kind: the states that its lifecycle knows."""
    return " OR ".join(
        f"kind = '{kind}' AND {_one_of('state', [str(state) for state in lifecycle.states])}"
        for kind, lifecycle in sorted(LIFECYCLES.items())
    )


def _row_id() -> Column[int]:
    return Column("id", BigInteger, Identity(), primary_key=True)


def _person(name: str, *, nullable: bool = False) -> list[Column[str]]:
    """His login, and his name as it was then."""
    return [Column(name, Text, nullable=nullable), Column(f"{name}_name", Text, nullable=nullable)]


def _wanted() -> list[Column[str]]:
    """Who applies, for which month, and for which cards."""
    return [
        Column("unit", Code, nullable=False),
        Column("month", String(7), nullable=False),
        Column("carrier", Text, nullable=False),
        Column("card_spec", Text, nullable=False),
    ]


def _as_owned(*, primary_key: bool = False) -> list[Column[str]]:
    """What cards are counted by."""
    kinds: list[tuple[str, TypeEngine[str]]] = [
        ("owner_unit", Code),
        ("state", Text()),
        ("carrier", Text()),
        ("card_spec", Text()),
        ("application_month", String(7)),
    ]
    return [Column(name, kind, nullable=False, primary_key=primary_key) for name, kind in kinds]


catalogue = Table(
    "catalogue",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("name_zh", Text, nullable=False),
    CheckConstraint("kind IN ('card_spec', 'carrier')", name="kind"),
    comment="inventory's carriers and card specs, for checking and printing",
)

rules = Table(
    "rules",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("opens_day", SmallInteger, nullable=False),
    Column("closes_day", SmallInteger, nullable=False),
    Column("remind_hours", SmallInteger, nullable=False),
    Column("minimum_cards", Integer, nullable=False, comment="a new termination form needs more cards than that"),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("overdue_days", SmallInteger, nullable=False, server_default="5", comment="a form in one state for longer"),
    CheckConstraint("id = 1", name="one"),
    CheckConstraint("opens_day <= closes_day", name="days"),
    comment="what the province may set; also the lock between a county's edit and the hand-over",
)

hand_overs = Table(
    "hand_overs",
    metadata,
    Column("month", String(7), primary_key=True, comment="of the applications"),
    Column("due_at", Moment, nullable=False),
    Column("lines", Integer, nullable=False),
    Column("cities", Integer, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    comment="22nd 00:00 happened for this month; the row is what makes it happen once",
)

month_reopenings = Table(
    "month_reopenings",
    metadata,
    _row_id(),
    Column("month", String(7), nullable=False),
    Column("reason", Text, nullable=False),
    *_person("by"),
    Column("at", Moment, nullable=False),
    Column("closes_at", Moment, nullable=False, comment="counties may write until then"),
    Column("withdrawn", JSONB, nullable=False, comment="the cities' lines as they were"),
    Index("ix_month_reopenings_month", "month", "id"),
    comment="months opened again after their hand-over. Append-only",
)

reminders = Table(
    "reminders",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("due_at", Moment, nullable=False),
)

forms = Table(
    "forms",
    metadata,
    _row_id(),
    Column("number", Code, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("unit", Code, nullable=False),
    Column("month", String(7), nullable=False, comment="of the applications; of terminations: when it was drafted"),
    Column("drafted_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("state_since", Moment, nullable=False),
    Column("revision", SmallInteger, nullable=False, server_default="1"),
    Column("version", Integer, nullable=False, server_default="1", comment="also the number of the last decision"),
    Column("applicant", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("quantity", BigInteger, nullable=False),
    Column("kinds", JSONB, nullable=False, comment="per carrier and spec; sums to quantity"),
    *_person("drafted_by"),
    Column("submitted_by", Text),
    Column("submitted_revision", SmallInteger, nullable=False, server_default="0"),
    Column("content", JSONB, comment="as last submitted to documents"),
    Column("digest", Text, comment="SHA-256 of the content's canonical JSON"),
    Column("pdf", JSONB, comment="BlobRef, once documents has issued the revision submitted last"),
    Column("pages", Integer),
    Column("issued_at", Moment),
    Column("issue_problem", Text),
    Column("last_attempt", Text),
    Column("last_opinion", Text),
    Column("reviewer", Text),
    Column("reviewed_at", Moment),
    Column("province_form_id", ForeignKey("forms.id")),
    Column("figures", JSONB, comment="of a province form: devices, cards now, not activated per city, as drafted"),
    CheckConstraint(_states_of_kinds(), name="state"),
    CheckConstraint(_one_of("kind", [str(kind) for kind in FormKind]), name="kind"),
    Index("ix_forms_kind_unit", "kind", "unit", "drafted_on", "id"),
    Index("ix_forms_province_form", "province_form_id", postgresql_where=text("province_form_id IS NOT NULL")),
    Index(
        "uq_forms_city_month",
        "unit",
        "month",
        unique=True,
        postgresql_where=text("kind = 'city_opening'"),
    ),
)

city_lines = Table(
    "city_lines",
    metadata,
    _row_id(),
    *_wanted(),
    Column("original_quantity", BigInteger, nullable=False, comment="sum of the county lines, never changed"),
    Column("quantity", BigInteger, nullable=False),
    Column("replacement", BigInteger),
    Column("new_quantity", BigInteger),
    Column("applicant", Text),
    Column("phone", Text),
    Column("form_id", ForeignKey("forms.id")),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("changed_at", Moment, nullable=False),
    UniqueConstraint("month", "unit", "carrier", "card_spec", name="uq_city_lines_kind"),
    Index(None, "form_id"),
)

applications = Table(
    "applications",
    metadata,
    _row_id(),
    *_wanted(),
    Column("quantity", BigInteger, nullable=False),
    Column("applicant", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    *_person("created_by"),
    Column("created_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    CheckConstraint("quantity > 0", name="quantity"),
    Index(None, "unit", "id"),
    Index("ix_applications_month", "month", "unit"),
    comment="counties' lines. Handed over with their month (hand_overs); their city line is that of unit and kind",
)

form_cards = Table(
    "form_cards",
    metadata,
    _row_id(),
    Column("unit", Code, nullable=False, comment="whose list it is"),
    Column("form_id", ForeignKey("forms.id"), comment="null: on the open list, state 新建"),
    Column("row_no", Integer),
    Column("iccid", Code, nullable=False),
    Column("open", Boolean, nullable=False, server_default="true", comment="the list holds the card: one list only"),
    Column("added_at", Moment, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("follow", Text, nullable=False, server_default="listed"),
    Column("refusal_code", Text, comment="inventory's reason why the card cannot follow"),
    Column("refusal_state", Text),
    Column("unit_then", Code, comment="at submission, with state_then"),
    Column("state_then", Text),
    Column("answer", Text),
    Column("answer_reason", Text),
    Column("answered_by", Text),
    Column("answered_at", Moment),
    Column("reopened_at", Moment, comment="last time; the answer counts from then on"),
    Column("removed_by", Text),
    Column("removed_at", Moment),
    CheckConstraint(_one_of("follow", FOLLOW_STATES), name="follow"),
    CheckConstraint("answer IN ('done', 'refused')", name="answer"),
    Index("uq_form_cards_open", "iccid", unique=True, postgresql_where=text("open")),
    Index("ix_form_cards_unit", "unit", "iccid", postgresql_where=text("open")),
    Index("ix_form_cards_form", "form_id", "follow", "row_no"),
)

reopenings = Table(
    "reopenings",
    metadata,
    _row_id(),
    Column("form_card_id", ForeignKey("form_cards.id"), nullable=False),
    Column("month", String(7), nullable=False, comment="of the traffic"),
    Column("traffic_mb", Numeric(12, 3)),
    Column("cost", Numeric(10, 2), comment="yuan"),
    Column("remark", Text),
    *_person("by"),
    Column("at", Moment, nullable=False),
    Column("answered_by", Text, comment="of the answer that was overruled, with answered_at"),
    Column("answered_at", Moment),
    UniqueConstraint("form_card_id", "month", name="uq_reopenings_month"),
    CheckConstraint("traffic_mb > 0 OR cost > 0", name="evidence"),
    comment="terminated cards that had traffic or cost: why their cases were opened again",
)

decisions = Table(
    "decisions",
    metadata,
    Column("form_id", ForeignKey("forms.id"), primary_key=True),
    Column("step", Integer, primary_key=True, comment="the form's version after it"),
    Column("action", Text, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("revision", SmallInteger, nullable=False),
    *_person("by"),
    Column("by_unit", Code, nullable=False),
    Column("opinion", Text),
    Column("remark", Text),
    Column("at", Moment, nullable=False),
    Column("digest", Text, comment="of the content that was judged"),
    CheckConstraint(_one_of("action", [str(action) for action in FormAction]), name="action"),
    CheckConstraint(_one_of("to_state", [str(state) for state in FormState]), name="to_state"),
    comment="who did what to a form, when and why. Append-only",
)

signed_forms = Table(
    "signed_forms",
    metadata,
    _row_id(),
    Column("attempt_id", Uuid, nullable=False, unique=True),
    Column("form_id", ForeignKey("forms.id"), nullable=False),
    Column("revision", SmallInteger, nullable=False),
    Column("state", Text, nullable=False, server_default="verifying"),
    Column("upload", JSONB, nullable=False, comment="BlobRef"),
    *_person("uploaded_by"),
    Column("uploader_unit", Code, nullable=False),
    Column("uploaded_at", Moment, nullable=False),
    Column("judged_at", Moment),
    Column("scan_id", Uuid),
    Column("findings_count", Integer, nullable=False, server_default="0"),
    Column("findings", JSONB, nullable=False, server_default="[]"),
    *_person("decided_by", nullable=True),
    Column("remark", Text),
    CheckConstraint(_one_of("state", ATTEMPT_STATES), name="state"),
    Index(None, "form_id", "id"),
)

notifications = Table(
    "notifications",
    metadata,
    _row_id(),
    Column("unit", Code, nullable=False),
    Column("permission", Text, nullable=False, comment="whoever of the unit holds it sees it"),
    Column("kind", Text, nullable=False),
    Column("number", Code),
    Column("params", JSONB, nullable=False, server_default="{}"),
    Column("at", Moment, nullable=False),
    Index(None, "unit", "id"),
)
"""Notices. The tables keep their first name: to rename them would stop replicas of the release before."""

notification_reads = Table(
    "notification_reads",
    metadata,
    Column("notification_id", ForeignKey("notifications.id"), primary_key=True),
    Column("actor", Text, primary_key=True),
    Column("at", Moment, nullable=False),
)

form_numbers = Table(
    "form_numbers",
    metadata,
    Column("prefix", Code, primary_key=True),
    Column("last", Integer, nullable=False),
)

cards = Table(
    "cards",
    metadata,
    Column("iccid", Code, primary_key=True),
    *_as_owned(),
    Column("version", BigInteger, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("form", Code, comment="number of the form that the last movement named"),
    Column("msisdn", Code, comment="told when the card is marked for scrap"),
    Column("reason", Text, comment="why it was marked for scrap the last time"),
    Column(
        "reason_version",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="the card's version when it was marked",
    ),
    Index("ix_cards_scrap", "owner_unit", "iccid", postgresql_where=text("state = 'pending_scrap'")),
    comment="inventory's cards as its events told of them",
)

device_counts = Table(
    "device_counts",
    metadata,
    Column("unit", Text(collation="C"), primary_key=True),
    Column("devices", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    comment="terminals of each unit as binding told of them last",
)

card_terminals = Table(
    "card_terminals",
    metadata,
    Column("iccid", Code, primary_key=True),
    Column("terminal", Code, nullable=False),
    Column("left_at", Moment),
    Column("decision", BigInteger, nullable=False),
    comment="the terminal that a card is in, or was in until left_at",
)

card_counts = Table(
    "card_counts",
    metadata,
    *_as_owned(primary_key=True),
    Column("cards", BigInteger, nullable=False),
    comment="how many rows of cards are alike; written with them",
)
