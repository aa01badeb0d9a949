"""`./simkeep rebuild SERVICE MODEL`: a copy that lost its data is the owner's again, while cards and events go on."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy import rebuild as command
from deploy.local.ports import Ports
from deploy.local.processes import ManagedProcess, Supervisor
from tests.integration.read_models.conftest import COPIES, Lab
from tests.messaging.harness import until
from tests.preloaded import spawn

ROOT = Path(__file__).resolve().parents[3]


@dataclass
class Workers:
    """The job workers of inventory and of consumers."""

    supervisor: Supervisor
    ports: Ports

    def start(self, service: str, **more: str) -> ManagedProcess:
        port = str(self.ports.claim(service))
        env = {f"SIMKEEP_{service.upper()}_WORKER_HEALTH_PORT": port, **more}
        return self.supervisor.start(
            service,
            [sys.executable, "-m", "kernel.chassis.jobs.worker", service],
            env,
            ready_url=f"http://127.0.0.1:{port}/health/ready",
            cwd=ROOT,
        )


@pytest.fixture
def workers(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    monkeypatch.setenv("SIMKEEP_DATABASE_URL", lab.url)
    monkeypatch.setenv("SIMKEEP_BLOB_URL", f"file://{tmp_path / 'blobs'}")
    env = {
        "SIMKEEP_TESTING": "1",
        "SIMKEEP_JOB_LEASE_SECONDS": "1",
        "SIMKEEP_JOB_POLL_SECONDS": "0.2",
        "SIMKEEP_REBUILD_SLICE_BYTES": "8000",
    }
    env = {**os.environ, **env}
    with Supervisor(tmp_path / "run", env=env, log_dir=tmp_path / "logs", spawn=spawn) as supervisor:
        workers = Workers(supervisor, Ports(tmp_path / "ports.json"))
        workers.start("inventory")
        yield workers


@contextmanager
def going_on(lab: Lab, service: str) -> Iterator[Callable[[], int]]:
    """Acts on cards, and their events brought to ``service`` at once; yields how many acts there were."""
    stop, errors, acts = threading.Event(), [], [0]

    def run() -> None:
        try:
            while not stop.is_set():
                lab.live(1)
                acts[0] += 1
                lab.tell(service, lab.news())
        except Exception as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield lambda: acts[0]
    finally:
        stop.set()
        thread.join()
    assert not errors


@pytest.mark.req("OPS-04")
@pytest.mark.parametrize("service", sorted(COPIES))
def test_a_copy_that_lost_its_data_is_filled_while_cards_and_events_go_on(lab: Lab, workers: Workers, service: str):
    workers.start(service)
    lab.stock.deliver(400)
    lab.live(40)
    lab.news()

    with going_on(lab, service):
        result = command.rebuild(service, "cards")
    lab.tell(service, lab.news())

    assert result.rows == 400
    assert lab.copy(service) == lab.owner(service)


@pytest.mark.req("OPS-04")
def test_a_copy_with_wrong_strange_and_missing_rows_is_the_owners_afterwards(lab: Lab, workers: Workers):
    workers.start("workflow")
    lab.stock.deliver(300)
    lab.live(30)
    lab.tell("workflow", lab.news())
    lab.on("workflow", "DELETE FROM cards WHERE iccid IN (SELECT iccid FROM cards ORDER BY random() LIMIT 100)")
    lab.on("workflow", "UPDATE cards SET carrier = 'nobody', version = version - 1 WHERE random() < 0.3")
    lab.on("workflow", "UPDATE cards SET state = 'running', msisdn = '1' WHERE random() < 0.3")
    lab.on(
        "workflow",
        "INSERT INTO cards (iccid, owner_unit, state, carrier, card_spec, application_month, version, changed_at)"
        " SELECT replace(iccid, '8986', prefix), owner_unit, state, carrier, card_spec, application_month, 9, now()"
        " FROM cards CROSS JOIN (VALUES ('0000'), ('8987'), ('9999')) AS strange (prefix)",
    )

    result = command.rebuild("workflow", "cards")

    assert lab.copy("workflow") == lab.owner("workflow")
    assert result.removed == 600
    alike = "owner_unit, state, carrier, card_spec, application_month"
    counted = lab.on("workflow", f"SELECT {alike}, cards FROM card_counts ORDER BY {alike}")
    assert counted == lab.on(
        "workflow", f"SELECT {alike}, count(*) AS cards FROM cards GROUP BY {alike} ORDER BY {alike}"
    )


@pytest.mark.req("OPS-04")
def test_a_card_that_arrives_after_the_snapshot_stays(lab: Lab, workers: Workers, monkeypatch: pytest.MonkeyPatch):
    workers.start("binding")
    lab.stock.deliver(200)
    lab.tell("binding", lab.news())
    run = command._run

    def meanwhile(service: str, *arguments: object) -> dict:
        if service == "binding":
            lab.stock.deliver(50)
            lab.stock.deliver(50, prefix="000000")
            lab.tell("binding", lab.news())
        return run(service, *arguments)

    monkeypatch.setattr(command, "_run", meanwhile)
    result = command.rebuild("binding", "cards")

    assert (result.rows, result.removed) == (200, 0)
    assert len(lab.copy("binding")) == 300
    assert lab.copy("binding") == lab.owner("binding")


@pytest.mark.req("OPS-04")
def test_a_worker_killed_in_the_middle_leaves_a_job_that_the_next_one_ends(lab: Lab, workers: Workers, tmp_path: Path):
    lab.stock.deliver(500)
    lab.live(20)
    lab.news()
    dying = workers.start("binding", SIMKEEP_CRASH_AT="rebuild.after_slice", SIMKEEP_JOB_ATTEMPTS="1000")
    results: list[object] = []
    with going_on(lab, "binding"):
        asking = threading.Thread(target=lambda: results.append(command.rebuild("binding", "cards")))
        asking.start()
        until("a run has begun and died", lambda: lab.on("binding", "SELECT FROM jobs WHERE attempts > 1"))
        dying.kill9()
        filled = len(lab.copy("binding"))
        workers.start("binding", SIMKEEP_JOB_ATTEMPTS="1000")
        asking.join(timeout=120)
    lab.tell("binding", lab.news())

    assert 0 < filled < 500
    assert results
    assert lab.copy("binding") == lab.owner("binding")
    assert not [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()]


def test_a_model_that_is_not_there_is_named_with_those_that_are(capsys: pytest.CaptureFixture[str]):
    assert command.main(["binding", "terminals"]) == 1

    said = capsys.readouterr().err
    assert "terminals" in said
    assert "workflow cards" in said
