"""Boxes of a batch, and the installation's number in the codes of their labels.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "boxes",
        sa.Column("id", sa.BigInteger, sa.Identity(), primary_key=True),
        sa.Column("delivery_id", sa.BigInteger, sa.ForeignKey("deliveries.id"), nullable=False),
        sa.Column("box_no", sa.Integer, nullable=False),
        sa.Column("first_iccid", sa.Text(collation="C"), nullable=False),
        sa.Column("last_iccid", sa.Text(collation="C"), nullable=False),
        sa.Column("card_count", sa.Integer, nullable=False),
        sa.Column("packed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("packed_by", sa.Text, nullable=False),
        sa.Column("void_at", sa.DateTime(timezone=True), comment="packed anew: its label counts no longer"),
    )
    op.create_index(
        "uq_boxes_number", "boxes", ["delivery_id", "box_no"], unique=True, postgresql_where=sa.text("void_at IS NULL")
    )
    op.create_table(
        "label_system",
        sa.Column("number", sa.SmallInteger, nullable=False),
        sa.CheckConstraint("number BETWEEN 100 AND 999", name="ck_label_system_number"),
        comment="one row, made once: the number by which this installation knows its own labels",
    )
    op.execute("INSERT INTO label_system (number) SELECT 100 + floor(random() * 900)::int")


def downgrade() -> None:
    op.drop_table("label_system")
    op.drop_table("boxes")
