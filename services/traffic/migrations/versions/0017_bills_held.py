"""Bills that are so unlike what is known that a person must look at them first.

Revision ID: 0017
Revises: 0016
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

UPGRADE = """
ALTER TABLE bills ADD COLUMN reasons jsonb NOT NULL DEFAULT '[]', ADD COLUMN preview jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN decided_by text, ADD COLUMN remark text;
ALTER TABLE bills DROP CONSTRAINT ck_bills_state;
ALTER TABLE bills ADD CONSTRAINT ck_bills_state CHECK (state IN ('waiting', 'held', 'taken', 'replaced', 'dropped'))
"""
DOWNGRADE = """
UPDATE bills SET state = 'replaced' WHERE state IN ('held', 'dropped');
ALTER TABLE bills DROP CONSTRAINT ck_bills_state;
ALTER TABLE bills ADD CONSTRAINT ck_bills_state CHECK (state IN ('waiting', 'taken', 'replaced'));
ALTER TABLE bills DROP COLUMN remark, DROP COLUMN decided_by, DROP COLUMN preview, DROP COLUMN reasons
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DOWNGRADE)
