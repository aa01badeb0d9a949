"""A card by its last six digits, and an act's changes by the document that it refers to.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_cards_last_six", "cards", [sa.text("right(iccid, 6)")])
    op.create_index("ix_changes_reference", "changes", ["reference_kind", "reference_id"])


def downgrade() -> None:
    op.drop_index("ix_changes_reference", "changes")
    op.drop_index("ix_cards_last_six", "cards")
