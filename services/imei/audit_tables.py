"""Tables of 盘库与稽核 and of who works where; ``tables`` has the devices and their lists."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from services.imei.tables import Code, Moment, metadata

registrations = Table(
    "registrations",
    metadata,
    Column("code", BigInteger, primary_key=True, autoincrement=False),
    Column("registered_at", Moment, primary_key=True),
    Column("place", Code, nullable=False),
    Column("msisdn", Code),
    Column("received_at", Moment, nullable=False),
    Column("unit", Code, nullable=False, comment="of the device, or the place while no device has the code"),
    Index("ix_registrations_registered_at", "registered_at", "code", "unit"),
    Index("ix_registrations_unit", "unit", "registered_at", "code"),
    Index("ix_registrations_msisdn", "msisdn", "registered_at"),
    comment="what the self-registration platform told, also of devices that are not known",
)

violations = Table(
    "violations",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("device_id", BigInteger, nullable=False, comment="or the code, where no device has it"),
    Column("code", BigInteger, nullable=False),
    Column("happened_at", Moment, nullable=False),
    Column("organisation", Code),
    Column("unit", Code, nullable=False),
    Column("ours", Text, nullable=False),
    Column("theirs", Text, nullable=False),
    Column("found_at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by_name", Text),
    Column("remark", Text),
    UniqueConstraint("kind", "device_id", "code", "happened_at", name="uq_violations_kind"),
    CheckConstraint(
        "kind IN ('double_subsidy', 'diversion', 'phantom', 'not_redeemed_same_day', 'clone', 'missing_stock')",
        name="kind",
    ),
    CheckConstraint("state IN ('open', 'confirmed', 'dismissed')", name="state"),
    Index("ix_violations_unit_id", "unit", "id"),
    Index("ix_violations_organisation", "organisation", "state"),
)

sanctions = Table(
    "sanctions",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("organisation", Code, nullable=False),
    Column("unit", Code, nullable=False),
    Column("step", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("violations", Integer, nullable=False),
    Column("proposed_at", Moment, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_by_name", Text, nullable=False),
    Column("hearing", Text),
    Column("heard_at", Moment),
    Column("decided_at", Moment),
    Column("decided_by_name", Text),
    Column("remark", Text),
    CheckConstraint("step IN ('criticism', 'disqualification')", name="step"),
    CheckConstraint("state IN ('proposed', 'heard', 'imposed', 'dropped', 'lifted')", name="state"),
    Index("ix_sanctions_unit_id", "unit", "id"),
    Index(
        "uq_sanctions_open", "organisation", unique=True, postgresql_where=text("state IN ('proposed', 'heard')")
    ),
)

clerks = Table(
    "clerks",
    metadata,
    Column("province", Code, primary_key=True, comment="of the organisation: no other names its people"),
    Column("login", Text, primary_key=True),
    Column("organisation", Code, nullable=False),
    Column("unit", Code, nullable=False, comment="of the organisation"),
    Column("bound_at", Moment, nullable=False),
    Column("bound_by_name", Text, nullable=False),
    Index("ix_clerks_unit_login", "unit", "login"),
    comment="people who see and touch one organisation and what is below it; everybody else his whole unit",
)

ownership_moves = Table(
    "ownership_moves",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("device_id", BigInteger, nullable=False),
    Column("from_province", Code, nullable=False),
    Column("to_province", Code, nullable=False),
    Column("list_id", BigInteger, nullable=False),
    Column("row_no", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("asked_by_name", Text, nullable=False),
    Column("decided_at", Moment),
    Column("decided_by_name", Text),
    Column("remark", Text),
    CheckConstraint("state IN ('pending', 'approved', 'refused')", name="state"),
    Index("ix_ownership_moves_to_id", "to_province", "id"),
    Index("ix_ownership_moves_from_id", "from_province", "id"),
    Index(
        "uq_ownership_moves_pending",
        "device_id",
        "to_province",
        unique=True,
        postgresql_where=text("state = 'pending'"),
    ),
    comment="a province claimed what another owns; the group reviews it (9.2.1)",
)

tacs = Table(
    "tacs",
    metadata,
    Column("tac", BigInteger, primary_key=True, autoincrement=False, comment="its 8 digits as the head of a code"),
    Column("maker", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("by_name", Text, nullable=False),
    comment="type allocation codes: which maker and model an IMEI begins with; people bring their own file",
)

reminders = Table(
    "reminders",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("organisation", Code, nullable=False),
    Column("unit", Code, nullable=False),
    Column("state", Text, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("times", Integer, nullable=False),
    Column("devices", Integer, nullable=False),
    Column("oldest_at", Moment, nullable=False),
    Column("read_at", Moment),
    Column("read_by_name", Text),
    CheckConstraint("state IN ('open', 'read', 'settled')", name="state"),
    Index("ix_reminders_unit_id", "unit", "id"),
    Index("uq_reminders_open", "organisation", unique=True, postgresql_where=text("state = 'open'")),
    comment="nightly: an organisation is asked to redeem what is with customers",
)

spot_checks = Table(
    "spot_checks",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("organisation", Code, nullable=False),
    Column("unit", Code, nullable=False),
    Column("state", Text, nullable=False),
    Column("devices", Integer, nullable=False),
    Column("missing", Integer),
    Column("reason", Text, nullable=False),
    Column("drawn_at", Moment, nullable=False),
    Column("drawn_by_name", Text, nullable=False),
    Column("counted_at", Moment),
    Column("counted_by_name", Text),
    CheckConstraint("state IN ('drawn', 'counted')", name="state"),
    Index("ix_spot_checks_unit_id", "unit", "id"),
    Index("uq_spot_checks_drawn", "organisation", unique=True, postgresql_where=text("state = 'drawn'")),
    comment="devices of an organisation drawn by lot, to be looked at in its shop",
)

spot_check_devices = Table(
    "spot_check_devices",
    metadata,
    Column("check_id", BigInteger, primary_key=True, autoincrement=False),
    Column("device_id", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False, comment="of the device, when it was drawn"),
    Column("outcome", Text, comment="null: not counted yet"),
    CheckConstraint("outcome IN ('found', 'missing', 'moved')", name="outcome"),
)

swap_lists = Table(
    "swap_lists",
    metadata,
    Column("number", Code, primary_key=True),
    Column("organisation", Code, nullable=False),
    Column("unit", Code, nullable=False),
    Column("state", Text, nullable=False),
    Column("pairs", Integer, nullable=False),
    Column("drafted_at", Moment, nullable=False),
    Column("drafted_by_name", Text, nullable=False),
    Column("problem", Text, comment="why it was not issued, or what the last scan's verdict was"),
    Column("judged_at", Moment),
    CheckConstraint("state IN ('issuing', 'not_issued', 'issued', 'passed', 'settled')", name="state"),
    Index("ix_swap_lists_unit_drafted_at", "unit", "drafted_at", "number"),
    comment="售后换机串码清单: a form that is printed, sealed and verified before its swaps are made",
)

swap_pairs = Table(
    "swap_pairs",
    metadata,
    Column("number", Code, primary_key=True),
    Column("row_no", Integer, primary_key=True, autoincrement=False),
    Column("returned", BigInteger, nullable=False),
    Column("replacement", BigInteger, nullable=False),
    Column("outcome", Text, comment="done, or the code of what refused it; null: not tried yet"),
    Index("ix_swap_pairs_returned", "returned"),
)
