"""The data gate (INV-01): does a delivery agree with its note, and is its number range whole?

A gap is a run of numbers of one series that no row of the delivery named. Rows that were refused for themselves (wrong
check digit, known already) did come, and their own report tells of them; so do rows whose number could not be read,
which explain as many missing numbers as they are. A series is what shares all but the last eight
characters: seven digits that count the cards and the check digit (ITU-T E.118). Where carriers leave the check digit
out, two cards differ in the last digit only; then all eight count.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from kernel.chassis.data.unit_of_work import Tx
from kernel.model.iccid import IccidRule, Severity
from services.inventory.deliveries.sameness import Finding

SHOWN_GAPS = 100
TAKEN = "delivery_numbers_taken"
NAMED = ["iccid_check_digit", "card_known", "card_numbers_differ", "row_number_malformed"]
"""Refusals of rows whose number can be read."""

_GAPS = text(
    """
WITH named AS (
    SELECT iccid FROM cards WHERE delivery_id = :id
    UNION ALL
    SELECT iccid FROM refused_rows
    WHERE delivery_id = :id AND code = ANY(:named)
), numbered AS (
    SELECT left(iccid, -8) COLLATE "C" AS series, right(iccid, 8)::int AS serial
    FROM named WHERE right(iccid, 8) ~ '^[0-9]{8}$'
), neighbours AS (
    SELECT series, serial, lag(serial) OVER neighbour AS previous,
           serial / :step - lag(serial / :step) OVER neighbour - 1 AS missing
    FROM numbered WINDOW neighbour AS (PARTITION BY series ORDER BY serial)
)
SELECT series || lpad(previous::text, 8, '0') AS after, series || lpad(serial::text, 8, '0') AS before,
       missing, count(*) OVER () AS gaps, sum(missing) OVER () AS numbers
FROM neighbours WHERE missing > 0 ORDER BY length(series), series, serial LIMIT :shown
"""
)

_UNREAD = text(
    "SELECT count(*) FROM refused_rows WHERE delivery_id = :id AND code <> ALL(:named) AND code <> 'iccid_twice'"
)

_STEP = text(
    """
SELECT CASE WHEN count(DISTINCT right(iccid, 8)::int / 10) * 2 > count(*) THEN 10 ELSE 1 END
FROM cards WHERE delivery_id = :id AND right(iccid, 8) ~ '^[0-9]{8}$'
"""
)
_ANY_SHORT = text("SELECT EXISTS (SELECT FROM cards WHERE delivery_id = :id AND length(iccid) = 19)")
# The sort of a million numbers in memory.
_TUNE = text("SELECT set_config('work_mem', '128MB', true)")

_WRITE = text("INSERT INTO discrepancies (delivery_id, code, params) VALUES (:id, :code, CAST(:params AS jsonb))")

_CLOSE = text(
    """
UPDATE deliveries SET
    discrepancy_count = :found,
    state = CASE
        WHEN :holding > 0 AND (:changed OR released_at IS NULL) THEN 'held'
        WHEN :changed OR state IN ('receiving', 'held') THEN 'received'
        ELSE state
    END
WHERE id = :id
RETURNING state
"""
)


@dataclass(frozen=True)
class Verdict:
    """``state``: of the delivery, held when there are discrepancies that nobody has accepted."""

    state: str
    discrepancies: int


def _findings(tx: Tx, delivery_id: int, rule: IccidRule) -> tuple[int, list[Finding]]:
    """How many discrepancies there are, and those that the report names."""
    tx.execute(_TUNE)
    delivery = tx.execute(
        "SELECT expected_count, received_count FROM deliveries WHERE id = :id", {"id": delivery_id}
    ).one()
    found: list[Finding] = []
    if delivery.expected_count is not None and delivery.expected_count != delivery.received_count:
        found.append(
            ("delivery_count_differs", {"expected": delivery.expected_count, "received": delivery.received_count})
        )
    short = tx.execute(_ANY_SHORT, {"id": delivery_id}).scalar_one()
    checked = rule.luhn is Severity.ERROR and not short
    step = 10 if checked else tx.execute(_STEP, {"id": delivery_id}).scalar_one()
    asked = {"id": delivery_id, "named": NAMED}
    gaps: Sequence[Any] = tx.execute(_GAPS, {**asked, "shown": SHOWN_GAPS, "step": step}).all()
    if gaps and gaps[0].numbers <= tx.execute(_UNREAD, asked).scalar_one():
        gaps = []
    total = len(found) + (gaps[0].gaps if gaps else 0)
    found += [
        ("delivery_range_gap", {"after": gap.after, "before": gap.before, "missing": gap.missing}) for gap in gaps
    ]
    return total, found


def _still_taken(known: Sequence[Any], found: Sequence[Finding]) -> list[Finding]:
    """Numbers that were found taken when earlier rows of the delivery came: the new rows say nothing of those."""
    again = {(params["field"], params["iccid"]) for _, params in found}
    return [
        (row.code, row.params)
        for row in known
        if row.code == TAKEN and (row.params["field"], row.params["iccid"]) not in again
    ]


def examine(tx: Tx, delivery_id: int, rule: IccidRule, *, taken: Sequence[Finding], changed: bool) -> Verdict:
    """Writes the discrepancy report of a delivery anew and holds it, or lets it pass.

    The report names the first 100 gaps; the count tells of all. ``changed``: new cards came, so that an earlier
    release no longer stands and a batch that was stocked in has cards to inspect again. ``taken``: numbers of the new
    cards that other cards have; they are told, and hold nothing, for a replaced card hands its number on.
    """
    total, found = _findings(tx, delivery_id, rule)
    known = tx.execute(
        "SELECT code, params FROM discrepancies WHERE delivery_id = :id ORDER BY id", {"id": delivery_id}
    ).all()
    told = [*_still_taken(known, taken), *taken]
    holding, total, found = total, total + len(told), told + found
    if [(row.code, row.params) for row in known] != found:
        tx.execute("DELETE FROM discrepancies WHERE delivery_id = :id", {"id": delivery_id})
        rows = [{"id": delivery_id, "code": code, "params": json.dumps(params)} for code, params in found]
        if rows:
            tx.execute(_WRITE, rows)
    state = tx.execute(_CLOSE, {"id": delivery_id, "found": total, "holding": holding, "changed": changed}).scalar_one()
    return Verdict(state, total)
