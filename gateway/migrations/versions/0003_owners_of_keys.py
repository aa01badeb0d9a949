"""Who answers for an API key: at first whoever made it, and for a key made by a key, whoever made that one.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    comment = "login of who answers for it; null: from the seed"
    op.add_column("api_keys", sa.Column("owner", sa.Text(), nullable=True, comment=comment))
    op.execute("UPDATE api_keys SET owner = created_by WHERE created_by <> 'seed' AND created_by NOT LIKE 'key:%'")
    op.execute(
        """
        UPDATE api_keys SET owner = maker.created_by FROM api_keys AS maker
        WHERE api_keys.created_by = 'key:' || maker.prefix AND maker.created_by <> 'seed'
        """
    )
    op.create_index("api_keys_owner_idx", "api_keys", ["owner"], unique=False)
