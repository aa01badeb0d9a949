"""What operations see of the verifier: verdicts and decisions by cause, of the last thirty days."""

from prometheus_client import Gauge

from kernel.chassis.process.measures import Measure

SCAN_CAUSES = Gauge(
    "simkeep_scan_causes",
    "Scans of the last 30 days with this finding as more than a note, by what became of them: the program's verdict, or"
    " upheld and overridden where a person decided",
    ["code", "outcome"],
)
SCAN_VERDICTS = Gauge("simkeep_scan_verdicts", "Scans of the last 30 days by verdict of the program", ["verdict"])

_OUTCOME = "CASE decision WHEN 'passed' THEN 'overridden' WHEN 'differs' THEN 'upheld' ELSE verdict END"

MEASURES = (
    Measure(
        SCAN_CAUSES,
        f"""
        SELECT code, {_OUTCOME} AS outcome, count(*) FROM scans CROSS JOIN LATERAL (
            SELECT DISTINCT finding ->> 'code' AS code FROM json_array_elements(findings) AS finding
            WHERE finding ->> 'weight' <> 'note'
        ) AS cause
        WHERE judged_at > now() - interval '30 days' GROUP BY code, outcome
        """,
    ),
    Measure(
        SCAN_VERDICTS,
        "SELECT verdict, count(*) FROM scans WHERE judged_at > now() - interval '30 days' GROUP BY verdict",
    ),
)
