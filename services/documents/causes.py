"""核验原因统计: verdicts and decisions per finding, so that operations see a rule that accuses wrongly."""

from datetime import datetime
from typing import Any

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.lists.columns import Column, number
from kernel.chassis.lists.spec import Statistic
from kernel.contracts.documents.causes import COUNT_CAUSES, CauseCounts, CauseRow, CountCauses
from kernel.contracts.words import chinese
from kernel.contracts.words_documents import FINDING_KINDS
from kernel.model.actor import Actor
from kernel.model.period import days
from kernel.model.unit import check_unit, prefix_end

ALL = "all"

_COUNTS = """
WITH judged AS (
    SELECT id, number, revision, sequence, verdict, decision, findings FROM scans
    WHERE verdict IS NOT NULL AND unit >= :unit AND unit < :end
        AND (CAST(:kind AS text) IS NULL OR kind = :kind)
        AND (CAST(:since AS timestamptz) IS NULL OR uploaded_at >= :since)
        AND (CAST(:until AS timestamptz) IS NULL OR uploaded_at < :until)
), told AS (
    SELECT judged.*, EXISTS (
        SELECT FROM scans AS later WHERE later.number = judged.number AND later.revision = judged.revision
            AND later.sequence > judged.sequence AND coalesce(later.decision, later.verdict) = 'passed'
    ) AS passed_later FROM judged
), causes AS (
    SELECT told.*, cause.code FROM told CROSS JOIN LATERAL (
        SELECT DISTINCT finding ->> 'code' AS code FROM json_array_elements(told.findings) AS finding
        WHERE finding ->> 'weight' <> 'note'
    ) AS cause
    UNION ALL SELECT told.*, :all FROM told
)
SELECT code, count(*) AS scans,
    count(*) FILTER (WHERE verdict = 'differs') AS differs,
    count(*) FILTER (WHERE verdict = 'unclear') AS unclear,
    count(*) FILTER (WHERE verdict = 'refused') AS refused,
    count(*) FILTER (WHERE decision = 'differs') AS upheld,
    count(*) FILTER (WHERE decision = 'passed') AS overridden,
    count(*) FILTER (WHERE verdict = 'unclear' AND decision IS NULL) AS waiting,
    count(*) FILTER (WHERE verdict = 'differs' AND passed_later) AS passed_later,
    round(100.0 * count(*) FILTER (WHERE decision = 'passed') / nullif(count(decision), 0))::integer
        AS overridden_percent
FROM causes GROUP BY code ORDER BY code = :all, scans DESC, code
"""
_NONE = dict.fromkeys(CauseRow.model_fields, 0) | {"code": ALL, "overridden_percent": None}


def count_causes(tx: Tx, request: CountCauses, *, by: Actor, now: datetime) -> CauseCounts:
    """Of scans of the unit's subtree; the actor's own when none is asked for."""
    unit = by.unit if request.unit is None else check_unit(request.unit)
    by.require_within(unit)
    period = days(request.uploaded_from, request.uploaded_to)
    rows = tx.execute(
        _COUNTS,
        {
            "unit": unit, "end": prefix_end(unit), "kind": request.kind, "since": period.start, "until": period.end,
            "all": ALL,
        },
    ).all()  # fmt: skip
    items = [_row(row) for row in rows if row.code != ALL]
    total = next((_row(row) for row in rows if row.code == ALL), CauseRow.model_validate(_NONE))
    return CauseCounts(items=items, totals=total)


def _row(row: Any) -> CauseRow:
    return CauseRow(**row._mapping)


CAUSES = Statistic(
    method=COUNT_CAUSES,
    title="核验原因统计",
    resource="statistics/scan-causes",
    act=count_causes,
    columns=(
        Column("code", "原因", words=chinese(FINDING_KINDS), width=36),
        number("scans", "扫描件"),
        number("differs", "不一致"),
        number("unclear", "看不清"),
        number("refused", "无法处理"),
        number("overridden", "人工判定通过"),
        number("upheld", "人工判定不一致"),
        number("waiting", "待判定"),
        number("passed_later", "不一致后重传通过"),
        number("overridden_percent", "判定通过占比（%）"),
    ),
)
