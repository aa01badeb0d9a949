"""A terminated card whose case is opened again is terminating once more (TER-08).

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UPGRADE = """
ALTER TABLE changes DROP CONSTRAINT ck_changes_action;
ALTER TABLE changes ADD CONSTRAINT ck_changes_action CHECK (action IN (
        'allocate', 'bind', 'inspect_again', 'issue', 'mark_pending_scrap', 'mark_unqualified', 'put_on_form',
        'receive', 'redirect_to_scrap', 'redirect_to_stock', 'reopen', 'restore_to_pending_install',
        'restore_to_stock', 'return_to_stock', 'stock_in', 'take_off_form', 'terminate', 'unbind'))
"""
# The run log is never deleted: with a card reopened there is no way back.
DOWNGRADE = """
ALTER TABLE changes DROP CONSTRAINT ck_changes_action;
ALTER TABLE changes ADD CONSTRAINT ck_changes_action CHECK (action IN (
        'allocate', 'bind', 'inspect_again', 'issue', 'mark_pending_scrap', 'mark_unqualified', 'put_on_form',
        'receive', 'redirect_to_scrap', 'redirect_to_stock', 'restore_to_pending_install', 'restore_to_stock',
        'return_to_stock', 'stock_in', 'take_off_form', 'terminate', 'unbind'))
"""


def upgrade() -> None:
    op.get_bind().connection.driver_connection.execute(UPGRADE)


def downgrade() -> None:
    op.get_bind().connection.driver_connection.execute(DOWNGRADE)
