"""Every routing string of the bus. Nothing else spells an exchange, a queue or a header."""

import re
from typing import Any, Literal

RPC_EXCHANGE = "nameko-rpc"

REPLY_PREFIX = "reply."
"""Answers go to ``nameko-rpc`` too, under keys that only their caller's account may bind."""

GATEWAY = "gateway"
"""Name of the gateway as an issuer of actors and as a broker account."""

SERVICES = ("inventory", "workflow", "binding", "traffic", "imei", "documents")

HEADER_ACTOR = "nameko.actor"
HEADER_CORRELATION = "nameko.correlation_id"
HEADER_DEADLINE = "nameko.deadline"
HEADER_COMMAND = "nameko.command_id"
HEADER_LANGUAGE = "nameko.language"

RETRY_DELAYS_SECONDS = (1, 10, 60, 300)
"""A handler that fails is tried again after each of these, then its message is parked."""


def rpc_queue(service: str) -> str:
    """Nameko's own name for the queue of a service's RPC requests."""
    return f"rpc-{service}"


def rpc_routing_key(service: str, method: str) -> str:
    return f"{service}.{method}"


def event_exchange(service: str) -> str:
    """Topic exchange on which a service publishes facts; the routing key is the event's type."""
    return f"{service}.events"


def consumer_queue(consumer: str, source: str) -> str:
    """Queue of the facts of ``source`` that ``consumer`` handles, in order (single active consumer)."""
    return f"{consumer}.from.{source}"


def account(service: str) -> str:
    """Broker account of a service; the broker vouches for it as ``user_id`` of each message."""
    return service


def reply_key(account: str, caller: str) -> str:
    """Routing key of the answers to one caller, who is a process of ``account``."""
    return f"{REPLY_PREFIX}{account}.{caller}"


ACCOUNTS = "[a-z0-9_-]+"
"""Expression for the names of accounts that ask; the broker lets services answer under such keys only."""
CALLERS = "[0-9a-f-]+"
"""Expression for the ids of their processes."""
_REPLY_KEY = re.compile(f"{re.escape(REPLY_PREFIX)}({ACCOUNTS})\\.{CALLERS}")


def is_reply_key(key: str, account: object) -> bool:
    """Whether ``key`` is one of ``account``'s own. The broker closes the channel of who publishes under any other."""
    found = _REPLY_KEY.fullmatch(key)
    return found is not None and found[1] == account


def reply_queue(account: str, caller: str) -> str:
    """Queue of those answers, exclusive to the caller's connection."""
    return f"rpc.reply-{account}-{caller}"


QueueType = Literal["classic", "quorum"]
"""``quorum``: on several nodes of a cluster at once; ``classic``: on one, with less work per message."""

DELIVERY_LIMIT = 20
"""A message of a quorum queue that came back so often, because each time its process died or was stopped, is taken
out: a fact moves on to the queue of dead letters, a request is thrown away."""


def dead_letter_exchange(consumer: str) -> str:
    """Direct exchange of a consumer's facts that were delivered too often; the routing key is the queue's name."""
    return f"{consumer}.dead"


def dead_letter_queue(consumer: str, source: str) -> str:
    """Queue of those facts of ``source``; ``consumer`` parks what comes here."""
    return f"{consumer}.from.{source}.dead"


def request_queue_arguments(kind: QueueType) -> dict[str, Any]:
    """Of ``rpc_queue``. Classic: exactly as Nameko itself declares it."""
    return {"x-queue-type": "quorum", "x-delivery-limit": DELIVERY_LIMIT} if kind == "quorum" else {}


def fact_queue_arguments(kind: QueueType, consumer: str, source: str) -> dict[str, Any]:
    """Of ``consumer_queue``. A message leaves a quorum queue only when the queue of dead letters has it."""
    ordered = {"x-single-active-consumer": True}
    if kind == "classic":
        return ordered
    return ordered | {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": dead_letter_exchange(consumer),
        "x-dead-letter-routing-key": consumer_queue(consumer, source),
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
