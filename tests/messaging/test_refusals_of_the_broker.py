"""What the broker refuses is named: in the log, and where operations look whether a service is ready."""

import os
import subprocess
import sys

import pytest

from deploy.local.rabbit import PrivateRabbit
from kernel.contracts import topology
from tests.messaging.conftest import leave_queue
from tests.messaging.harness import ROOT, Bench, until


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
