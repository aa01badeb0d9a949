"""Deployments of the running processes, and the Jobs before a roll-out."""

from __future__ import annotations

from deploy.kubernetes.objects import PART_OF, SETTINGS, Object, named, names, selector
from deploy.processes import (
    DECLARE,
    GATEWAY,
    HTTP_PORT,
    LIVE,
    MIGRATE,
    OPTIONAL_SECRETS,
    READY,
    RUNNING,
    STORE_KEYS,
    Process,
    known_variables,
    secret_variables,
)

USER = 10001
DRAIN_SECONDS = 45
"""SIMKEEP_DRAIN_SECONDS and the time in which a pod is taken out of its service."""
SHARED_SETTINGS = (
    "SIMKEEP_BLOB_URL",
    "SIMKEEP_LOG_LEVEL",
    "SIMKEEP_METRICS_FROM",
    "SIMKEEP_QUEUE_TYPE",
    "SIMKEEP_TRUSTED_PROXIES",
)
"""Of the ConfigMap; a process gets those that it reads."""
STEPS = (MIGRATE, DECLARE)

REQUESTS: dict[str, tuple[str, str]] = {
    "gateway": ("250m", "256Mi"),
    "service": ("200m", "192Mi"),
    "jobs": ("100m", "128Mi"),
    "step": ("200m", "256Mi"),
    "documents-jobs": ("100m", "512Mi"),
}
"""CPU and memory by kind, or by name. Memory is what a process was seen to take at most (docs/generated/resources.md)
and a little more; CPU is what the autoscaler's percent is of."""
LIMITS: dict[str, tuple[str, str]] = {
    "gateway": ("2", "768Mi"),
    "service": ("2", "768Mi"),
    "jobs": ("2", "2560Mi"),
    "step": ("2", "1Gi"),
    "documents-jobs": ("4", "4Gi"),
}
"""A worker's children may take SIMKEEP_JOB_MEMORY_LIMIT_MIB each; judging a scan takes 900 MiB and 512 besides."""


def environment(process: Process) -> list[Object]:
    """Settings by reference to the ConfigMap, secrets by reference to the process' own Secret."""
    known = known_variables(process)
    found: list[Object] = [{"name": "SIMKEEP_LOG_FORMAT", "value": "json"}]
    if process.port is not None:
        found.append({"name": process.port_variable, "value": str(process.port)})
    for name in SHARED_SETTINGS:
        if name in known:
            found.append({"name": name, "valueFrom": {"configMapKeyRef": {"name": SETTINGS, "key": name}}})
    for name in secret_variables(process):
        reference: Object = {"name": secret_name(process), "key": name}
        if name in OPTIONAL_SECRETS or name in STORE_KEYS:  # a folder as blob store needs no account
            reference["optional"] = True
        found.append({"name": name, "valueFrom": {"secretKeyRef": reference}})
    return found


def secret_name(process: Process) -> str:
    return f"simkeep-{process.name}"


def container(process: Process) -> Object:
    found: Object = {
        "name": process.name,
        "image": f"simkeep-{process.image}",
        "command": ["python", *process.command],
        "env": environment(process),
        "resources": resources(process),
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108  a pod's own
    }
    if process.port is not None:
        found |= _probes(process.port)
    return found


def resources(process: Process) -> Object:
    """Requests and limits; tests compare them with what was measured (`measured`)."""

    def of(table: dict[str, tuple[str, str]]) -> Object:
        cpu, memory = table.get(process.name) or table[process.kind]
        return {"cpu": cpu, "memory": memory}

    return {"requests": of(REQUESTS), "limits": of(LIMITS)}


def _probes(port: int) -> Object:
    """Ready is asked with care: it says no when broker or database are away, and then nobody is restarted for it."""
    name = "http" if port == HTTP_PORT else "health"

    def asked(path: str, period: int, failures: int) -> Object:
        return {
            "httpGet": {"path": path, "port": name},
            "periodSeconds": period,
            "timeoutSeconds": 3,
            "failureThreshold": failures,
        }

    return {
        "ports": [{"name": name, "containerPort": port}],
        "startupProbe": asked(LIVE, 2, 60),
        "livenessProbe": asked(LIVE, 10, 6),
        "readinessProbe": asked(READY, 5, 2),
    }


def pod(process: Process, *, restart: str | None = None) -> Object:
    spec: Object = {
        "serviceAccountName": process.name,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container(process)],
        "volumes": [{"name": "tmp", "emptyDir": {"sizeLimit": "4Gi" if process.kind != "step" else "256Mi"}}],
    }
    if restart:
        return spec | {"restartPolicy": restart}
    spread = [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": selector(process.name)},
        }
        for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
    ]
    if process is GATEWAY:  # the ingress goes on sending for a moment after a pod was told to end
        spec["containers"][0]["lifecycle"] = {"preStop": {"exec": {"command": ["sleep", "5"]}}}
    return spec | {"terminationGracePeriodSeconds": DRAIN_SECONDS, "topologySpreadConstraints": spread}


def deployment(process: Process) -> Object:
    """Replicas are the overlay's or the autoscaler's; without either, two."""
    scraped = {"prometheus.io/scrape": "true", "prometheus.io/port": str(process.port)}
    template = {"metadata": {"labels": _pod_labels(process), "annotations": scraped}, "spec": pod(process)}
    spec = {
        "replicas": 2,
        "revisionHistoryLimit": 5,
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
        "selector": {"matchLabels": selector(process.name)},
        "template": template,
    }
    return named("Deployment", "apps/v1", process.name, spec, name=process.name, component=process.kind)


def _pod_labels(process: Process) -> dict[str, str]:
    return PART_OF | names(name=process.name, component=process.kind)


def account(process: Process) -> Object:
    found = named("ServiceAccount", "v1", process.name, name=process.name)
    return found | {"automountServiceAccountToken": False}


def service(process: Process) -> Object:
    """The gateway's is for the ingress; the others' only name the ports at which Prometheus asks."""
    name = "http" if process is GATEWAY else "health"
    spec: Object = {
        "selector": selector(process.name),
        "ports": [{"name": name, "port": process.port, "targetPort": name}],
    }
    if process is not GATEWAY:
        spec["clusterIP"] = "None"
    return named("Service", "v1", process.name, spec, name=process.name, component=process.kind)


def disruption_budget(process: Process) -> Object:
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": selector(process.name)}}
    return named("PodDisruptionBudget", "policy/v1", process.name, spec, name=process.name)


def objects_of(process: Process) -> list[Object]:
    return [account(process), service(process), deployment(process), disruption_budget(process)]


def job(process: Process) -> Object:
    """Deleted and made anew at each roll-out; both steps may run again without harm."""
    template = {"metadata": {"labels": _pod_labels(process)}, "spec": pod(process, restart="OnFailure")}
    spec = {"backoffLimit": 6, "activeDeadlineSeconds": 3600, "template": template}
    return named("Job", "batch/v1", process.name, spec, name=process.name, component="step")


def steps() -> list[Object]:
    return [found for step in STEPS for found in (account(step), job(step))]


def system() -> dict[str, list[Object]]:
    """File > its objects."""
    return {process.name: objects_of(process) for process in RUNNING}
