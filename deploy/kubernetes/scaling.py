"""How many of each: by CPU for the gateway, by CPU and what waits for services and workers (KEDA)."""

from __future__ import annotations

from deploy.kubernetes.objects import Object, named
from deploy.kubernetes.workloads import secret_name
from deploy.processes import GATEWAY, SERVICE_PROCESSES, Process
from kernel.contracts import topology

CPU_PERCENT = "70"
WAITING_REQUESTS = "20"
"""Requests in a service's queue for each replica of it: a replica works on ten at once."""
WAITING_JOBS = "4"
"""Queued jobs for each worker: a worker runs two at once."""
LEAST, MOST = 2, 10


def objects() -> list[Object]:
    return [_gateway(), *(found for process in SERVICE_PROCESSES for found in _scaled(process))]


def _gateway() -> Object:
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": GATEWAY.name},
        "minReplicas": LEAST,
        "maxReplicas": MOST,
        "metrics": [
            {
                "type": "Resource",
                "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": int(CPU_PERCENT)}},
            }
        ],
        "behavior": {"scaleDown": {"stabilizationWindowSeconds": 300}},
    }
    return named("HorizontalPodAutoscaler", "autoscaling/v2", GATEWAY.name, spec)


def _scaled(process: Process) -> list[Object]:
    """The scaler asks with the account of the process itself: it sees what that sees."""
    trigger, parameter, key = _waiting(process)
    reference = {"parameter": parameter, "name": secret_name(process), "key": key}
    authentication = named("TriggerAuthentication", "keda.sh/v1alpha1", process.name, {"secretTargetRef": [reference]})
    spec = {
        "scaleTargetRef": {"name": process.name},
        "minReplicaCount": LEAST,
        "maxReplicaCount": MOST,
        "cooldownPeriod": 300,
        "triggers": [
            {"type": "cpu", "metricType": "Utilization", "metadata": {"value": CPU_PERCENT}},
            trigger | {"authenticationRef": {"name": process.name}},
        ],
    }
    return [authentication, named("ScaledObject", "keda.sh/v1alpha1", process.name, spec)]


def _waiting(process: Process) -> tuple[Object, str, str]:
    """The trigger, its parameter for the connection, and the variable that holds it."""
    if process.kind == "service":
        metadata = {"protocol": "amqp", "queueName": topology.rpc_queue(process.service), "mode": "QueueLength"}
        trigger: Object = {"type": "rabbitmq", "metadata": metadata | {"value": WAITING_REQUESTS}}
        return trigger, "host", "SIMKEEP_AMQP_URL"
    query = f"SELECT count(*) FROM {process.service}.jobs WHERE state = 'queued'"
    metadata = {"query": query, "targetQueryValue": WAITING_JOBS}
    trigger = {"type": "postgresql", "metadata": metadata}
    return trigger, "connection", f"SIMKEEP_{process.service.upper()}_DATABASE_URL"
