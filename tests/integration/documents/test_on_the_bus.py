"""Documents as it runs: workflow's facts in, documents' facts out, with a worker that is killed in between."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import amqp
import pytest

from deploy.accounts import url_as
from kernel.chassis.bus import links
from kernel.chassis.data.blobs import blob_store
from kernel.chassis.process.settings import BlobSettings, BusSettings
from kernel.contracts import documents, topology
from kernel.contracts.documents.forms import CheckCode, GetForm
from kernel.contracts.envelope import Envelope, Event
from kernel.contracts.operations import GET_JOB, JobRequest
from kernel.contracts.workflow.events import FormSubmitted, SignedFormUploaded
from kernel.model.actor import Actor
from tests.integration.documents.desk import CLERK, FORM_KEY, UNIT, small_content, uploads
from tests.messaging.client import BusClient
from tests.messaging.harness import Bench, Process, until
from tests.running_stack import virtual_host

SAMPLE = 7
LEASE = {"SIMKEEP_JOB_LEASE_SECONDS": "1.5", "SIMKEEP_JOB_POLL_SECONDS": "0.3"}


class Workflow:
    """Workflow's end of the bus: publishes its facts from its account, hears all of documents' as administrator."""

    def __init__(self, amqp_url: str) -> None:
        self._connection = links.connect(BusSettings(amqp_url=amqp_url, heartbeat_seconds=60), "test-workflow")
        own = BusSettings(amqp_url=url_as("workflow", amqp_url), heartbeat_seconds=60)
        self._publishing = links.connect(own, "test-workflow")
        self._channel = self._connection.channel()
        self._channel.auto_decode = False
        queue = self._channel.queue_declare("", exclusive=True).queue
        self._channel.queue_bind(queue, topology.event_exchange("documents"), "#")
        self._channel.basic_consume(queue, no_ack=True, callback=self._take)
        self.heard: list[dict[str, Any]] = []

    def _take(self, message: amqp.Message) -> None:
        self.heard.append(json.loads(message.body))

    def listen(self) -> list[dict[str, Any]]:
        """Payloads heard so far."""
        with suppress(TimeoutError):
            self._connection.drain_events(timeout=0.05)
        return [envelope["payload"] for envelope in self.heard]

    def tell(self, event: Event) -> None:
        envelope = Envelope(
            message_id=uuid4(), source="workflow", type=event.TYPE, occurred_at="2026-11-20T06:00:00Z", actor="city1",
            correlation_id="test-click", payload=event.model_dump(mode="json"),
        )  # fmt: skip
        message = amqp.Message(envelope.model_dump_json(), content_type="application/json", user_id="workflow")
        self._publishing.channel(1).basic_publish(message, topology.event_exchange("workflow"), event.TYPE)

    def close(self) -> None:
        self._publishing.close()
        self._connection.close()


@pytest.fixture(scope="module")
def amqp_host(amqp_url: str) -> str:
    return virtual_host(amqp_url)


@pytest.fixture(scope="module")
def bench(module_database: str, amqp_host: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    directory = tmp_path_factory.mktemp("documents")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIMKEEP_BLOB_URL", f"file://{directory / 'blobs'}")
        settings = {
            "SIMKEEP_DATABASE_URL": module_database,
            "SIMKEEP_BLOB_URL": os.environ["SIMKEEP_BLOB_URL"],
            "SIMKEEP_FORM_PRIVATE_KEY": FORM_KEY,
            **LEASE,
        }
        bench = Bench(module_database, amqp_host, directory, settings)
        yield bench
        bench.stop_all()


@pytest.fixture(scope="module")
def worker(bench: Bench) -> Process:
    service, worker = bench.start("documents", wait=False), bench.start("documents", worker=True, wait=False)
    bench.wait_ready(service, worker)
    return worker


@pytest.fixture(scope="module")
def workflow(worker: Process, amqp_host: str) -> Iterator[Workflow]:
    peer = Workflow(amqp_host)
    yield peer
    peer.close()


@pytest.fixture(scope="module")
def client(worker: Process, amqp_host: str) -> Iterator[BusClient]:
    client = BusClient(amqp_host)
    yield client
    client.close()


def heard(workflow: Workflow, what: str, is_it: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    return until(what, lambda: next((payload for payload in workflow.listen() if is_it(payload)), None))


@pytest.mark.stack
@pytest.mark.req("ACT-04", "ACT-05", "DOC-02", "DOC-03", "OPS-04")
def test_a_form_is_issued_and_its_scan_judged_once_though_the_worker_is_killed(
    bench: Bench, worker: Process, workflow: Workflow, client: BusClient
):
    content = small_content(SAMPLE)
    form, papers = uploads(SAMPLE)
    asked = time.monotonic()
    workflow.tell(
        FormSubmitted(
            kind=content.kind, number=content.number, revision=1, unit=UNIT, content=content.model_dump(mode="json")
        )
    )
    issued = heard(workflow, "form_issued", lambda payload: payload["number"] == content.number)
    seconds = time.monotonic() - asked

    upload = blob_store(BlobSettings()).put_stream([papers["forged"]], name="scan.pdf", media_type="application/pdf")
    attempt = uuid4()
    workflow.tell(
        SignedFormUploaded(
            attempt_id=attempt, kind=content.kind, number=content.number, revision=1, unit=UNIT, upload=upload,
            uploaded_by=CLERK.id, uploaded_by_name=CLERK.name, uploader_unit=UNIT,
        )
    )  # fmt: skip
    until(
        "the verification runs",
        lambda: bench.one("documents", "SELECT count(*) FROM jobs WHERE id = %s AND state = 'running'", attempt),
    )
    worker.kill9()
    bench.start("documents", worker=True)
    judged = heard(workflow, "signed_form_judged", lambda payload: payload.get("attempt_id") == str(attempt))
    time.sleep(2)  # longer than a lease
    job = client.call("documents", GET_JOB, JobRequest(job_id=attempt), actor=CLERK)

    assert seconds < 15, "a form must not wait for anything"
    assert (issued["pages"], issued["pdf"]["sha256"]) == (1, form.sha256)
    assert (judged["verdict"], judged["findings"][0]["code"]) == ("differs", "changed")
    assert (job["state"], job["attempts"]) == ("done", 2)
    told = [payload for payload in workflow.listen() if payload.get("attempt_id") == str(attempt)]
    assert len(told) == 1
    assert {envelope["correlation_id"] for envelope in workflow.heard} == {"test-click"}


@pytest.mark.stack
@pytest.mark.req("DOC-05", "GTW-02")
def test_the_service_asks_for_permissions_and_answers_nobodys_check(client: BusClient, workflow: Workflow):
    nobody = Actor("public", "公众", "", frozenset())
    codes = []

    checked = client.call("documents", documents.forms.CHECK_CODE, CheckCode(code="SK1.x"), actor=nobody)
    for method in (documents.forms.ISSUE_FORM, documents.forms.GET_FORM, documents.scans.LIST_SCANS):
        try:
            client.call("documents", method, GetForm(number="HJ-1"), actor=nobody)
        except Exception as error:
            codes.append(getattr(error, "code", repr(error)))

    assert checked == {"answer": "unknown"}
    assert codes == ["permission_denied"] * 3
