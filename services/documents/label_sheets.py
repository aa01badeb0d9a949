"""Sheets of labels (INV-11): which ones there are, and the request that becomes a job; ``label_job`` draws."""

from dataclasses import dataclass
from typing import get_args

from kernel.chassis.data.unit_of_work import Tx
from kernel.chassis.jobs import kinds as jobs
from kernel.contracts.documents.labels import DrawLabels, LabelLayout, LabelsAccepted
from kernel.model.actor import Actor
from kernel.model.errors import DomainError

LABEL_JOB = "draw_labels"


@dataclass(frozen=True, slots=True)
class LabelSheet:
    """Measures in mm. ``left``, ``top``: of the first label; ``gap``: between columns. Rows stand close."""

    page: tuple[float, float]
    columns: int
    rows: int
    label: tuple[float, float]
    left: float = 0.0
    top: float = 0.0
    gap: float = 0.0

    @property
    def places(self) -> int:
        return self.columns * self.rows

    def place(self, number: int) -> tuple[float, float]:
        """Left and top of a place, counted from 0 along the rows."""
        row, column = divmod(number, self.columns)
        return self.left + column * (self.label[0] + self.gap), self.top + row * self.label[1]


_A4 = (210.0, 297.0)
SHEETS: dict[str, LabelSheet] = {
    "a4_3x8": LabelSheet(_A4, 3, 8, (70.0, 37.0), top=0.5),
    "a4_3x7": LabelSheet(_A4, 3, 7, (63.5, 38.1), left=7.25, top=15.15, gap=2.5),
    "a4_2x7": LabelSheet(_A4, 2, 7, (99.1, 38.1), left=4.65, top=15.15, gap=2.5),
    "a4_2x4": LabelSheet(_A4, 2, 4, (99.1, 67.7), left=4.65, top=13.1, gap=2.5),
    "roll_70x40": LabelSheet((70.0, 40.0), 1, 1, (70.0, 40.0)),
}
if set(SHEETS) != set(get_args(LabelLayout)):
    raise RuntimeError("the contract and this module name other sheets")


def draw_labels(tx: Tx, request: DrawLabels, *, by: Actor) -> LabelsAccepted:
    """Begins the job. Raises label_start_beyond when the sheet has not so many places."""
    places = SHEETS[request.layout].places
    if request.start > places:
        raise DomainError("label_start_beyond", field="start", value=request.start, places=places)
    job_id = jobs.enqueue(tx, LABEL_JOB, f"打印标签 {request.name}（{len(request.labels)} 张）", request, by)
    return LabelsAccepted(job_id=job_id)
