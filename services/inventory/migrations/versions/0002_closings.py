"""The ledger's closings and ages, its day of opening, and card indexes that begin with the unit.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Every question about the present stock needs the whole ledger, or its sums at the end of some day and the few rows
# since. Nothing reads the ledger by state any more, so that index goes.
BOOKS = """
ALTER TABLE ledger ADD COLUMN opened_on date;
COMMENT ON COLUMN ledger.opened_on IS 'business day on which these cards were stocked in; null: not yet';
DROP INDEX ix_ledger_state_unit;
CREATE INDEX ix_ledger_border ON ledger (owner_unit, day) WHERE action IN ('receive', 'allocate');

CREATE TABLE closings (
    day date NOT NULL,
    state text NOT NULL,
    owner_unit text COLLATE "C" NOT NULL,
    carrier text NOT NULL,
    card_spec text NOT NULL,
    application_month varchar(7) NOT NULL,
    opened_on date,
    cards integer NOT NULL
);
CREATE INDEX ix_closings_day_unit ON closings (day, owner_unit);
COMMENT ON TABLE closings IS
    'sums of the ledger up to the end of some days, so that a question adds up a few days instead of all';
COMMENT ON COLUMN closings.day IS 'business day at whose end these cards stood here';

CREATE TABLE ages (
    day date NOT NULL,
    state text NOT NULL,
    since date NOT NULL,
    owner_unit text COLLATE "C" NOT NULL,
    carrier text NOT NULL,
    card_spec text NOT NULL,
    application_month varchar(7) NOT NULL,
    cards integer NOT NULL
);
CREATE INDEX ix_ages_state_unit ON ages (state, owner_unit, since);
CREATE INDEX ix_ages_since ON ages (since);
COMMENT ON TABLE ages IS 'sums of the ledger up to the end of the last closed day, by the day of entering the state';
COMMENT ON COLUMN ages.day IS 'the last closed business day, the same in all rows'
"""

# A page asks for one or a few units: with the unit before the time, filter and order come from one index.
CARDS = """
DROP INDEX ix_cards_stocked_in;
DROP INDEX ix_cards_state_since;
CREATE INDEX ix_cards_stocked_in ON cards (owner_unit, stocked_in_at, iccid);
CREATE INDEX ix_cards_state_since ON cards (state, owner_unit, state_since, iccid);
CREATE INDEX ix_cards_issued_to ON cards (issued_to_unit, owner_unit, iccid) WHERE issued_to_unit IS NOT NULL
"""


def upgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    for part in (BOOKS, CARDS):
        connection.execute(part)


def downgrade() -> None:
    connection = op.get_bind().connection.driver_connection
    connection.execute("DROP TABLE ages, closings")
    connection.execute("DROP INDEX ix_ledger_border")
    connection.execute("ALTER TABLE ledger DROP COLUMN opened_on")
    connection.execute("CREATE INDEX ix_ledger_state_unit ON ledger (state, owner_unit)")
    connection.execute("DROP INDEX ix_cards_stocked_in, ix_cards_state_since, ix_cards_issued_to")
    connection.execute(
        "CREATE INDEX ix_cards_stocked_in ON cards (stocked_in_at, iccid) WHERE stocked_in_at IS NOT NULL"
    )
    connection.execute("CREATE INDEX ix_cards_state_since ON cards (state, state_since, iccid)")
