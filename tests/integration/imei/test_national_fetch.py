"""What the group puts out of 全国已补贴串码 is fetched by itself (IME-10)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from deploy.local.carriers import DemoCarriers, Fault, national_lists, serving
from deploy.local.national_lists import names_of
from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.model.actor import system_actor
from kernel.model.errors import DomainError
from services.imei.lists import fetching
from services.imei.lists.fetching import Offered, next_of
from tests.integration.imei.office import Office
from tests.integration.imei.shops import Shops, imei

KEY = "the group's key"
FAST: dict[str, Any] = {"timeout_seconds": 5, "attempts": 2, "backoff_seconds": 0.01}


@dataclass
class Group:
    """The group's server, and an imei that looks there."""

    shops: Shops
    office: Office
    server: DemoCarriers

    def puts_out(self, **lists: list[str]) -> None:
        """``full_20261118=[...]``: serials of that day's list."""
        named = {"-".join(["national", *name.split("_")[::-1]]) + ".csv": rows for name, rows in lists.items()}
        self.server.group.files = lambda: names_of({name: [f"{one},," for one in it] for name, it in named.items()})

    def tick(self) -> dict[str, Any] | None:
        """One turn of the timer and all that follows; None: it started nothing."""
        with UnitOfWork(self.shops.engine).begin() as tx:
            fetching.fetch_due(tx, by=system_actor("imei", may={"serial.import"}))
            tx.commit()
        if not self.shops.sql("SELECT id FROM jobs WHERE state = 'queued'"):
            return None
        fetched = self.office.run()
        if "job_id" in fetched:
            self.office.run()
        return fetched

    def taken(self) -> list[tuple[str, str, int, str]]:
        rows = self.shops.sql("SELECT document, state, frozen, by_name FROM lists WHERE document ~ '^nat' ORDER BY id")
        return [(row.document, row.state, row.frozen, row.by_name) for row in rows]


@pytest.fixture
def group(shops: Shops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Group]:
    with serving([], KEY) as server:
        monkeypatch.setenv(fetching.SETTING, json.dumps({**national_lists(server.port, KEY), **FAST}))
        office = Office(shops, tmp_path)
        office.upload("claim", [imei(number) for number in range(1, 9)])
        yield Group(shops, office, server)


@pytest.mark.req("IME-10")
def test_what_the_group_puts_out_is_taken_once_and_in_the_order_of_days(group: Group) -> None:
    group.puts_out(delta_20261119=[imei(3)], full_20261117=[imei(1), imei(90)], delta_20261118=[imei(2)])

    names = [(group.tick() or {})["file"] for _ in range(4)]

    assert names == ["national-20261117-full.csv", "national-20261118-delta.csv", "national-20261119-delta.csv", None]
    assert [(name, state, frozen) for name, state, frozen, _ in group.taken()] == [
        (name, "published", 1) for name in names[:3]
    ]
    assert {group.shops.row(imei(number)).state for number in (1, 2, 3)} == {"frozen"}
    assert group.shops.row(imei(4)).state == "claimed"


@pytest.mark.req("IME-10")
def test_a_file_that_does_not_come_whole_is_tried_again_and_changes_nothing(group: Group) -> None:
    group.puts_out(delta_20261119=[imei(3)])
    group.server.faults.append(Fault("cut", "national-20261119", times=2))

    with pytest.raises(DomainError) as failed:
        group.tick()
    group.shops.sql("UPDATE jobs SET state = 'failed' WHERE state = 'running'")
    again = group.tick()

    assert failed.value.code == "carrier_failed"
    assert again is not None
    assert again["file"] == "national-20261119-delta.csv"
    assert [state for _, state, _, _ in group.taken()] == ["published"]


@pytest.mark.req("IME-10")
def test_a_fetched_list_that_would_freeze_much_waits_for_a_person_and_later_ones_come(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMKEEP_SERIAL_FREEZE_FLOOR", "2")
    group.puts_out(delta_20261118=[imei(number) for number in range(1, 6)], delta_20261119=[imei(7)])

    assert [(group.tick() or {})["file"] for _ in range(3)][-1] is None
    assert [(state, frozen) for _, state, frozen, _ in group.taken()] == [("held", 5), ("published", 1)]


@pytest.mark.req("IME-10")
def test_nothing_is_looked_for_where_nothing_is_connected_or_while_one_looks(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    group.puts_out(delta_20261119=[imei(3)])
    with UnitOfWork(group.shops.engine).begin() as tx:
        for _ in range(2):
            fetching.fetch_due(tx, by=system_actor("imei", may={"serial.import"}))
        assert tx.execute("SELECT count(*) FROM jobs WHERE kind = :kind", {"kind": fetching.FETCH_JOB}).scalar() == 1
    monkeypatch.delenv(fetching.SETTING)

    assert group.tick() is None


@pytest.mark.parametrize(
    ("offered", "known", "taken"),
    [
        (["20261117-full", "20261118-full", "20261119-delta"], [], "20261118-full"),
        (["20261116-delta", "20261117-full"], [], "20261117-full"),
        (["20261117-full", "20261118-delta"], ["20261118-delta"], None),
        (["20261118-full", "20261118-delta"], ["20261118-delta"], "20261118-full"),
        (["20261118-delta"], ["20261118-delta of yesterday"], "20261118-delta"),
        (["readme"], [], None),
    ],
)
def test_a_file_is_past_when_a_later_one_was_taken_or_a_newer_whole_list_is_there(
    offered: list[str], known: list[str], taken: str | None
) -> None:
    def name(it: str) -> str:
        return f"national-{it.split(maxsplit=1)[0]}.csv"

    found = next_of([Offered(name(it), 1, it) for it in offered], {(name(it), it) for it in known})

    assert (found and found.name) == (taken and name(taken))
