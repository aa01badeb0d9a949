"""What Compose, Kubernetes and `./simkeep up` start is the same, and is told what its settings classes read."""

import copy
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from deploy import accounts
from deploy.docker import compose, make_env
from deploy.kubernetes import edge, measured, network, secrets, validate, workloads, write
from deploy.kubernetes.render import render
from deploy.local import credentials
from deploy.local.stack import Stack
from deploy.observability import dashboards
from deploy.processes import (
    GATEWAY,
    OPTIONAL_SECRETS,
    RUNNING,
    STEPS,
    STORE_KEYS,
    Process,
    known_variables,
    needed_variables,
    secret_variables,
)
from gateway.settings import GatewaySettings
from kernel.chassis.process.settings import JobSettings

ROOT = Path(__file__).resolve().parents[3]
EVERY = (*RUNNING, *STEPS)
OF_THE_DEMO = {"carriers"}
"""What `up` starts besides: it stands for somebody else's system, so nobody deploys it."""
IN_KUBERNETES = (*RUNNING, *workloads.STEPS)
FILES_OF_OVERLAYS = [validate.OVERLAYS / name / layer for name in validate.NAMES for layer in validate.LAYERS]


def by_name(process: Process) -> str:
    return process.name


@pytest.fixture(scope="module")
def composed():
    return yaml.safe_load(compose.FILE.read_text())["services"]


@pytest.fixture(scope="module")
def pods():
    """Process > (overlay > its container with the pod's spec)."""
    found = {}
    for name in validate.NAMES:
        for layer in ("steps", "system"):
            for each in render(validate.OVERLAYS / name / layer):
                if each["kind"] in {"Deployment", "Job"}:
                    found.setdefault(each["metadata"]["name"], {})[name] = each["spec"]["template"]["spec"]
    return found


@pytest.mark.req("OPS-02")
def test_the_generated_files_are_fresh():
    generated = compose.files() | write.files() | dashboards.files()
    stale = [path for path, text in generated.items() if path.read_text() != text]
    assert stale == [], "run ./simkeep docs"


@pytest.mark.req("OPS-06")
def test_compose_kubernetes_and_up_start_the_same_processes_by_the_same_commands(composed, pods, tmp_path):
    stack = Stack(tmp_path)
    stack.claim_ports()
    local = {it.name: tuple(it.argv[1:]) for it in stack.commands()}
    expected = {process.name: process.command for process in RUNNING}

    assert {name: command for name, command in local.items() if name not in OF_THE_DEMO} == expected
    assert {name: tuple(composed[name]["command"][1:]) for name in expected} == expected
    assert {it["command"][0] for name, it in composed.items() if name in expected} == {"python"}
    for overlay in validate.NAMES:
        found = {name: tuple(of[overlay]["containers"][0]["command"][1:]) for name, of in pods.items()}
        assert found == {process.name: process.command for process in IN_KUBERNETES}


@pytest.mark.req("OPS-06")
@pytest.mark.parametrize("process", EVERY, ids=by_name)
def test_compose_gives_a_process_all_that_it_needs_and_nothing_that_it_does_not_read(process, composed, tmp_path):
    make_env.write(tmp_path)
    (file,) = composed[process.name]["env_file"]
    told = set((tmp_path / Path(file).name).read_text().replace("=", " ").split()[::2])
    given = told | set(composed[process.name]["environment"])

    assert told <= set(secret_variables(process))
    assert needed_variables(process) - given == set()
    assert given - known_variables(process) == set()


