"""The life of one service process after ``runner`` has made it green."""

import importlib
import os
import signal
from typing import Any

import eventlet
import eventlet.wsgi
from nameko.containers import ServiceContainer

from kernel.chassis.process import collector, logs
from kernel.chassis.process.health import Health
from kernel.chassis.process.settings import BusSettings, HealthSettings

_TICK_SECONDS = 0.2
_SPARE_WORKERS = 32


def service_class(name: str) -> tuple[str, type]:
    """(package, class) of a service: ``services.<name>.service``, or a dotted package that has such a module."""
    package = name if "." in name else f"services.{name}"
    module = importlib.import_module(f"{package}.service")
    short = package.rpartition(".")[2]
    for candidate in vars(module).values():
        if isinstance(candidate, type) and candidate.__dict__.get("name") == short:
            return package, candidate
    raise RuntimeError(f"{module.__name__} has no service class named {short!r}")


class Process:
    def __init__(self, name: str) -> None:
        package, service = service_class(name)
        self._name: str = service.name  # type: ignore[attr-defined]
        logs.configure(self._name)
        self._log = logs.get(__name__)
        self._settings = BusSettings()
        self._health = Health(self._name, starting=True)
        self._asked_to_stop = False
        self._container: Any = ServiceContainer(
            service,
            {
                "AMQP_URI": self._settings.amqp_url,
                "max_workers": self._settings.rpc_workers + _SPARE_WORKERS,
                "simkeep_health": self._health,
                "simkeep_package": package,
            },
        )

    def run(self) -> int:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        self._serve_health()
        try:
            self._container.start()
            collector.resume()
            self._health.starting = False
            self._log.info("service started", pid=os.getpid())
            while not self._asked_to_stop:
                with eventlet.Timeout(_TICK_SECONDS, False):
                    self._container.wait()
                    break
        except Exception:
            self._log.critical("service died", exc_info=True)
            self._container.kill()
            return 1
        return self._drain() if self._asked_to_stop else 1

    def _on_signal(self, number: int, _frame: Any) -> None:
        self._asked_to_stop = True

    def _drain(self) -> int:
        self._log.info("service draining")
        self._health.draining = True
        try:
            with eventlet.Timeout(self._settings.drain_seconds):
                self._container.stop()
        except eventlet.Timeout:
            self._log.error("draining took too long, cutting off")
            return 1
        self._log.info("service stopped")
        return 0

    def _serve_health(self) -> None:
        settings = HealthSettings()
        port = settings.port(self._name)
        if not port:
            return
        listener = eventlet.listen((settings.health_host, port), reuse_addr=True)
        eventlet.spawn(
            eventlet.wsgi.server,
            listener,
            self._health.application,
            log_output=False,
            max_size=16,
            keepalive=False,
            socket_timeout=10,
        )
