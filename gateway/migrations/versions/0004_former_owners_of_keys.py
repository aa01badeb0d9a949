"""Who may know an API key besides its owner: whoever answered for it before it was passed on.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    comment = "who answered for it before, or for the key that made it: they may know it"
    texts = ARRAY(sa.Text())
    op.add_column(
        "api_keys", sa.Column("former_owners", texts, nullable=False, server_default="{}", comment=comment)
    )
    op.execute(
        """
        UPDATE api_keys SET former_owners = ARRAY[made.by]
        FROM (SELECT prefix, CASE WHEN created_by LIKE 'key:%' THEN nullif(split_part(created_by, '@', 2), '')
                  ELSE created_by END AS by FROM api_keys) AS made
        WHERE made.prefix = api_keys.prefix AND created_by <> 'seed' AND made.by <> api_keys.owner
        """
    )
