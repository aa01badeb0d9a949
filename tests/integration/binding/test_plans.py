"""No list and no statistic of terminals and cards reads a big table from end to end (BND-03 to BND-10).

A network of 40,000 terminals and 3 nights, as a county, a city and the province look at it: the first page, the next
by its cursor, and the filters that people use.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from benchmarks import binding_province
from kernel.chassis.data.unit_of_work import Tx
from kernel.contracts.method import Request
from kernel.model.actor import Actor
from services.binding.exports import LISTS
from tests.integration.binding.nights import NOW
from tests.plans import read_whole

TERMINALS, NIGHTS, LAST = 40_000, 3, date(2026, 11, 20)
BIG = re.compile(r"readings\w*|terminals|bindings|binding_changes|exceptions|cards|imei_runs")
@pytest.fixture(scope="module")
def filled(engine: Engine, module_database: str) -> Engine:
    binding_province.fill(module_database, TERMINALS, NIGHTS, LAST)
    return engine


ACTORS = {
    "county": Actor("k", "县", "990101", frozenset({"report.view", "card.view", "terminal.decide"})),
    "city": Actor("c", "市", "9901", frozenset({"report.view", "card.view", "terminal.decide"})),
    "province": Actor("p", "省", "99", frozenset({"report.view", "card.view", "terminal.decide"})),
}
DAYS = {"day_from": "2026-11-18", "day_to": "2026-11-20"}
CARD, TERMINAL = binding_province.card(777), binding_province.terminal(777)
ASKED: dict[str, list[dict[str, Any]]] = {
    "list_readings": [
        DAYS, {**DAYS, "collected": False}, {**DAYS, "abnormal": True}, {**DAYS, "terminal": TERMINAL},
        {**DAYS, "iccid": CARD},
    ],
    "list_changes": [DAYS, {**DAYS, "kind": "added"}, {**DAYS, "terminal": TERMINAL}],
    "list_bindings": [{"iccid": CARD}, {"terminal": TERMINAL}],
    "list_exceptions": [{}, DAYS, {"terminal": TERMINAL}, {"standing": True, "state": "open"}],
    "list_terminals": [{}, {"state": "stopped"}, {"bound": False}, {"terminal": TERMINAL}],
    "list_imeis": [{"iccid": CARD}, {"imei": "860000000000777"}, {"changed": True}, {"terminal": TERMINAL}],
    "list_idle_cards": [{}, {"iccid": CARD[:17]}],
    "list_missing_terminals": [],
    "list_exception_notes": [],
    "count_readings": [{}, DAYS, {"nights": 30}],
    "count_changes": [DAYS],
}  # fmt: skip
CASES = [
    (who, listed, number)
    for who in ACTORS
    for listed in LISTS
    for number in range(len(ASKED.get(listed.method.name, [{}])))
]


@pytest.mark.req("BND-03", "BND-04", "BND-05", "BND-06", "BND-07", "BND-10")
@pytest.mark.parametrize(
    ("who", "listed", "number"), CASES, ids=[f"{who}-{it.method.name}-{number}" for who, it, number in CASES]
)
def test_a_page_reads_no_big_table_from_end_to_end(filled: Engine, who: str, listed: Any, number: int) -> None:
    asked = ASKED.get(listed.method.name, [{}])[number]
    request = listed.method.request.model_validate(asked)

    def asking(asked: Request) -> Callable[[Tx], Any]:
        return lambda tx: listed.answer(tx, asked, by=ACTORS[who], now=NOW)

    whole, answer = read_whole(filled, ACTORS[who], BIG, asking(request))
    if getattr(answer, "next_cursor", None):
        deep = request.model_copy(update={"cursor": answer.next_cursor})
        whole += read_whole(filled, ACTORS[who], BIG, asking(deep))[0]

    assert whole == []
