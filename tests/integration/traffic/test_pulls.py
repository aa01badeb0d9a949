"""Usage pulled from carriers' servers that misbehave, and gaps that are filled (TRF-01)."""

import contextlib
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from deploy.local.carriers import Fault
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.chassis.process import crashpoints
from kernel.contracts.traffic.pulls import ListUsagePulls, PullUsage
from kernel.model.actor import Actor, system_actor
from kernel.model.errors import DomainError
from kernel.model.period import business_date
from services.traffic.pulls.pull_list import list_usage_pulls
from services.traffic.pulls.pulling import pull_all, pull_usage
from tests.integration.traffic.carrier_field import DIALECT, KEY, Field, a_field
from tests.integration.traffic.meters import CITY, Meters, iccid

pytestmark = pytest.mark.req("TRF-01")
CARRIERS = tuple(DIALECT)
MOBILE, UNICOM, TELECOM = CARRIERS


@pytest.fixture
def field(meters: Meters, monkeypatch: pytest.MonkeyPatch) -> Iterator[Field]:
    with a_field(meters, monkeypatch, 360) as field:
        yield field


def only(figures: dict[Any, int], field: Field, carrier: str) -> dict[Any, int]:
    own = set(field.book(carrier).cards())
    return {key: size for key, size in figures.items() if key[0] in own}


@pytest.mark.parametrize("carrier", CARRIERS)
def test_every_dialect_brings_all_figures_of_the_days_that_can_be_had(field: Field, carrier: str) -> None:
    field.pull(carrier)

    assert only(field.figures(), field, carrier) == field.expected(carrier)
    assert len(field.expected(carrier)) > 300
    assert {pull.state for pull in field.pulls(carrier)} <= {"done", "short"}
    assert field.meters.differences("2026-11") == []


@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_second_pull_brings_nothing_twice(field: Field, carrier: str) -> None:
    field.pull(carrier)
    before, asked = field.meters.state(), field.server.asked

    result = field.pull(carrier)

    assert (result["calls"], result["rows"]) == (0, 0)
    assert field.meters.state() == before
    assert field.server.asked - asked <= 1, "only the list of files may be looked at"


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize(
    "fault",
    [
        Fault("http_500", times=2), Fault("http_429", times=1, seconds=1), Fault("truncated", times=1),
        Fault("cut", times=2), Fault("not_json", times=1), Fault("token_expired", "usage", times=1),
        Fault("half_page", "Usage", times=1), Fault("wrong_card", "usage", times=2),
    ],
    ids=lambda fault: fault.kind,
)  # fmt: skip
def test_a_fault_that_passes_costs_no_figure(field: Field, carrier: str, fault: Fault) -> None:
    field.server.faults.append(fault)

    assert field.pull(carrier)["error"] is None
    assert only(field.figures(), field, carrier) == field.expected(carrier)


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault("http_500"), "HTTP 500"),
        (Fault("cut"), "connection"),
        (Fault("http_429", seconds=3600), "asks for a wait of 3600 s"),
    ],
    ids=["500", "cut", "an hour"],
)
def test_a_carrier_that_keeps_failing_is_left_alone_ever_longer_and_its_gaps_say_why(
    field: Field, carrier: str, fault: Fault, reason: str
) -> None:
    field.server.faults.append(fault)
    rests = []
    for _ in range(3):
        assert reason in field.pull(carrier)["error"]
        row = field.meters.run("SELECT * FROM pull_carriers WHERE carrier = :carrier", carrier=carrier)[0]
        rests.append((row.rests_until - field.meters.now).total_seconds())
        assert row.failures == len(rests)

    assert rests[0] * 1.5 < rests[1] < rests[2]
    assert _started_by_timer(field) == 2, "the two other carriers only"
    assert only(field.figures(), field, carrier) == {}
    field.server.faults.clear()
    field.meters.now += timedelta(hours=2)
    assert _started_by_timer(field) == 3
    assert {row.created_unit for row in field.meters.run("SELECT created_unit FROM jobs")} == {"99"}
    list(field.run_jobs())
    assert only(field.figures(), field, carrier) == field.expected(carrier)
    assert field.meters.run("SELECT failures FROM pull_carriers WHERE carrier = :c", c=carrier)[0].failures == 0


