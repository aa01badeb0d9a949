"""The addresses from which a login was good, where a refresh token was used, and an index for failed logins.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "known_addresses",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False, comment="from which the login was good"),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("login", "address", name=op.f("known_addresses_pkey")),
    )
    op.add_column("refresh_tokens", sa.Column("used_from", sa.Text(), nullable=True, comment="address"))
    op.create_index(
        "audit_log_failed_logins_idx",
        "audit_log",
        ["id"],
        unique=False,
        postgresql_where="action = 'auth.login' AND outcome = 'refused'",
    )
