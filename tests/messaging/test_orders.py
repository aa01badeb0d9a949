"""Correspondents of the registry of serials: an order system, and the platform on which devices register themselves.

Each has an account and a key of its own (IME-09, IME-11, IME-19).
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.issuers import Issuers, LocalBroker
from deploy.local.registration import HISTORY
from kernel.chassis.data.database import create_engine
from kernel.chassis.process.settings import DatabaseSettings
from simkeep_orders import METHODS, NotAllowedError, NotAnsweredError, OrderClient, RefusedError
from tests.databases import fresh_database
from tests.integration.imei.shops import Shops, imei
from tests.messaging.harness import ROOT, Bench, until

SHOP = "shop-1"


@dataclass
class Market:
    """Devices in a shop, an imei process, and the order system's secrets."""

    bench: Bench
    shops: Shops
    issuers: Issuers
    secrets: dict[str, str]

    def client(self, unit: str = "99", **more: Any) -> OrderClient:
        known = self.secrets
        return OrderClient(
            known["SIMKEEP_AMQP_URL"], known["SIMKEEP_ACTOR_PRIVATE_KEY"], unit, **{"patience": 30, **more}
        )


@pytest.fixture(scope="module")
def market(
    postgres: Any, rabbit: Any, hosts: Iterator[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Market]:
    directory: Path = tmp_path_factory.mktemp("orders")
    amqp_url = next(hosts)
    with fresh_database(postgres.url) as url:
        settings = {
            "SIMKEEP_DATABASE_URL": url,
            "SIMKEEP_IMEI_DATABASE_URL": DatabaseSettings(database_url=url).derived_dsn("imei"),
            "SIMKEEP_BLOB_URL": f"file://{directory / 'blobs'}",
            "SIMKEEP_TESTING": "1",
            "SIMKEEP_CRASH_AT": "",
            "EVENTLET_NO_GREENDNS": "yes",
        }
        bench = Bench(url, amqp_url, directory, settings)
        issuers = Issuers(amqp_url, DatabaseSettings(database_url=url), LocalBroker(rabbit))
        engine = create_engine("imei", "write", DatabaseSettings(database_url=url))
        shops = Shops(engine)
        try:
            shops.open()
            shops.scan(shops.have(*range(1, 60)))
            secrets = issuers.add("orders", METHODS, ["99"])
            bench.start("imei")
            yield Market(bench, shops, issuers, secrets)
        finally:
            bench.stop_all()
            engine.dispose()


@pytest.mark.req("IME-09")
def test_an_order_system_checks_reserves_redeems_and_cancels(market: Market) -> None:
    with market.client() as orders:
        good, wrong, short = orders.check("terminal", SHOP, [imei(1), imei(999), imei(2)[:14] + "x"])
        orders.reserve("terminal", SHOP, imei(1), "DD-1", days=2)
        with pytest.raises(RefusedError) as kept:
            orders.redeem("terminal", SHOP, imei(1), "DD-2")
        orders.redeem("terminal", SHOP, imei(1), "DD-1", msisdn="13800000000")
        with pytest.raises(RefusedError) as twice:
            orders.redeem("terminal", SHOP, imei(1), "DD-3")
        orders.cancel(imei(1), "DD-1", "用户退单")

    assert (good.allowed, good.code, wrong.code, short.code) == (True, None, "serial_not_found", "serial_characters")
    assert wrong.message
    assert (kept.value.code, kept.value.params["number"]) == ("serial_reserved", "DD-1")
    assert twice.value.code == "serial_state_wrong"
    assert market.shops.row(imei(1)).state == "claimed"


@pytest.mark.req("IME-09")
def test_of_two_order_systems_for_one_device_exactly_one_gets_the_subsidy(market: Market) -> None:
    def redeem(number: int) -> str:
        with market.client() as orders:
            try:
                orders.redeem("terminal", SHOP, imei(3), f"DD-R{number}")
            except RefusedError as refused:
                return refused.code
        return "redeemed"

    with ThreadPoolExecutor(6) as pool:
        ends = sorted(pool.map(redeem, range(6)))

    assert ends == ["redeemed", *["serial_state_wrong"] * 5]


@pytest.mark.req("IME-09")
def test_a_redemption_whose_answer_was_lost_is_answered_again_and_done_once(market: Market) -> None:
    with market.client() as orders:
        orders.redeem("terminal", SHOP, imei(4), "DD-4", key="attempt-4")
    with market.client() as after_a_restart:
        after_a_restart.redeem("terminal", SHOP, imei(4), "DD-4", key="attempt-4")

    count = market.bench.one("imei", "SELECT count(*) FROM redemptions WHERE order_no = 'DD-4'")
    assert count == 1


@pytest.mark.req("IME-09", "GTW-07")
def test_an_order_system_may_do_nothing_else(market: Market) -> None:
    with market.client() as orders, pytest.raises(NotAllowedError):
        orders.call("imei.freeze_serials", {"serials": [imei(5)], "cause": "other", "reason": "x"})
    with market.client(unit="98") as foreign, pytest.raises(NotAllowedError):
        foreign.check("terminal", SHOP, [imei(5)])
    with market.client() as orders, pytest.raises(RefusedError, match="organisation_not_found"):
        orders.redeem("terminal", "nowhere", imei(5), "DD-5")


@pytest.mark.req("IME-09")
def test_a_clerk_is_told_in_time_that_nobody_answers_and_the_attempt_can_be_made_again(market: Market) -> None:
    market.bench.processes[-1].kill9()
    with market.client(patience=1) as orders, pytest.raises(NotAnsweredError):
        orders.redeem("terminal", SHOP, imei(6), "DD-6", key="attempt-6")
    market.bench.start("imei")

    with market.client() as orders:
        orders.redeem("terminal", SHOP, imei(6), "DD-6", key="attempt-6")

    assert market.bench.one("imei", "SELECT count(*) FROM redemptions WHERE order_no = 'DD-6'") == 1


@pytest.mark.req("IME-11")
def test_the_demo_platform_tells_what_registered_and_goes_on_after_it_was_killed(
    market: Market, tmp_path: Path
) -> None:
    secrets = market.issuers.add("registration", ["imei.report_registrations"], ["99"])
    env = {
        **os.environ,
        "SIMKEEP_AMQP_URL": secrets["SIMKEEP_AMQP_URL"],
        "SIMKEEP_REGISTRATION_KEY": secrets["SIMKEEP_ACTOR_PRIVATE_KEY"],
        "PYTHONPATH": str(ROOT),
    }
    argv = [sys.executable, "-m", "deploy.local.registration", "--state", str(tmp_path / "state.json")]
    told = "SELECT count(*) FROM registrations"
    minutes = int(HISTORY.total_seconds() // 60)

    def run_until(count: int) -> None:
        platform = subprocess.Popen(argv, env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
        try:
            until("the platform tells", lambda: market.bench.one("imei", told) >= count)
        finally:
            platform.kill()
            platform.wait()

    run_until(minutes - 10)
    first = int(market.bench.one("imei", told))
    with market.bench.sql("imei") as connection:
        connection.execute("DELETE FROM registrations WHERE registered_at > now() - interval '30 minutes'")
    (tmp_path / "state.json").unlink()  # as if it was killed before it wrote down how far it was
    run_until(first - 5)

    assert int(market.bench.one("imei", told)) <= first + 10


@pytest.mark.req("IME-09")
def test_the_clients_readme_names_the_methods_that_it_uses() -> None:
    readme = (Path(sys.modules["simkeep_orders"].__file__ or "").parents[1] / "README.md").read_text()

    assert ",".join(METHODS) in readme
