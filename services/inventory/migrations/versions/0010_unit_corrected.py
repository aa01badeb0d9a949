"""A running card may come to the unit of its terminal (BND-08).

Revision ID: 0010
Revises: 0009
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UPGRADE = """
ALTER TABLE changes DROP CONSTRAINT ck_changes_action;
ALTER TABLE changes ADD CONSTRAINT ck_changes_action CHECK (action IN (
        'allocate', 'bind', 'correct_unit', 'inspect_again', 'issue', 'mark_pending_scrap', 'mark_unqualified',
        'put_on_form', 'receive', 'redirect_to_scrap', 'redirect_to_stock', 'reopen', 'restore_to_pending_install',
        'restore_to_stock', 'return_to_stock', 'stock_in', 'take_off_form', 'terminate', 'unbind'));
DROP INDEX ix_ledger_border;
CREATE INDEX ix_ledger_border ON ledger (owner_unit, day) WHERE action IN ('receive', 'allocate', 'correct_unit')
"""
# The run log is never deleted: with a card corrected there is no way back.
DOWNGRADE = """
ALTER TABLE changes DROP CONSTRAINT ck_changes_action;
ALTER TABLE changes ADD CONSTRAINT ck_changes_action CHECK (action IN (
        'allocate', 'bind', 'inspect_again', 'issue', 'mark_pending_scrap', 'mark_unqualified', 'put_on_form',
        'receive', 'redirect_to_scrap', 'redirect_to_stock', 'reopen', 'restore_to_pending_install',
        'restore_to_stock', 'return_to_stock', 'stock_in', 'take_off_form', 'terminate', 'unbind'));
DROP INDEX ix_ledger_border;
CREATE INDEX ix_ledger_border ON ledger (owner_unit, day) WHERE action IN ('receive', 'allocate')
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DOWNGRADE)
