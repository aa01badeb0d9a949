"""Structured logs: one JSON object per line, with the correlation id of the click that caused the work.

The id travels in a context variable; every greenlet and thread has its own context, so requests never mix.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import structlog

from kernel.chassis.process.settings import LogSettings

get = structlog.stdlib.get_logger

_QUIET = {
    "nameko": logging.ERROR,  # it would log every refusal with a traceback; rpc_server logs what matters
    "amqp": logging.WARNING,
    "kombu": logging.WARNING,
    "botocore": logging.WARNING,
    "urllib3": logging.WARNING,
    "httpx": logging.WARNING,
}


def _dumps(record: Any, **_: Any) -> str:
    return orjson.dumps(record, default=str).decode()


def configure(service: str, settings: LogSettings | None = None) -> None:
    """Sends all logging of this process to stderr in one format; ``service`` stands in every line."""
    settings = settings or LogSettings()
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.PositionalArgumentsFormatter(),
    ]
    renderer: list[Any] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]  # locals hold secrets
        if settings.log_format == "console"
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(serializer=_dumps)]
    )

    def name_service(_: Any, __: str, event: Any) -> Any:
        event["service"] = service
        return event

    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[name_service, structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)


@contextmanager
def context(**values: Any) -> Iterator[None]:
    """Puts ``values`` (correlation_id, method, job ...) into every log line written inside the block."""
    tokens = structlog.contextvars.bind_contextvars(**values)
    try:
        yield
    finally:
        structlog.contextvars.reset_contextvars(**tokens)
