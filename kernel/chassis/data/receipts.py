"""Commands are remembered: the same command id acts once, whoever repeats it and however often (GTW-01).

Guarantee: while the receipt lives (24 h), a second call with the same id, method, actor and request gets the first
call's answer, and a call with anything else gets ``idempotency_key_reused``. A second call that arrives while the
first still runs waits for it. A refused command leaves no receipt: it may be tried again.
"""

import hashlib

from pydantic import BaseModel

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.errors import DomainError

RECEIPT_LIFE_HOURS = 24

_CLAIM = """
WITH context AS MATERIALIZED (
    SELECT set_config('simkeep.correlation_id', :correlation_id, true), set_config('simkeep.actor', :actor, true)
)
INSERT INTO command_receipts (command_id, method, request_sha256)
SELECT :command_id, :method, :sha256 FROM context
ON CONFLICT (command_id) DO NOTHING
"""
_FIND = "SELECT method, request_sha256, reply::text AS reply FROM command_receipts WHERE command_id = :command_id"
_REMEMBER = "UPDATE command_receipts SET reply = CAST(:reply AS json) WHERE command_id = :command_id"


def fingerprint(request: BaseModel, actor_id: str) -> str:
    """SHA-256 over who asks for what; the same whatever the order of the request's fields was."""
    return hashlib.sha256(actor_id.encode() + b"\0" + request.model_dump_json().encode()).hexdigest()


def claim(tx: Tx, command_id: str, method: str, sha256: str) -> bytes | None:
    """None: go on, the command is ours (and PostgreSQL knows the actor). Bytes: the answer of its first run."""
    parameters = {
        "correlation_id": tx.correlation_id or "",
        "actor": tx.actor_id or "",
        "command_id": command_id,
        "method": method,
        "sha256": sha256,
    }
    if tx.execute(_CLAIM, parameters).rowcount == 1:
        return None
    former = tx.execute(_FIND, {"command_id": command_id}).one_or_none()
    if former is None or former.method != method or former.request_sha256 != sha256 or former.reply is None:
        raise DomainError("idempotency_key_reused")
    return str(former.reply).encode()


def remember(tx: Tx, command_id: str, reply: bytes) -> None:
    """Keeps the answer, in the transaction that did the work."""
    tx.execute(_REMEMBER, {"command_id": command_id, "reply": reply.decode()})
