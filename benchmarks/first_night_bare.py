"""What `first-night` is measured against: the rows of binding and of inventory, a transaction per batch for both.

Binding's are those of ``readings_bare``; inventory's are the card, its run log, the ledger and the event.
"""

from collections.abc import Sequence

from benchmarks.readings_bare import Row, decide

NEW_CARDS = """
CREATE TEMPORARY TABLE new_cards (iccid text COLLATE "C", unit text COLLATE "C", at timestamptz) ON COMMIT DROP
"""
COPY_CARDS = "COPY new_cards FROM STDIN"
KNOW_CARDS = (
    """
    INSERT INTO inventory.deliveries (carrier, batch_no, application_month, card_spec, owner_unit, state, source,
                                      received_count, stocked_in_count, received_at)
    SELECT 'china_mobile', 'BENCH', '2026-06', 'plug_in', '99', 'stocked_in', 'upload', count(*), count(*), min(at)
    FROM new_cards
    """,
    """
    INSERT INTO inventory.cards (iccid, carrier, card_spec, application_month, delivery_id, owner_unit, issued_to_unit,
                                 state, version, state_since, received_at, stocked_in_at, allocated_at, issued_at,
                                 last_operation_at)
    SELECT iccid, 'china_mobile', 'plug_in', '2026-06', (SELECT id FROM inventory.deliveries), unit, unit,
           'pending_install', 4, at, at, at, at, at, at
    FROM new_cards
    """,
    """
    INSERT INTO binding.cards (iccid, owner_unit, issued_to_unit, carrier, card_spec, state, version, changed_at)
    SELECT iccid, owner_unit, issued_to_unit, carrier, card_spec, state, version, state_since FROM inventory.cards
    """,
    """
    INSERT INTO binding.card_counts (owner_unit, carrier, state, cards)
    SELECT owner_unit, carrier, state, count(*) FROM binding.cards GROUP BY 1, 2, 3
    """,
)
COPY_TERMINALS = "COPY binding.terminals (asset_no, unit, kind, state, reported_at, station) FROM STDIN"
RUNNING = "SELECT coalesce(sum(delta), 0)::int FROM inventory.ledger WHERE action = 'bind' AND state = 'running'"

_CARDS = """
CREATE TEMPORARY TABLE IF NOT EXISTS bound AS
SELECT c.id, c.iccid, c.version, c.state, c.owner_unit, c.card_spec, c.application_month, c.carrier, c.state_since,
       c.stocked_in_at, m.asset_no, m.read_at
FROM inventory.cards AS c JOIN moved AS m USING (iccid) WITH NO DATA
"""
_INVENTORY_SIDE = (
    _CARDS,
    "TRUNCATE bound",
    """
    INSERT INTO bound
    SELECT c.id, c.iccid, c.version, c.state, c.owner_unit, c.card_spec, c.application_month, c.carrier, c.state_since,
           c.stocked_in_at, m.asset_no, m.read_at
    FROM inventory.cards AS c JOIN moved AS m USING (iccid)
    """,
    """
    INSERT INTO inventory.changes (action, at, by, by_name, by_unit, reference_kind, reference_id)
    VALUES ('bind', now(), 'bench', 'bench', '99', 'reading', '')
    """,
    """
    UPDATE inventory.cards AS c
    SET state = 'running', version = c.version + 1, state_since = now(), bound_at = now(), last_operation_at = now(),
        terminal_asset_no = b.asset_no, terminal_read_at = b.read_at, terminal_decision = 1
    FROM bound AS b WHERE c.id = b.id
    """,
    """
    INSERT INTO inventory.run_log (card_id, version, change_id, from_state, to_state, from_unit, to_unit,
                                   terminal_asset_no, reference_id)
    SELECT id, version + 1, (SELECT max(id) FROM inventory.changes), state, 'running', owner_unit, owner_unit, asset_no,
           asset_no || '/1 ' || read_at
    FROM bound
    """,
    """
    INSERT INTO inventory.ledger (day, action, state, since, owner_unit, carrier, card_spec, application_month,
                                  opened_on, delta)
    SELECT current_date, 'bind', side.state, side.since, owner_unit, carrier, card_spec, application_month,
           stocked_in_at::date, sum(side.n)::int
    FROM bound CROSS JOIN LATERAL (
        VALUES (bound.state, bound.state_since::date, -1), ('running', current_date, 1)) AS side (state, since, n)
    GROUP BY 3, 4, 5, 6, 7, 8, 9
    """,
    """
    INSERT INTO inventory.outbox (type, payload)
    SELECT 'cards_bound', json_build_object('unit', owner_unit, 'iccids', array_agg(iccid),
                                            'versions', array_agg(version + 1), 'terminals', array_agg(asset_no))
    FROM bound GROUP BY owner_unit
    """,
)


def bind_all(url: str, rows: Sequence[Row]) -> None:
    """The night for both."""
    decide(url, rows, _INVENTORY_SIDE)
