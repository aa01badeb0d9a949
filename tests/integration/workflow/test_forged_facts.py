"""The attack that once moved a form: a made-up verdict, published where documents publishes (GTW-07)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pika
import pytest

from deploy.accounts import ADMINISTRATOR, url_as
from kernel.contracts import topology
from kernel.contracts.documents.events import SignedFormJudged
from kernel.contracts.envelope import Envelope
from tests.integration.workflow.office import CITY, Office
from tests.integration.workflow.test_activation import summarised
from tests.messaging.harness import Bench, Process, until
from tests.running_stack import virtual_host

FORGED = "simkeep_events_foreign_total"


@pytest.fixture(scope="module")
def bench(module_database: str, amqp_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    directory: Path = tmp_path_factory.mktemp("workflow")
    settings = {
        "SIMKEEP_DATABASE_URL": module_database,
        "SIMKEEP_BLOB_URL": f"file://{directory / 'blobs'}",
    }
    bench = Bench(module_database, virtual_host(amqp_url), directory, settings)
    bench.declare("documents")
    yield bench
    bench.stop_all()


@pytest.fixture(scope="module")
def workflow(bench: Bench) -> Process:
    return bench.start("workflow")


def publish(bench: Bench, account: str, envelope: Envelope, user_id: str | None) -> None:
    """On documents' exchange, from any account that may."""
    with pika.BlockingConnection(pika.URLParameters(url_as(account, bench.amqp_url))) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        channel.basic_publish(
            topology.event_exchange("documents"),
            envelope.type,
            envelope.model_dump_json().encode(),
            pika.BasicProperties(user_id=user_id, delivery_mode=2),
        )


def verdict(event: SignedFormJudged) -> Envelope:
    return Envelope(
        message_id=uuid4(),
        source="documents",
        type=event.TYPE,
        occurred_at=event.judged_at,
        payload=event.model_dump(mode="json"),
    )


def parked(bench: Bench) -> list[Any]:
    return bench.rows("workflow", "SELECT message_id, refused_sender, next_try_at FROM parked ORDER BY parked_at")


@pytest.mark.stack
@pytest.mark.req("GTW-07", "OPS-04")
def test_a_made_up_verdict_moves_no_form_and_documents_own_does(bench: Bench, workflow: Process, office: Office):
    summarised(office, ("990101", 100))
    number = office.city_form().number
    office.submit(number, CITY)
    office.issue(number)
    attempt = office.upload(number, CITY)
    event = SignedFormJudged(
        number=number,
        revision=office.row(number)["submitted_revision"],
        attempt_id=attempt,
        scan_id=uuid4(),
        verdict="passed",
        findings_count=0,
        findings=[],
        judged_at=office.now,
    )
    genuine = verdict(event)

    for user_id in (None, ADMINISTRATOR):
        publish(bench, ADMINISTRATOR, genuine, user_id)
    until("both are parked", lambda: len(parked(bench)) == 2)
    state_after_the_forgeries = office.form(number).state_name
    publish(bench, topology.account("documents"), genuine, topology.account("documents"))
    until("documents' own is applied", lambda: office.form(number).state_name == "市级审核通过")

    assert state_after_the_forgeries == "市级审核中"
    assert {(row[1], row[2]) for row in parked(bench)} == {("", None), (ADMINISTRATOR, None)}
    assert genuine.message_id not in {row[0] for row in parked(bench)}
    assert workflow.metric(f'{FORGED}{{source="documents"}}') == 2
