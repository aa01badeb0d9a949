"""rpc: GET of one card through gateway, bus, service and database with 32 clients, against the same built stock.

Stock: Nameko's http entrypoint and RPC proxy with the same query (``stock_nameko``). Both run at once and are loaded
in turns, several times; the medians are compared.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

import psycopg

from benchmarks import dataset, load
from benchmarks.lines import Line
from benchmarks.stack import ROOT, BenchStack, System, cpu_seconds
from deploy.local.ports import Ports

CLIENTS, SECONDS, ROUNDS = 32, float(os.environ.get("SIMKEEP_BENCH_SECONDS", "4")), 8
CARDS = 30_000


def run(stack: BenchStack) -> Iterator[Line]:
    """Answers per second of both, and their p95."""
    url = stack.kept_database(f"cards_{CARDS}", lambda url: dataset.fill(url, CARDS), dataset.SOURCE)
    with psycopg.connect(url) as db:
        iccids = [row[0] for row in db.execute("SELECT iccid FROM inventory.cards ORDER BY random() LIMIT 500")]
    with stack.system(url) as system:
        ports = Ports(system.supervisor.run_dir / "stock-ports.json")
        edge, unused = ports.claim("edge"), ports.claim("inventory")
        module = [sys.executable, "-m", "benchmarks.stock_nameko"]
        system.supervisor.start("stock-inventory", [*module, "inventory", str(unused)], cwd=ROOT)
        ready = f"http://127.0.0.1:{edge}/health"
        system.supervisor.start("stock-edge", [*module, "edge", str(edge)], ready_url=ready, cwd=ROOT)
        bearer = {"Authorization": f"Bearer {system.token('province')}"}
        ours = Side(system.base_url, [f"/api/v1/cards/{iccid}" for iccid in iccids], bearer, ("gateway", "inventory"))
        paths = [f"/cards/{iccid}" for iccid in iccids]
        stock = Side(f"http://127.0.0.1:{edge}", paths, {}, ("stock-edge", "stock-inventory"))
        for number in range(ROUNDS + 1):
            for side in (ours, stock):
                side.measure(system, SECONDS if number else 2, counts=number > 0)
        yield Line("rpc.get-card", median(ours.rates), "answers/s", median(stock.rates), at_least=3.0)
        yield Line("rpc.get-card.p95", median(ours.slow), "ms", median(stock.slow))
        yield Line("rpc.get-card.cpu", median(ours.cpu), "ms", median(stock.cpu))


@dataclass
class Side:
    """One of the two stacks, and what was seen of it: answers per second, p95, processor time per answer."""

    base: str
    paths: list[str]
    headers: dict[str, str]
    processes: tuple[str, ...]
    rates: list[float] = field(default_factory=list)
    slow: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def measure(self, system: System, seconds: float, *, counts: bool) -> None:
        pids = [pid for name in self.processes for pid in system.pids(name)]
        before = cpu_seconds(pids)
        seen = load.measure(self.base, self.paths, clients=CLIENTS, seconds=seconds, headers=self.headers)
        if seen["failures"] or not seen["answers"]:
            raise RuntimeError(f"{self.base}: {seen}")
        if counts:
            self.rates.append(seen["answers"] / seen["seconds"])
            self.slow.append(seen["p95_ms"])
            self.cpu.append((cpu_seconds(pids) - before) * 1000 / seen["answers"])
