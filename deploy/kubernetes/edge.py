"""The door: an Ingress with TLS whose limits are the gateway's own."""

from __future__ import annotations

import math

from deploy.kubernetes.objects import Object, named
from deploy.processes import GATEWAY, HTTP_PORT
from gateway.settings import MIB, GatewaySettings

HOST = "simkeep.example.org"
TLS_SECRET = "simkeep-tls"  # noqa: S105  the name of one
MARGIN_SECONDS = 15
"""The gateway answers a command that takes too long itself, so the door waits a little longer."""


def ingress() -> Object:
    prefix = "nginx.ingress.kubernetes.io"
    seconds = str(waits_seconds())
    annotations = {
        f"{prefix}/proxy-body-size": f"{body_limit_mib()}m",
        f"{prefix}/proxy-request-buffering": "off",  # uploads stream into the blob store
        f"{prefix}/proxy-read-timeout": seconds,
        f"{prefix}/proxy-send-timeout": seconds,
        f"{prefix}/proxy-next-upstream": "error timeout",  # a POST is left out: it acts once
        f"{prefix}/ssl-redirect": "true",
        f"{prefix}/hsts": "true",
        "cert-manager.io/cluster-issuer": "simkeep",
    }
    spec = {
        "ingressClassName": "nginx",
        "tls": [{"hosts": [HOST], "secretName": TLS_SECRET}],
        "rules": [
            {
                "host": HOST,
                "http": {
                    "paths": [
                        {
                            "path": "/",
                            "pathType": "Prefix",
                            "backend": {"service": {"name": GATEWAY.name, "port": {"number": HTTP_PORT}}},
                        }
                    ]
                },
            }
        ],
    }
    found = named("Ingress", "networking.k8s.io/v1", "simkeep", spec)
    found["metadata"]["annotations"] = annotations
    return found


def body_limit_mib() -> int:
    return math.ceil(_default("upload_limit_bytes") / MIB)


def waits_seconds() -> int:
    return math.ceil(_default("rpc_command_timeout_seconds")) + MARGIN_SECONDS


def _default(name: str) -> float:
    return float(GatewaySettings.model_fields[name].default)
