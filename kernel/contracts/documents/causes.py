"""核验原因统计: which findings held scans up, and what people decided about them (DOC-03)."""

from datetime import date

from kernel.contracts.documents.forms import FormKind
from kernel.contracts.documents.service import DOCUMENTS
from kernel.contracts.method import Reply, Request, Unit


class CountCauses(Request):
    """Scans that came on these business days, both included. ``kind`` of form; None: all."""

    unit: Unit | None = None
    kind: FormKind | None = None
    uploaded_from: date | None = None
    uploaded_to: date | None = None


class CauseRow(Reply):
    """Scans with this finding as more than a note, each counted once, by the program's verdict on them.

    ``upheld``, ``overridden``: unclear ones that a person found to differ, or to be as issued; ``waiting``: undecided.
    ``passed_later``: differing ones whose form passed with a later scan. A rule that accuses wrongly shows as a high
    ``overridden_percent``: of the decided ones, whole percent, None when none was decided.
    """

    code: str
    scans: int
    differs: int
    unclear: int
    refused: int
    upheld: int
    overridden: int
    waiting: int
    passed_later: int
    overridden_percent: int | None


class CauseCounts(Reply):
    """Most scans first. ``totals`` of the scans themselves, with and without findings, under the code ``all``."""

    items: list[CauseRow]
    totals: CauseRow


COUNT_CAUSES = DOCUMENTS.query("count_causes", CountCauses, CauseCounts, "report.view", consistent=True)
