"""`./simkeep check images`: builds the images, looks into them, and runs the Compose file from them.

Slow, so no part of the daily suite. No registry and no Docker engine are needed: debootstrap makes the base, buildah
builds on it in a chroot, podman runs the result, and images made from Debian's packages stand in for the public ones
of the Compose file (deploy/docker/standins). Needs root, and `podman-compose` of requirements-dev.txt.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from deploy.docker import compose, make_env
from deploy.local import image_issuers, image_measures, image_tests, packages, province, small_overlay
from deploy.local.console import CannotContinueError, say, step
from deploy.local.credentials import DEMO, complete
from deploy.local.ports import Ports
from deploy.local.processes import answers_ok
from deploy.local.stack import CHECKOUT
from deploy.processes import HTTP_PORT, READY, RUNNING, STEPS

BASE = "localhost/simkeep-base:bookworm"
LIMITS_MB = {"core": 180, "documents": 330}
"""How much an image may be larger than Debian with Python, its stage `python`."""
STANDINS = {
    "postgres": "docker.io/library/postgres:15",
    "rabbitmq": "docker.io/library/rabbitmq:3.13-management",
    "store": "docker.io/minio/minio:latest",
    "haproxy": "docker.io/library/haproxy:3.0",
    "prometheus": "docker.io/prom/prometheus:v3.1.0",
}
DOCKER = CHECKOUT / "deploy/docker"
AUTHORITIES = Path("/usr/local/share/ca-certificates")
"""A machine's own certificate authorities: believed while building, for the package index may stand behind one."""
DOORS = {"simkeep_edge_1": f"{HTTP_PORT}{READY}", "simkeep_prometheus_1": "9090/-/ready"}
"""What answers for the containers that the images are not for."""
READY_SECONDS, STEP_SECONDS = 300, 120
LOOK = """
import importlib.util, os, pathlib, shutil, sys
found = [name for name in ("pip", "setuptools", "pytest", "mypy") if importlib.util.find_spec(name)]
found += [tool for tool in ("gcc", "cc", "make", "node", "npm") if shutil.which(tool)]
found += [str(path) for path in pathlib.Path("/opt/simkeep/app").rglob("test*") if path.is_dir()]
found += ["runs as root"] if os.getuid() == 0 else []
try:
    pathlib.Path("/opt/simkeep/app/written").touch()
    found.append("its own code can be written")
except OSError:
    pass
sys.exit(", ".join(found) or 0)
"""


def _tool(package: str, tool: str, purpose: str) -> packages.Need:
    return packages.Need(package, purpose, lambda: shutil.which(tool) is not None or Path(tool).exists())


NEEDS = (
    _tool("debootstrap", "debootstrap", "the base of the images"),
    _tool("buildah", "buildah", "building images"),
    _tool("podman", "podman", "running containers"),
    _tool("runc", "runc", "running containers"),
    _tool("catatonit", "/usr/libexec/podman/catatonit", "the first process of containers"),
    _tool("iptables", "iptables", "the containers' network"),
    _tool("netavark", "/usr/lib/podman/netavark", "the containers' network"),
    _tool("aardvark-dns", "/usr/lib/podman/aardvark-dns", "names in the containers' network"),
)
CONFIGURATION = """
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[network]
network_backend = "netavark"
"""


