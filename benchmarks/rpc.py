"""rpc: GET of one card through gateway, bus, service and database with 32 clients, against the same built stock.

Stock: Nameko's http entrypoint and RPC proxy with the same query (``stock_nameko``). Both run at once and are loaded
in turns, several times; the medians are compared.
"""

import os
import sys
from collections.abc import Iterator
from statistics import median

import psycopg

from benchmarks import dataset, load
from benchmarks.lines import Line
from benchmarks.stack import ROOT, BenchStack
from deploy.local.ports import Ports

CLIENTS, SECONDS, ROUNDS = 32, float(os.environ.get("SIMKEEP_BENCH_SECONDS", "8")), 4
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
        sides = (
            (system.base_url, [f"/api/v1/cards/{iccid}" for iccid in iccids], bearer),
            (f"http://127.0.0.1:{edge}", [f"/cards/{iccid}" for iccid in iccids], {}),
        )
        rates: tuple[list[float], list[float]] = ([], [])
        slow: tuple[list[float], list[float]] = ([], [])
        for number in range(ROUNDS + 1):
            for index, (base, paths, headers) in enumerate(sides):
                seen = load.measure(base, paths, clients=CLIENTS, seconds=SECONDS if number else 2, headers=headers)
                if seen["failures"] or not seen["answers"]:
                    raise RuntimeError(f"{base}: {seen}")
                if number:
                    rates[index].append(seen["answers"] / seen["seconds"])
                    slow[index].append(seen["p95_ms"])
        yield Line("rpc.get-card", median(rates[0]), "answers/s", median(rates[1]), at_least=2.0)
        yield Line("rpc.get-card.p95", median(slow[0]), "ms", median(slow[1]))
