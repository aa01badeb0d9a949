"""What the broker refuses is named: in the log, and where operations look whether a service is ready."""

import os
import subprocess
import sys

import pytest

from deploy.local.rabbit import PrivateRabbit
from kernel.contracts import topology
from simkeep_station import NotAllowedError
from tests.messaging.conftest import leave_queue
from tests.messaging.harness import ROOT, Bench, until
from tests.messaging.stations import METHODS, UNIT, World, client_of, night


@pytest.mark.req("OPS-05")
def test_a_queue_with_other_arguments_is_named_with_the_way_out(bench: Bench, rabbit: PrivateRabbit):
    queue = topology.consumer_queue("mirror", "probe")
    leave_queue(bench.amqp_url, queue)

    def declared() -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "kernel.chassis.bus.declare", "tests.messaging.mirror"]
        env = {**os.environ, **bench.settings, "SIMKEEP_AMQP_URL": bench.amqp_url}
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    refused = declared()
    rabbit.control("delete_queue", queue, "-p", bench.amqp_url.rpartition("/")[2])
    taken = declared()

    assert refused.returncode == 1
    assert f"queue '{queue}'" in refused.stderr
    assert "other arguments" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert taken.returncode == 0, taken.stderr


@pytest.mark.req("OPS-05")
def test_a_broker_that_takes_no_messages_is_named_until_it_does(bench: Bench, rabbit: PrivateRabbit):
    probe = bench.start("probe")
    waiting = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
    try:
        rabbit.control("set_vm_memory_high_watermark", "0.00001")
        bench.rows("probe", "INSERT INTO outbox (type, payload) VALUES ('entry_added', '{}') RETURNING id")

        until("readiness names the alarm", lambda: "memory or disk alarm" in " ".join(probe.problems().values()))
        assert "bus blocked" in probe.logged()
    finally:
        rabbit.control("set_vm_memory_high_watermark", "0.6")
    bench.wait_ready(probe)
    until("the message left after all", lambda: bench.one("probe", waiting) == 0)


@pytest.mark.req("BND-12", "GTW-06", "GTW-07")
def test_a_station_does_not_use_an_account_to_which_the_broker_refuses_nothing(world: World, rabbit: PrivateRabbit):
    secrets = world.issuers.add("station_too_wide", METHODS, [UNIT])
    host = secrets["SIMKEEP_AMQP_URL"].rpartition("/")[2]
    try:
        with client_of(secrets) as client:
            assert client.report_readings(night(60_000, 1))["refused"] == 0
        rabbit.control("clear_topic_permissions", "-p", host, "station_too_wide", topology.RPC_EXCHANGE)

        with client_of(secrets) as client, pytest.raises(NotAllowedError, match="topic permission"):
            client.report_readings(night(60_001, 1))
    finally:
        world.issuers.revoke("station_too_wide")
    assert world.stored(60_000, 2) == 1
