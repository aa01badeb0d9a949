"""Is a month what its days say? Recomputes it and names what differs (TRF-01)."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from kernel.chassis.data.unit_of_work import Tx, reading
from kernel.chassis.jobs import kinds as jobs
from kernel.chassis.jobs.context import JobContext
from kernel.contracts.traffic.loads import CheckAccepted, CheckUsage
from kernel.model.actor import Actor
from kernel.model.period import check_month
from services.traffic import cost_sums, months
from services.traffic.buckets import STARTS
from services.traffic.merging import SOURCES, histogram_of
from services.traffic.money import yuan

CHECK_JOB = "usage_check"
MOST = 1000
Finding = tuple[str | None, str, dict[str, Any]]

_CARDS = """
SELECT cards.iccid, card_id, said, found FROM (
    SELECT card_id, unit, sum({source}_bytes) AS found FROM ({days}) AS days GROUP BY card_id, unit
) AS days FULL JOIN (
    SELECT card_id, unit, {source}_month AS said FROM ({sums}) AS sums
) AS newest USING (card_id, unit)
LEFT JOIN cards ON cards.id = card_id
WHERE said IS DISTINCT FROM found AND (cards.owner_unit IS NULL OR starts_with(cards.owner_unit, :unit))
ORDER BY card_id LIMIT :most
"""
_COUNTS = """
SELECT unit, at_least, said, found FROM (
    SELECT unit, carrier, at_least, cards AS said, bytes, volumes IS NULL OR (cardinality(volumes) = cards
               AND bytes = (SELECT sum(volume) FROM unnest(volumes) AS volume)) AS whole
    FROM usage_histogram WHERE month = :month AND source = '{source}'
) AS kept FULL JOIN (
    SELECT unit, carrier, at_least, cards AS found, bytes AS found_bytes FROM ({histogram}) AS counted
) AS counted USING (unit, carrier, at_least)
WHERE (said IS DISTINCT FROM found OR bytes IS DISTINCT FROM found_bytes OR NOT whole) AND starts_with(unit, :unit)
ORDER BY unit, at_least LIMIT :most
"""


def check_usage(tx: Tx, request: CheckUsage, *, by: Actor) -> CheckAccepted:
    """A job checks the month; its rows are what differs. Raises month_malformed."""
    month = check_month(request.month)
    return CheckAccepted(job_id=jobs.enqueue(tx, CHECK_JOB, f"流量核对 {month}", {"month": month}, by))


def differences(tx: Tx, month: str, unit: str) -> Iterator[Finding]:
    """Of usage and of costs; at most MOST of each sort and source."""
    first = date.fromisoformat(f"{month}-01")
    found = months.find(tx, first)
    params = {**found.params, "starts": list(STARTS), "unit": unit, "most": MOST}
    for source in SOURCES:
        about = {"month": month, "source": source}
        for row in tx.execute(_CARDS.format(source=source, sums=found.sums, days=found.days), params):
            said = {"said": _said(row.said), "found": _said(row.found)}
            yield row.iccid or str(row.card_id), "usage_month_differs", {**about, **said}
        counts = _COUNTS.format(source=source, histogram=histogram_of(source, found.sums))
        for row in tx.execute(counts, params):
            yield None, "usage_histogram_differs", {**about, "unit": row.unit, "said": row.said, "found": row.found}
    for row in cost_sums.differences(tx, first, unit, MOST):
        amounts = {name: str(yuan(int(fen or 0))) for name, fen in (("said", row.said), ("found", row.found))}
        yield None, "cost_sums_differ", {"month": month, "unit": row.unit, **amounts}


def _said(value: Any) -> int | None:
    return None if value is None else int(value)


def run_check(job: JobContext) -> dict[str, Any]:
    """The job. Result: how many differences were found."""
    with reading(job.engine, job.actor, job.correlation_id, consistent=True) as tx:
        found = list(differences(tx, job.request["month"], job.actor.unit))
    for row_no, (key, code, params) in enumerate(found, 1):
        job.refuse(row_no, key, code, **params)
    return {"month": job.request["month"], "differences": len(found)}
