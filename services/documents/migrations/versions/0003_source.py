"""Who asked for a form: a person, or workflow whose numbers are its own.

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    connection.execute("ALTER TABLE forms ADD COLUMN source text NOT NULL DEFAULT 'person'")
    connection.execute("ALTER TABLE forms ADD CONSTRAINT ck_forms_source CHECK (source IN ('person', 'workflow'))")


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute("ALTER TABLE forms DROP COLUMN source")
