"""``/health/live``, ``/health/ready`` and ``/metrics`` of one process, as a WSGI application.

Live: the process answers at all. Ready: every part that was registered says that it works. A process that lost its
relay or a consumer is not ready, and says which part it is.
"""

from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import Engine, text

Check = Callable[[], str | None]


class Health:
    """The parts of a process and whether they work.

    ``starting``: set it while parts are still to be registered. Without it a process would be ready that knows of no
    part yet: what is sent to it then reaches no queue and is lost.
    """

    def __init__(self, service: str, *, starting: bool = False) -> None:
        self.service = service
        self.started = monotonic()
        self.starting = starting
        self.draining = False
        self._checks: dict[str, Check] = {}

    def register(self, part: str, check: Check) -> None:
        """``check`` returns None when the part works, else what is wrong; it must be quick."""
        self._checks[part] = check

    def problems(self) -> dict[str, str]:
        """Parts that do not work."""
        found = {"process": "is shutting down"} if self.draining else {}
        if self.starting:
            found["process"] = "is starting"
        for part, check in self._checks.items():
            problem = check()
            if problem:
                found[part] = problem
        return found

    def application(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """WSGI."""
        path = environ.get("PATH_INFO", "")
        if path == "/metrics":
            return _respond(start_response, "200 OK", generate_latest(), CONTENT_TYPE_LATEST)
        if path == "/health/live":
            body = {"service": self.service, "status": "alive", "uptime_seconds": int(monotonic() - self.started)}
            return _respond(start_response, "200 OK", orjson.dumps(body))
        if path == "/health/ready":
            problems = self.problems()
            body = {"service": self.service, "status": "not ready" if problems else "ready", "problems": problems}
            status = "503 Service Unavailable" if problems else "200 OK"
            return _respond(start_response, status, orjson.dumps(body))
        return _respond(start_response, "404 Not Found", b"{}")


def _respond(start: Callable[..., Any], status: str, body: bytes, kind: str = "application/json") -> list[bytes]:
    start(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]


def database_check(engine: Engine, *others: Engine, remember_seconds: float = 2.0) -> Check:
    """A check that asks the database, at most every ``remember_seconds``.

    ``others`` are asked until they answered once: a process is not ready before each engine has made its first
    connection, which costs SQLAlchemy several questions.
    """
    last: tuple[float, str | None] = (0.0, None)
    cold = list(others)

    def check() -> str | None:
        nonlocal last
        if monotonic() - last[0] > remember_seconds:
            problem = _ask(engine)
            while cold and problem is None:
                problem = _ask(cold[-1])
                if problem is None:
                    cold.pop()
            last = (monotonic(), problem)
        return last[1]

    return check


def _ask(engine: Engine) -> str | None:
    for attempt in (1, 2):  # the first may meet a connection that died with the former server
        try:
            with engine.connect() as connection:
                connection.execute(text("SELECT 1"))
            return None
        except Exception as error:
            if attempt == 2:
                return f"database: {type(error).__name__}"
    return None
