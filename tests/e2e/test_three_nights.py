"""A station reports three nights with known faults; every number of every page, its list and its export is what was
injected (BND-03 to BND-08)."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from typing import Any

import httpx
import psycopg
import pytest

from deploy.issuers import Issuers, LocalBroker
from deploy.local.rabbit import PrivateRabbit
from kernel.chassis.process.settings import DatabaseSettings
from simkeep_station import StationClient
from tests.databases import fresh_database
from tests.e2e import three_nights as told
from tests.e2e.story import finished, get, post
from tests.messaging.stations import METHODS
from tests.running_stack import RunningStack, running

pytestmark = pytest.mark.stack

PROCESSES = ("binding", "binding-jobs", "gateway")
LEDGER = told.injected()
DAYS = {"day_from": told.day(0).isoformat(), "day_to": told.day(2).isoformat()}
VIEWERS = {"province": "99", "city1": "9901", "county1": told.COUNTY, "county2": told.NEXT}
WENT = {
    "succeeded": {"collected": True, "abnormal": False},
    "abnormal": {"abnormal": True},
    "failed": {"collected": False},
    "total": {},
}


@pytest.fixture(scope="module")
def stack(database_url: str, amqp_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    folder = tmp_path_factory.mktemp("nights")
    with (
        fresh_database(database_url) as url,
        running(url, amqp_url, folder, demo=False, only=PROCESSES) as stack,
    ):
        _know_cards(url)
        _report(stack, url)
        yield stack


def _know_cards(url: str) -> None:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO binding.cards (iccid, owner_unit, carrier, card_spec, state, version, changed_at)"
            " VALUES (%s, %s, 'china_mobile', 'plug_in', %s, 1, now() - interval '90 days')",
            list(told.cards()),
        )


def _report(stack: RunningStack, url: str) -> None:
    """Over the broker, with a station's own account; a night is sent twice, as after a lost answer."""
    rabbit = LocalBroker(PrivateRabbit.of_test_stack())
    issuers = Issuers(stack.env["SIMKEEP_AMQP_URL"], DatabaseSettings(database_url=url), rabbit)
    shown = issuers.add("station_of_nights", METHODS, ["99"])
    try:
        with StationClient(shown["SIMKEEP_AMQP_URL"], shown["SIMKEEP_ACTOR_PRIVATE_KEY"], "99") as client:
            client.report_all_terminals(told.terminals(), as_of=told.FIRST, list_id="all")
            for night, readings in LEDGER.readings.items():
                if night == max(LEDGER.readings):
                    client.report_terminals(told.before_the_third(), as_of=told.FIRST)
                sums = client.report_readings(readings)
                assert (sums["taken"], sums["refused"]) == (len(readings), 0)
                assert client.report_readings(readings)["repeated"] == len(readings)
    finally:
        issuers.revoke("station_of_nights")


@pytest.fixture(scope="module", params=VIEWERS)
def viewer(stack: RunningStack, request: pytest.FixtureRequest) -> Iterator[tuple[httpx.Client, str]]:
    with closing(stack.login(request.param)) as client:
        yield client, VIEWERS[request.param]


@pytest.fixture(scope="module")
def province(stack: RunningStack) -> Iterator[httpx.Client]:
    with closing(stack.login("province")) as client:
        yield client


def line_of(unit: str, viewer: str) -> tuple[str, bool] | None:
    """The line of a viewer's statistic that a unit's numbers stand in: (unit, exact); None when he does not see it."""
    if unit in (told.NOBODYS, viewer):
        return (viewer, True) if viewer in (unit, "99") else None
    return (unit[: len(viewer) + 2], False) if unit.startswith(viewer) else None


def seen(facts: Counter[Any], viewer: str) -> Counter[Any]:
    """Facts that begin with their unit, by the viewer's lines instead."""
    found: Counter[Any] = Counter()
    for (unit, *rest), count in facts.items():
        if (line := line_of(unit, viewer)) is not None:
            found[*line, *rest] += count
    return found


def shown(items: list[dict[str, Any]], names: list[str]) -> Counter[Any]:
    """A statistic's lines as facts, without its zeros."""
    found: Counter[Any] = Counter()
    for item in items:
        day = [date.fromisoformat(item["day"])] if "day" in item else []
        found.update({(item["unit"], item["exact"], *day, name): item[name] for name in names if item[name]})
    return found


def opens_what_it_says(
    client: httpx.Client, items: list[dict[str, Any]], path: str, filters: dict[str, dict[str, Any]]
) -> None:
    for item in items:
        days = {"day_from": item["day"], "day_to": item["day"]} if "day" in item else {}
        for name, more in filters.items():
            page = get(client, path, unit=item["unit"], unit_exact=item["exact"], **days, **more)
            assert (page["total"], name) == (item[name], name), item


def exported(client: httpx.Client, resource: str, **filters: Any) -> list[dict[str, str]]:
    """The rows of a CSV of all that matches."""
    body = {"resource": resource, "filters": filters, "format": "csv", "scope": "all", "guard": False}
    job = finished(client, post(client, "exports", body, 202)["job_id"], seconds=180)
    assert job["state"] == "done", job
    text = client.get(f"exports/{job['id']}/file").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.req("BND-04")
