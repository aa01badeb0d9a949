"""Words that all manifests share."""

from __future__ import annotations

from typing import Any

Object = dict[str, Any]

NAMESPACE = "simkeep"
PART_OF = {"app.kubernetes.io/part-of": "simkeep"}
BROKER, DATABASE, BROKER_VHOST = "simkeep-rabbitmq", "simkeep-database", "simkeep"
"""Names of the operators' clusters, and so of the services in front of them."""
AMQP_PORT, MANAGEMENT_PORT, BROKER_METRICS_PORT, DATABASE_PORT = 5672, 15672, 15692, 5432
SETTINGS = "simkeep-settings"
"""ConfigMap with what every process may know and an overlay chooses."""


def named(kind: str, api: str, name: str, spec: Object | None = None, /, **labels: str) -> Object:
    """An object of ours. `labels`: besides those that all have; `component` > app.kubernetes.io/component."""
    found: Object = {"apiVersion": api, "kind": kind, "metadata": {"name": name, "labels": PART_OF | names(**labels)}}
    return found if spec is None else found | {"spec": spec}


def names(**labels: str) -> dict[str, str]:
    return {f"app.kubernetes.io/{name}": value for name, value in labels.items()}


def selector(process: str) -> dict[str, str]:
    """Labels by which the pods of a process are found."""
    return names(name=process)
