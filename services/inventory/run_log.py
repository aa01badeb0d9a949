"""运行日志: everything that ever happened to one card (INV-05)."""


from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.inventory.cards import GetRunLog, RunLog, RunLogEntry
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from kernel.model.iccid import normalise, spellings
from services.inventory.bulk import SCOPE, scope_params

_CARD = f"""
SELECT id, iccid FROM cards WHERE iccid = ANY(CAST(:forms AS text[])) AND {SCOPE}
ORDER BY iccid <> :iccid, iccid LIMIT 1
"""
_ENTRIES = """
SELECT run_log.version, changes.at, changes.action, from_state, to_state, from_unit, to_unit,
       changes.by, changes.by_name, changes.by_unit, coalesce(run_log.reason, changes.reason) AS reason,
       changes.reference_kind, coalesce(run_log.reference_id, changes.reference_id) AS reference_id,
       run_log.terminal_asset_no,
       CASE changes.reference_kind
           WHEN 'delivery' THEN (SELECT batch_no FROM deliveries WHERE id = changes.reference_id::bigint)
           WHEN 'allocation' THEN
               (SELECT start_iccid || ' - ' || end_iccid FROM allocations WHERE id = changes.reference_id::bigint)
           WHEN 'requisition' THEN
               (SELECT recipient || ' ' || phone FROM requisitions WHERE id = changes.reference_id::bigint)
       END AS reference_name
FROM run_log JOIN changes ON changes.id = run_log.change_id
WHERE run_log.card_id = :card_id ORDER BY run_log.version
"""
_FOUND_GOOD = """
SELECT before.version, recorded_at AS at, 'inspect' AS action, before.to_state AS from_state, before.to_state,
       before.to_unit AS from_unit, before.to_unit, recorded_by AS by, recorded_by AS by_name,
       before.to_unit AS by_unit,
       remark AS reason, 'inspection' AS reference_kind, inspections.id::text AS reference_id,
       NULL::text AS terminal_asset_no
FROM cards
JOIN inspections ON inspections.delivery_id = cards.delivery_id AND result = 'qualified'
     AND (iccids IS NULL OR cards.iccid = ANY(iccids))
JOIN LATERAL (
    SELECT run_log.version, to_state, to_unit FROM run_log JOIN changes ON changes.id = run_log.change_id
    WHERE run_log.card_id = cards.id AND changes.at <= recorded_at ORDER BY run_log.version DESC LIMIT 1
) AS before ON before.to_state = 'received'
WHERE cards.id = :card_id ORDER BY recorded_at
"""


def get_run_log(tx: Tx, request: GetRunLog, *, by: Actor) -> RunLog:
    """All changes of a card of the actor's subtree and the inspections that passed it, oldest first.

    Raises card_not_found. An inspection that passes a card changes nothing of it: it bears the version that it saw.
    """
    iccid = normalise(request.iccid).replace("\x00", "")
    card = tx.execute(_CARD, {"iccid": iccid, "forms": spellings(iccid), **scope_params(by)}).one_or_none()
    if card is None:
        raise DomainError("card_not_found", iccid=request.iccid)
    params = {"card_id": card.id}
    lines = [*tx.execute(_ENTRIES, params).mappings(), *tx.execute(_FOUND_GOOD, params).mappings()]
    items = [RunLogEntry.model_validate(dict(line)) for line in lines]
    return RunLog(iccid=card.iccid, items=sorted(items, key=lambda item: (item.version, item.at)))
