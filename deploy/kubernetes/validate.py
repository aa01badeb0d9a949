"""Whether every object of both overlays is what Kubernetes and the operators take: offline, in `./simkeep check`."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate
from jsonschema import Draft202012Validator

from deploy.kubernetes import schemas
from deploy.kubernetes.objects import Object
from deploy.kubernetes.render import render

VERSION = "1.31"
"""The oldest Kubernetes that the manifests are meant for."""
OVERLAYS = Path(__file__).parent / "overlays"
NAMES = ("small", "production")
LAYERS = ("ground", "steps", "system")


def problems_of(each: Object) -> list[str]:
    """What is wrong with an object, each as a place and a sentence."""
    title = f"{each['kind']} {each['metadata']['name']}"
    if each["kind"] in schemas.KINDS:
        return [f"{title}: {problem}" for problem in _problems_of_operators(each)]
    try:
        kubernetes_validate.validate(each, VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        place = ".".join(map(str, error.path))
        return [f"{title}: {place}: {error.message}"]
    return []


def _problems_of_operators(each: Object) -> list[str]:
    schema = schemas.schema_of(each["kind"])
    found = [f"{'.'.join(map(str, it.path))}: {it.message}" for it in _validator(each["kind"]).iter_errors(each)]
    if each["apiVersion"] != schema["x-api-version"]:
        found.append(f"apiVersion: {each['apiVersion']} is not {schema['x-api-version']}")
    return found


@cache
def _validator(kind: str) -> Any:
    return Draft202012Validator(schemas.schema_of(kind))


def check() -> tuple[int, list[str]]:
    """How many objects there are in all overlays, and what is wrong with them; an object that two overlays share is
    looked at once."""
    seen: dict[str, Object] = {}
    for name in NAMES:
        for layer in LAYERS:
            for each in render(OVERLAYS / name / layer):
                seen[repr(each)] = each
    return len(seen), [problem for each in seen.values() for problem in problems_of(each)]


def main() -> int:
    count, problems = check()
    for problem in problems:
        print(problem)  # noqa: T201  a command's answer
    print(f"{count} different objects, {len(problems)} problems")  # noqa: T201  a command's answer
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
