"""Schemas of the operators' objects, as files beside this one; `python -m deploy.kubernetes.schemas FOLDER` makes them
anew from a folder of CustomResourceDefinitions.

Kept are the kinds that the manifests use, without descriptions and without what no manifest of ours touches (pod
templates inside RabbitmqCluster and Pooler). Unknown fields are errors here, though an API server drops them silently.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "schemas"
KINDS = (
    "RabbitmqCluster",
    "Vhost",
    "User",
    "Permission",
    "TopicPermission",
    "Cluster",
    "Pooler",
    "ScheduledBackup",
    "ScaledObject",
    "TriggerAuthentication",
)
_OPEN = {("RabbitmqCluster", "override"), ("Pooler", "template")}
_UNREAD = {"description", "default", "x-kubernetes-validations", "x-kubernetes-list-type", "x-kubernetes-list-map-keys"}


def schema_of(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{kind}.json").read_text())
    return found


def make(folder: Path) -> None:
    FOLDER.mkdir(exist_ok=True)
    for file in sorted(folder.glob("*.yaml")):
        definition = yaml.safe_load(file.read_text())
        kind = definition["spec"]["names"]["kind"]
        if kind not in KINDS:
            continue
        (version,) = (each for each in definition["spec"]["versions"] if each["storage"])
        schema = _plain(kind, version["schema"]["openAPIV3Schema"])
        schema["properties"].pop("status", None)
        schema["properties"]["metadata"] = {"type": "object"}
        schema["x-api-version"] = f"{definition['spec']['group']}/{version['name']}"
        (FOLDER / f"{kind}.json").write_text(json.dumps(schema, sort_keys=True, separators=(",", ":")) + "\n")


def _plain(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            found[key] = {name: {} if (kind, name) in _OPEN else _plain(kind, child) for name, child in value.items()}
        elif key in {"items", "additionalProperties"} and isinstance(value, dict):
            found[key] = _plain(kind, value)
        elif key not in _UNREAD:
            found[key] = value
    if "properties" in found and not schema.get("x-kubernetes-preserve-unknown-fields"):
        found.setdefault("additionalProperties", False)
    return found


if __name__ == "__main__":
    make(Path(sys.argv[1]))
