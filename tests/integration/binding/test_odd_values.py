"""Whatever stands in a field of a row costs at most that row, and nothing odd ever binds a card (BND-01)."""

import math
from itertools import product
from typing import Any

import pytest

from kernel.chassis.data.unit_of_work import UnitOfWork
from kernel.contracts.binding.terminals import ReportTerminals
from services.binding.terminals import report_terminals
from tests.integration.binding.nights import NOW, STATION, Network, at, card, row, terminal

ODD: list[Any] = [
    None, True, 0, -1, 1.5, math.inf, math.nan, 2**31, 2**63, -(2**63) - 1, 10**400, "", " ", "\x00", "\ud800",
    "é" * 64, "x" * 100_000, "0" * 20, "9" * 20, "2026-11-02", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59",
    "2026-02-30T00:00:00Z", "-infinity", "'; DROP TABLE readings; --", [], {}, [[]], {"a": 1}, "{}", "{1,2}", "a,b",
]  # fmt: skip
FIELDS = ("terminal", "slot", "read_at", "received_at", "iccid", "fault", "imei", "clock", "request", "unknown")
WITH_A_CARD = {"received_at", "imei", "request", "unknown", "clock", "slot", "fault"}
"""Fields beside a good card and a good time: an odd value there may leave the reading good."""


@pytest.mark.req("BND-01")
def test_whatever_stands_in_a_field_costs_at_most_its_row(network: Network) -> None:
    network.know(cards=range(1, 1_000), terminals=range(1, 1_000))
    cases = list(enumerate(product(FIELDS, ODD), 2))
    rows = [row(1, at(0), card(1))] + [{**row(n, at(0), card(n)), field: value} for n, (field, value) in cases]

    taken = network.report(rows)
    again = network.report(rows)

    assert taken.taken + len(taken.refused) == len(rows) == again.repeated + len(again.refused)
    assert all(it.message and it.row_no > 1 for it in taken.refused)
    assert network.where(1) == terminal(1)
    for n, (field, value) in cases:
        possible = {terminal(n)} if field in WITH_A_CARD else {str(value)} if field == "terminal" else set()
        assert network.where(n) in {None, *possible}, rows[n - 1]


@pytest.mark.req("BND-02")
def test_whatever_stands_in_a_field_of_a_terminal_costs_at_most_its_row(network: Network) -> None:
    good = {"unit": "990101", "kind": "集中器", "state": "running", "slots": 1, "reported_at": at(0).isoformat()}
    cases = list(enumerate(product(("terminal", *good), ODD), 2))
    rows = [{"terminal": terminal(1), **good}] + [
        {"terminal": terminal(n), **good, field: value} for n, (field, value) in cases
    ]

    with UnitOfWork(network.engine).begin(STATION, "test") as tx:
        taken = report_terminals(tx, ReportTerminals(as_of=at(0), rows=rows), by=STATION, now=NOW)
        tx.commit()

    with network.read() as tx:
        known = tx.execute("SELECT asset_no, unit, state FROM terminals").all()
    assert taken.taken + len(taken.refused) == len(rows)
    assert terminal(1) in {it.asset_no for it in known}
    assert {(it.unit, it.state) for it in known} == {("990101", "running")}
