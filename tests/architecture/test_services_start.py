"""Every service's class can be made: its methods, handlers and timers do not take each other's names."""

import subprocess
import sys

import pytest

from kernel.contracts.topology import SERVICES


@pytest.mark.req("OPS-01")
def test_every_service_class_can_be_made():
    made = ["import kernel.chassis.process.green", *[f"import services.{name}.service" for name in SERVICES]]

    done = subprocess.run([sys.executable, "-c", "\n".join(made)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-2000:]
