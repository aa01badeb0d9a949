"""Every routing string of the bus. Nothing else spells an exchange, a queue or a header."""

RPC_EXCHANGE = "nameko-rpc"

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
