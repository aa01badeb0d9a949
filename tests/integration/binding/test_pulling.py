"""Counts that are pulled from the carriers over real HTTP, and what is seen when a carrier does not answer (BND-09)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from deploy.local.carriers import DemoCarriers, Fault, endpoints, serving
from deploy.local.carriers_catalogue import PREFIXES
from deploy.local.carriers_dialects import Answer
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.jobs.context import JobContext
from kernel.chassis.jobs.queue import JobQueue
from kernel.chassis.process.settings import JobSettings
from kernel.contracts.binding.carrier_counts import CompareCards, ListCarrierPulls, PullCarrierCounts, PushCarrierCounts
from kernel.model.actor import Actor
from kernel.model.errors import DomainError
from services.binding import carrier_counts, pulling
from services.binding.jobs import JOBS
from services.binding.pages.comparison import compare
from tests.integration.binding.nights import NOW, Network
from tests.integration.binding.test_settling import act, refused

KEY = "the demo's key"
FAST: dict[str, Any] = {"timeout_seconds": 0.5, "attempts": 3, "backoff_seconds": 0.01, "key_env": None}
CLERK = Actor("p", "省管理员", "99", frozenset({"carrier_count.load", "report.view"}))
CITY = Actor("c", "市", "9901", frozenset({"carrier_count.load", "report.view"}))
OTHER_PROVINCE = Actor("o", "邻省", "98", frozenset({"carrier_count.load", "report.view"}))
TODAY = datetime.now(UTC)
MONTH = f"{TODAY + timedelta(hours=8):%Y-%m}"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[DemoCarriers]:
    """China Mobile counts 10 cards in 990101 (and 4 surplus ones by its books), 3 in 990102."""
    field = tmp_path / "field.json"
    cards = [("990101", n) for n in range(10)] + [("990102", n) for n in range(10, 13)]
    field.write_text(json.dumps([{"iccid": f"{PREFIXES['china_mobile']}{n:014d}", "unit": unit} for unit, n in cards]))
    with serving([], KEY, field=field) as server:
        yield server


@pytest.fixture
def connected(network: Network, server: DemoCarriers, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    connect(monkeypatch, server)
    yield network
    with UnitOfWork(network.engine).begin(CLERK, "test") as tx:
        tx.raw.execute("DELETE FROM job_rows; DELETE FROM jobs; DELETE FROM carrier_pulls; DELETE FROM carrier_counts")
        tx.commit()


def connect(patch: pytest.MonkeyPatch, server: DemoCarriers) -> None:
    patch.setenv("SIMKEEP_CARRIERS", json.dumps([{**it, **FAST} for it in endpoints(server.port, KEY)]))


def work(network: Network) -> list[str | None]:
    """Runs what waits, as the worker does; the error's code of each, None for a good one."""
    queue = JobQueue(network.engine, JobSettings(), "test")
    ends: list[str | None] = []
    while (claimed := queue.claim()) is not None:
        who = (claimed.created_by, claimed.created_by_name, claimed.created_unit, frozenset(claimed.permissions))
        job = JobContext(
            job_id=claimed.id, kind=claimed.kind, request=claimed.request, actor=Actor(*who), correlation_id=None,
            attempt=claimed.attempt, retry_of=None, created_at=claimed.created_at, engine=network.engine,
        )  # fmt: skip
        try:
            JOBS[job.kind].handler(job)
            ends.append(None)
        except DomainError as error:
            queue.fail(claimed, error.code, **error.params)
            ends.append(error.code)
    return ends


def pull(network: Network, carrier: str = "china_mobile", by: Actor = CLERK, **more: Any) -> UUID:
    return act(network, pulling.pull, PullCarrierCounts(carrier=carrier, **more), by).job_id


def pulls(network: Network, by: Actor = CLERK) -> dict[str, Any]:
    with network.read() as tx:
        return {it.carrier: it for it in pulling.PULLS.answer(tx, ListCarrierPulls(), by=by, now=NOW).items}


def counts(network: Network, by: Actor = CLERK, **asked: Any) -> dict[str, tuple[int | None, str | None]]:
    with network.read() as tx:
        return {it.unit: (it.cards, it.source) for it in compare(tx, CompareCards(unit="9901", **asked), by=by).items}


@pytest.mark.req("BND-09")
def test_a_carriers_counts_are_pulled_and_stand_beside_the_terminals_with_their_date(connected: Network) -> None:
    pull(connected, month=MONTH)

    assert work(connected) == [None]
    assert counts(connected, month=MONTH) == {"990101": (14, "pulled"), "990102": (3, "pulled")}
    done = pulls(connected)["china_mobile"]
    assert (done.state, done.good_month, done.units, done.message) == ("good", MONTH, 2, None)
    assert done.counted_on == (TODAY + timedelta(hours=8)).date()


@pytest.mark.req("BND-09")
@pytest.mark.parametrize("kind", ["http_500", "http_429", "slow", "drip", "truncated", "not_json"])
def test_a_passing_fault_is_tried_again_and_the_counts_come(
    connected: Network, server: DemoCarriers, kind: str
) -> None:
    server.faults.append(Fault(kind, "card-counts", times=1, seconds={"http_429": 0, "drip": 0.02}.get(kind, 0.8)))
    pull(connected, month=MONTH)

    assert work(connected) == [None]
    assert server.asked == 2


