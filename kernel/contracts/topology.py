"""Every routing string of the bus. Nothing else spells an exchange, a queue or a header."""

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


def reply_queue(account: str, caller: str) -> str:
    """Queue of those answers, exclusive to the caller's connection."""
    return f"rpc.reply-{account}-{caller}"
