"""Tables of what is pulled from carriers (``services.traffic.pulls``)."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.traffic import tables
from services.traffic.tables import NOUGHT, Code, Moment

metadata = tables.metadata

pull_carriers = Table(
    "pull_carriers",
    metadata,
    Column("carrier", Text, primary_key=True),
    Column("unit", Code, nullable=False),
    Column("size", Integer, nullable=False),
    Column("manners", JSONB, nullable=False),
    Column("failures", Integer, nullable=False, server_default=NOUGHT),
    Column("rests_until", Moment),
    Column("quota_day", Date),
    Column("calls", Integer, nullable=False, server_default=NOUGHT),
    Column("error", Text),
    Column("seen_at", Moment, nullable=False),
    comment="carriers that are asked for usage: what they bear, and how they answer",
)

pulls = Table(
    "pulls",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("carrier", Text, nullable=False),
    Column("unit", Code, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("day", Date),
    Column("since", Moment),
    Column("until", Moment),
    Column("state", Text, nullable=False),
    Column("wanted", Integer),
    *[
        Column(name, Integer, nullable=False, server_default=NOUGHT)
        for name in ("answered", "strangers", "calls", "rounds")
    ],
    Column("reached", Code, nullable=False, server_default=""),
    Column("pages", Integer, nullable=False, server_default=NOUGHT),
    Column("loads", ARRAY(BigInteger), nullable=False, server_default=text("'{}'")),
    Column("size", BigInteger),
    Column("sha256", Text),
    Column("closes_at", Moment),
    Column("next_at", Moment, nullable=False),
    Column("asked_at", Moment),
    Column("planned_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("error", Text),
    UniqueConstraint("carrier", "kind", "subject"),
    CheckConstraint("kind IN ('day', 'changes', 'file')", name="kind"),
    CheckConstraint("state IN ('open', 'done', 'short', 'lost')", name="state"),
    Index("ix_pulls_open", "carrier", "closes_at", postgresql_where=text("state = 'open'")),
    comment="what is asked of carriers: a day of missing cards, a span of changes, a file",
)
"""``reached``: the last card that the round asked for; ``pages``: its calls; ``loads``: what the pull gave."""

pull_pages = Table(
    "pull_pages",
    metadata,
    Column("pull_id", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("content", Text),
    Column("asked_at", Moment, nullable=False),
    comment="answers that are not in a load yet; of those that are, only the digest",
)
