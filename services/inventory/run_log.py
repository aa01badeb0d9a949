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
       run_log.terminal_asset_no
FROM run_log JOIN changes ON changes.id = run_log.change_id
WHERE run_log.card_id = :card_id ORDER BY run_log.version
"""


def get_run_log(tx: Tx, request: GetRunLog, *, by: Actor) -> RunLog:
    """All changes of a card of the actor's subtree, oldest first. Raises card_not_found."""
    iccid = normalise(request.iccid).replace("\x00", "")
    card = tx.execute(_CARD, {"iccid": iccid, "forms": spellings(iccid), **scope_params(by)}).one_or_none()
    if card is None:
        raise DomainError("card_not_found", iccid=request.iccid)
    entries = tx.execute(_ENTRIES, {"card_id": card.id}).mappings()
    return RunLog(iccid=card.iccid, items=[RunLogEntry.model_validate(dict(entry)) for entry in entries])
