"""Tables of documents. Migrations create them; ``alembic check`` proves that both say the same."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from kernel.chassis.data.tables import chassis_tables, service_metadata

metadata = service_metadata()
chassis = chassis_tables(metadata)

Code = Text(collation="C")
Moment = DateTime(timezone=True)

FORM_STATES = ("issuing", "issued", "failed")
SOURCES = ("person", "workflow")
VERDICTS = ("passed", "differs", "unclear", "refused")
SEAL_STATES = ("reading", "unusable", "to_confirm", "confirmed", "rejected")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


forms = Table(
    "forms",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("number", Code, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("unit", Code, nullable=False),
    Column("source", Text, nullable=False, server_default=text("'person'")),
    Column("content", JSON, nullable=False, comment="as it was validated; its canonical JSON has the digest"),
    Column("digest", Text, nullable=False, comment="SHA-256 of the canonical content, hex; printed on every page"),
    Column("check_code", Code, nullable=False, comment="the printed check line without its page"),
    Column("state", Text, nullable=False),
    Column("job_id", Uuid, nullable=False),
    Column("public_key", Text, comment="raw Ed25519 key, hex, that proves the page codes; keys may change, forms not"),
    Column("pdf", JSONB, comment="BlobRef"),
    Column("pages", Integer),
    Column("created_at", Moment, nullable=False, server_default=func.now()),
    Column("issued_at", Moment),
    Column("issued_by", Text, nullable=False),
    Column("issued_by_name", Text, nullable=False),
    Column("superseded_at", Moment, comment="when a higher revision of the number was issued"),
    UniqueConstraint("number", "revision"),
    CheckConstraint(_one_of("state", FORM_STATES), name="state"),
    CheckConstraint(_one_of("source", SOURCES), name="source"),
    CheckConstraint("(state = 'issued') = (pdf IS NOT NULL)", name="issued_has_pdf"),
    Index("ix_forms_unit", "unit", "id"),
    Index("ix_forms_check_code", "check_code"),
    Index("ix_forms_issuing", "job_id", postgresql_where=text("state = 'issuing'")),
)

scans = Table(
    "scans",
    metadata,
    Column("id", Uuid, primary_key=True, comment="also the id of the job that judges it"),
    Column("sequence", BigInteger, Identity(), nullable=False, unique=True),
    Column("number", Code, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("unit", Code, nullable=False),
    Column("attempt_id", Uuid, comment="workflow's attempt; null: uploaded for verification only"),
    Column("upload", JSONB, nullable=False, comment="BlobRef"),
    Column("uploaded_by", Text, nullable=False),
    Column("uploaded_by_name", Text, nullable=False),
    Column("uploader_unit", Code, nullable=False),
    Column("uploaded_at", Moment, nullable=False),
    Column("verdict", Text, comment="the program's; null: not judged yet"),
    Column("findings", JSON, nullable=False, server_default=text("'[]'")),
    Column("findings_count", Integer, nullable=False, server_default=text("0")),
    Column("pages", JSON, nullable=False, server_default=text("'[]'"), comment="pictures of the upload's pages"),
    Column("seals", Integer, nullable=False, server_default=text("0")),
    Column("judged_at", Moment),
    Column("comparison", JSON, comment="the seals against the unit's specimens"),
    Column("decision", Text, comment="a second person's, on an unclear scan"),
    Column("decided_by", Text),
    Column("decided_by_name", Text),
    Column("decided_at", Moment),
    Column("remark", Text),
    CheckConstraint(_one_of("verdict", VERDICTS), name="verdict"),
    CheckConstraint("decision IN ('passed', 'differs')", name="decision"),
    CheckConstraint("decision IS NULL OR (verdict = 'unclear' AND decided_by <> uploaded_by)", name="second_person"),
    CheckConstraint("(verdict IS NULL) = (judged_at IS NULL)", name="judged"),
    Index("ix_scans_unit", "unit", "sequence"),
    Index("ix_scans_number", "number", "sequence"),
    Index("ix_scans_judged", "judged_at"),
    Index("ix_scans_waiting", "id", postgresql_where=text("verdict IS NULL")),
)

seals = Table(
    "seals",
    metadata,
    Column("id", Uuid, primary_key=True, comment="also the id of the job that reads its impressions"),
    Column("sequence", BigInteger, Identity(), nullable=False, unique=True),
    Column("unit", Code, nullable=False),
    Column("name", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, comment="the last day; null: until it is ended"),
    Column("state", Text, nullable=False),
    Column("problem", Text, comment="code of the catalogue"),
    Column("problem_params", JSONB),
    Column("upload", JSONB, nullable=False, comment="BlobRef"),
    Column("pictures", JSON, nullable=False, server_default=text("'[]'"), comment="BlobRefs"),
    Column("specimen", JSONB, comment="BlobRef of what scans are compared with"),
    Column("registered_by", Text, nullable=False),
    Column("registered_by_name", Text, nullable=False),
    Column("registered_at", Moment, nullable=False),
    Column("decided_by", Text),
    Column("decided_by_name", Text),
    Column("decided_at", Moment),
    Column("remark", Text),
    Column("ended_by", Text),
    Column("ended_by_name", Text),
    Column("ended_at", Moment),
    Column("end_reason", Text),
    CheckConstraint(_one_of("state", SEAL_STATES), name="state"),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from - 1", name="days"),
    CheckConstraint("(state IN ('confirmed', 'rejected')) = (decided_by IS NOT NULL)", name="decided"),
    CheckConstraint("decided_by IS NULL OR decided_by <> registered_by", name="second_person"),
    CheckConstraint("state NOT IN ('to_confirm', 'confirmed') OR specimen IS NOT NULL", name="readable"),
    Index("ix_seals_unit", "unit", "sequence"),
    Index("ix_seals_reading", "id", postgresql_where=text("state = 'reading'")),
)

seal_prints = Table(
    "seal_prints",
    metadata,
    Column("scan_id", Uuid, ForeignKey("scans.id"), primary_key=True),
    Column("seal_id", Uuid, ForeignKey("seals.id"), primary_key=True),
    Column("place", Integer, primary_key=True, comment="which of the scan's seals, from 0"),
    Column("print", LargeBinary, nullable=False, comment="services.documents.impressions.reuse"),
    Column("kept_at", Moment, nullable=False),
    Index("ix_seal_prints_seal", "seal_id", "kept_at"),
)
