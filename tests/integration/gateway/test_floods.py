"""Who floods slows down himself: an honest login stays within three times its quiet time (GTW-03)."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway import passwords
from tests.integration.gateway.conftest import PASSWORD, LiveGateway

pytestmark = pytest.mark.req("GTW-03")

FLOODER = Path(__file__).with_name("flooder.py")
TIMES = 5
ROUNDS = 4
"""A machine that is busy with something else may spoil a measurement; the gateway would spoil all of them."""

_SETTINGS = {
    "uploads_per_person": 36, "login_limit": 100_000, "login_address_limit": 100_000,
    "login_stranger_limit": 100_000, "http_drain_seconds": 1,
    "upload_idle_seconds": 600,
}  # fmt: skip


@pytest.fixture(scope="module")
def settings_of_module() -> Iterator[dict[str, Any]]:
    """Limits that would end the flood are far away; 36 uploads may come from one person. A password is as dear as in
    production."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SIMKEEP_PASSWORD_MEMORY_KIB", raising=False)
        passwords.hasher.cache_clear()
        yield _SETTINGS
    passwords.hasher.cache_clear()


@contextmanager
def flood(gateway: LiveGateway, kind: str) -> Iterator[None]:
    """Another process that keeps the gateway busy; the block begins when it has begun."""
    token = gateway.login("province").headers["Authorization"]
    process = subprocess.Popen(
        [sys.executable, str(FLOODER), kind, str(gateway.port), token], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "flooding\n"
    yield
    assert process.poll() is None, "the flood ended before the measurement did"
    process.kill()
    process.wait()


def login_seconds(gateway: LiveGateway, address: str) -> float:
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        answer = gateway.client(address=address).post("/auth/login", json={"login": "county1", "password": PASSWORD})
        taken.append(time.perf_counter() - began)
        assert answer.status_code == 200
    return statistics.median(taken)


@pytest.mark.parametrize(
    ("kind", "address"),
    [("idle_uploads", "127.0.0.1"), ("wrong_logins", "127.0.0.1"), ("wrong_logins", "127.0.0.5")],
    ids=["36 idle uploads", "240 wrong logins from his own address", "240 wrong logins from elsewhere"],
)
def test_an_honest_login_stays_within_three_times_its_quiet_time(gateway: LiveGateway, kind: str, address: str) -> None:
    login_seconds(gateway, address)
    ratios = []
    for _ in range(ROUNDS):
        quiet = login_seconds(gateway, address)
        with flood(gateway, kind):
            ratios.append(login_seconds(gateway, address) / quiet)
        if ratios[-1] <= 3:
            return
    pytest.fail(f"times its quiet time: {ratios}")