def test_the_nights_statistic_is_what_was_injected_and_opens_it(viewer: tuple[httpx.Client, str]):
    client, unit = viewer
    counted = get(client, "binding/statistics/readings", **DAYS)
    right = seen(LEDGER.went, unit)

    assert shown(counted["items"], ["succeeded", "abnormal", "failed"]) == right
    for name in ("succeeded", "abnormal", "failed"):
        assert counted["totals"][name] == sum(count for fact, count in right.items() if fact[-1] == name)
    assert counted["totals"]["total"] == right.total()
    opens_what_it_says(client, counted["items"], "binding/readings", WENT)


@pytest.mark.req("BND-05", "BND-11")
def test_the_changes_statistic_is_what_was_injected_and_opens_it(viewer: tuple[httpx.Client, str]):
    client, unit = viewer
    counted = get(client, "binding/statistics/changes", **DAYS)
    right = seen(LEDGER.changes, unit)
    kinds, causes = ("added", "removed", "changed"), ("card_replaced", "terminal_replaced", "both", "module_changed")

    by_kind: Counter[Any] = Counter()
    for (*line, kind, cause), count in right.items():
        by_kind[*line, kind] += count
        if cause in causes:
            by_kind[*line, cause] += count
    assert shown(counted["items"], [*kinds, *causes]) == by_kind
    filters = {name: {"kind": name} for name in kinds} | {name: {"cause": name} for name in causes} | {"total": {}}
    opens_what_it_says(client, counted["items"], "binding/changes", filters)


@pytest.mark.req("BND-07")
def test_terminals_by_state_are_what_was_reported_and_those_without_a_card_what_was_injected(
    viewer: tuple[httpx.Client, str],
):
    client, unit = viewer
    counted = get(client, "binding/statistics/terminals")
    states = ["running", "stopped", "pending_install", "removed"]

    assert shown(counted["items"], states) == seen(Counter(told.TERMINALS), unit)
    assert shown(counted["items"], ["unbound"]) == seen(
        Counter({(each, "unbound"): count for each, count in told.UNBOUND.items()}), unit
    )
    filters: dict[str, dict[str, Any]] = {name: {"state": name} for name in states}
    opens_what_it_says(client, counted["items"], "binding/terminals", {**filters, "unbound": {"bound": False}})


@pytest.mark.req("BND-08")
def test_the_mismatches_are_those_that_were_injected(province: httpx.Client):
    page = get(province, "binding/mismatches")

    assert {(each["terminal"], each["iccid"]) for each in page["items"]} == told.MISMATCHES
    assert page["total"] == len(told.MISMATCHES) == len(exported(province, "binding/mismatches"))


@pytest.mark.req("BND-06")
def test_the_exceptions_are_those_that_were_injected_each_once(province: httpx.Client):
    found = {
        (kind, standing): get(province, "binding/exceptions", kind=kind, standing=standing, **DAYS)["total"]
        for kind in {kind for kind, _ in told.EXCEPTIONS}
        for standing in (True, False)
    }

    assert {key: count for key, count in found.items() if count} == told.EXCEPTIONS
    assert get(province, "binding/exceptions", **DAYS)["total"] == sum(told.EXCEPTIONS.values())
    assert len(exported(province, "binding/exceptions", **DAYS)) == sum(told.EXCEPTIONS.values())


def _sum(rows: list[dict[str, str]], name: str) -> int:
    return sum(int(row[name]) for row in rows)


@pytest.mark.req("BND-04", "BND-05", "BND-07")
@pytest.mark.parametrize(
    ("path", "of_lines", "column", "count"),
    [
        ("statistics/readings", True, "成功数", lambda: _went("succeeded")),
        ("statistics/readings", True, "异常数", lambda: _went("abnormal")),
        ("statistics/readings", True, "失败数", lambda: _went("failed")),
        ("readings", False, "", LEDGER.went.total),
        ("changes", False, "", LEDGER.changes.total),
        ("statistics/changes", True, "新增", lambda: _kind("added")),
        ("terminals", False, "", lambda: sum(told.TERMINALS.values())),
    ],
)
def test_an_export_holds_the_page(
    province: httpx.Client, path: str, of_lines: bool, column: str, count: Callable[[], int]
):
    rows = exported(province, f"binding/{path}", **({} if path == "terminals" else DAYS))

    if of_lines:
        *lines, totals = rows
        assert _sum(lines, column) == int(totals[column]) == count()
    else:
        assert len(rows) == count()


def _went(how: str) -> int:
    return sum(count for fact, count in LEDGER.went.items() if fact[-1] == how)


def _kind(kind: str) -> int:
    return sum(count for fact, count in LEDGER.changes.items() if fact[2] == kind)


@pytest.mark.req("BND-03", "BND-05")
def test_a_card_that_moved_and_a_terminal_that_changed_its_card_show_their_whole_past(province: httpx.Client):
    moved = get(province, "binding/bindings", iccid=told.card(30))["items"]
    changed = get(province, "binding/bindings", terminal=told.terminal(10))["items"]

    assert {(it["terminal"], it["bound_to"] is None) for it in moved} == {
        (told.terminal(30), False),
        (told.terminal(told.SPARE), True),
    }
    assert {(it["iccid"], it["bound_to"] is None) for it in changed} == {(told.card(10), False), (told.card(100), True)}
