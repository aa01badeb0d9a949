"""Stations that report night after night as fast as they are let, in a process of their own.

``python -m benchmarks.senders ADDRESS KEY COUNT`` sends ordinary readings of ``binding_province`` from so many threads,
each for terminals of its own, until its standard input is closed.
"""

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from benchmarks.binding_province import card, terminal
from benchmarks.readings import account
from benchmarks.stack import ROOT, System

sys.path.append(str(ROOT / "clients/station"))
from simkeep_station import Reading, StationClient

EACH = 1_000
"""Terminals of one station; it reads them every minute."""
BATCH = 5
"""Times that it reads them before it reports: 5,000 readings."""


@contextmanager
def sending(system: System, url: str, stations: int) -> Iterator[None]:
    """While the block runs, so many stations send."""
    with account(system, url) as shown:
        addresses = (shown["SIMKEEP_AMQP_URL"], shown["SIMKEEP_ACTOR_PRIVATE_KEY"])
        argv = [sys.executable, "-m", "benchmarks.senders", *addresses, str(stations)]
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True)
        try:
            if process.stdout is None or process.stdout.readline() != "sending\n":
                raise RuntimeError("the stations did not begin")
            yield
            if process.poll() is not None:
                raise RuntimeError("the stations ended by themselves")
        finally:
            process.kill()
            process.wait()


def _report(address: str, key: str, number: int, begun: threading.Barrier) -> None:
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=20)
    names = range(number * EACH + 1, (number + 1) * EACH + 1)
    with StationClient(address, key, "99") as client:
        first = True
        while True:
            times = [moment + timedelta(minutes=minute) for minute in range(BATCH)]
            client.report_readings(
                Reading(terminal(each), at, card(each), received_at=at + timedelta(seconds=9))
                for at in times
                for each in names
                if each % 20
            )
            moment = times[-1] + timedelta(seconds=7)
            if first:
                begun.wait()
                first = False


def main(address: str, key: str, stations: int) -> None:
    begun = threading.Barrier(stations + 1)
    for number in range(stations):
        threading.Thread(target=_report, args=(address, key, number, begun), daemon=True).start()
    begun.wait()
    print("sending", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
