"""Carriers' servers with a truth that tests know, and pulls run as the job worker runs them."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from deploy.local.carriers import DemoCarriers, endpoints, serving
from deploy.local.carriers_usage import UsageBook
from kernel.chassis.jobs.context import JobContext
from kernel.contracts.traffic.pulls import PullUsage
from kernel.model.actor import Actor
from services.traffic.pulls.pulling import PULL_JOB, pull_usage, run_pull
from tests.integration.traffic.meters import PROVINCE, Meters, carrier_of, iccid

KEY = "the demo's key"
FAST: dict[str, Any] = {"timeout_seconds": 5, "attempts": 3, "backoff_seconds": 0.01, "key_env": None}
DIALECT = {"china_mobile": "onelink", "china_unicom": "unicom", "china_telecom": "generic"}
GAPS = 0.03


def truth(card: str, day: date) -> int | None:
    """What a card used on a day; a few days have no figure."""
    number = int(card[-6:]) * 7919 + day.toordinal() * 104729
    return None if number % 100 < GAPS * 100 else number % (5 << 20)


@dataclass
class Field:
    """The three carriers' servers beside the tables of traffic."""

    meters: Meters
    server: DemoCarriers
    patch: pytest.MonkeyPatch
    usage: dict[str, Any]

    def connect(self, **usage: Any) -> None:
        """With these manners."""
        self.usage = {"calls_per_second": 500, **usage}
        found = [{**it, **FAST, "usage": self.usage} for it in endpoints(self.server.port, KEY)]
        for endpoint in found:
            endpoint["usage"] = {**self.usage, "measured_in": "KB" if endpoint["dialect"] == "onelink" else "B"}
        self.patch.setenv("SIMKEEP_CARRIERS", json.dumps(found))

    def book(self, carrier: str) -> UsageBook:
        found = self.server.dialects[DIALECT[carrier]].usage
        assert found is not None
        return found

    def start(self, carrier: str, by: Actor = PROVINCE) -> Any:
        return self.meters.act(pull_usage, PullUsage(carrier=carrier), by).job_id

    def pull(self, carrier: str, by: Actor = PROVINCE, *, load: bool = True) -> dict[str, Any]:
        """Runs the pull and what follows from it until no job is left; the result of the first."""
        self.start(carrier, by)
        results = [result for result in self.run_jobs(load=load) if "calls" in result]
        return results[0]

    def run_jobs(self, *, load: bool = True) -> Iterator[dict[str, Any]]:
        kinds = [PULL_JOB, "usage_load"] if load else [PULL_JOB]
        done = []
        while True:
            waiting = self.meters.run(
                "SELECT id, kind, request FROM jobs WHERE state = 'queued' AND kind = ANY(:kinds) ORDER BY created_at",
                kinds=kinds,
            )
            if not waiting:
                return iter(done)
            done.append(self.run_job(waiting[0]))

    def run_job(self, row: Any) -> dict[str, Any]:
        meters = self.meters
        meters.run("UPDATE jobs SET state = 'running', attempts = 1 WHERE id = :id", id=row.id)
        if row.kind == "usage_load":
            load = meters.run("SELECT * FROM loads WHERE id = :id", id=row.request["load_id"])[0]
            taken = meters.take(type("Accepted", (), {"job_id": load.job_id, "load_id": load.id})())
            return {"load": taken.id, "state": taken.state}
        job = JobContext(row.id, row.kind, row.request, PROVINCE, None, 1, None, meters.now, meters.engine)
        job.__dict__["blobs"] = meters.blobs
        job.now = lambda: meters.now  # type: ignore[method-assign]
        return run_pull(job)

    def figures(self) -> dict[tuple[str, date], int]:
        """The carriers' figures in the tables."""
        sql = "SELECT iccid, day, carrier_bytes FROM usage_days JOIN cards ON cards.id = card_id"
        return {
            (row.iccid, row.day): row.carrier_bytes for row in self.meters.run(f"{sql} WHERE carrier_bytes IS NOT NULL")
        }

    def expected(self, carrier: str, days: int = 7) -> dict[tuple[str, date], int]:
        """What the tables must hold of the carrier for the ``days`` before today."""
        book = self.book(carrier)
        span = [book.yesterday - timedelta(days=back) for back in range(days)]
        known = {(card, day): book.known(card, day) for card in book.cards() for day in span}
        return {key: size for key, size in known.items() if size is not None}

    def pulls(self, carrier: str) -> list[Any]:
        return self.meters.run("SELECT * FROM pulls WHERE carrier = :carrier ORDER BY id", carrier=carrier)


@contextmanager
def a_field(meters: Meters, patch: pytest.MonkeyPatch, cards: int) -> Iterator[Field]:
    """``cards`` cards of three carriers, figures until yesterday."""
    own: dict[str, list[str]] = {"china_mobile": [], "china_unicom": [], "china_telecom": []}
    for number in range(cards):
        own[carrier_of(number)].append(iccid(number))
    if cards > 12:
        meters.have_cards(cards - 12, first=12)
    last = own["china_unicom"][::2]
    own["china_telecom"] = last
    own["china_unicom"] = own["china_unicom"][1::2]
    meters.run("UPDATE cards SET carrier = 'china_telecom' WHERE iccid = ANY(:cards)", cards=last)
    with carriers_of(meters, patch, own, truth) as field:
        yield field


@contextmanager
def carriers_of(
    meters: Meters, patch: pytest.MonkeyPatch, own: dict[str, list[str]], figure: Callable[[str, date], int | None]
) -> Iterator[Field]:
    """Servers that know ``figure`` of their ``own`` cards (carrier > ICCIDs)."""
    with serving([], KEY) as server:
        for carrier, known in own.items():
            server.dialects[DIALECT[carrier]].usage = UsageBook(
                figure, lambda known=known: known, now=lambda: meters.now, calls_per_second=1000
            )
        field = Field(meters, server, patch, {})
        field.connect()
        yield field
