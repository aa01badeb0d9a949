"""What `kubectl kustomize` makes of an overlay, for checking it where there is no kubectl.

Knows the fields that our kustomizations use, and refuses others: resources, namespace, images, replicas, and patches
(merging maps, or lists of JSON patch operations). A test compares it with kubectl where that is installed.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import yaml

from deploy.kubernetes.objects import Object

CLUSTER_WIDE = {"Namespace"}
_KNOWN = {"apiVersion", "kind", "resources", "namespace", "images", "replicas", "patches"}


def render(folder: Path) -> list[Object]:
    """Raises ValueError for a field that this does not know, and for a patch that meets nothing."""
    content = yaml.safe_load((folder / "kustomization.yaml").read_text())
    if unknown := set(content) - _KNOWN:
        raise ValueError(f"{folder}: {sorted(unknown)} is more than deploy.kubernetes.render understands")
    objects: list[Object] = []
    for name in content.get("resources", []):
        path = folder / name
        objects += render(path) if path.is_dir() else [each for each in yaml.safe_load_all(path.read_text()) if each]
    objects = copy.deepcopy(objects)
    for patch in content.get("patches", []):
        objects = _patched(objects, patch, folder)
    for each in objects:
        if "namespace" in content and each["kind"] not in CLUSTER_WIDE:
            each["metadata"]["namespace"] = content["namespace"]
        _images(each, content.get("images", []))
        for wanted in content.get("replicas", []):
            if each["kind"] == "Deployment" and each["metadata"]["name"] == wanted["name"]:
                each["spec"]["replicas"] = wanted["count"]
    return objects


def _patched(objects: list[Object], patch: dict[str, Any], folder: Path) -> list[Object]:
    text = patch["patch"] if "patch" in patch else (folder / patch["path"]).read_text()
    change = yaml.safe_load(text)
    target = patch.get("target") or {"kind": change["kind"], "name": change["metadata"]["name"]}
    met = [each for each in objects if _is_target(each, target)]
    if not met:
        raise ValueError(f"{folder}: no object is {target}")
    if isinstance(change, dict) and change.get("$patch") == "delete":
        return [each for each in objects if each not in met]
    for each in met:
        if isinstance(change, list):
            for operation in change:
                _operate(each, operation)
        else:
            _merge(each, {key: value for key, value in change.items() if key not in {"apiVersion", "kind"}})
    return objects


def _is_target(each: Object, target: dict[str, str]) -> bool:
    name = each["metadata"]["name"]
    return bool(each["kind"] == target["kind"] and target.get("name", name) == name)


def _merge(into: dict[str, Any], change: dict[str, Any]) -> None:
    for key, value in change.items():
        if value is None:
            into.pop(key, None)
        elif isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value


def _operate(each: Object, operation: dict[str, Any]) -> None:
    *way, last = operation["path"].strip("/").split("/")
    place: Any = each
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    if isinstance(place, list) and last == "-" and operation["op"] == "add":
        place.append(copy.deepcopy(operation["value"]))
    elif isinstance(place, dict) and operation["op"] in {"add", "replace"}:
        place[last] = copy.deepcopy(operation["value"])
    elif isinstance(place, dict) and operation["op"] == "remove":
        del place[last]
    else:
        raise ValueError(f"{operation} is more than deploy.kubernetes.render understands")


def _images(each: Object, wanted: list[dict[str, str]]) -> None:
    pod = each.get("spec", {}).get("template", {}).get("spec", {}) if each["kind"] in {"Deployment", "Job"} else {}
    for container in pod.get("containers", []):
        for image in wanted:
            if container["image"].partition(":")[0] == image["name"]:
                container["image"] = f"{image.get('newName', image['name'])}:{image['newTag']}"