@pytest.mark.req("BND-09")
@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault("http_500", "card-counts"), "HTTP 500"),
        (Fault("http_429", "card-counts", seconds=3600), "3600"),
        (Fault("not_json", "card-counts"), "JSON"),
        (Fault("slow", "card-counts", seconds=0.8), "0.5 s"),
    ],
)
def test_a_carrier_that_does_not_answer_changes_nothing_and_its_reason_stands_beside_the_last_good_count(
    connected: Network, server: DemoCarriers, fault: Fault, says: str
) -> None:
    pull(connected, month=MONTH)
    work(connected)
    good = pulls(connected)["china_mobile"]
    server.faults.append(fault)
    pull(connected, month=MONTH)

    assert work(connected) == ["carrier_counts_failed"]
    failed = pulls(connected)["china_mobile"]
    assert failed.state == "failed"
    assert says in json.dumps(failed.message.model_dump() if hasattr(failed.message, "model_dump") else failed.message)
    assert (failed.good_at, failed.good_month, failed.counted_on) == (good.good_at, good.good_month, good.counted_on)
    assert counts(connected, month=MONTH)["990101"] == (14, "pulled")


@pytest.mark.req("BND-09")
def test_a_carrier_that_asks_for_a_wait_gets_it(connected: Network, server: DemoCarriers) -> None:
    server.faults.append(Fault("http_429", "card-counts", times=1, seconds=1))
    pull(connected, month=MONTH)

    began = datetime.now(UTC)
    assert work(connected) == [None]
    assert datetime.now(UTC) - began >= timedelta(seconds=1)


@pytest.mark.req("BND-09")
@pytest.mark.parametrize(
    "answer",
    [
        {"rows": []},
        {"counted_on": "yesterday", "rows": []},
        {"counted_on": "2026-11-01", "rows": "many"},
        {"counted_on": "2026-11-01", "rows": [{"unit": "990101", "cards": 1}], "next": ""},
        {"counted_on": "2026-11-01", "rows": []},
        {"counted_on": "2999-01-01", "rows": [{"unit": "990101", "cards": 1}]},
    ],
)
def test_an_answer_that_is_not_as_agreed_is_refused_whole_or_taken_never_half(
    connected: Network, server: DemoCarriers, answer: dict[str, Any]
) -> None:
    server.counts.answer = lambda carrier, asked: Answer(200, answer)  # type: ignore[method-assign,assignment]
    pull(connected, month="2026-11")

    ends = work(connected)

    if answer.get("next") == "":
        assert ends == [None]
    else:
        assert ends in (["carrier_counts_failed"], ["count_in_the_future"])
        assert counts(connected, month="2026-11") == {}
        assert pulls(connected)["china_mobile"].state == "failed"


@pytest.mark.req("BND-09")
def test_a_unit_that_is_not_the_carriers_province_and_a_broken_row_cost_the_others_nothing(
    connected: Network, server: DemoCarriers
) -> None:
    rows = [
        {"unit": "980101", "cards": 5},
        {"unit": "990101", "cards": "x"},
        {"cards": 3},
        {"unit": "990102", "cards": 7},
    ]
    server.counts.answer = lambda *_: Answer(  # type: ignore[method-assign,assignment]
        200, {"counted_on": "2026-11-01", "rows": rows}
    )
    pull(connected, month="2026-11")

    assert work(connected) == [None]
    assert counts(connected, month="2026-11") == {"990102": (7, "pulled")}
    with connected.read() as tx:
        codes = tx.execute("SELECT code FROM job_rows ORDER BY row_no").scalars().all()
    assert codes == ["unit_out_of_scope", "count_malformed", "unit_malformed"]


@pytest.mark.req("BND-09")
def test_a_newer_count_by_a_person_is_not_overtaken_by_an_older_one_of_the_carrier(
    connected: Network, server: DemoCarriers
) -> None:
    rows = [{"unit": "990101", "cards": 5}]
    server.counts.answer = lambda *_: Answer(  # type: ignore[method-assign,assignment]
        200, {"counted_on": "2026-11-01", "rows": rows}
    )
    newer = {"counted_on": "2026-11-09", "rows": [{"unit": "990101", "cards": 8}]}
    asked = PushCarrierCounts(carrier="china_mobile", month="2026-11", **newer)
    act(connected, carrier_counts.push, asked, CLERK)
    pull(connected, month="2026-11")

    assert work(connected) == [None]
    assert counts(connected, month="2026-11") == {"990101": (8, "pushed")}


@pytest.mark.req("BND-09")
def test_each_month_that_is_over_is_pulled_by_itself_until_it_is_there(
    connected: Network, server: DemoCarriers
) -> None:
    def night(now: datetime) -> list[str | None]:
        with UnitOfWork(connected.engine).begin(CLERK, "test") as tx:
            pulling.pull_what_is_over(tx, now=now)
            pulling.pull_what_is_over(tx, now=now)
            tx.commit()
        return work(connected)

    first = datetime(2026, 11, 30, 22, tzinfo=UTC)
    server.faults.append(Fault("http_500", "card-counts", times=9))

    ends = night(first)
    assert ends.count(None) == 0, "none of the three answers"
    assert night(first + timedelta(days=1)).count(None) == 1
    assert pulls(connected)["china_mobile"].good_month == "2026-11"
    assert len(night(first + timedelta(days=2))) == 2, "who has told the month is not asked for it again"


@pytest.mark.req("BND-09", "GTW-02")
def test_only_who_is_over_the_carriers_unit_pulls_and_everybody_below_sees_it(connected: Network) -> None:
    request = PullCarrierCounts(carrier="china_mobile")

    assert refused(connected, pulling.pull, request, CITY) == "unit_out_of_scope"
    assert refused(connected, pulling.pull, request, OTHER_PROVINCE) == "unit_out_of_scope"
    assert refused(connected, pulling.pull, PullCarrierCounts(carrier="nobody"), CLERK) == "carrier_not_connected"
    pull(connected)
    assert list(pulls(connected, CITY)) == ["china_mobile"]
    assert pulls(connected, OTHER_PROVINCE) == {}
