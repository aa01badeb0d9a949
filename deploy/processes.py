"""What the system runs: one table for `./simkeep up`, the Compose file and the Kubernetes manifests.

Who may know which secret stands in `deploy.accounts`, by the same names. What a process may be told at all follows
from the settings classes of the code that it runs, so a variable that nobody reads is found by a test.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pydantic_settings import BaseSettings

from deploy import accounts
from kernel.contracts import topology

HTTP_PORT = 8080
HEALTH_PORT = 9100
"""Inside a container, where every process has its own address; on one machine each gets a free port."""
READY, LIVE = "/health/ready", "/health/live"

Kind = Literal["gateway", "service", "jobs", "step"]
Image = Literal["core", "documents"]


@dataclass(frozen=True)
class Process:
    """`argument`: what follows `python -m MODULE`. A step ends by itself and must have, before the others start."""

    name: str
    kind: Kind
    module: str
    argument: str | None
    image: Image
    service: str
    """Whose code it runs and whose database schema it uses."""

    @property
    def command(self) -> tuple[str, ...]:
        """After the interpreter."""
        return ("-m", self.module, *([self.argument] if self.argument else []))

    @property
    def port(self) -> int | None:
        return {"gateway": HTTP_PORT, "step": None}.get(self.kind, HEALTH_PORT)

    @property
    def port_variable(self) -> str:
        """The setting that says on which port it answers."""
        middle = {"service": f"{self.service.upper()}_HEALTH", "jobs": f"{self.service.upper()}_WORKER_HEALTH"}
        return f"SIMKEEP_{middle.get(self.kind, 'HTTP')}_PORT"


def _of_service(service: str) -> tuple[Process, Process]:
    image: Image = "documents" if service == "documents" else "core"
    return (
        Process(service, "service", "kernel.chassis.process.runner", service, image, service),
        Process(f"{service}-jobs", "jobs", "kernel.chassis.jobs.worker", service, image, service),
    )


SERVICE_PROCESSES = tuple(process for service in topology.SERVICES for process in _of_service(service))
GATEWAY = Process("gateway", "gateway", "gateway", None, "core", "gateway")
RUNNING = (*SERVICE_PROCESSES, GATEWAY)
"""In the order of their start."""
MIGRATE = Process("migrate", "step", "deploy.migrate", None, "core", "migrate")
DECLARE = Process("declare", "step", "kernel.chassis.bus.declare", None, "documents", "declare")
BUCKET = Process("bucket", "step", "deploy.bucket", None, "core", "bucket")
STEPS = (MIGRATE, DECLARE, BUCKET)
"""Before a roll-out. Declaring reads every service's handlers, so it needs the image that can import them all."""

_CHASSIS = "kernel.chassis.process.settings"
_CLASSES: dict[Kind, tuple[str, ...]] = {
    "gateway": ("Database", "Bus", "Identity", "Blob", "Log", "Clock"),
    "service": ("Database", "Bus", "Identity", "Blob", "Health", "Log", "Clock"),
    "jobs": ("Database", "Bus", "Blob", "Health", "Log", "Clock", "Job"),
    "step": ("Database", "Bus", "Blob", "Log"),
}
_READ_DIRECTLY = {
    "inventory": {"SIMKEEP_CARRIERS"},
    "traffic": {"SIMKEEP_CARRIERS"},
    "binding": {"SIMKEEP_CARRIERS"},
    "imei": {"SIMKEEP_NATIONAL_LISTS"},
    "documents": {"SIMKEEP_FORM_FONT", "SIMKEEP_VERIFY_THREADS"},
    "declare": {"SIMKEEP_WORKFLOW_WEBHOOK_URL", "SIMKEEP_WORKFLOW_WEBHOOK_SECRET"},
}
"""Settings that no class holds, or that another service's code reads in a step."""
STORE_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
"""boto3's own names for the account at the blob store."""
OPTIONAL_SECRETS = {
    "SIMKEEP_CARRIERS", "SIMKEEP_NATIONAL_LISTS", "SIMKEEP_WORKFLOW_WEBHOOK_URL", "SIMKEEP_WORKFLOW_WEBHOOK_SECRET",
}  # fmt: skip


@cache
def settings_classes(process: Process) -> tuple[type[BaseSettings], ...]:
    """Of the chassis what its kind reads, and everything of its own service."""
    chassis = importlib.import_module(_CHASSIS)
    found = [getattr(chassis, f"{name}Settings") for name in _CLASSES[process.kind]]
    for module in _settings_modules(process):
        members = vars(importlib.import_module(module)).values()
        found += [m for m in members if inspect.isclass(m) and issubclass(m, BaseSettings) and m.__module__ == module]
    return tuple(found)


def _settings_modules(process: Process) -> list[str]:
    if process.kind == "step":
        return []
    if process.kind == "gateway":
        return ["gateway.settings"]
    package = importlib.import_module(f"services.{process.service}")
    modules = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    return [found.name for found in modules if found.name.endswith(".settings")]


def known_variables(process: Process) -> frozenset[str]:
    """All that the code of this process reads from its environment."""
    fields = {
        f"{settings.model_config.get('env_prefix', '')}{name}".upper()
        for settings in settings_classes(process)
        for name in settings.model_fields
    }
    own = {process.port_variable} if process.port else set()
    if process.kind != "step":
        own |= {f"SIMKEEP_{process.service.upper()}_DATABASE_URL"}
    if _uses_store(process):
        own |= set(STORE_KEYS)
    return frozenset(fields | own | _READ_DIRECTLY.get(process.service, set()))


def secret_variables(process: Process) -> tuple[str, ...]:
    """What it is told as secrets, by `deploy.accounts`; the blob store's account besides."""
    url = "scheme://a:b@c/d"
    whole = {"SIMKEEP_AMQP_URL": url, "SIMKEEP_DATABASE_URL": url, "SIMKEEP_CALL_SECRET": "secret"}
    found: list[str] = []
    if process.name in accounts.PROCESSES:
        whole |= dict.fromkeys(accounts.PROCESSES[process.name].secrets, "secret")
        found = [name for name in accounts.environment(process.name, whole) if accounts.is_secret(name)]
    return tuple(sorted([*found, *(STORE_KEYS if _uses_store(process) else ())]))


def _uses_store(process: Process) -> bool:
    return process.kind != "step" or process is BUCKET


def needed_variables(process: Process) -> frozenset[str]:
    """Without one of these it does not start, or cannot do its work."""
    needed = {name for name in secret_variables(process) if name not in OPTIONAL_SECRETS}
    if process.kind != "step":
        needed |= {process.port_variable}
    if _uses_store(process):
        needed |= {"SIMKEEP_BLOB_URL"}
    return frozenset(needed)