def _started_by_timer(field: Field) -> int:
    with UnitOfWork(field.meters.engine).begin() as tx:
        count = pull_all(tx, by=system_actor("traffic", may={"usage.load"}), now=field.meters.now)
        tx.commit()
    return count


def test_an_answer_about_other_cards_is_never_taken(field: Field) -> None:
    field.server.faults.append(Fault("wrong_card", "usage"))

    assert "not asked for" in field.pull(MOBILE)["error"]
    assert field.meters.run("SELECT count(*) FROM unknown_usage")[0][0] == 0


def test_the_same_page_for_ever_is_noticed(field: Field) -> None:
    field.server.faults.append(Fault("same_page", "Usage"))

    assert "repeats page" in field.pull(UNICOM)["error"]


def test_a_list_that_changes_under_the_pages_is_read_again(field: Field) -> None:
    field.connect(at_once=1)
    book = field.book(UNICOM)
    plain, calls = book.changes, []

    def growing(since: datetime, until: datetime) -> list[Any]:
        calls.append(1)
        return plain(since, until)[: -1 if len(calls) == 1 else None]

    book.changes = growing  # type: ignore[method-assign]

    assert "list changed" in field.pull(UNICOM)["error"]
    field.pull(UNICOM)
    assert only(field.figures(), field, UNICOM) == field.expected(UNICOM)


def test_a_card_that_the_carrier_does_not_know_is_told_and_the_others_come(field: Field) -> None:
    strange = field.book(MOBILE).cards()
    field.server.onelink.usage.cards = lambda: list(strange)[1:]  # type: ignore[union-attr]

    field.pull(MOBILE)

    assert only(field.figures(), field, MOBILE) == field.expected(MOBILE)
    told = field.meters.run("SELECT key, code FROM job_rows WHERE code = 'usage_stranger'")
    assert {row.key for row in told} == {next(iter(strange))}
    assert {pull.strangers for pull in field.pulls(MOBILE)} == {1}


def test_a_correction_comes_with_the_changes_and_with_the_monthly_file(field: Field) -> None:
    for carrier in (UNICOM, TELECOM):
        field.pull(carrier)
        book = field.book(carrier)
        key = next(iter(field.expected(carrier)))
        field.meters.now += timedelta(hours=2)
        book.correct(*key, 12345)
        field.meters.now += timedelta(hours=2)
        field.pull(carrier)

        assert field.figures()[key] == 12345
        assert only(field.figures(), field, carrier) == field.expected(carrier)


def test_days_that_came_by_file_are_not_asked_for(field: Field) -> None:
    yesterday = field.book(MOBILE).yesterday
    rows = [(card, yesterday, 5) for card in field.book(MOBILE).cards()]
    field.meters.push(rows, MOBILE)

    field.pull(MOBILE)

    assert not [key for key in field.book(MOBILE).asked if key[1] == yesterday]
    assert {size for (_, day), size in field.figures().items() if day == yesterday} == {5}


def test_the_quota_of_a_day_is_kept_and_the_rest_comes_when_it_is_new(field: Field) -> None:
    field.connect(calls_per_day=5)

    assert field.pull(MOBILE)["calls"] == 5
    assert field.pull(MOBILE)["calls"] == 0
    field.meters.now += timedelta(days=1)
    assert field.pull(MOBILE)["calls"] == 5


def test_nobody_is_asked_outside_of_the_hours_of_the_contract(field: Field) -> None:
    field.connect(from_hour=22, to_hour=6)

    assert field.pull(MOBILE)["calls"] == 0  # it is noon
    field.meters.now += timedelta(hours=11)
    assert field.pull(MOBILE)["calls"] > 0


