"""What a master station sends, as documented in docs/station, and sent by a program that is not Python (BND-12)."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from deploy import station_docs
from gateway.portal.assets import find_npm
from simkeep_station import Reading, StationClient, Terminal
from tests.messaging.harness import ROOT
from tests.messaging.stations import TONIGHT, UNIT, World, night, terminal

NODE_DOCS = ROOT / "docs/station"


@pytest.fixture(scope="module")
def node_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """night.mjs with its library, installed from its lockfile."""
    folder = tmp_path_factory.mktemp("node")
    for name in ("night.mjs", "package.json", "package-lock.json", ".npmrc"):
        shutil.copy(NODE_DOCS / name, folder / name)
    npm = find_npm()
    path = os.pathsep.join((str(Path(npm).parent), os.environ["PATH"]))
    subprocess.run(
        [npm, "ci", "--no-audit", "--no-fund"], cwd=folder, env={**os.environ, "PATH": path}, check=True, timeout=120
    )
    return folder / "night.mjs"


@pytest.mark.slow
@pytest.mark.req("BND-01", "BND-12")
def test_a_night_sent_by_a_program_that_is_not_python_is_committed(world: World, node_program: Path):
    world.know(11_000, 120)
    world.report_terminals(11_000, 120)
    npm = find_npm()
    env = {**os.environ, **world.secrets, "SIMKEEP_UNIT": UNIT}
    env["PATH"] = os.pathsep.join((str(Path(npm).parent), os.environ["PATH"]))
    lines = "\n".join(json.dumps(each.row()) for each in night(11_000, 120))

    def send(unit: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["node", node_program],
            input=lines,
            env={**env, "SIMKEEP_UNIT": unit},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    first, again, elsewhere = send(UNIT), send(UNIT), send("9902")

    assert json.loads(first.stdout) == {"taken": 120, "repeated": 0, "changed": 120, "refused": 0}, first.stderr
    assert json.loads(again.stdout) == {"taken": 0, "repeated": 120, "changed": 0, "refused": 0}
    assert (elsewhere.returncode, "unit_out_of_scope" in elsewhere.stderr) == (1, True)
    assert (world.stored(11_000, 120), world.bound(11_000, 120)) == (120, 120)


@pytest.mark.req("BND-12")
def test_the_document_for_stations_describes_the_messages_really_sent(world: World, monkeypatch: pytest.MonkeyPatch):
    document = json.loads((NODE_DOCS / "asyncapi.json").read_text())
    heard: dict[str, tuple[Any, Any]] = {}
    once = StationClient._once

    def listening(self: StationClient, method: str, body: bytes, *more: Any) -> bytes:
        answer = once(self, method, body, *more)
        heard[method.partition(".")[2]] = (json.loads(body), json.loads(answer))
        return answer

    monkeypatch.setattr(StationClient, "_once", listening)
    with world.client() as client:
        client.report_terminals([Terminal(terminal(12_000), "990101", "集中器", "running")], as_of=TONIGHT)
        client.report_readings([*night(12_000, 1), Reading("?", TONIGHT, fault="E1")])
        client.call("binding.take_read_requests", {"limit": 1})

    assert document == station_docs.document(), "stale: ./simkeep docs"
    assert set(heard) == set(document["operations"])
    for name, (request, answer) in heard.items():
        channel = document["channels"][name]
        message = channel["messages"]["request"]
        jsonschema.validate(request, message["payload"])
        jsonschema.validate(message["examples"][0]["payload"], message["payload"])
        jsonschema.validate(answer, document["channels"]["answers"]["messages"][name]["payload"])
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"args": [{}, {}]}, message["payload"])