class Containers:
    """podman, buildah and podman-compose with settings of our own; the machine's stay as they are."""

    def __init__(self, folder: Path) -> None:
        configuration = folder / "containers.conf"
        configuration.write_text(CONFIGURATION)
        self.env = {**os.environ, "CONTAINERS_CONF": str(configuration), "BUILDAH_ISOLATION": "chroot"}
        ports = Ports(folder / "ports.json")
        names = {"http": "SIMKEEP_HTTP_PORT", "prometheus": "SIMKEEP_PROMETHEUS_PORT"}
        self.env |= {variable: str(ports.claim(name)) for name, variable in names.items()}

    def run(self, *command: str, cwd: Path = CHECKOUT) -> str:
        """Its output. Raises CannotContinueError with the end of what it said when it fails."""
        done = subprocess.run(command, cwd=cwd, env=self.env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            said = (done.stdout + done.stderr).splitlines()[-25:]
            raise CannotContinueError("\n".join([f"{' '.join(command[:4])} ... failed", *said]))
        return done.stdout

    def succeeds(self, *command: str) -> bool:
        return subprocess.run(command, env=self.env, capture_output=True, check=False).returncode == 0

    def build(self, file: Path, target: str, tag: str, context: Path, *options: str) -> None:
        authorities = ("-v", f"{AUTHORITIES}:{AUTHORITIES}:ro") if AUTHORITIES.is_dir() else ()
        common = ("--layers", "--pull-never", "--network", "host", *authorities, "--build-arg", f"BASE={BASE}")
        self.run("buildah", "bud", *common, *options, "-f", str(file), "--target", target, "-t", tag, str(context))

    def megabytes(self, image: str) -> int:
        return round(int(self.run("podman", "image", "inspect", image, "--format", "{{.Size}}")) / 1e6)

    def address(self, container: str) -> str:
        """In the containers' network: the host reaches it, also where it cannot forward a port of its own."""
        format_ = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
        return self.run("podman", "inspect", container, "--format", format_).strip()

    def compose(self, *arguments: str) -> str:
        tool = str(Path(sys.executable).parent / "podman-compose")
        return self.run(tool, "-f", str(compose.FILE), *arguments, cwd=DOCKER)


def check() -> int:
    """0 when the images are small and clean, documents' tests pass in theirs, every process became ready both as a Pod
    and from the Compose file, a card's life went its way, and issuers and passwords change as the pages say."""
    if os.geteuid() != 0:
        raise CannotContinueError("Containers are built and run by root here. Run it with sudo.")
    packages.ensure(*NEEDS)
    with tempfile.TemporaryDirectory() as folder:
        containers = Containers(Path(folder))
        build(containers)
        look_into(containers)
        small_overlay.run(containers)
        failed = run_compose(containers)
        image_tests.run(containers)  # the longest
        return failed


def build(containers: Containers) -> None:
    if not containers.succeeds("podman", "image", "exists", BASE):
        with step("Making the base with debootstrap"), tempfile.TemporaryDirectory() as folder:
            containers.run("debootstrap", "--variant=minbase", "bookworm", folder)
            shutil.rmtree(Path(folder) / "var/cache/apt/archives", ignore_errors=True)
            shutil.rmtree(Path(folder) / "var/lib/apt/lists", ignore_errors=True)
            archive = Path(folder).with_suffix(".tar")
            containers.run("tar", "-C", folder, "-cf", str(archive), ".")
            containers.run("podman", "import", "-q", str(archive), BASE)
            archive.unlink()
    file, ignore = DOCKER / "Dockerfile", ("--ignorefile", str(DOCKER / "Dockerfile.dockerignore"))
    for target in ("python", *LIMITS_MB):
        with step(f"Building {target}"):
            containers.build(file, target, f"localhost/simkeep-{target}:1", CHECKOUT, *ignore)
    for target, tag in STANDINS.items():
        with step(f"Building a stand-in for {tag}"):
            containers.build(DOCKER / "standins/Dockerfile", target, tag, DOCKER / "standins")


def look_into(containers: Containers) -> None:
    """Sizes, and what must not be there. Raises CannotContinueError."""
    base = containers.megabytes("localhost/simkeep-python:1")
    for target, limit in LIMITS_MB.items():
        image = f"localhost/simkeep-{target}:1"
        size = containers.megabytes(image)
        say(f"* {target}: {size} MB, of it {size - base} MB over Debian with Python (at most {limit})")
        if size - base > limit:
            raise CannotContinueError(f"{target} is larger than it may be.")
        containers.run("podman", "run", "--rm", "--read-only", "--cap-drop", "ALL", image, "python", "-c", LOOK)


def run_compose(containers: Containers) -> int:
    """Two of every process, from the Compose file; the story of a card's life against its gateways; what that took."""
    make_env.main()
    demo = complete(make_env.SECRETS / "demo.env", DEMO)
    try:
        with step("Starting the Compose file, two of every process"):
            start_compose(containers)
        with step("Waiting until every process is ready"):
            wait_ready(containers)
        with step("Seeding the demo province's units and people"):
            seed(containers, demo)
        before, started = image_measures.look(containers), time.monotonic()
        failed = play_the_story(containers, demo)
        lasted = time.monotonic() - started
        image_measures.write(image_measures.compared(before, image_measures.look(containers)), lasted)
        if not failed:
            image_issuers.run(containers)
        return failed
    finally:
        with step("Ending the containers"):
            containers.compose("down", "-v", "-t", "5")


def start_compose(containers: Containers) -> None:
    """In the order of depends_on, of which podman before 4.6 understands neither "healthy" nor chains."""
    steps = [step_.name for step_ in STEPS]
    rest = [name for name in compose.compose()["services"] if name not in (*compose.SERVERS, *steps)]
    for names in (compose.SERVERS, steps, rest):
        containers.compose("up", "-d", "--no-build", "--no-deps", "--no-recreate", *names)
        if names is steps:
            give_up = time.monotonic() + STEP_SECONDS
            while not all(_ended_well(containers, name) for name in names):
                if time.monotonic() > give_up:
                    logs = [containers.run("podman", "logs", "--tail", "10", f"simkeep_{name}_1") for name in names]
                    raise CannotContinueError("\n".join(["A step did not end well.", *logs]))
                time.sleep(1)


def _ended_well(containers: Containers, name: str) -> bool:
    asked = ("podman", "inspect", f"simkeep_{name}_1", "--format", "{{.State.Status}} {{.State.ExitCode}}")
    return containers.run(*asked).strip() == "exited 0"


def wait_ready(containers: Containers) -> None:
    expected = len(RUNNING) * compose.REPLICAS
    give_up = time.monotonic() + READY_SECONDS
    while True:
        names = [f"simkeep_{process.name}_{n}" for process in RUNNING for n in range(1, compose.REPLICAS + 1)]
        waiting = [name for name in names if not containers.succeeds("podman", "healthcheck", "run", name)]
        waiting += [name for name, end in DOORS.items() if not answers_ok(f"http://{containers.address(name)}:{end}")]
        if not waiting:
            say(f"  {expected} processes are ready, and the proxy and Prometheus answer")
            return
        if time.monotonic() > give_up:
            logs = containers.run("podman", "logs", "--tail", "15", waiting[0])
            raise CannotContinueError(f"Not ready: {', '.join(waiting)}\n{logs}")
        time.sleep(2)


def seed(containers: Containers, demo: dict[str, str]) -> None:
    content = json.dumps(province.seed(demo["SIMKEEP_DEMO_PASSWORD"], demo["SIMKEEP_DEMO_PUSH_KEY"]))
    command = ["podman", "exec", "-i", "simkeep_gateway_1", "python", "-m", "gateway.seed", "--file", "/dev/stdin"]
    done = subprocess.run(command, input=content, env=containers.env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotContinueError(f"The seed failed.\n{done.stderr}")


def play_the_story(containers: Containers, demo: dict[str, str]) -> int:
    """tests/e2e/test_a_cards_life.py, as it is, against the gateways behind their proxy."""
    proxy, database = containers.address("simkeep_edge_1"), containers.address("simkeep_postgres_1")
    password = complete(make_env.SECRETS / "whole.env", {})["POSTGRES_PASSWORD"]
    env = {
        **os.environ,
        "PYTHONPATH": str(CHECKOUT),
        "SIMKEEP_DEPLOYED_ADDRESS": f"http://{proxy}:{HTTP_PORT}",
        "SIMKEEP_DEMO_PASSWORD": demo["SIMKEEP_DEMO_PASSWORD"],
        "SIMKEEP_DATABASE_URL": f"postgresql://simkeep:{password}@{database}:5432/simkeep",
    }
    story: Sequence[str] = (sys.executable, "-m", "pytest", "-q", "tests/e2e/test_a_cards_life.py")
    return subprocess.run(story, cwd=CHECKOUT, env=env, check=False).returncode