def test_the_list_says_what_is_missing_until_when_and_when_it_will_be_here(field: Field) -> None:
    field.connect(calls_per_second=1, calls_per_day=8)
    field.server.faults.append(Fault("http_500", "usage"))
    field.pull(MOBILE)

    items = field.meters.act(list_usage_pulls, ListUsagePulls(carrier=MOBILE)).items
    oldest = items[-1]

    assert len(items) == 7
    assert {item.wanted for item in items} == {240}
    assert oldest.closes_at == datetime(2026, 11, 26, 16, 0, tzinfo=UTC)
    assert [item.rests_until is not None for item in items] == [True] * 7
    # Three calls for each day of cards, eight a day, three used in vain: one day today, two and a third tomorrow.
    assert [business_date(item.ready_at).day for item in reversed(items)] == [26, 27, 27, 27, 28, 28, 28]
    assert not oldest.late
    assert "HTTP 500" in oldest.error
    assert field.meters.act(list_usage_pulls, ListUsagePulls(), CITY).items == []


def test_a_window_that_closes_with_gaps_is_lost_and_stays_in_the_list(field: Field) -> None:
    field.server.faults.append(Fault("http_500", "usage"))
    field.pull(MOBILE)
    field.meters.now += timedelta(days=2)

    field.pull(MOBILE)

    assert [pull.state for pull in field.pulls(MOBILE)].count("lost") == 2


def test_a_held_load_is_not_asked_for_again(field: Field) -> None:
    field.pull(MOBILE)
    field.meters.now += timedelta(days=1)
    field.server.onelink.usage.figure = lambda card, day: 1 << 40  # type: ignore[union-attr]

    field.pull(MOBILE)
    held = field.meters.run("SELECT * FROM loads WHERE state = 'held'")
    again = field.pull(MOBILE)

    assert len(held) == 1
    assert again["calls"] == 0


def test_who_may_pull(field: Field) -> None:
    weak = Actor("viewer", "查看", "99", frozenset({"usage.view"}))
    with pytest.raises(DomainError) as city:
        field.meters.act(pull_usage, PullUsage(carrier=MOBILE), CITY)
    with pytest.raises(DomainError) as unknown:
        field.meters.act(pull_usage, PullUsage(carrier="nobody"))

    assert city.value.code == "unit_out_of_scope"
    assert unknown.value.code == "carrier_not_connected"
    assert "usage.load" not in weak.permissions
    assert field.start(MOBILE) == field.start(MOBILE), "one pull of a carrier at a time"


def test_a_key_is_in_no_row_of_the_tables(field: Field) -> None:
    field.pull(MOBILE)

    rows = field.meters.run(
        "SELECT to_jsonb(c)::text FROM pull_carriers AS c UNION ALL SELECT to_jsonb(j)::text FROM jobs AS j"
    )
    assert rows
    assert not [row for row in rows if KEY in row[0]]
    assert iccid(0) in field.book(MOBILE).cards()


def test_a_pull_that_is_killed_goes_on_and_asks_for_no_cards_day_twice(field: Field) -> None:
    field.connect(at_once=2)
    job_id = field.start(MOBILE)
    row = field.meters.run("SELECT id, kind, request FROM jobs WHERE id = :id", id=job_id)[0]
    field.meters.engine.dispose()
    child = os.fork()
    if child == 0:
        crashpoints._armed = "usage.page_kept"
        with contextlib.suppress(BaseException):
            field.run_job(row)
        os._exit(0)
    _, status = os.waitpid(child, 0)

    assert os.WTERMSIG(status) == signal.SIGKILL
    assert field.meters.run("SELECT sum(calls) FROM pulls")[0][0] == 2
    assert field.figures() == {}
    field.run_job(row)
    list(field.run_jobs())
    assert only(field.figures(), field, MOBILE) == field.expected(MOBILE)
    assert set(field.book(MOBILE).asked.values()) == {1}
    assert len(field.book(MOBILE).asked) == 7 * 240
