"""Contracts change by addition only. A difference fails here: decide, then write the snapshots anew.

`python -m tests.contract.test_snapshots` writes them.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from deploy.docs import CONTRACTS

FOLDER = Path(__file__).parent / "snapshots"


@cache
def models() -> dict[str, type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {}
    for service, contract in CONTRACTS.items():
        found |= {f"{service}.{method.name}.request": method.request for method in contract.METHODS}
        found |= {f"{service}.{method.name}.reply": method.reply for method in contract.METHODS}
        found |= {f"{service}.{event.TYPE}": event for event in contract.EVENTS}
    return found


def required(schema: dict[str, Any]) -> set[str]:
    return set(schema.get("required", ()))


@pytest.mark.parametrize("name", sorted(models()))
def test_a_message_keeps_what_it_promised(name: str):
    today = models()[name].model_json_schema()
    promised = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))

    gone = promised.get("properties", {}).keys() - today.get("properties", {}).keys()

    assert not gone, f"fields were removed: {sorted(gone)}"
    if name.endswith(".request"):
        assert required(today) <= required(promised), "a new field of a request must have a default"
    else:
        assert required(promised) <= required(today), "a field that was always there must stay so"


def test_every_message_has_a_snapshot():
    assert {path.stem for path in FOLDER.glob("*.json")} >= models().keys()


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, model in models().items():
        (FOLDER / f"{name}.json").write_text(
            json.dumps(model.model_json_schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
        )
