"""Specimens of units' seals, and the prints of impressions that were compared with them.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Code = sa.Text(collation="C")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "seals",
        sa.Column("id", sa.Uuid, primary_key=True, comment="also the id of the job that reads its impressions"),
        sa.Column("sequence", sa.BigInteger, sa.Identity(), nullable=False, unique=True),
        sa.Column("unit", Code, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date, comment="the last day; null: until it is ended"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("problem", sa.Text, comment="code of the catalogue"),
        sa.Column("problem_params", postgresql.JSONB),
        sa.Column("upload", postgresql.JSONB, nullable=False, comment="BlobRef"),
        sa.Column("pictures", sa.JSON, nullable=False, server_default=sa.text("'[]'"), comment="BlobRefs"),
        sa.Column("specimen", postgresql.JSONB, comment="BlobRef of what scans are compared with"),
        sa.Column("registered_by", sa.Text, nullable=False),
        sa.Column("registered_by_name", sa.Text, nullable=False),
        sa.Column("registered_at", Moment, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_by_name", sa.Text),
        sa.Column("decided_at", Moment),
        sa.Column("remark", sa.Text),
        sa.Column("ended_by", sa.Text),
        sa.Column("ended_by_name", sa.Text),
        sa.Column("ended_at", Moment),
        sa.Column("end_reason", sa.Text),
        sa.CheckConstraint("state IN ('reading', 'unusable', 'to_confirm', 'confirmed', 'rejected')", name="state"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from - 1", name="days"),
        sa.CheckConstraint("(state IN ('confirmed', 'rejected')) = (decided_by IS NOT NULL)", name="decided"),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> registered_by", name="second_person"),
        sa.CheckConstraint("state NOT IN ('to_confirm', 'confirmed') OR specimen IS NOT NULL", name="readable"),
    )
    op.create_index("ix_seals_unit", "seals", ["unit", "sequence"])
    op.create_index("ix_seals_reading", "seals", ["id"], postgresql_where=sa.text("state = 'reading'"))
    op.create_table(
        "seal_prints",
        sa.Column("scan_id", sa.Uuid, sa.ForeignKey("scans.id"), primary_key=True),
        sa.Column("seal_id", sa.Uuid, sa.ForeignKey("seals.id"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, comment="which of the scan's seals, from 0"),
        sa.Column("print", sa.LargeBinary, nullable=False, comment="services.documents.impressions.reuse"),
        sa.Column("kept_at", Moment, nullable=False),
    )
    op.create_index("ix_seal_prints_seal", "seal_prints", ["seal_id", "kept_at"])
    op.add_column("scans", sa.Column("comparison", sa.JSON, comment="the seals against the unit's specimens"))


def downgrade() -> None:
    op.drop_column("scans", "comparison")
    op.drop_table("seal_prints")
    op.drop_table("seals")
