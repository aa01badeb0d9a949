"""Who may talk to whom. Everything else is denied; tests compare this with the picture in ARCHITECTURE.md."""

from __future__ import annotations

from dataclasses import dataclass

from deploy import accounts
from deploy.kubernetes.objects import (
    AMQP_PORT,
    BROKER,
    BROKER_METRICS_PORT,
    DATABASE,
    DATABASE_PORT,
    MANAGEMENT_PORT,
    Object,
    named,
    selector,
)
from deploy.processes import DECLARE, GATEWAY, HTTP_PORT, MIGRATE, RUNNING, Process

BROKER_PODS = selector(BROKER)
DATABASE_PODS = {"cnpg.io/cluster": DATABASE}
POOLER_PODS = {"cnpg.io/poolerName": f"{DATABASE}-reports"}
INGRESS_NAMESPACE, MONITORING_NAMESPACE = "ingress-nginx", "monitoring"
BROKER_OPERATORS, DATABASE_OPERATOR, SCALER = "rabbitmq-system", "cnpg-system", "keda"
KUBERNETES_API = (443, 6443)
STORE_PORTS = (443, 9000)
NAMESPACE_LABEL = "kubernetes.io/metadata.name"
ISSUERS, ISSUERS_LABEL = "station", "simkeep.io/issuers"
"""Correspondents on the bus other than ours: pods of namespaces with this label, whatever the accounts then allow."""
CALLS_OUT = ("inventory", "inventory-jobs", "binding-jobs", "traffic-jobs", "workflow")
"""Carriers' platforms are asked by inventory and by the jobs of binding and traffic; webhooks are told by workflow."""


@dataclass(frozen=True)
class Way:
    """One arrow of the picture, seen from the process that opens the connection."""

    process: str
    to: str


def ways() -> frozenset[Way]:
    """From every process of ours to broker, database, blob store and outside; from outside to gateway and broker."""
    found = {Way("portal", GATEWAY.name), Way(ISSUERS, "bus")}
    for process in RUNNING:
        account = accounts.PROCESSES[process.name]
        found |= {Way(process.name, "pg"), Way(process.name, "blobs")}
        if account.broker is not None:
            found.add(Way(process.name, "bus"))
    found |= {Way(name, "outside") for name in CALLS_OUT}
    return frozenset(found | {Way(MIGRATE.name, "pg"), Way(DECLARE.name, "bus")})


def policies() -> list[Object]:
    return [_deny_all(), _names(), *map(_process, (*RUNNING, MIGRATE, DECLARE)), _broker(), *_database()]


def _policy(name: str, pods: Object, ingress: list[Object] | None, egress: list[Object] | None) -> Object:
    spec: Object = {"podSelector": pods, "policyTypes": []}
    for kind, rules in (("Ingress", ingress), ("Egress", egress)):
        if rules is not None:
            spec["policyTypes"].append(kind)
            spec[kind.lower()] = rules
    return named("NetworkPolicy", "networking.k8s.io/v1", name, spec)


def _deny_all() -> Object:
    return _policy("default-deny", {}, [], [])


def _names() -> Object:
    """Names are resolved by the cluster's own DNS."""
    ports = [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")]
    return _policy("allow-dns", {}, None, [{"to": [_namespace("kube-system")], "ports": ports}])


def _pods(labels: dict[str, str]) -> Object:
    return {"podSelector": {"matchLabels": labels}}


def _namespace(name: str) -> Object:
    return {"namespaceSelector": {"matchLabels": {NAMESPACE_LABEL: name}}}


def _ports(*ports: int) -> list[Object]:
    return [{"protocol": "TCP", "port": port} for port in ports]


def _process(process: Process) -> Object:
    out: list[Object] = []
    for way in sorted(ways(), key=lambda way: way.to):
        if way.process == process.name:
            out.append(_rule_to(way.to))
    into: list[Object] = []
    if process.port is not None:
        into.append({"from": [_namespace(MONITORING_NAMESPACE)], "ports": _ports(process.port)})
    if process is GATEWAY:
        into.append({"from": [_namespace(INGRESS_NAMESPACE)], "ports": _ports(HTTP_PORT)})
    return _policy(process.name, {"matchLabels": selector(process.name)}, into, out)


def _rule_to(end: str) -> Object:
    anywhere = {"ipBlock": {"cidr": "0.0.0.0/0"}}
    return {
        "bus": {"to": [_pods(BROKER_PODS)], "ports": _ports(AMQP_PORT)},
        "pg": {"to": [_pods(DATABASE_PODS)], "ports": _ports(DATABASE_PORT)},
        "blobs": {"to": [anywhere], "ports": _ports(*STORE_PORTS)},
        "outside": {"to": [anywhere], "ports": _ports(443)},
    }[end]


def _reached_by(end: str) -> list[Object]:
    names = sorted(way.process for way in ways() if way.to == end)
    return [_issuers() if name == ISSUERS else _pods(selector(name)) for name in names]


def _issuers() -> Object:
    return {"namespaceSelector": {"matchLabels": {ISSUERS_LABEL: "true"}}}


def _broker() -> Object:
    """Its nodes find each other through Kubernetes' API; the operators and the autoscaler ask it."""
    between = _ports(4369, 25672)
    into = [
        {"from": [*_reached_by("bus"), _namespace(SCALER)], "ports": _ports(AMQP_PORT)},
        {"from": [_namespace(BROKER_OPERATORS)], "ports": _ports(MANAGEMENT_PORT)},
        {"from": [_namespace(MONITORING_NAMESPACE)], "ports": _ports(BROKER_METRICS_PORT)},
        {"from": [_pods(BROKER_PODS)], "ports": between},
    ]
    out = [{"to": [_pods(BROKER_PODS)], "ports": between}, {"ports": _ports(*KUBERNETES_API)}]
    return _policy(BROKER, {"matchLabels": BROKER_PODS}, into, out)


def _database() -> list[Object]:
    """The operator reads each instance's state at 8000; backups go to the store."""
    into = [
        {"from": [*_reached_by("pg"), _namespace(SCALER)], "ports": _ports(DATABASE_PORT)},
        {"from": [_pods(DATABASE_PODS), _pods(POOLER_PODS)], "ports": _ports(DATABASE_PORT, 8000)},
        {"from": [_namespace(DATABASE_OPERATOR)], "ports": _ports(DATABASE_PORT, 8000)},
        {"from": [_namespace(MONITORING_NAMESPACE)], "ports": _ports(9187)},
    ]
    out = [
        {"to": [_pods(DATABASE_PODS)], "ports": _ports(DATABASE_PORT, 8000)},
        {"ports": _ports(*KUBERNETES_API, *STORE_PORTS)},
    ]
    pooler_in = [{"from": [_namespace("reports")], "ports": _ports(DATABASE_PORT)}]
    pooler_out = [{"to": [_pods(DATABASE_PODS)], "ports": _ports(DATABASE_PORT)}, {"ports": _ports(*KUBERNETES_API)}]
    return [
        _policy(DATABASE, {"matchLabels": DATABASE_PODS}, into, out),
        _policy(f"{DATABASE}-reports", {"matchLabels": POOLER_PODS}, pooler_in, pooler_out),
    ]
