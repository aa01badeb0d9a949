"""The small overlay's Pods, run once by `podman kube play`, as part of `./simkeep check images`.

What podman has no word for is put in its place beforehand: the operators' RabbitMQ and PostgreSQL are containers with
the names of their services, Jobs become Pods that end, and references to Secrets are replaced by what
`deploy.kubernetes.secrets` puts there.
"""

from __future__ import annotations

import copy
import json
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from deploy import accounts
from deploy.docker import compose
from deploy.kubernetes import secrets, validate
from deploy.kubernetes.objects import BROKER, DATABASE, SETTINGS, Object
from deploy.kubernetes.render import render
from deploy.local.console import CannotContinueError, step
from deploy.local.credentials import SYSTEM, complete, password
from deploy.processes import READY, RUNNING, Process

if TYPE_CHECKING:
    from deploy.local.images import Containers

NETWORK = "simkeep-small"
OVERLAY = validate.OVERLAYS / "small"
STEP_SECONDS, READY_SECONDS = 180, 240


def run(containers: Containers) -> None:
    """Raises CannotContinueError when a Pod does not end, or is not ready in time."""
    with tempfile.TemporaryDirectory() as folder:
        names = dict.fromkeys(secrets.PASSWORDS, password)
        values = complete(Path(folder) / "whole.env", SYSTEM | names)
        pods = Pods(containers, Path(folder), values)
        try:
            with step("Starting the small overlay's Pods by podman kube play"):
                pods.start_servers()
                for each in _of_kind("steps", "Job"):
                    pods.run_step(each)
                for each in _of_kind("system", "Deployment"):
                    pods.play(each)
            with step("Waiting until every Pod is ready"):
                pods.wait_ready()
        finally:
            with step("Ending the Pods"):
                pods.end()


def _of_kind(layer: str, kind: str) -> Iterator[Object]:
    return (each for each in render(OVERLAY / layer) if each["kind"] == kind)


class Pods:
    def __init__(self, containers: Containers, folder: Path, values: Mapping[str, str]) -> None:
        self._containers = containers
        self._folder = folder
        self._values = values
        self._played: list[Path] = []
        self._settings = next(each["data"] for each in _of_kind("ground", "ConfigMap"))
        self._secrets = {each["metadata"]["name"]: each["stringData"] for each in secrets.secrets(values)}

    def start_servers(self) -> None:
        run = self._containers.run
        run("podman", "network", "create", NETWORK)
        common = ("podman", "run", "-d", "--network", NETWORK)
        settings = [part for name, value in compose.POSTGRES_SETTINGS.items() for part in ("-c", f"{name}={value}")]
        environment = {"USER": "simkeep", "DB": "simkeep", "PASSWORD": self._values["DATABASE_PASSWORD"]}
        options = [part for name, value in environment.items() for part in ("-e", f"POSTGRES_{name}={value}")]
        options += ["-e", "POSTGRES_INITDB_ARGS=--lc-collate=C --lc-ctype=C.UTF-8"]
        run(*common, "--name", f"{DATABASE}-rw", *options, "docker.io/library/postgres:15", "postgres", *settings)
        definitions = self._folder / "definitions.json"
        url = secrets.whole_environment(self._values)["SIMKEEP_AMQP_URL"]
        definitions.write_text(json.dumps(accounts.definitions(url)))
        definitions.chmod(0o644)
        self._folder.chmod(0o755)
        mounts = ["-v", f"{compose.FILE.parent / 'rabbitmq.conf'}:/etc/rabbitmq/conf.d/90-simkeep.conf:ro"]
        mounts += ["-v", f"{definitions}:/etc/rabbitmq/definitions.json:ro"]
        run(*common, "--name", BROKER, *mounts, "docker.io/library/rabbitmq:3.13-management")

    def run_step(self, job: Object) -> None:
        """A Job as a Pod that starts again until it ends well: its servers may still be starting."""
        name = job["metadata"]["name"]
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": job["metadata"]["labels"]}}
        self.play(pod | {"spec": copy.deepcopy(job["spec"]["template"]["spec"])})
        give_up = time.monotonic() + STEP_SECONDS
        while self._state(f"{name}-{name}") != "exited 0":
            if time.monotonic() > give_up:
                raise CannotContinueError(f"The step {name} did not end.\n{self._log(f'{name}-{name}')}")
            time.sleep(1)

    def play(self, each: Object) -> None:
        file = self._folder / f"{each['kind']}-{each['metadata']['name']}.yaml"
        file.write_text(yaml.safe_dump(self._resolved(each)))
        self._played.append(file)
        self._containers.run("podman", "kube", "play", "--network", NETWORK, str(file))

    def _resolved(self, each: Object) -> Object:
        each = copy.deepcopy(each)
        spec = each["spec"]["template"]["spec"] if each["kind"] == "Deployment" else each["spec"]
        for container in spec["containers"]:
            found = [(variable["name"], self._value(variable)) for variable in container["env"]]
            container["env"] = [{"name": name, "value": value} for name, value in found if value is not None]
            # podman opens each port on the host and asks probes by curl, which no image has: wait_ready asks.
            for field in ("ports", "startupProbe", "livenessProbe", "readinessProbe"):
                container.pop(field, None)
        return each

    def _value(self, variable: dict[str, Any]) -> str | None:
        """None: an optional secret that this installation has not."""
        if "value" in variable:
            return str(variable["value"])
        (kind, reference), *_ = variable["valueFrom"].items()
        values = self._settings if reference["name"] == SETTINGS else self._secrets[reference["name"]]
        value: str | None = values.get(reference["key"])
        if value is None and not reference.get("optional"):
            raise CannotContinueError(f"{variable['name']}: {kind} {reference['name']} has no {reference['key']}")
        return value

    def wait_ready(self) -> None:
        give_up = time.monotonic() + READY_SECONDS
        waiting = list(RUNNING)
        while waiting := [process for process in waiting if not self._ready(process)]:
            if time.monotonic() > give_up:
                name = waiting[0].name
                names = ", ".join(process.name for process in waiting)
                raise CannotContinueError(f"Not ready: {names}\n{self._log(self._container(name))}")
            time.sleep(1)

    def _ready(self, process: Process) -> bool:
        code = f"import urllib.request as u; u.urlopen('http://127.0.0.1:{process.port}{READY}', timeout=3)"
        return self._containers.succeeds("podman", "exec", self._container(process.name), "python", "-c", code)

    def _container(self, name: str) -> str:
        """The container of a Deployment's only Pod; versions of podman name it differently."""
        pattern = f"name=^{name}-pod(-0)?-{name}$"
        return self._containers.run("podman", "ps", "-a", "--filter", pattern, "--format", "{{.Names}}").strip()

    def _state(self, container: str) -> str:
        try:
            return self._containers.run(
                "podman", "inspect", container, "--format", "{{.State.Status}} {{.State.ExitCode}}"
            ).strip()
        except CannotContinueError:
            return ""

    def _log(self, container: str) -> str:
        return self._containers.run("podman", "logs", "--tail", "15", container)

    def end(self) -> None:
        for file in reversed(self._played):
            self._containers.succeeds("podman", "kube", "down", str(file))
        self._containers.succeeds("podman", "rm", "-f", "-v", f"{DATABASE}-rw", BROKER)
        self._containers.succeeds("podman", "volume", "rm", "-f", "simkeep-blobs")
        self._containers.succeeds("podman", "network", "rm", "-f", NETWORK)
