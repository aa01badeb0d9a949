"""What a question reads of big tables, as PostgreSQL itself tells it."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, event

from kernel.chassis.data.unit_of_work import Tx, reading
from kernel.chassis.lists.paging import COUNT_CAP
from kernel.model.actor import Actor

MOST_ROWS = COUNT_CAP * 3 // 2
"""Counting goes up to a cap; reading so many rows is not reading all."""


def read_whole(
    engine: Engine, who: Actor, big: re.Pattern[str], ask: Callable[[Tx], Any], *, most_passed_over: float = MOST_ROWS
) -> tuple[list[str], Any]:
    """Statements that read more than MOST_ROWS of a ``big`` table, or passed over more than ``most_passed_over`` along
    an index; and what ``ask`` answers."""
    sent: list[tuple[str, Any]] = []

    def note(*given: Any) -> None:
        sent.append((given[2], given[3]))

    with reading(engine.execution_options(isolation_level="AUTOCOMMIT"), who) as tx:
        event.listen(engine, "before_cursor_execute", note)
        try:
            answer = ask(tx)
        finally:
            event.remove(engine, "before_cursor_execute", note)
    found = []
    with engine.connect() as connection:
        for statement, parameters in sent:
            if statement.lstrip().upper().startswith(("SELECT", "WITH")):
                explained = f"EXPLAIN (ANALYZE, TIMING off, FORMAT json) {statement}"
                plan = connection.exec_driver_sql(explained, parameters).scalar_one()[0]["Plan"]
                read = [node for node in _nodes(plan) if _reads_to_the_end(node, big, most_passed_over)]
                scans = [node["Relation Name"] for node in read]
                found += [f"{scans}: {statement}"] if scans else []
    return found, answer


def page_read_whole(
    engine: Engine, who: Actor, big: re.Pattern[str], listed: Any, params: dict[str, Any]
) -> tuple[list[str], Any]:
    """The same of a list's page with these parameters and of the one after it; and the first page."""
    request = listed.method.request.model_validate(params)

    def asking(asked: Any) -> Callable[[Tx], Any]:
        return lambda tx: listed.answer(tx, asked, by=who, now=datetime.now(UTC))

    whole, answer = read_whole(engine, who, big, asking(request))
    if getattr(answer, "next_cursor", None):
        deep = request.model_copy(update={"cursor": answer.next_cursor})
        whole += read_whole(engine, who, big, asking(deep))[0]
    return whole, answer


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


def _reads_to_the_end(node: dict[str, Any], big: re.Pattern[str], most_passed_over: float) -> bool:
    """Also along an index: whoever passes over row after row until one fits reads all when none does."""
    if not big.fullmatch(node.get("Relation Name", "")):
        return False
    passed_over = node.get("Rows Removed by Filter", 0) * node["Actual Loops"]
    if node["Node Type"] == "Seq Scan":
        return passed_over + node["Actual Rows"] * node["Actual Loops"] > MOST_ROWS
    return passed_over > most_passed_over