@pytest.mark.req("OPS-06")
@pytest.mark.parametrize("process", RUNNING, ids=by_name)
def test_up_gives_a_process_all_that_it_needs_its_secrets_and_nothing_that_nobody_reads(process, tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("SIMKEEP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SIMKEEP_DATABASE_URL", "postgresql://simkeep:x@127.0.0.1:5432/simkeep")
    monkeypatch.setenv("SIMKEEP_AMQP_URL", "amqp://simkeep:x@127.0.0.1:5672/simkeep")
    stack = Stack(tmp_path)
    stack.claim_ports()
    told = {name for name in accounts.environment(process.name, stack.environment()) if name.startswith("SIMKEEP_")}
    read_by_somebody = set().union(*(known_variables(each) for each in EVERY))
    of_the_demo = {"SIMKEEP_GATEWAY_URL"}

    assert needed_variables(process) - set(STORE_KEYS) - told == set()
    assert {name for name in told if accounts.is_secret(name)} <= set(secret_variables(process))
    assert told - read_by_somebody - of_the_demo == set()


@pytest.mark.req("OPS-06")
@pytest.mark.parametrize("process", IN_KUBERNETES, ids=by_name)
def test_kubernetes_gives_a_process_all_that_it_needs_and_nothing_that_it_does_not_read(process, pods):
    for overlay, spec in pods[process.name].items():
        variables = {variable["name"]: variable for variable in spec["containers"][0]["env"]}
        secret = {name for name, variable in variables.items() if "secretKeyRef" in variable.get("valueFrom", {})}

        assert needed_variables(process) - set(variables) == set(), overlay
        assert set(variables) - known_variables(process) == set(), overlay
        assert secret == set(secret_variables(process)), overlay
        assert not [v for name, v in variables.items() if accounts.is_secret(name) and "value" in v], overlay


@pytest.mark.req("OPS-06")
def test_every_reference_of_kubernetes_meets_a_secret_or_setting_that_is_made(pods, tmp_path):
    values = credentials.complete(
        tmp_path / "whole.env", credentials.SYSTEM | dict.fromkeys(secrets.PASSWORDS, credentials.password)
    )
    made = {it["metadata"]["name"]: set(it["stringData"]) for it in secrets.secrets(values)}
    for overlay in validate.NAMES:
        ground = render(validate.OVERLAYS / overlay / "ground")
        settings = next(set(it["data"]) for it in ground if it["kind"] == "ConfigMap")
        for name, of in pods.items():
            for variable in of[overlay]["containers"][0]["env"]:
                source = variable.get("valueFrom", {})
                if "configMapKeyRef" in source:
                    assert source["configMapKeyRef"]["key"] in settings
                elif (reference := source.get("secretKeyRef")) and not reference.get("optional"):
                    assert reference["key"] in made[reference["name"]], name
        for it in ground:
            if it["kind"] == "User":
                assert made[it["spec"]["importCredentialsSecret"]["name"]] == {"username", "password"}


@pytest.mark.req("OPS-06")
@pytest.mark.parametrize("process", RUNNING, ids=by_name)
def test_ports_and_health_are_the_same_everywhere(process, composed, pods):
    port = str(process.port)
    assert composed[process.name]["environment"][process.port_variable] == port
    assert f"127.0.0.1:{port}/health/ready" in composed[process.name]["healthcheck"]["test"][-1]
    assert composed[process.name]["deploy"]["replicas"] == 2
    for spec in pods[process.name].values():
        container = spec["containers"][0]
        assert [str(it["containerPort"]) for it in container["ports"]] == [port]
        assert {"name": process.port_variable, "value": port} in container["env"]
        paths = [container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")]
        assert paths == ["/health/live", "/health/live", "/health/ready"]


@pytest.mark.req("OPS-02")
def test_no_pod_and_no_container_may_more_than_it_must(composed, pods):
    for of in pods.values():
        for spec in of.values():
            (container,) = spec["containers"]
            assert spec["automountServiceAccountToken"] is False
            assert spec["securityContext"]["runAsNonRoot"] is True
            assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert set(container["resources"]) == {"requests", "limits"}
    for process in EVERY:
        assert composed[process.name]["read_only"] is True
        assert composed[process.name]["cap_drop"] == ["ALL"]


@pytest.mark.req("OPS-02")
def test_every_object_of_both_overlays_is_valid():
    count, problems = validate.check()
    assert problems == []
    assert count > 150


@pytest.mark.req("OPS-02")
@pytest.mark.parametrize(
    ("kind", "layer", "way", "value"),
    [
        ("Deployment", "system", ("spec", "template", "spec", "containers", 0, "readynessProbe"), {}),
        ("Deployment", "system", ("spec", "replicas"), "two"),
        ("NetworkPolicy", "ground", ("spec", "egres"), []),
        ("RabbitmqCluster", "ground", ("spec", "replica"), 3),
        ("Cluster", "ground", ("spec", "instances"), "three"),
        ("User", "ground", ("spec", "password"), "x"),
        ("ScaledObject", "system", ("spec", "triggers", 0, "type"), None),
    ],
)
def test_a_misspelt_field_or_a_wrong_type_is_found(kind, layer, way, value):
    objects = render(validate.OVERLAYS / "production" / layer)
    each = copy.deepcopy(next(it for it in objects if it["kind"] == kind))
    place = each
    for step in way[:-1]:
        place = place[step]
    place[way[-1]] = value

    assert validate.problems_of(each) != []


@pytest.mark.req("OPS-02")
@pytest.mark.skipif(shutil.which("kubectl") is None, reason="compares with kubectl, which is not installed")
@pytest.mark.parametrize("folder", FILES_OF_OVERLAYS, ids=lambda it: f"{it.parent.name}-{it.name}")
def test_our_renderer_makes_of_an_overlay_what_kubectl_makes(folder):
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=True)
    theirs = [each for each in yaml.safe_load_all(done.stdout) if each]

    def key(each):
        return (each["kind"], each["metadata"]["name"])

    assert sorted(render(folder), key=key) == sorted(theirs, key=key)


@pytest.mark.req("OPS-02")
def test_the_allowed_ways_are_the_arrows_of_the_architectures_picture():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    picture = text[text.index("## What it is made of") :].partition("```mermaid")[2].partition("```")[0]
    arrows = set()
    for line in picture.splitlines():
        ends = [re.sub(r"[\[{(].*", "", end).strip() for end in re.split(r"-->(?:\|[^|]*\|)?", line)]
        if len(ends) == 2:
            arrows |= {(a.strip(), b.strip()) for a in ends[0].split("&") for b in ends[1].split("&")}
    services = {process.service for process in RUNNING if process.kind == "service"}
    # A job worker is part of its service; the bus "reaches" a service over the connection that the service opens.
    drawn = {(a, b) for a, b in arrows if a != "bus" and b in {"pg", "blobs", "gateway"}}
    drawn |= {(a, "bus") for a, b in arrows if b == "bus"} | {(b, "bus") for a, b in arrows if a == "bus"}
    allowed = {
        (way.process.removesuffix("-jobs"), way.to)
        for way in network.ways()
        if way.to != "outside" and way.process not in {step.name for step in STEPS}
    }

    assert allowed == drawn
    assert {a for a, b in drawn if b == "bus"} == services | {GATEWAY.name, network.ISSUERS}


@pytest.mark.req("OPS-02", "GTW-06")
def test_the_broker_is_reached_by_its_own_processes_operators_and_marked_namespaces_and_nobody_else():
    policy = next(it for it in network.policies() if it["metadata"]["name"] == network.BROKER)
    reached = {port["port"]: rule["from"] for rule in policy["spec"]["ingress"] for port in rule["ports"]}
    amqp = [str(end) for end in reached[network.AMQP_PORT]]
    own = {process.name for process in EVERY if accounts.PROCESSES.get(process.name)}
    own = {name for name in own if accounts.PROCESSES[name].broker or "broker" in accounts.PROCESSES[name].administers}

    assert {name for name in own if not any(f"'{name}'" in end for end in amqp)} == set()
    assert len(amqp) == len(own) + 2  # the autoscaler, and issuers
    assert {"namespaceSelector": {"matchLabels": {network.ISSUERS_LABEL: "true"}}} in reached[network.AMQP_PORT]


@pytest.mark.req("OPS-02")
def test_everything_is_denied_but_what_a_way_allows():
    policies = {it["metadata"]["name"]: it["spec"] for it in network.policies()}
    deny = policies["default-deny"]
    assert (deny["podSelector"], deny["ingress"], deny["egress"]) == ({}, [], [])
    for process in IN_KUBERNETES:
        out = policies[process.name]["egress"]
        ends = {port["port"] for rule in out for port in rule["ports"]}
        account = accounts.PROCESSES[process.name]
        assert (network.AMQP_PORT in ends) == (account.broker is not None or "broker" in account.administers)
        assert (network.DATABASE_PORT in ends) == (account.schema is not None or "database" in account.administers)
        assert all("to" in rule for rule in out)


@pytest.mark.req("OPS-02")
def test_the_door_lets_through_what_the_gateway_takes_and_waits_as_long():
    annotations = edge.ingress()["metadata"]["annotations"]
    settings = GatewaySettings()
    limit = int(annotations["nginx.ingress.kubernetes.io/proxy-body-size"].removesuffix("m"))
    waits = int(annotations["nginx.ingress.kubernetes.io/proxy-read-timeout"])
    assert limit * 1024 * 1024 == settings.upload_limit_bytes
    assert settings.rpc_command_timeout_seconds < waits <= settings.rpc_command_timeout_seconds + 30
    proxy = compose.proxy_configuration()
    assert f"timeout server {waits}s" in proxy


@pytest.mark.req("OPS-02")
def test_the_brokers_objects_are_the_table_of_accounts():
    ground = render(validate.OVERLAYS / "production" / "ground")
    of = {kind: [it for it in ground if it["kind"] == kind] for kind in ("User", "Permission", "TopicPermission")}
    assert {it["metadata"]["name"] for it in of["User"]} == {account.name for account in accounts.BROKER}
    rights = {it["spec"]["userReference"]["name"]: it["spec"]["permissions"] for it in of["Permission"]}
    for account in accounts.BROKER:
        assert rights[account.name] == {
            "configure": account.configure,
            "write": account.write,
            "read": account.read,
        }
    topics = {
        (it["spec"]["userReference"]["name"], it["spec"]["permissions"]["exchange"]): it["spec"]["permissions"]
        for it in of["TopicPermission"]
    }
    assert topics == {
        (account.name, topic.exchange): {"exchange": topic.exchange, "write": topic.write, "read": topic.read}
        for account in accounts.BROKER
        for topic in account.topics
    }
    assert {name for process in EVERY for name in secret_variables(process)} >= OPTIONAL_SECRETS


@pytest.mark.req("OPS-02")
def test_the_images_have_every_module_that_their_processes_and_steps_start_with():
    dockerfile = (compose.FILE.parent / "Dockerfile").read_text()
    allowed = (compose.FILE.parent / "Dockerfile.dockerignore").read_text().splitlines()
    copied = {Path(name) for name in re.findall(r"(?<=\s)deploy/\w+\.py", dockerfile)}
    for path in copied:
        assert (ROOT / path).is_file()
        assert f"!{path}" in allowed
        for package, name in re.findall(r"^from (deploy[\w.]*) import (\w+)", (ROOT / path).read_text(), re.MULTILINE):
            folder = package.replace(".", "/")
            assert {Path(f"{folder}.py"), Path(f"{folder}/{name}.py")} & copied, f"{path} imports {name}"
    started = {process.module for process in EVERY if process.module.startswith("deploy.")}
    assert {Path(f"{module.replace('.', '/')}.py") for module in started} <= copied


@pytest.mark.req("OPS-02")
@pytest.mark.parametrize("process", RUNNING, ids=by_name)
def test_requests_hold_what_a_process_was_seen_to_take_and_limits_leave_it_room(process):
    seen = measured.measured()
    taken = seen["processes"][process.name]
    asked = workloads.resources(process)
    memory, limit = (measured.amount(asked[kind]["memory"]) for kind in ("requests", "limits"))
    cores = measured.amount(asked["requests"]["cpu"])

    assert taken["peak_mib"] <= memory <= 3 * taken["peak_mib"]
    assert limit >= 2 * taken["peak_mib"]
    assert cores >= taken["story_cpu_seconds"] / seen["story_seconds"] * 0.75  # the processes shared two cores then
    if process.kind == "jobs":
        jobs = JobSettings()
        assert limit >= taken["peak_mib"] + jobs.job_concurrency * jobs.job_memory_limit_mib


@pytest.mark.req("OPS-02")
def test_what_was_measured_is_of_the_processes_that_there_are():
    assert set(measured.measured()["processes"]) == {process.name for process in RUNNING}
