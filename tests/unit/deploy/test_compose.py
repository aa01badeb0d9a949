"""The Compose file starts what `./simkeep up` starts."""

from pathlib import Path

import pytest
import yaml

from deploy.docker import make_env
from deploy.local.stack import SERVICES

DOCKER = Path(make_env.__file__).parent


@pytest.mark.req("OPS-02")
def test_every_service_has_its_process_its_worker_and_their_health():
    compose = yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]
    for service in SERVICES:
        for name, module, kind in (
            (service, "process.runner", ""),
            (f"{service}-jobs", "jobs.worker", "WORKER_"),
        ):
            process = compose[name]
            assert process["command"] == ["python", "-m", f"kernel.chassis.{module}", service]
            assert process["environment"][f"SIMKEEP_{service.upper()}_{kind}HEALTH_PORT"] == "9100"
            assert "9100" in process["healthcheck"]["test"][-1]
            assert process["depends_on"] == {"declare": {"condition": "service_completed_successfully"}}
            assert process["read_only"]
            assert process["cap_drop"] == ["ALL"]


@pytest.mark.req("OPS-02")
def test_no_secret_stands_in_the_files_and_the_image_runs_as_nobody_special():
    dockerfile = (DOCKER / "Dockerfile").read_text()
    assert "\nUSER 10001:10001\n" in dockerfile
    assert "--require-hashes" in dockerfile
    assert "PASSWORD=" not in dockerfile
    compose = yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]
    passwords = [value for process in compose.values() for value in map(str, process.get("environment", {}).values())]
    assert all("${" in value for value in passwords if "://" in value)
    assert compose["gateway"]["ports"] == ["127.0.0.1:8080:8080"]
