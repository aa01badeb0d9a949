"""Inventory's kinds of jobs, as the job worker finds them."""

from kernel.chassis.jobs.kinds import OPERATORS, JobKind
from kernel.chassis.jobs.rebuilding import snapshot_kind
from kernel.contracts.read_models import SNAPSHOT_JOB
from services.inventory.allocation import ALLOCATION_JOB, run_allocation
from services.inventory.deliveries.importing import IMPORT_JOB, PULL_JOB, run_import
from services.inventory.deliveries.inspection import INSPECTION_JOB, run_inspection
from services.inventory.deliveries.pulling import run_pull
from services.inventory.deliveries.stock_in import STOCK_IN_JOB, run_stock_in
from services.inventory.ledger import CHECK_KIND, run_check
from services.inventory.requisition import REQUISITION_JOB, run_requisition
from services.inventory.snapshots import SOURCES

JOBS = {
    # The same file again: its cards are there already, and what was refused is judged anew.
    IMPORT_JOB: JobKind(run_import, "delivery.import", asked_with=("delivery.push",), retry=run_import),
    PULL_JOB: JobKind(run_pull, "delivery.import", retry=run_pull),
    CHECK_KIND: JobKind(run_check, "report.view"),
    SNAPSHOT_JOB: JobKind(snapshot_kind(SOURCES), OPERATORS),
    # A clerk waits for these; they do not stand behind an export.
    STOCK_IN_JOB: JobKind(run_stock_in, "delivery.stock_in", urgent=True),
    INSPECTION_JOB: JobKind(run_inspection, "delivery.inspect", urgent=True),
    ALLOCATION_JOB: JobKind(run_allocation, "card.allocate", urgent=True),
    REQUISITION_JOB: JobKind(run_requisition, "card.issue", urgent=True),
}
